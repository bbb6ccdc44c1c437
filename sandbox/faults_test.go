package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/sandbox"
)

// faulty is a served portal, its client and the address of its webhook.
type faulty struct {
	*sandbox.Sandbox
	client       *http.Client
	origin, hook string
}

// faultServers are the protocols that a portal can be served by.
var faultServers = map[string]func(*httptest.Server){
	"HTTP/1.1": (*httptest.Server).Start,
	"TLS":      (*httptest.Server).StartTLS,
	"HTTP/2":   func(s *httptest.Server) { s.EnableHTTP2 = true; s.StartTLS() },
}

func newFaulty(t *testing.T, o sandbox.Options, protocol string) faulty {
	t.Helper()
	portal, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := portal.Close(); err != nil {
			t.Error(err)
		}
	})
	server := httptest.NewUnstartedServer(portal)
	faultServers[protocol](server)
	t.Cleanup(server.Close)
	return faulty{portal, server.Client(), server.URL, server.URL + portal.Access().WebhookPath}
}

// inProcess is the same portal without its listener.
func (p faulty) inProcess() faulty {
	p.client = p.Client()
	return p
}

func (p faulty) set(t *testing.T, faults ...sandbox.Fault) {
	t.Helper()
	if err := p.SetFaults(faults...); err != nil {
		t.Fatal(err)
	}
}

// send follows no redirects, so that a test sees them.
func (p faulty) send(ctx context.Context, method, address, body string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	return p.client.Transport.RoundTrip(r)
}

// call is what a client sees of a call, in a few words.
func (p faulty) call(t *testing.T, method, body string) string {
	t.Helper()
	resp, err := p.send(t.Context(), http.MethodPost, p.hook+method, body)
	if err != nil {
		return "no answer"
	}
	return seen(resp)
}

func seen(resp *http.Response) string {
	content, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	var answer struct {
		Error string `json:"error"`
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Sprint(resp.StatusCode, " less than announced")
	case err != nil:
		return err.Error()
	case resp.Header.Get("Location") != "":
		return fmt.Sprint(resp.StatusCode, " ", resp.Header.Get("Location"))
	case bytes.HasPrefix(content, []byte("<html>")):
		return fmt.Sprint(resp.StatusCode, " ", resp.Header.Get("Content-Type"))
	case json.Unmarshal(content, &answer) != nil:
		return fmt.Sprintf("%d broken, length right: %t", resp.StatusCode, resp.ContentLength == int64(len(content)))
	}
	return strings.TrimSpace(fmt.Sprint(resp.StatusCode, " ", answer.Error))
}

// executed is the records of the commands that were carried out.
func (p faulty) executed() (records []int64) {
	for _, c := range p.Log() {
		if c.Code == "" && c.Method != "batch" {
			records = append(records, c.Record)
		}
	}
	return records
}

// newUser is a user that is not there yet.
func (p faulty) newUser() string {
	return fmt.Sprintf(`{"EMAIL":"user%d@example.org","UF_DEPARTMENT":[1]}`, len(p.Log()))
}

func TestFaultKinds(t *testing.T) {
	t.Parallel()
	const delay = 20 * time.Millisecond
	tests := []struct {
		fault    sandbox.Fault
		want     string
		executed int
	}{
		{sandbox.Fault{Kind: sandbox.FaultQueryLimit}, "503 QUERY_LIMIT_EXCEEDED", 0},
		{sandbox.Fault{Kind: sandbox.FaultOperationLimit}, "429 OPERATION_TIME_LIMIT", 0},
		{sandbox.Fault{Kind: sandbox.FaultCommandError}, "500 INTERNAL_SERVER_ERROR", 0},
		{sandbox.Fault{Kind: sandbox.FaultExpiredToken}, "401 expired_token", 0},
		{sandbox.Fault{Kind: sandbox.FaultOverload}, "503 OVERLOAD_LIMIT", 0},
		{sandbox.Fault{Kind: sandbox.FaultErrorBefore}, "500 INTERNAL_SERVER_ERROR", 0},
		{sandbox.Fault{Kind: sandbox.FaultErrorAfter}, "500 INTERNAL_SERVER_ERROR", 1},
		{sandbox.Fault{Kind: sandbox.FaultResetBefore}, "no answer", 0},
		{sandbox.Fault{Kind: sandbox.FaultResetAfter}, "no answer", 1},
		{sandbox.Fault{Kind: sandbox.FaultHTML}, "502 text/html", 0},
		{sandbox.Fault{Kind: sandbox.FaultHTMLAfter}, "502 text/html", 1},
		{sandbox.Fault{Kind: sandbox.FaultSlow, Delay: delay}, "200", 1},
		{sandbox.Fault{Kind: sandbox.FaultSlowAfter, Delay: delay}, "200", 1},
		{sandbox.Fault{Kind: sandbox.FaultTruncated}, "200 broken, length right: true", 1},
		{sandbox.Fault{Kind: sandbox.FaultWrongLength}, "200 less than announced", 1},
		{sandbox.Fault{Kind: sandbox.FaultRedirect, Location: "https://new.example/"}, "302 https://new.example{hook}user.add?a=1", 0},
	}
	check := func(t *testing.T, p faulty) {
		t.Helper()
		for _, tt := range tests {
			p.set(t, tt.fault)
			before, began := len(p.executed()), time.Now()
			got := p.call(t, "user.add?a=1", p.newUser())
			want := strings.Replace(tt.want, "{hook}", p.Access().WebhookPath, 1)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", tt.fault.Kind, d)
			}
			if executed := len(p.executed()) - before; executed != tt.executed {
				t.Errorf("%s: executed %d times, want %d", tt.fault.Kind, executed, tt.executed)
			}
			if took := time.Since(began); took < tt.fault.Delay {
				t.Errorf("%s took %v", tt.fault.Kind, took)
			}
			if n := p.Faults()[0].Happened; n != 1 {
				t.Errorf("%s happened %d times", tt.fault.Kind, n)
			}
		}
	}
	for protocol := range faultServers {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			check(t, newFaulty(t, sandbox.Options{}, protocol))
		})
	}
	t.Run("in process", func(t *testing.T) {
		t.Parallel()
		check(t, newFaulty(t, sandbox.Options{}, "HTTP/1.1").inProcess())
	})
}

