package bind

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/oint-go/oint/bitrix24"
)

// maxFetch is the largest file that is downloaded for an option, in bytes.
const maxFetch = 256 << 20

// Source reads what an option names instead of spelling out: files and
// addresses.
type Source struct {
	client *http.Client
	limit  int64 // of a download, in bytes
	dry    bool  // files are looked for and not read, addresses not asked

	// Sending is called for a file of the machine that will be sent; what it
	// returns hears how many bytes were read each time. It may be nil.
	Sending func(path string, size int64) func(n int)
}

// NewSource makes a Source that downloads with client, up to 256 MB. The time
// a download may take is the client's affair.
func NewSource(client *http.Client) *Source { return &Source{client: client, limit: maxFetch} }

// checking is the same Source, which reads neither files nor addresses and only
// tells what can be told without.
func (s *Source) checking() *Source {
	dry := *s
	dry.dry, dry.Sending = true, nil
	return &dry
}

// isAddress tells whether the whole text is an address. A text that only
// begins with one is none.
func isAddress(text string) bool {
	lower := strings.ToLower(strings.TrimSpace(text))
	return (strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://")) && !strings.ContainsFunc(lower, unicode.IsSpace)
}

// isFile tells whether the text is the path of an existing file.
func isFile(text string) bool {
	info, err := os.Stat(strings.TrimSpace(text))
	return err == nil && !info.IsDir()
}

// named returns the content of the file or address that a text names, and how
// to call it in a message; found is false when the text names neither.
func (s *Source) named(ctx context.Context, text string) (content []byte, what string, found bool, err error) {
	text = strings.TrimSpace(text)
	if isAddress(text) {
		content, err := s.download(ctx, text)
		return content, "the answer of " + hostOf(text), true, err
	}
	info, err := os.Stat(text)
	switch {
	case err == nil && !info.IsDir():
		if content, err = os.ReadFile(text); err != nil {
			return nil, "", true, problemf("Check the rights of the file.", "%v", err)
		}
		return content, text, true, nil
	case errors.Is(err, fs.ErrPermission):
		return nil, "", true, problemf("Check the rights of the file and its folder.", "%v", err)
	}
	return nil, "", false, nil
}

// unnamed says why a text that should have named a file does not, or nil when
// it hardly was meant to.
func unnamed(text string) *Error {
	text = strings.TrimSpace(text)
	if info, err := os.Stat(text); err == nil && info.IsDir() {
		return problemf("Name a file.", "%s is a folder", shorten(text, 200))
	}
	if strings.ContainsAny(text, "{}[]\"'\n") {
		return nil
	}
	folder := filepath.Dir(text)
	info, err := os.Stat(folder)
	inFolder := folder != "." && filepath.Dir(folder) != folder && err == nil && info.IsDir()
	if inFolder || strings.HasSuffix(strings.ToLower(text), ".json") {
		return problemf("Check the path.", "there is no file %s", shorten(text, 200))
	}
	return nil
}

func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return "the address"
}

// download fetches an address. Its query may hold a secret, so errors name the
// host only.
func (s *Source) download(ctx context.Context, address string) ([]byte, error) {
	const remedy = "Check the address, or save the file and give its path."
	host := hostOf(address)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, problemf(remedy, "the address cannot be read")
	}
	answer, err := s.client.Do(request)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, problemf(remedy, "no answer from %s: %v", host, err)
	}
	defer answer.Body.Close() //nolint:errcheck // the body has been read
	if answer.StatusCode/100 != 2 {
		return nil, problemf(remedy, "%s answered with HTTP %d", host, answer.StatusCode)
	}
	content, err := io.ReadAll(io.LimitReader(answer.Body, s.limit+1))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, problemf(remedy, "the download from %s broke off: %v", host, err)
	case int64(len(content)) > s.limit:
		return nil, problemf("Give a smaller file.", "the file at %s has more than %d MB", host, s.limit>>20)
	}
	return content, nil
}

// bytesOf returns the bytes a text stands for: of a file, of an address, or of
// base64 text.
func (s *Source) bytesOf(ctx context.Context, text string) ([]byte, error) {
	if s.dry && (isAddress(text) || isFile(text)) {
		_, err := s.contentOf(ctx, text)
		return nil, err
	}
	content, _, found, err := s.named(ctx, text)
	if found || err != nil {
		return content, err
	}
	// A path may consist of base64's characters alone.
	if problem := unnamed(text); problem != nil {
		return nil, problem
	}
	content, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil || len(content) == 0 {
		return nil, problemf("Give the path of a file, an http(s) address or base64.", "%q is no existing file, no address and no base64", shorten(text, 40))
	}
	return content, nil
}

// contentOf is bytesOf for something that may be large: a file of the machine is
// read when it is sent.
func (s *Source) contentOf(ctx context.Context, text string) (bitrix24.Content, error) {
	path := strings.TrimSpace(text)
	if s.dry && isAddress(text) {
		if u, err := url.Parse(path); err != nil || u.Host == "" {
			return bitrix24.Content{}, problemf("Check the address.", "the address cannot be read")
		}
		return bitrix24.Bytes(nil), nil
	}
	if !isAddress(text) && isFile(text) {
		file, err := os.Open(path) // what cannot be read is told before anything is sent
		if err == nil {
			err = file.Close()
		}
		if err != nil {
			return bitrix24.Content{}, problemf("Check the rights of the file.", "%v", err)
		}
		content, err := bitrix24.OpenFile(path)
		if err != nil {
			return bitrix24.Content{}, problemf("Check the file.", "%v", err)
		}
		if s.Sending != nil {
			content = content.Tracked(s.Sending(path, content.Size()))
		}
		return content, nil
	}
	bytes, err := s.bytesOf(ctx, text)
	return bitrix24.Bytes(bytes), err
}

// jsonOf returns the strict JSON a text stands for: written out, in a file of
// any name, or at an address.
func (s *Source) jsonOf(ctx context.Context, text string) (json.RawMessage, error) {
	if !looksLikeJSON(text) || isFile(text) {
		content, what, found, err := s.named(ctx, text)
		if err != nil {
			return nil, err
		}
		if found {
			raw, err := Relax(content)
			if err != nil {
				return nil, &Error{Problem: "broken JSON in " + what, Remedy: "Nothing was sent.", Err: err}
			}
			return raw, nil
		}
	}
	raw, err := Relax([]byte(text))
	switch {
	case err == nil:
		return raw, nil
	case looksLikeJSON(text):
		return nil, &Error{Problem: "broken JSON", Remedy: "Nothing was sent.", Err: err}
	}
	if problem := unnamed(text); problem != nil {
		return nil, problem
	}
	return nil, &Error{
		Problem: "no JSON, no existing file and no http(s) address",
		Remedy:  "Write it as {'KEY':'value'}, or name a file or an address that holds it.",
		Err:     err,
	}
}
