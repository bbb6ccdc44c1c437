package sandbox_test

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/oint-go/oint/sandbox"
)

// control asks a private route and answers status and body.
func (p faulty) control(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	resp, err := p.send(t.Context(), method, p.origin+"/_sandbox/"+path, body)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(content))
}

func TestFaultControl(t *testing.T) {
	t.Parallel()
	p := newFaulty(t, sandbox.Options{}, "HTTP/1.1")
	want := func(method, path, body string, status int, answer string) {
		t.Helper()
		gotStatus, got := p.control(t, method, path, body)
		if gotStatus != status {
			t.Errorf("%s %s: status %d, want %d", method, path, gotStatus, status)
		}
		if d := cmp.Diff(answer, got); d != "" {
			t.Errorf("%s %s (-want +got):\n%s", method, path, d)
		}
	}
	const two = `{"fault":{"kind":"slow","method":"scope","probability":0.25,"count":2,"after":1,"delay":"1.5s"},"happened":0},` +
		`{"fault":{"kind":"redirect","method":"server.*","location":"https://new.example"},"happened":`
	want(http.MethodGet, "faults", "", 200, "[]")
	want(http.MethodGet, "log", "", 200, "[]")
	want(http.MethodPut, "faults", `[{"kind":"slow","method":"scope","probability":0.25,"count":2,"after":1,"delay":"1500ms"},
		{"kind":"redirect","method":"server.*","location":"https://new.example"}]`, 204, "")
	want(http.MethodGet, "faults", "", 200, "["+two+"0}]")
	p.call(t, "server.time", "{}")
	p.call(t, "scope", "{}")
	want(http.MethodGet, "faults", "", 200, "["+two+"1}]")
	want(http.MethodPut, "faults", `[{"kind":"query_limit"},{"kind":"quake"}]`, 400, "fault 2: unknown kind \"quake\"; the kinds are "+
		"operation_limit, command_error, query_limit, expired_token, overload, error_before, reset_before, html, redirect, "+
		"error_after, reset_after, html_after, slow, slow_after, truncated, wrong_length")
	want(http.MethodGet, "faults", "", 200, "["+two+"1}]")
	want(http.MethodPut, "faults", strings.Repeat(" ", 2<<20)+"[]", 400, "http: request body too large")
	want(http.MethodPut, "faults", "[]", 204, "")
	want(http.MethodGet, "faults", "", 200, "[]")
}

func TestFaultLog(t *testing.T) {
	t.Parallel()
	p := newFaulty(t, sandbox.Options{}, "HTTP/1.1")
	p.set(t, sandbox.Fault{Kind: sandbox.FaultResetAfter, Method: "user.add", Count: 1}, sandbox.Fault{Kind: sandbox.FaultCommandError, Method: "scope"})
	p.call(t, "user.add", p.newUser())
	p.call(t, "user.add", `{"EMAIL":"user0@example.org","UF_DEPARTMENT":[1]}`)
	p.call(t, "User.Update", `{"ID":7,"NAME":"Anna"}`)
	p.call(t, "department.add", `{"NAME":"Night shift","PARENT":1}`)
	p.call(t, "department.update", `{"ID":3,"NAME":"Day shift"}`)
	p.call(t, "department.update", `{"ID":3,"PARENT":3}`)
	p.call(t, "batch", `{"cmd":{"a":"scope","b":"user.update?ID=8&NAME=Ivan"}}`)
	status, body := p.control(t, http.MethodGet, "log", "")
	var got []sandbox.Command
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s: %v", status, body, err)
	}
	want := []sandbox.Command{
		{ID: 1, Method: "user.add", UserID: 1, Record: 43},
		{ID: 2, Method: "user.add", UserID: 1, Code: "ERROR_ARGUMENT"},
		{ID: 3, Method: "user.update", UserID: 1, Record: 7},
		{ID: 4, Method: "department.add", UserID: 1, Record: 11},
		{ID: 5, Method: "department.update", UserID: 1, Record: 3},
		{ID: 6, Method: "department.update", UserID: 1, Code: "ERROR_CORE"},
		{ID: 7, Method: "scope", UserID: 1, Code: "INTERNAL_SERVER_ERROR"},
		{ID: 8, Method: "user.update", UserID: 1, Record: 8},
		{ID: 9, Method: "batch", UserID: 1},
	}
	if d := cmp.Diff(want, got, cmpopts.IgnoreFields(sandbox.Command{}, "Time")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if since := time.Since(got[0].Time); since < 0 || since > time.Minute {
		t.Errorf("the first was %v ago", since)
	}
	if !strings.HasPrefix(body, `[{"id":1,"time":"20`) || !strings.Contains(body, `,"method":"user.add","user":1,"code":"","record":43},`) {
		t.Errorf("log %s", body)
	}
}