// TestFaultSlowAbandoned gives up waiting: nothing was done, or everything.
func TestFaultSlowAbandoned(t *testing.T) {
	t.Parallel()
	for kind, executed := range map[sandbox.FaultKind][]int64{sandbox.FaultSlow: nil, sandbox.FaultSlowAfter: {43}} {
		faults := []sandbox.Fault{{Kind: kind, Delay: time.Hour}}
		p := newFaulty(t, sandbox.Options{Faults: faults}, "HTTP/1.1").inProcess()
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error)
		go func() {
			_, err := p.send(ctx, http.MethodPost, p.hook+"user.add", p.newUser())
			gone <- err
		}()
		for p.Faults()[0].Happened == 0 || len(p.executed()) < len(executed) {
			time.Sleep(time.Millisecond)
		}
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", kind, err)
		}
		if d := cmp.Diff(executed, p.executed()); d != "" {
			t.Errorf("%s executed (-want +got):\n%s", kind, d)
		}
	}
}

// TestFaultXML answers an injected error in the form that was asked for.
func TestFaultXML(t *testing.T) {
	t.Parallel()
	p := newFaulty(t, sandbox.Options{Faults: []sandbox.Fault{{Kind: sandbox.FaultErrorAfter}}}, "HTTP/1.1")
	resp, err := p.send(t.Context(), http.MethodPost, p.hook+"server.time.xml", "")
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(content, []byte("<error>INTERNAL_SERVER_ERROR</error>")) {
		t.Errorf("answer %s", content)
	}
}

// outcomes is what a number of calls of a method see.
func (p faulty) outcomes(t *testing.T, n int, method string) (seen []string) {
	t.Helper()
	for range n {
		seen = append(seen, p.call(t, method, "{}"))
	}
	return seen
}

