package bind

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/oint-go/oint/catalog"
)

// marker is a secret that no message may hold.
const marker = "m4rk3r-s3cr3t"

// newPages serves the pages that tests name by address.
func newPages(t *testing.T) (*Source, string) {
	t.Helper()
	mux := http.NewServeMux()
	page := func(path, text string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) })
	}
	page("/object", "\ufeff{NAME: 'Otto', // first\n'UF': [7,],}")
	page("/array", "[1.10, 2]")
	page("/number", "5")
	page("/broken", "{a: 1\n b: 2}")
	page("/config", "{'proxy':{'Password':'"+marker+"' 1}}")
	page("/picture", "\x89PNG\x00")
	page("/empty", "")
	page("/ten", "0123456789")
	page("/eleven", "0123456789a")
	mux.Handle("/moved", http.RedirectHandler("/object", http.StatusFound))
	mux.Handle("/round", http.RedirectHandler("/round", http.StatusFound))
	mux.HandleFunc("/half", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "[1")
	})
	mux.HandleFunc("/fault", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return NewSource(server.Client()), server.URL
}

// newFile writes a file into a folder of its own.
func newFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	src, url := newPages(t)
	host := strings.TrimPrefix(url, "http://")
	small := &Source{client: src.client, limit: 10}
	for _, test := range []struct {
		name string
		src  *Source
		as   catalog.Convert
		text string
		want string
	}{
		{"object", src, catalog.AsObject, url + "/object", `{"NAME":"Otto","UF":[7]}`},
		{"blanks around it", src, catalog.AsObject, " " + url + "/object\n", `{"NAME":"Otto","UF":[7]}`},
		{"scheme in capitals", src, catalog.AsObject, "HTTP" + strings.TrimPrefix(url, "http") + "/object", `{"NAME":"Otto","UF":[7]}`},
		{"redirect", src, catalog.AsObject, url + "/moved", `{"NAME":"Otto","UF":[7]}`},
		{"array", src, catalog.AsArray, url + "/array", `[1.10,2]`},
		{"one element", src, catalog.AsArray, url + "/number", `[5]`},
		{"collection", src, catalog.AsJSON, url + "/array", `[1.10,2]`},
		{"merge", src, catalog.AsMerge, url + "/object", `{"NAME":"Otto","UF":[7]}`},
		{"bytes", src, catalog.AsBase64, url + "/picture", `"iVBORwA="`},
		{"no bytes", src, catalog.AsBase64, url + "/empty", `""`},
		{"text", src, catalog.AsContent, url + "/array", `"[1.10, 2]"`},
		{"files", src, catalog.AsFiles, "{'p.png':'" + url + "/picture'}", `[["p.png","iVBORwA="]]`},
		{"no address for a text", src, catalog.AsString, url + "/array", `"` + url + `/array"`},
		{"only begins with an address", src, catalog.AsContent, url + "/array is it", `"` + url + `/array is it"`},
		{"at the limit", small, catalog.AsContent, url + "/ten", `"0123456789"`},
		{"beyond the limit", small, catalog.AsContent, url + "/eleven?key=" + marker, "the file at " + host + " has more than 0 MB"},
		{"not there", src, catalog.AsObject, url + "/nothing?key=" + marker, host + " answered with HTTP 404"},
		{"fault", src, catalog.AsContent, url + "/fault?key=" + marker, host + " answered with HTTP 500"},
		{"redirects without end", src, catalog.AsBase64, url + "/round?key=" + marker, "no answer from " + host + ": stopped after 10 redirects"},
		{"broken off", src, catalog.AsArray, url + "/half?key=" + marker, "the download from " + host + " broke off: unexpected EOF"},
		{"broken JSON", src, catalog.AsObject, url + "/broken?key=" + marker, "broken JSON in the answer of " + host},
		{"no structure", src, catalog.AsObject, url + "/array?key=" + marker, "expected a structure, got an array"},
		{"no host", src, catalog.AsJSON, "http://[" + marker, "the address cannot be read"},
		{"not there, in a map", src, catalog.AsFiles, "{'p.png':'" + url + "/nothing?key=" + marker + "'}", `"p.png": ` + host + " answered with HTTP 404"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			value, err := Value(t.Context(), test.src, &catalog.Option{Name: "o", As: test.as}, test.text)
			if diff := cmp.Diff(test.want, outcome(t, wire(value), err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err != nil && strings.Contains(err.Error(), marker) {
				t.Errorf("the secret leaves: %v", err)
			}
		})
	}
}

func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	url := server.URL
	server.Close()
	_, err := NewSource(http.DefaultClient).jsonOf(t.Context(), url+"/?key="+marker)
	var e *Error
	if !errors.As(err, &e) || !strings.HasPrefix(e.Problem, "no answer from 127.0.0.1:") || strings.Contains(err.Error(), marker) {
		t.Errorf("err = %v", err)
	}
}

