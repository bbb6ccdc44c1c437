package bitrix24

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// Request is one call of a REST method.
type Request struct {
	Method string // REST method, e.g. "user.update"
	Params Params // nil for none
	HTTP   string // POST sends a JSON body (default), GET a query
	V3     bool   // a method of REST 3.0 (https://apidocs.bitrix24.com/rest-v3)
	Replay Replay // what a second run would do; Once when not set
	Unwrap string // key of the result that Do decodes, when it is not the whole of it, e.g. "task"
}

// Call calls a REST method and returns its result as JSON.
//
// The error is an *Error when the portal answered with one, else a
// *TransportError, an *AnswerError, a *ConfigError, or the context's.
func (c *Client) Call(ctx context.Context, r Request, opts ...CallOption) (*Response[json.RawMessage], error) {
	in, err := c.call(ctx, r, opts)
	if err != nil {
		return nil, err
	}
	return in.response(in.envelope.Result), nil
}

func (c *Client) call(ctx context.Context, r Request, opts []CallOption) (*incoming, error) {
	out, settings, err := c.prepare(r, opts)
	if err != nil {
		return nil, err
	}
	return c.engine.do(ctx, out, settings)
}

// Do is Call with the result decoded into T. A result of another shape is an
// *AnswerError.
func Do[T any](ctx context.Context, c *Client, r Request, opts ...CallOption) (*Response[T], error) {
	in, err := c.call(ctx, r, opts)
	if err != nil {
		return nil, err
	}
	return decodeResult[T](in, r.Unwrap)
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
	if r.Params != nil {
		given := r.Params.ordered()
		params.grow(given.Len())
		for name, value := range given.All() {
			if strings.EqualFold(name, "auth") {
				return nil, nil, configErrorf("parameters", "the key %q is reserved for the access token", name)
			}
			params.append(name, value)
		}
	}
	out := &outgoing{method: r.Method, verb: strings.ToUpper(r.HTTP), replay: r.Replay, client: c, params: params, v3: r.V3}
	if settings.replay != nil {
		out.replay = *settings.replay
	}
	if out.verb == "" {
		out.verb = http.MethodPost
	}
	if err := out.identify(settings.key); err != nil {
		return nil, nil, err
	}
	return out, settings, out.write(c.tokens.current())
}

// write makes address and body for an access token, which is zero for a
// webhook.
func (out *outgoing) write(token Secret) (err error) {
	params := out.params
	if !token.IsZero() {
		params = &Object{
			names:  append(append(make([]string, 0, params.Len()+1), "auth"), params.names...),
			values: append(append(make([]any, 0, params.Len()+1), token), params.values...),
		}
	}
	u := *out.client.base()
	if out.v3 {
		prefix, tail, _ := cutRest(strings.Trim(u.Path, "/"))
		u.Path = join(prefix, "rest", "api", tail)
	}
	u.Path += out.method
	switch out.verb {
	case http.MethodPost:
		out.body, err = jsonPayload(params)
	case http.MethodGet:
		u.RawQuery, err = queryOf(params)
	default:
		return configErrorf("verb", "%q; REST methods take GET and POST", out.verb)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", out.method, err)
	}
	out.url, out.token = &u, token
	return nil
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
