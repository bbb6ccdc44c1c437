package bind

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// maxFetch is the largest file that is downloaded for an option, in bytes.
const maxFetch = 256 << 20

// Source reads what an option names instead of spelling out: files and
// addresses.
type Source struct{ client *http.Client }

// NewSource makes a Source that downloads with client.
func NewSource(client *http.Client) *Source { return &Source{client} }

func isAddress(text string) bool {
	lower := strings.ToLower(text)
	return strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://")
}

// isFile tells whether the text is the path of an existing file.
func isFile(text string) bool {
	info, err := os.Stat(text)
	return err == nil && !info.IsDir()
}

// named returns the content of the file or address that a text names; found is
// false when it names none.
func (s *Source) named(ctx context.Context, text string) (content []byte, what string, found bool, err error) {
	text = strings.TrimSpace(text)
	if isAddress(text) {
		content, err := s.download(ctx, text)
		return content, "the address", true, err
	}
	if strings.ContainsRune(text, 0) {
		return nil, "", false, nil
	}
	info, err := os.Stat(text)
	switch {
	case err == nil && info.IsDir():
		return nil, "", true, problemf("Name a file.", "%s is a folder", text)
	case err == nil:
		content, err := os.ReadFile(text)
		if err != nil {
			return nil, "", true, problemf("Check the rights of the file.", "%v", err)
		}
		return content, text, true, nil
	case errors.Is(err, fs.ErrPermission):
		return nil, "", true, problemf("Check the rights of the file and its folder.", "%v", err)
	}
	return nil, "", false, nil
}

// download fetches an address. Its query may hold a secret, so errors name the
// host only.
func (s *Source) download(ctx context.Context, address string) ([]byte, error) {
	const remedy = "Check the address, or save the file and give its path."
	host := "the address"
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		host = u.Host
	}
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
	content, err := io.ReadAll(io.LimitReader(answer.Body, maxFetch+1))
	switch {
	case err != nil:
		return nil, problemf(remedy, "the download from %s broke off: %v", host, err)
	case len(content) > maxFetch:
		return nil, problemf("Give a smaller file.", "the file at %s has more than %d MB", host, maxFetch>>20)
	}
	return content, nil
}

// bytesOf returns the bytes a text stands for: of a file, of an address, or of
// base64 text.
func (s *Source) bytesOf(ctx context.Context, text string) ([]byte, error) {
	content, _, found, err := s.named(ctx, text)
	if found || err != nil {
		return content, err
	}
	content, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil || len(content) == 0 {
		return nil, problemf("Give the path of a file, an http(s) address or base64.", "%q is no existing file, no address and no base64", shorten(text, 40))
	}
	return content, nil
}

// jsonOf returns the strict JSON a text stands for: written out, in a file of
// any name, or at an address.
func (s *Source) jsonOf(ctx context.Context, text string) ([]byte, error) {
	trimmed := strings.TrimSpace(text)
	if !looksLikeJSON(trimmed) || isFile(trimmed) {
		content, what, found, err := s.named(ctx, trimmed)
		if err != nil {
			return nil, err
		}
		if found {
			raw, err := Relax(content)
			if err != nil {
				return nil, &Error{Problem: fmt.Sprintf("broken JSON in %s, %v", what, err), Remedy: "Nothing was sent.", Err: err}
			}
			return raw, nil
		}
	}
	if looksLikePath(trimmed) {
		return nil, problemf("Check the path, or write the JSON itself: {'KEY':'value'}.", "there is no file %s", shorten(trimmed, 200))
	}
	raw, err := Relax([]byte(text))
	if err != nil {
		return nil, &Error{Problem: fmt.Sprintf("broken JSON, %v", err), Remedy: "Nothing was sent.", Err: err}
	}
	return raw, nil
}

// looksLikePath tells a mistyped path from broken JSON.
func looksLikePath(text string) bool {
	return strings.HasSuffix(strings.ToLower(text), ".json") && !strings.ContainsAny(text, "{}[]\"\n")
}