func TestCancelledDownload(t *testing.T) {
	t.Parallel()
	started := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "[")
		_ = http.NewResponseController(w).Flush()
		close(started)
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	src := NewSource(server.Client())
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-started
		cancel()
	}()
	for range 2 { // while reading, then before it begins
		_, err := Value(ctx, src, &catalog.Option{Name: "o", As: catalog.AsArray}, server.URL)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v", err)
		}
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	src, _ := newPages(t)
	folder := t.TempDir()
	object := newFile(t, "any name {1}.txt", "\ufeff# exported\n{'a': 1.10}")
	array := newFile(t, "list", "[1,\n2]")
	number := newFile(t, "number.json", "5")
	broken := newFile(t, "broken.json", "{\n a: ?}")
	latin := newFile(t, "latin.json", "['\xe9']")
	empty := newFile(t, "empty.json", "")
	picture := newFile(t, "picture", "\x89PNG\x00")
	// A path that consists of JSON, and one that holds an escape.
	bracket := newFile(t, "{}", "{'from':'file'}")
	for _, test := range []struct {
		name string
		as   catalog.Convert
		text string
		want string
	}{
		{"object", catalog.AsObject, object, `{"a":1.10}`},
		{"blanks around it", catalog.AsObject, "  " + object + "\n", `{"a":1.10}`},
		{"path with brackets", catalog.AsObject, bracket, `{"from":"file"}`},
		{"array", catalog.AsArray, array, `[1,2]`},
		{"one element", catalog.AsArray, number, `[5]`},
		{"collection", catalog.AsJSON, array, `[1,2]`},
		{"merge", catalog.AsMerge, object, `{"a":1.10}`},
		{"bytes", catalog.AsBase64, picture, `"iVBORwA="`},
		{"bytes of an empty file", catalog.AsBase64, empty, `""`},
		{"text", catalog.AsContent, array, `"[1,\n2]"`},
		{"files", catalog.AsFiles, newFile(t, "map", "{'b.png':'"+filepath.ToSlash(picture)+"',a:'aGk='}"), `[["b.png","iVBORwA="],["a","aGk="]]`},
		{"a folder for JSON", catalog.AsObject, folder, folder + " is a folder"},
		{"a folder for bytes", catalog.AsBase64, folder, folder + " is a folder"},
		{"a folder for a text", catalog.AsContent, folder, `"` + folder + `"`},
		{"not there, in a folder", catalog.AsObject, filepath.Join(folder, "no"), "there is no file " + filepath.Join(folder, "no")},
		{"not there, but called JSON", catalog.AsObject, "nowhere.JSON", "there is no file nowhere.JSON"},
		{"array not there", catalog.AsArray, "nowhere.json", "there is no file nowhere.json"},
		{"bytes not there", catalog.AsBase64, filepath.Join(folder, "abcd"), "there is no file " + filepath.Join(folder, "abcd")},
		{"broken", catalog.AsObject, broken, "broken JSON in " + broken},
		{"no UTF-8", catalog.AsArray, latin, "broken JSON in " + latin},
		{"empty", catalog.AsJSON, empty, "broken JSON in " + empty},
		{"no structure", catalog.AsObject, array, "expected a structure, got an array"},
		{"no collection", catalog.AsJSON, number, "expected an array or a structure, got a number"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			value, err := Value(t.Context(), src, &catalog.Option{Name: "o", As: test.as}, test.text)
			if diff := cmp.Diff(test.want, outcome(t, wire(value), err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The place in a broken file is a cause that callers can take apart.
func TestPlaceInFile(t *testing.T) {
	t.Parallel()
	src, _ := newPages(t)
	_, err := src.jsonOf(t.Context(), newFile(t, "x", "{\n a: ?}"))
	var got *SyntaxError
	if !errors.As(err, &got) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&SyntaxError{Line: 2, Column: 5, Near: "?}", Problem: "a text without quotes"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// An existing path keeps what looks like an escape in it.
func TestPathIsNotUnescaped(t *testing.T) {
	t.Parallel()
	name := `a\new`
	if runtime.GOOS == "windows" {
		name = "new"
	}
	path := newFile(t, name, "x")
	if got := plain(path); got != path {
		t.Errorf("plain(%q) = %q", path, got)
	}
	missing := strings.TrimSuffix(path, name) + `b\new`
	if got, want := plain(missing), strings.ReplaceAll(missing, `\n`, "\n"); got != want {
		t.Errorf("plain(%q) = %q, want %q", missing, got, want)
	}
}
