package sandbox

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// maxRequest is the largest body the sandbox reads, in bytes. A real portal
// takes up to 2 GB.
const maxRequest = 512 << 20

// target is what the path of a request names.
type target struct {
	userID int64  // of a webhook; 0 without one
	code   string // of a webhook
	method string // lower case
	xml    bool   // the answer shall be XML
	v3     bool   // REST 3.0
}

// parsePath reads /rest/METHOD, /rest/ID/CODE/METHOD and the same below
// /rest/api/. The method may end with .json, .xml and a slash.
func parsePath(path string) (target, error) {
	var t target
	parts := strings.FieldsFunc(path, func(r rune) bool { return r == '/' })[1:]
	if len(parts) > 0 && parts[0] == "api" {
		t.v3 = true
		parts = parts[1:]
	}
	if len(parts) > 2 {
		if id, err := strconv.ParseInt(parts[0], 10, 64); err == nil {
			t.userID, t.code = id, parts[1]
			parts = parts[2:]
		}
	}
	t.method = strings.ToLower(strings.Join(parts, "/"))
	if name, ok := strings.CutSuffix(t.method, ".xml"); ok && !t.v3 {
		t.method, t.xml = name, true
	}
	t.method = strings.TrimSuffix(t.method, ".json")
	if t.method == "" {
		return t, errNoMethod("")
	}
	return t, nil
}

// readParams reads the parameters of a request: the query and over it the body,
// which is JSON or a form.
func readParams(r *http.Request) (*phpquery.Array, error) {
	params := phpquery.Parse(r.URL.RawQuery)
	kind, options, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	body := http.MaxBytesReader(nil, r.Body, maxRequest)
	if r.Body == nil {
		return params, nil
	}
	if kind == "multipart/form-data" {
		r.Body = body
		return params, readMultipart(r, options["boundary"], params)
	}
	text, err := io.ReadAll(body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, &restError{http.StatusRequestEntityTooLarge, "INVALID_REQUEST", "Request body is too large"}
	case err != nil:
		return nil, badRequest("INVALID_REQUEST", "Request body could not be read")
	case len(text) == 0:
		return params, nil
	}
	// A portal reads a form only when it is called one; clients that send JSON
	// without saying so are read as well.
	if kind != "application/x-www-form-urlencoded" {
		value, err := phpquery.Decode(text)
		fields, ok := value.(*phpquery.Array)
		if err == nil && ok {
			merge(params, fields)
			return params, nil
		}
		if kind == "application/json" {
			return nil, badRequest("INVALID_REQUEST", "Request body is no JSON object")
		}
	}
	merge(params, phpquery.Parse(string(text)))
	return params, nil
}

func merge(into, from *phpquery.Array) {
	for name, value := range from.All() {
		into.Set(name, value)
	}
}

// readMultipart reads a form with files; a file becomes the pair
// [name, content].
func readMultipart(r *http.Request, boundary string, params *phpquery.Array) error {
	if boundary == "" {
		return badRequest("INVALID_REQUEST", "multipart/form-data without a boundary")
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return badRequest("INVALID_REQUEST", "Request body could not be read")
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return badRequest("INVALID_REQUEST", "Request body could not be read")
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return badRequest("INVALID_REQUEST", "Request body could not be read")
		}
		if name := part.FileName(); name != "" {
			params.Add(part.FormName(), phpquery.List(name, string(content)))
			continue
		}
		params.Add(part.FormName(), string(content))
	}
}

// authorizeCall finds out who calls: the webhook in the path, or the token in
// the parameter auth, which is taken out.
func (s *Sandbox) authorizeCall(ctx context.Context, to target, params *phpquery.Array) (principal, error) {
	token, _ := params.Get("auth")
	params.Delete("auth")
	if to.userID != 0 {
		return s.byWebhook(ctx, to.userID, to.code)
	}
	text := phpquery.Text(token)
	if text == "" {
		return principal{}, errNoAuth
	}
	return s.byToken(ctx, text)
}

// text returns a parameter as text, by its name in any case.
func (c *call) text(name string) string {
	v, _ := c.params.GetFold(name)
	return phpquery.Text(v)
}

// id returns a parameter as the leading integer of its text, as PHP does; 0
// when there is none.
func (c *call) id(name string) int64 { return intval(c.text(name)) }
