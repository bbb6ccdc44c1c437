package bitrix24_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/bitrix24"
)

// storage is a portal that names an address for uploads and takes them there.
type storage struct {
	*httptest.Server
	answer string // of the first request; %s is the server's address
	got    struct {
		Auth, Field, Name string
		Type              []string
		Sum               [32]byte
		Length            int64
	}
}

func newStorage(t *testing.T, answer string) *storage {
	t.Helper()
	s := &storage{answer: answer}
	mux := http.NewServeMux()
	mux.HandleFunc("/rest/1/code/disk.folder.uploadFile", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, strings.ReplaceAll(s.answer, "%s", s.URL))
	})
	mux.HandleFunc("/place", func(w http.ResponseWriter, r *http.Request) {
		parts, err := r.MultipartReader()
		if err != nil {
			t.Error(err)
			return
		}
		part, err := parts.NextPart()
		if err != nil {
			t.Error(err)
			return
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, part); err != nil {
			return // the client broke off, as one of the tests wants
		}
		s.got.Auth, s.got.Field, s.got.Name, s.got.Type = r.URL.Query().Get("auth"), part.FormName(), part.FileName(), part.Header["Content-Type"]
		s.got.Length = r.ContentLength
		sum.Sum(s.got.Sum[:0])
		if _, err := parts.NextPart(); !errors.Is(err, io.EOF) {
			t.Errorf("after the file: %v", err)
		}
		fmt.Fprint(w, `{"result":{"ID":9,"NAME":"stored"}}`)
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *storage) upload(t *testing.T, f bitrix24.File) (*bitrix24.Response[json.RawMessage], error) {
	t.Helper()
	c, err := bitrix24.New(s.URL + "/rest/1/code/")
	if err != nil {
		t.Fatal(err)
	}
	return c.Upload(t.Context(), bitrix24.Request{Method: "disk.folder.uploadFile", HTTP: "GET", Params: bitrix24.Fields{"id": 3}}, f)
}

func TestUpload(t *testing.T) {
	t.Parallel()
	s := newStorage(t, `{"result":{"field":"file","uploadUrl":"%s/place?auth=k3y"}}`)
	content := bytes.Repeat([]byte("0123456789abcdef\x00"), 60_000)
	answer, err := s.upload(t, bitrix24.File{Name: `Отчёт "май"|1.txt`, Content: bitrix24.Bytes(content)})
	if err != nil {
		t.Fatal(err)
	}
	if string(answer.Result) != `{"ID":9,"NAME":"stored"}` {
		t.Errorf("result %s", answer.Result)
	}
	if s.got.Sum != sha256.Sum256(content) {
		t.Error("another file arrived")
	}
	if s.got.Auth != "k3y" || s.got.Field != "file" || s.got.Name != `Отчёт "май"|1.txt` || s.got.Type != nil || s.got.Length <= int64(len(content)) {
		t.Errorf("arrived with %+v", s.got)
	}
}

func TestUploadWithoutAddress(t *testing.T) {
	t.Parallel()
	s := newStorage(t, `{"result":{"ID":1}}`)
	answer, err := s.upload(t, bitrix24.File{Name: "a", Content: bitrix24.Bytes([]byte("x"))})
	if err != nil || string(answer.Result) != `{"ID":1}` {
		t.Errorf("%v, %v; want the first answer", answer, err)
	}
}

func TestUploadRefuses(t *testing.T) {
	t.Parallel()
	const place = `{"result":{"field":"file","uploadUrl":"%s/place?auth=k3y-of-the-file"}}`
	one := bitrix24.File{Name: "a", Content: bitrix24.Bytes([]byte("x"))}
	for name, test := range map[string]struct {
		answer string
		file   bitrix24.File
		want   string
	}{
		"no content":      {place, bitrix24.File{Name: "a"}, `file: "a" has no content`},
		"odd address":     {strings.ReplaceAll(place, "%s", "ftp://b24-otto01.example"), one, "an upload address that cannot be read"},
		"plain http":      {strings.ReplaceAll(place, "%s", "http://b24-otto01.example"), one, "an upload address without https"},
		"broken file":     {place, bitrix24.File{Name: "a", Content: brokenFile(t)}, "the file shrank while it was sent"},
		"portal's answer": {`{"error":"ERROR_NOT_FOUND","error_description":"Could not find entity"}`, one, "ERROR_NOT_FOUND"},
	} {
		_, err := newStorage(t, test.answer).upload(t, test.file)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "k3y-of-the-file") {
			t.Errorf("%s: the error shows the address: %v", name, err)
		}
	}
}

// brokenFile says that it is larger than it is.
func brokenFile(t *testing.T) bitrix24.Content {
	t.Helper()
	path := filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(path, make([]byte, 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	content, err := bitrix24.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 10); err != nil {
		t.Fatal(err)
	}
	return content
}

func TestSetPath(t *testing.T) {
	t.Parallel()
	o := bitrix24.NewObject("x", 1)
	o.SetPath("a.b", 2)
	o.SetPath("remind[].type", "min")
	o.SetPath("a.c.d", 3)
	o.SetPath("remind[].count", 4)
	o.SetPath("x.y", 5)
	o.SetPath("days[]", "MO")
	raw, err := o.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"x":{"y":5},"a":{"b":2,"c":{"d":3}},"remind":[{"type":"min","count":4}],"days":["MO"]}`
	if diff := cmp.Diff(want, string(raw)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
