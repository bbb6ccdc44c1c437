package bitrix24

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
)

// Upload is Call for a method that answers where a file is to be sent, such as
// disk.folder.uploadFile without fileContent
// (https://apidocs.bitrix24.com/api-reference/disk/folder/disk-folder-upload-file.html):
// the file follows in a second request, as multipart/form-data. The answer is
// that of the second one. Where the portal names no address, it is that of the
// first.
//
// The file is read while it is sent. The second request is never repeated when
// it may have been carried out.
func (c *Client) Upload(ctx context.Context, r Request, f File, opts ...CallOption) (*Response[json.RawMessage], error) {
	in, err := c.upload(ctx, r, f, opts)
	if err != nil {
		return nil, err
	}
	return in.response(in.envelope.Result), nil
}

// upload is Upload with the result decoded; generated methods use it.
func upload[T any](ctx context.Context, c *Client, r Request, f File, opts []CallOption) (*Response[T], error) {
	in, err := c.upload(ctx, r, f, opts)
	if err != nil {
		return nil, err
	}
	return decodeResult[T](in, r.Unwrap)
}

func (c *Client) upload(ctx context.Context, r Request, f File, opts []CallOption) (*incoming, error) {
	if f.Content.IsZero() {
		return nil, configErrorf("file", "%q has no content", shorten(f.Name, 40))
	}
	in, err := c.call(ctx, r, opts)
	if err != nil {
		return nil, err
	}
	var place struct {
		Field     Text `json:"field"`
		UploadURL Text `json:"uploadUrl"`
	}
	if err := json.Unmarshal(in.envelope.Result, &place); err != nil || place.Field == "" || place.UploadURL == "" {
		return in, nil
	}
	target, err := c.uploadURL(string(place.UploadURL))
	if err != nil {
		return nil, in.unusable(err.Error(), c.engine.redactor)
	}
	settings, err := c.engine.settings(opts)
	if err != nil {
		return nil, err
	}
	out := &outgoing{method: r.Method, verb: http.MethodPost, url: target, replay: Once, private: true}
	if out.body, err = multipartPayload(string(place.Field), f); err != nil {
		return nil, err
	}
	return c.engine.do(ctx, out, settings)
}

// uploadURL reads the address that a portal named. It is as good as a password
// and stands in no message.
func (c *Client) uploadURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("an upload address that cannot be read")
	case u.Scheme == "http" && !c.engine.cfg.insecure && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("an upload address without https")
	}
	return u, nil
}

// multipartPayload is a form with one file.
func multipartPayload(field string, f File) (payload, error) {
	var text bytes.Buffer
	form := multipart.NewWriter(&text)
	clean := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", " ", "\n", " ", "\x00", " ")
	head := textproto.MIMEHeader{"Content-Disposition": {
		fmt.Sprintf(`form-data; name="%s"; filename="%s"`, clean.Replace(field), clean.Replace(f.Name)),
	}}
	part, err := form.CreatePart(head)
	if err == nil {
		_, err = part.Write([]byte{gap})
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return payload{}, err
	}
	return payload{text: text.Bytes(), contents: []Content{f.Content}, raw: true, kind: form.FormDataContentType()}, nil
}
