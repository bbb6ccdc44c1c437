package bitrix24

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Request is one call of a REST method.
type Request struct {
	Method string // REST method, e.g. "user.update"
	Params Params // nil for none
	HTTP   string // POST sends a JSON body (default), GET a query
	Replay Replay // what a second run would do; Once when not set
}

// Call calls a REST method and returns its result as JSON.
//
// The error is an *Error when the portal answered with one, else a
// *TransportError, an *AnswerError, a *ConfigError, or the context's.
func (c *Client) Call(ctx context.Context, r Request, opts ...CallOption) (*Response[json.RawMessage], error) {
	out, settings, err := c.prepare(r, opts)
	if err != nil {
		return nil, err
	}
	in, err := c.engine.do(ctx, out, settings)
	if err != nil {
		return nil, err
	}
	return in.response(in.envelope.Result), nil
}

// Do is Call with the result decoded into T. A result of another shape is an
// *AnswerError.
func Do[T any](ctx context.Context, c *Client, r Request, opts ...CallOption) (*Response[T], error) {
	raw, err := c.Call(ctx, r, opts...)
	if err != nil {
		return nil, err
	}
	return decodeResult[T](raw, r.Method, c.base().Host)
}

// prepare checks a call and builds its request: the authorization first, then
// the parameters in their order.
func (c *Client) prepare(r Request, opts []CallOption) (*outgoing, *callConfig, error) {
	settings, err := c.engine.settings(opts)
	if err != nil {
		return nil, nil, err
	}
	if !isMethodName(r.Method) {
		return nil, nil, configErrorf("method", "%q is no name of a REST method", shorten(r.Method, 40))
	}
	params := &Object{}
	if !c.token.IsZero() {
		params.append("auth", c.token)
	}
	if r.Params != nil {
		for name, value := range r.Params.ordered().All() {
			if strings.EqualFold(name, "auth") {
				return nil, nil, configErrorf("parameters", "the key %q is reserved for the access token", name)
			}
			params.append(name, value)
		}
	}
	out := &outgoing{method: r.Method, verb: strings.ToUpper(r.HTTP), replay: r.Replay, client: c}
	if settings.replay != nil {
		out.replay = *settings.replay
	}
	u := *c.base()
	u.Path += r.Method
	switch out.verb {
	case "", http.MethodPost:
		out.verb = http.MethodPost
		if out.body, err = params.appendJSON(make([]byte, 0, 256)); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", r.Method, err)
		}
	case http.MethodGet:
		if u.RawQuery, err = queryOf(params); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", r.Method, err)
		}
	default:
		return nil, nil, configErrorf("verb", "%q; REST methods take GET and POST", r.HTTP)
	}
	out.url = &u
	return out, settings, nil
}

// isMethodName holds back anything that would change the path of the request.
func isMethodName(s string) bool {
	for _, c := range s {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-') {
			return false
		}
	}
	return s != "" && !strings.Contains(s, "..")
}

// queryOf writes parameters as a query: lists and objects in PHP's brackets.
func queryOf(params *Object) (string, error) {
	var parts []string
	for name, value := range params.All() {
		text, err := appendValue(nil, value)
		if err != nil {
			return "", fmt.Errorf("parameter %s: %w", name, err)
		}
		if parts, err = appendQuery(parts, name, text); err != nil {
			return "", fmt.Errorf("parameter %s: %w", name, err)
		}
	}
	return strings.Join(parts, "&"), nil
}

func appendQuery(parts []string, name string, value json.RawMessage) ([]string, error) {
	switch value[0] {
	case '{':
		var o Object
		if err := o.UnmarshalJSON(value); err != nil {
			return nil, err
		}
		return appendMembers(parts, name, o.names, o.values)
	case '[':
		var list []any
		d := json.NewDecoder(strings.NewReader(string(value)))
		d.UseNumber()
		if err := d.Decode(&list); err != nil {
			return nil, err
		}
		keys := make([]string, len(list))
		for i := range keys {
			keys[i] = fmt.Sprint(i)
		}
		return appendMembers(parts, name, keys, list)
	case '"':
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			return nil, err
		}
		return append(parts, escape(name)+"="+escape(text)), nil
	}
	text := string(value)
	if text == "null" {
		text = ""
	}
	return append(parts, escape(name)+"="+escape(text)), nil
}

func appendMembers(parts []string, name string, keys []string, values []any) ([]string, error) {
	for i, key := range keys {
		text, err := appendValue(nil, values[i])
		if err != nil {
			return nil, err
		}
		if parts, err = appendQuery(parts, name+"["+key+"]", text); err != nil {
			return nil, err
		}
	}
	return slices.Clip(parts), nil
}

// escape encodes for a query; a space is %20, which every server reads.
func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