func TestFaultCountAfter(t *testing.T) {
	t.Parallel()
	const ok, limit, failed = "200", "503 QUERY_LIMIT_EXCEEDED", "500 INTERNAL_SERVER_ERROR"
	tests := []struct {
		name   string
		faults []sandbox.Fault
		want   []string
	}{
		{"none", nil, []string{ok, ok}},
		{"count", []sandbox.Fault{{Kind: sandbox.FaultQueryLimit, Count: 2}}, []string{limit, limit, ok, ok}},
		{"after", []sandbox.Fault{{Kind: sandbox.FaultQueryLimit, After: 2}}, []string{ok, ok, limit, limit}},
		{"both", []sandbox.Fault{{Kind: sandbox.FaultQueryLimit, After: 1, Count: 1}}, []string{ok, limit, ok, ok}},
		{"in turn", []sandbox.Fault{{Kind: sandbox.FaultQueryLimit, Count: 1}, {Kind: sandbox.FaultErrorBefore, Count: 1}}, []string{limit, failed, ok}},
		{"first wins", []sandbox.Fault{{Kind: sandbox.FaultQueryLimit}, {Kind: sandbox.FaultErrorBefore}}, []string{limit, limit}},
		{"request before command", []sandbox.Fault{{Kind: sandbox.FaultCommandError, After: 1}, {Kind: sandbox.FaultQueryLimit, Count: 1}}, []string{limit, ok, failed}},
	}
	p := newFaulty(t, sandbox.Options{}, "HTTP/1.1")
	for _, tt := range tests {
		p.set(t, tt.faults...)
		if d := cmp.Diff(tt.want, p.outcomes(t, len(tt.want), "server.time")); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

func TestFaultMethod(t *testing.T) {
	t.Parallel()
	const ok, limit = "200", "503 QUERY_LIMIT_EXCEEDED"
	methods := []string{"user.current", "User.UserField.List.json", "server.time", "batch?cmd[a]=server.time"}
	tests := map[string][]string{
		"":             {limit, limit, limit, limit},
		"*":            {limit, limit, limit, limit},
		"user.*":       {limit, limit, ok, ok},
		"USER.current": {limit, ok, ok, ok},
		"*.time":       {ok, ok, limit, ok},
		"batch":        {ok, ok, ok, limit},
		"oauth/token":  {ok, ok, ok, ok},
	}
	p := newFaulty(t, sandbox.Options{}, "HTTP/1.1")
	for method, want := range tests {
		p.set(t, sandbox.Fault{Kind: sandbox.FaultQueryLimit, Method: method})
		var got []string
		for _, m := range methods {
			got = append(got, p.call(t, m, "{}"))
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q (-want +got):\n%s", method, d)
		}
	}
}

func TestFaultProbability(t *testing.T) {
	t.Parallel()
	half := []sandbox.Fault{
		{Kind: sandbox.FaultErrorBefore, Method: "server.time", Probability: 0.5},
		{Kind: sandbox.FaultErrorBefore, Method: "scope", Probability: 0.5},
	}
	const calls = 200
	run := func(seed uint64, others int) []string {
		p := newFaulty(t, sandbox.Options{Faults: half, Seed: seed}, "HTTP/1.1").inProcess()
		p.outcomes(t, others, "scope")
		return p.outcomes(t, calls, "server.time")
	}
	first := run(1, 0)
	failed := 0
	for _, outcome := range first {
		if outcome != "200" {
			failed++
		}
	}
	if failed < calls/4 || failed > calls*3/4 {
		t.Errorf("%d of %d failed", failed, calls)
	}
	if d := cmp.Diff(first, run(1, 7)); d != "" {
		t.Errorf("the same seed (-first +again):\n%s", d)
	}
	for _, other := range []uint64{2, 0} {
		if cmp.Equal(first, run(other, 0)) {
			t.Errorf("seed %d is like seed 1", other)
		}
	}
}

func TestFaultBatch(t *testing.T) {
	t.Parallel()
	const limit, failed = "OPERATION_TIME_LIMIT", "INTERNAL_SERVER_ERROR"
	tests := []struct {
		name     string
		faults   []sandbox.Fault
		want     string
		executed int
	}{
		{"one command", []sandbox.Fault{{Kind: sandbox.FaultCommandError, Method: "user.add", After: 1, Count: 1}}, "200 b=" + failed, 2},
		{"every command", []sandbox.Fault{{Kind: sandbox.FaultOperationLimit}}, "200 a=" + limit + " b=" + limit + " c=" + limit, 0},
		{"a pattern", []sandbox.Fault{{Kind: sandbox.FaultOperationLimit, Method: "*", Count: 1}}, "200 a=" + limit, 2},
		{"two kinds", []sandbox.Fault{{Kind: sandbox.FaultOperationLimit, Count: 1}, {Kind: sandbox.FaultCommandError, After: 1}}, "200 a=" + limit + " c=" + failed, 1},
		{"the outer request", []sandbox.Fault{{Kind: sandbox.FaultOperationLimit, Method: "batch"}}, "429 " + limit, 0},
		{"the answer", []sandbox.Fault{{Kind: sandbox.FaultErrorAfter, Method: "batch"}}, "500 " + failed, 3},
		{"a fault of requests", []sandbox.Fault{{Kind: sandbox.FaultQueryLimit, Method: "user.add"}}, "200", 3},
	}
	p := newFaulty(t, sandbox.Options{}, "HTTP/1.1")
	for i, tt := range tests {
		p.set(t, tt.faults...)
		before := len(p.executed())
		if d := cmp.Diff(tt.want, p.batch(t, i)); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
		if executed := len(p.executed()) - before; executed != tt.executed {
			t.Errorf("%s: executed %d, want %d", tt.name, executed, tt.executed)
		}
	}
}

// batch adds three users and answers the status and what failed.
func (p faulty) batch(t *testing.T, round int) string {
	t.Helper()
	commands := map[string]string{}
	for _, key := range []string{"a", "b", "c"} {
		commands[key] = fmt.Sprintf("user.add?EMAIL=%s%d@example.org&UF_DEPARTMENT[]=1", key, round)
	}
	body, err := json.Marshal(map[string]any{"cmd": commands})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := p.send(t.Context(), http.MethodPost, p.hook+"batch", string(body))
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Error  string         `json:"error"`
		Result map[string]any `json:"result"`
	}
	if err := errors.Join(json.NewDecoder(resp.Body).Decode(&answer), resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	words := []string{fmt.Sprint(resp.StatusCode)}
	if answer.Error != "" {
		words = append(words, answer.Error)
	}
	failed, _ := answer.Result["result_error"].(map[string]any)
	for _, key := range []string{"a", "b", "c"} {
		if e, ok := failed[key].(map[string]any); ok {
			words = append(words, fmt.Sprint(key, "=", e["error"]))
		}
	}
	return strings.Join(words, " ")
}