func TestLogSize(t *testing.T) {
	t.Parallel()
	p := newFaulty(t, sandbox.Options{LogSize: 3}, "HTTP/1.1").inProcess()
	for n := 1; n <= 8; n++ {
		p.call(t, "server.time", "{}")
		var want, got []int64
		for id := max(1, n-2); id <= n; id++ {
			want = append(want, int64(id))
		}
		for _, c := range p.Log() {
			got = append(got, c.ID)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("after %d (-want +got):\n%s", n, d)
		}
	}
	if _, err := sandbox.New(sandbox.Options{LogSize: -1}); err == nil {
		t.Error("a log of -1 commands")
	}
}

// TestFaultToken loses the answer of the token endpoint: the refresh token is
// used up.
func TestFaultToken(t *testing.T) {
	t.Parallel()
	p := newFaulty(t, sandbox.Options{}, "HTTP/1.1")
	a := p.Access()
	refresh := func() string {
		query := "?grant_type=refresh_token&client_id=" + a.ClientID + "&client_secret=" + a.ClientSecret + "&refresh_token=" + a.RefreshToken
		resp, err := p.send(t.Context(), http.MethodPost, p.origin+"/oauth/token/"+query, "")
		if err != nil {
			return "no answer"
		}
		return seen(resp)
	}
	p.set(t, sandbox.Fault{Kind: sandbox.FaultErrorBefore, Method: "oauth/token", Count: 1}, sandbox.Fault{Kind: sandbox.FaultResetAfter, Method: "oauth/token", Count: 1})
	got := []string{p.call(t, "server.time", "{}"), refresh(), refresh(), refresh()}
	if d := cmp.Diff([]string{"200", "500 INTERNAL_SERVER_ERROR", "no answer", "400 invalid_grant"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	p.set(t, sandbox.Fault{Kind: sandbox.FaultErrorBefore})
	if got := refresh(); got != "400 invalid_grant" {
		t.Errorf("a fault of every REST method: %s", got)
	}
}

// TestFaultControlRefused keeps other machines and pages of other sites away.
func TestFaultControlRefused(t *testing.T) {
	t.Parallel()
	p := newFaulty(t, sandbox.Options{}, "HTTP/1.1")
	const here = "127.0.0.1:5000"
	for _, caller := range []struct{ from, origin string }{{"192.0.2.1:5000", ""}, {"[2001:db8::1]:5000", ""}, {here, "https://elsewhere.example"}} {
		for _, route := range []struct{ method, path string }{
			{http.MethodPut, "faults"},
			{http.MethodGet, "faults"},
			{http.MethodGet, "log"},
			{http.MethodGet, "stats"},
			{http.MethodPost, "reset"},
			{http.MethodPost, "expire-tokens"},
		} {
			r := httptest.NewRequest(route.method, "/_sandbox/"+route.path, strings.NewReader(`[{"kind":"overload"}]`))
			r.RemoteAddr = caller.from
			if caller.origin != "" {
				r.Header.Set("Origin", caller.origin)
			}
			w := httptest.NewRecorder()
			p.ServeHTTP(w, r)
			if w.Code != http.StatusForbidden {
				t.Errorf("%s %s from %v: status %d", route.method, route.path, caller, w.Code)
			}
		}
	}
	if got := p.call(t, "server.time", "{}"); got != "200" {
		t.Errorf("after refused changes: %s", got)
	}
}

func TestBadFaults(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{``, "faults are no JSON: unexpected end of JSON input"},
		{`[] x`, "faults are no JSON: invalid character 'x' after top-level value"},
		{`null`, `faults are a JSON list, e.g. [{"kind": "query_limit"}]`},
		{`{"kind":"html"}`, `faults are a JSON list, e.g. [{"kind": "query_limit"}]`},
		{`["html"]`, "fault 1: a fault is a JSON object, not string"},
		{`[{"kind":"html"},{"kind":"html","metod":"x"}]`, `fault 2: unknown field "metod"`},
		{`[{"kind":"html","count":"3"}]`, "fault 1: count cannot be string"},
		{`[{"kind":"html","count":1.5}]`, "fault 1: count cannot be number 1.5"},
		{`[{"kind":"html","count":-1}]`, "fault 1: count cannot be negative"},
		{`[{"kind":"html","after":-1}]`, "fault 1: after cannot be negative"},
		{`[{"kind":"html","probability":1.1}]`, "fault 1: probability is a number from 0 to 1, not 1.1"},
		{`[{"kind":"html","probability":-0.1}]`, "fault 1: probability is a number from 0 to 1, not -0.1"},
		{`[{"kind":"html","method":"user.["}]`, `fault 1: method "user.[" is no pattern`},
		{`[{"kind":"slow"}]`, `fault 1: slow needs a delay, e.g. "150ms"`},
		{`[{"kind":"slow_after","delay":"0s"}]`, `fault 1: slow_after needs a delay, e.g. "150ms"`},
		{`[{"kind":"slow","delay":"-1s"}]`, "fault 1: delay cannot be negative"},
		{`[{"kind":"slow","delay":"soon"}]`, `fault 1: delay is a time like "150ms", not "soon"`},
		{`[{"kind":"html","delay":"1s"}]`, "fault 1: html has no delay; slow and slow_after have one"},
		{`[{"kind":"html","location":"https://new.example"}]`, "fault 1: html has no location; redirect has one"},
		{`[{"kind":"redirect"}]`, `fault 1: redirect needs a location like "https://renamed.example", not ""`},
		{`[{"kind":"redirect","location":"new.example"}]`, `fault 1: redirect needs a location like "https://renamed.example", not "new.example"`},
		{`[{"kind":"redirect","location":"https://new.example/?a"}]`, `fault 1: redirect needs a location like "https://renamed.example", not "https://new.example/?a"`},
		{`[{"kind":"command_error","method":"OAuth/token"}]`, "fault 1: command_error is of commands; the token endpoint has none"},
	}
	for _, tt := range tests {
		_, err := sandbox.ParseFaults([]byte(tt.text))
		if err == nil {
			t.Errorf("%s is no error", tt.text)
			continue
		}
		if d := cmp.Diff(tt.want, err.Error()); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.text, d)
		}
	}
	bad := sandbox.Fault{Kind: sandbox.FaultHTML, Probability: math.NaN()}
	if _, err := sandbox.New(sandbox.Options{Faults: []sandbox.Fault{bad}}); err == nil {
		t.Error("a portal with a bad fault")
	}
}

// TestFaultJSON reads back what it writes.
func TestFaultJSON(t *testing.T) {
	t.Parallel()
	want := []sandbox.Fault{
		{Kind: sandbox.FaultSlow, Method: "user.*", Probability: 0.25, Count: 1, After: 2, Delay: 90 * time.Second},
		{Kind: sandbox.FaultRedirect, Location: "http://127.0.0.1:8025"},
		{Kind: sandbox.FaultHTML},
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := sandbox.ParseFaults(text)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestFaultSetWhileServing changes the faults under calls; the race detector
// watches.
func TestFaultSetWhileServing(t *testing.T) {
	t.Parallel()
	p := newFaulty(t, sandbox.Options{}, "HTTP/1.1").inProcess()
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for range 20 {
				if got := p.call(t, "server.time", "{}"); got != "200" && got != "503 OVERLOAD_LIMIT" {
					t.Error(got)
				}
			}
		})
	}
	for i := range 20 {
		p.set(t, sandbox.Fault{Kind: sandbox.FaultOverload, Probability: 0.5, Count: i})
		p.Faults()
	}
	callers.Wait()
}
