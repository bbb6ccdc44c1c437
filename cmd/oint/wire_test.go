package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/catalog"
)

var update = flag.Bool("update", false, "write testdata/wire anew")

// TestWire runs every function with what it needs and with everything it takes,
// and compares the requests with testdata/wire, a file for each function: the
// method, the path, the headers that matter and the body.
func TestWire(t *testing.T) {
	t.Parallel()
	index, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, fn := range index.Functions() {
		file := filepath.Join("testdata", "wire", fn.Region, fn.Name+".txt")
		files = append(files, file)
		t.Run(fn.Name, func(t *testing.T) {
			t.Parallel()
			got := wireOf(t, fn)
			if *update {
				writeGolden(t, file, got)
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("%v; \"go test ./cmd/oint -run TestWire -update\" writes it", err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		})
	}
	found, err := filepath.Glob(filepath.Join("testdata", "wire", "*", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range found {
		if !slices.Contains(files, file) {
			t.Errorf("%s belongs to no function", file)
		}
	}
}

func writeGolden(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// wireOf is the content of a golden file: the minimal call by webhook, the full
// one by access token.
func wireOf(t *testing.T, fn *catalog.Function) string {
	t.Helper()
	recorder := &recorder{}
	server := httptest.NewServer(recorder)
	defer server.Close()
	var b strings.Builder
	for _, full := range []bool{false, true} {
		if full {
			b.WriteString("\n")
		}
		args := []string{"bitrix24", fn.Name}
		for i := range fn.Options {
			o := &fn.Options[i]
			switch {
			case o.As == catalog.AsURL && full:
				args = append(args, "--url", strings.TrimPrefix(server.URL, "http://"))
			case o.As == catalog.AsURL:
				args = append(args, "--url", server.URL+"/rest/1/CODE/")
			case o.As == catalog.AsToken && full:
				args = append(args, "--token", "TOKEN")
			case o.As != catalog.AsToken && (full || o.Required) && !(full && o.Unless != ""):
				args = append(args, "--"+o.Name, sampleOf(fn, o))
			}
		}
		if fn.Kind == catalog.OAuth {
			args = append(args, "--oauth-server", server.URL)
		}
		b.WriteString("$ oint " + strings.Join(args, " ") + "\n")
		stdout := runOint(t, args)
		b.WriteString(recorder.take())
		if fn.Kind == catalog.Local {
			b.WriteString("nothing is sent\n" + stdout)
		}
	}
	text := strings.NewReplacer(server.URL, "http://PORTAL", strings.TrimPrefix(server.URL, "http://"), "PORTAL").Replace(b.String())
	return regexp.MustCompile(`oint/[^\s]+`).ReplaceAllString(text, "oint/VERSION")
}

func runOint(t *testing.T, args []string) string {
	t.Helper()
	exe, err := exec.LookPath("oint")
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), exe, args...)
	home := t.TempDir()
	cmd.Env = append(os.Environ(), "HOME="+home, "LocalAppData="+home, "TZ=UTC", "GORACE=atexit_sleep_ms=0", "OINT_LIMIT=off")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("oint %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return stdout.String()
}

// recorder is a portal that writes down what it is asked.
type recorder struct {
	mu   sync.Mutex
	text strings.Builder
}

func (r *recorder) take() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := r.text.String()
	r.text.Reset()
	return text
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	if _, boundary, ok := strings.Cut(req.Header.Get("Content-Type"), "boundary="); ok {
		body = bytes.ReplaceAll(bytes.ReplaceAll(body, []byte(boundary), []byte("BOUNDARY")), []byte("\r\n"), []byte("\n"))
		req.Header.Set("Content-Type", "multipart/form-data; boundary=BOUNDARY")
	}
	r.mu.Lock()
	fmt.Fprintf(&r.text, "%s %s\n", req.Method, req.URL)
	for _, name := range []string{"Accept", "Authorization", "Content-Type", "User-Agent"} {
		if value := req.Header.Get(name); value != "" {
			fmt.Fprintf(&r.text, "%s: %s\n", name, value)
		}
	}
	if len(body) > 0 {
		fmt.Fprintf(&r.text, "\n%s\n", bytes.TrimRight(body, "\n"))
	}
	r.mu.Unlock()
	switch {
	case strings.HasPrefix(req.URL.Path, "/oauth/"):
		fmt.Fprint(w, `{"access_token":"a","refresh_token":"r"}`)
	case req.Method == http.MethodGet && req.URL.Query().Has("id"):
		fmt.Fprintf(w, `{"result":{"field":"file","uploadUrl":"http://%s/upload/"}}`, req.Host)
	default:
		fmt.Fprint(w, `{"result":{}}`)
	}
}

// sampleOf is a value for an option: that of the example, or one that shows the
// conversion.
func sampleOf(fn *catalog.Function, o *catalog.Option) string {
	if i := slices.Index(fn.Example, "--"+o.Name); i >= 0 && o.As != catalog.AsUpload {
		return fn.Example[i+1]
	}
	word := strings.ReplaceAll(append(slices.Clone(o.Enum), "some "+o.Name)[0], "#", "12")
	switch o.As {
	case catalog.AsID, catalog.AsNumber:
		return "7"
	case catalog.AsBool, catalog.AsYN, catalog.AsNotYN:
		return "true"
	case catalog.AsDate, catalog.AsTime, catalog.AsTimeZ, catalog.AsZoned, catalog.AsUnix:
		return "2026-05-26T14:15:40+03:00"
	case catalog.AsMerge, catalog.AsObject, catalog.AsJSON:
		return "{'KEY':'value','n':1.10}"
	case catalog.AsPick:
		return "{section:[3],from:'2026-05-26',to:'20260527'}"
	case catalog.AsFiles:
		return "{'a.txt':'aGVsbG8=','b.txt':'aGk='}"
	case catalog.AsBase64, catalog.AsPair, catalog.AsUpload:
		return "aGVsbG8="
	case catalog.AsArray:
		return sampleList(o, word)
	}
	return word
}

func sampleList(o *catalog.Option, word string) string {
	switch {
	case o.Holds("structure"):
		return "[{'A':{'B':1}}]"
	case len(o.Enum) == 0 && o.Holds("number"):
		return "[7,'9']"
	}
	return "['" + word + "']"
}
