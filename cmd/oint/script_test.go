package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts run the program as a process of its own, built by this package's
// test binary: when it is called "oint" it is main.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"oint": main})
}

// webhookCode is the secret of the faulty portal; no script may ever print it.
const webhookCode = "s3cr3tc0de"

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			var requests atomic.Int64
			faulty := httptest.NewServer(faultyPortal(&requests))
			env.Defer(faulty.Close)
			env.Values["requests"] = &requests
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("LocalAppData", filepath.Join(env.WorkDir, "home"))
			env.Setenv("FAULTY", faulty.URL+"/rest/1/"+webhookCode+"/")
			env.Setenv("FAULTY_HOST", strings.TrimPrefix(faulty.URL, "http://"))
			env.Setenv("CODE", webhookCode)
			env.Setenv("OINT_NO_WORKER", "1")
			// Under the race detector every process would wait a second at its end.
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			env.Setenv("REFUSED", closedPort())
			return os.MkdirAll(filepath.Join(env.WorkDir, "home"), 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"download":    download,
			"exits":       exits,
			"interrupted": interrupted,
			"requests":    requestCount,
			"serve":       serve,
			"field":       field,
			"concealed":   concealed,
			"helper":      helper,
		},
	})
}

// closedPort is an address of this machine where nobody listens.
func closedPort() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer listener.Close() //nolint:errcheck // closing is the point
	return listener.Addr().String()
}

// faultyPortal answers user.get with one of the things that come instead of an
// answer, named by the user's id, and echoes its secrets where it can.
func faultyPortal(requests *atomic.Int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		id := regexp.MustCompile(`"ID":"(\d*)"`).FindSubmatch(body)
		kind := ""
		if id != nil {
			kind = string(id[1])
		}
		switch kind {
		case "1":
			w.WriteHeader(http.StatusBadGateway)
			_, _ = fmt.Fprintf(w, "<html><body>Bad gateway for %s auth=%s</body></html>", r.URL.Path, webhookCode)
		case "2": // an empty body
		case "3":
			_, _ = io.WriteString(w, `{"result":[{"ID":"1"`)
		case "4":
			_, _ = io.WriteString(w, `{"error":"ERROR_CORE","error_description":"Access denied"}`)
		case "5":
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"error":"expired_token","error_description":"The access token provided has expired."}`)
		case "6":
			select {
			case <-r.Context().Done():
			case <-time.After(time.Minute):
			}
		case "7":
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `{"error":"OVERLOAD_LIMIT","error_description":"blocked"}`)
		case "9":
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprintf(w, `{"error":"NO_AUTH_FOUND","error_description":"no webhook %s at %s"}`, webhookCode, r.URL.Path)
		default:
			_, _ = io.WriteString(w, `{"result":[{"ID":"`+kind+`"}]}`)
		}
	})
}

// exits runs oint and wants this exit code: exits CODE args...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE args...")
	}
	err := ts.Exec("oint", args[1:]...)
	code := 0
	if err != nil {
		exit, ok := err.(*exec.ExitError) //nolint:errorlint // Exec returns it bare
		if !ok {
			ts.Fatalf("oint: %v", err)
		}
		code = exit.ExitCode()
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
	if strings.Contains(ts.ReadFile("stdout")+ts.ReadFile("stderr"), webhookCode) {
		ts.Fatalf("the secret is shown")
	}
}

// interrupted starts oint, presses Ctrl-C once the faulty portal has its request
// and wants exit code 130: interrupted args...
func interrupted(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: interrupted args...")
	}
	requests := ts.Value("requests").(*atomic.Int64)
	requests.Store(0)
	exe, err := exec.LookPath("oint")
	ts.Check(err)
	var stdout, stderr strings.Builder
	cmd := exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), "HOME="+ts.Getenv("HOME"))
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	ts.Check(cmd.Start())
	ts.Defer(func() { _ = cmd.Process.Kill() })
	for began := time.Now(); requests.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Since(began) > 30*time.Second {
			ts.Fatalf("no request: %s", stderr.String())
		}
	}
	ts.Check(cmd.Process.Signal(os.Interrupt))
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 130 {
		ts.Fatalf("exit code %d: %s", code, stderr.String())
	}
	if stdout.String() != "" || stderr.String() != "oint: interrupted\n" {
		ts.Fatalf("stdout %q, stderr %q", stdout.String(), stderr.String())
	}
}

// requestCount wants the faulty portal to have received so many requests since
// the last count.
func requestCount(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: requests N")
	}
	got := ts.Value("requests").(*atomic.Int64).Swap(0)
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("%d requests were sent, want %s", got, args[0])
	}
}

// serve starts "oint sandbox serve" for the rest of the script and puts its
// address and secrets into the environment.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: serve [options]")
	}
	exe, err := exec.LookPath("oint")
	ts.Check(err)
	cmd := exec.Command(exe, append([]string{"sandbox", "serve", "--addr", "127.0.0.1:0"}, args...)...)
	cmd.Env = append(os.Environ(), "HOME="+ts.Getenv("HOME"), "LocalAppData="+ts.Getenv("LocalAppData"))
	cmd.Dir = ts.MkAbs(".")
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	text := ""
	for buffer := make([]byte, 4096); !strings.Contains(text, "OAuth server"); {
		n, err := out.Read(buffer)
		text += string(buffer[:n])
		if err != nil {
			ts.Fatalf("serve ended: %v: %s", err, text)
		}
	}
	for name, label := range map[string]string{
		"WEBHOOK": "Webhook", "DOMAIN": "Domain", "TOKEN": "Token", "CLIENT": "Application",
		"SECRET": "Secret", "REFRESH": "Refresh token", "OAUTH": "OAuth server",
	} {
		m := regexp.MustCompile(`(?m)^` + label + ` +(\S+)$`).FindStringSubmatch(text)
		if m == nil {
			ts.Fatalf("serve does not print %s", label)
		}
		ts.Setenv(name, m[1])
	}
}

// download puts what an address of a portal answers into a file, as a browser
// would: download ADDRESS FILE. With ! the answer must be an error.
func download(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] download ADDRESS FILE")
	}
	resp, err := http.Get(args[0])
	ts.Check(err)
	content, err := io.ReadAll(resp.Body)
	ts.Check(errors.Join(err, resp.Body.Close()))
	if neg != (resp.StatusCode != http.StatusOK) {
		ts.Fatalf("the portal answers %s", resp.Status)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), content, 0o600))
}

// field puts a text field of the JSON on stdout into the environment: field
// NAME KEY.
func field(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: field NAME KEY")
	}
	m := regexp.MustCompile(`"` + args[1] + `": "([^"]*)"`).FindStringSubmatch(ts.ReadFile("stdout"))
	if m == nil {
		ts.Fatalf("stdout has no %s", args[1])
	}
	ts.Setenv(args[0], m[1])
}
