package bitrix24_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

// The time of these tests is virtual: the pauses that they are about take none.

// plenty is a limit that is cared for and never reached; with narrow a run has
// one request at a time.
var (
	plenty = bitrix24.Limits{Burst: 1000, PerSecond: 500}
	narrow = bitrix24.Limits{Burst: 2, PerSecond: 100}
)

func setFaults(t *testing.T, portal *sandbox.Sandbox, faults ...sandbox.Fault) {
	t.Helper()
	if err := portal.SetFaults(faults...); err != nil {
		t.Fatal(err)
	}
}

func closing(t *testing.T, portal *sandbox.Sandbox) {
	if err := portal.Close(); err != nil {
		t.Error(err)
	}
}

// TestReferenceOutlivesItsTarget sends a command again and again after the one it
// refers to has been reported.
func TestReferenceOutlivesItsTarget(t *testing.T) {
	for name, faults := range map[string][]sandbox.Fault{
		"refused twice":                 {{Kind: sandbox.FaultOperationLimit, Method: "department.update", Count: 2}},
		"refused, then its request too": {{Kind: sandbox.FaultOperationLimit, Method: "department.update", Count: 1}, {Kind: sandbox.FaultQueryLimit, Method: "batch", After: 1, Count: 2}},
		"refused, then reset":           {{Kind: sandbox.FaultOperationLimit, Method: "department.update", Count: 1}, {Kind: sandbox.FaultResetBefore, Method: "batch", After: 1, Count: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				portal, client := inProcess(t, sandbox.Options{}, bitrix24.WithLimits(plenty), bitrix24.WithOperatingLimit(0))
				defer closing(t, portal)
				setFaults(t, portal, faults...)
				for i, o := range client.BatchAll(t.Context(), []bitrix24.Command{
					{Name: "new", Method: "department.add", Params: bitrix24.Fields{"NAME": "North", "PARENT": 1}},
					{Method: "department.update", Params: bitrix24.Fields{"ID": bitrix24.Ref("new"), "NAME": "South"}, Replay: bitrix24.Idempotent},
				}) {
					if o.State != bitrix24.Done {
						t.Errorf("command %d is %v: %v", i, o.State, o.Err)
					}
				}
			})
		})
	}
}

// outage lets requests fail until it is over: before they are sent, or as if they
// could have been carried out.
func outage(over time.Duration, sent bool, then http.RoundTripper) roundTripper {
	begun := time.Now()
	return func(r *http.Request) (*http.Response, error) {
		if time.Since(begun) >= over {
			return then.RoundTrip(r)
		}
		if trace := httptrace.ContextClientTrace(r.Context()); !sent {
			trace.GetConn(r.URL.Host)
		}
		return nil, errors.New("no connection")
	}
}

// TestReferenceOfCommandThatGoesAgain gets the value although its target was
// reported during the pause.
func TestReferenceOfCommandThatGoesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		portal, client := inProcess(t, sandbox.Options{}, bitrix24.WithLimits(plenty))
		defer closing(t, portal)
		setFaults(t, portal, sandbox.Fault{Kind: sandbox.FaultCommandError, Method: "department.update", Count: 1})
		for i, o := range client.BatchAll(t.Context(), []bitrix24.Command{
			{Name: "new", Method: "department.add", Params: bitrix24.Fields{"NAME": "North", "PARENT": 1}},
			{Method: "department.update", Params: bitrix24.Fields{"ID": bitrix24.Ref("new"), "NAME": "South"}, Replay: bitrix24.Idempotent},
		}) {
			if o.State != bitrix24.Done {
				t.Errorf("command %d is %v: %v", i, o.State, o.Err)
			}
		}
	})
}

// TestBatchRefusedForTime waits until the time is there again.
func TestBatchRefusedForTime(t *testing.T) {
	var refused atomic.Int64
	got, _ := paced(t, 20, bitrix24.StandardLimits, func(rt http.RoundTripper) roundTripper {
		begun := time.Now()
		return func(r *http.Request) (*http.Response, error) {
			if time.Since(begun) > time.Minute {
				return rt.RoundTrip(r)
			}
			refused.Add(1)
			recorded := httptest.NewRecorder()
			answer(http.StatusTooManyRequests, `{"error":"OPERATION_TIME_LIMIT"}`)(recorded, r)
			return recorded.Result(), nil
		}
	})
	if diff := cmp.Diff(map[bitrix24.State]int{bitrix24.Done: 20}, got); diff != "" || refused.Load() > 50 {
		t.Errorf("%d refused\n%s", refused.Load(), diff)
	}
}

// TestBatchSurvivesOutage waits between attempts instead of using them all up at
// once.
func TestBatchSurvivesOutage(t *testing.T) {
	for name, sent := range map[string]bool{"not sent": false, "perhaps carried out": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				portal, err := sandbox.New(sandbox.Options{})
				if err != nil {
					t.Fatal(err)
				}
				defer closing(t, portal)
				client, err := bitrix24.New(portal.Access().Webhook, bitrix24.WithTransport(outage(2*time.Second, sent, portal.Transport())), bitrix24.WithLimits(plenty))
				if err != nil {
					t.Fatal(err)
				}
				outcomes := slices.Collect(client.Batch(t.Context(), rename(1000)))
				if diff := cmp.Diff(map[bitrix24.State]int{bitrix24.Done: 1000}, states(t, outcomes)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// TestRefusedAmongAnswered refuses one request of several under way, answers the
// next and refuses the third, of a client that was told of no limit.
func TestRefusedAmongAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		portal, err := sandbox.New(sandbox.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer closing(t, portal)
		var sent atomic.Int64
		mixed := roundTripper(func(r *http.Request) (*http.Response, error) {
			n := sent.Add(1)
			if n > 3 {
				return portal.Transport().RoundTrip(r)
			}
			time.Sleep(time.Duration(n) * 10 * time.Millisecond)
			if n == 2 {
				return portal.Transport().RoundTrip(r)
			}
			recorded := httptest.NewRecorder()
			answer(http.StatusServiceUnavailable, `{"error":"QUERY_LIMIT_EXCEEDED"}`)(recorded, r)
			return recorded.Result(), nil
		})
		client, err := bitrix24.New(portal.Access().Webhook, bitrix24.WithTransport(mixed), bitrix24.WithLimits(bitrix24.NoLimits))
		if err != nil {
			t.Fatal(err)
		}
		outcomes := slices.Collect(client.Batch(t.Context(), rename(200)))
		if diff := cmp.Diff(map[bitrix24.State]int{bitrix24.Done: 200}, states(t, outcomes)); diff != "" {
			t.Errorf("%s\n%v", diff, outcomes[0].Err)
		}
	})
}

// TestManyRequestsRefusedTogether is one refusal, however many requests were
// under way.
func TestManyRequestsRefusedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		portal, err := sandbox.New(sandbox.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer closing(t, portal)
		far := roundTripper(func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second) // all are under way before the first is refused
			return portal.Transport().RoundTrip(r)
		})
		client, err := bitrix24.New(portal.Access().Webhook, bitrix24.WithTransport(far), bitrix24.WithLimits(bitrix24.EnterpriseLimits))
		if err != nil {
			t.Fatal(err)
		}
		setFaults(t, portal, sandbox.Fault{Kind: sandbox.FaultQueryLimit, Count: 60})
		outcomes := slices.Collect(client.Batch(t.Context(), rename(3000)))
		if diff := cmp.Diff(map[bitrix24.State]int{bitrix24.Done: 3000}, states(t, outcomes)); diff != "" {
			t.Errorf("%s\n%v, %+v", diff, outcomes[0].Err, client.Stats())
		}
	})
}

// TestGivenUpAfterUnclearAttempt is unknown, not "not sent": the attempt before
// may have been carried out.
func TestGivenUpAfterUnclearAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		portal, client := inProcess(t, sandbox.Options{}, bitrix24.WithLimits(narrow), bitrix24.WithHooks(bitrix24.Hooks{
			Repeat: func(context.Context, bitrix24.RepeatEvent) { cancel() },
		}))
		defer closing(t, portal)
		setFaults(t, portal, sandbox.Fault{Kind: sandbox.FaultResetAfter, Method: "batch", Count: 1})
		outcomes := slices.Collect(client.Batch(ctx, rename(30)))
		if executed(portal) != 30 {
			t.Fatalf("%d were run", executed(portal))
		}
		if diff := cmp.Diff(map[bitrix24.State]int{bitrix24.Unknown: 30}, states(t, outcomes)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestUnclearAttemptOfSingleCall stays in the error, whatever came after it.
func TestUnclearAttemptOfSingleCall(t *testing.T) {
	for name, then := range map[string]sandbox.FaultKind{"refused for a limit": sandbox.FaultQueryLimit, "blocked": sandbox.FaultOverload} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				portal, client := inProcess(t, sandbox.Options{}, bitrix24.WithLimits(plenty))
				defer closing(t, portal)
				setFaults(t, portal, sandbox.Fault{Kind: sandbox.FaultResetAfter, Count: 1}, sandbox.Fault{Kind: then})
				_, err := client.UpdateUser(t.Context(), 2, bitrix24.Fields{"NAME": "Oleg"})
				var refused *bitrix24.Error
				if !errors.As(err, &refused) || !bitrix24.Ambiguous(err) || !strings.Contains(err.Error(), "an earlier attempt may have been carried out") {
					t.Errorf("ambiguous %v: %v", bitrix24.Ambiguous(err), err)
				}
				// A call that only reads has nothing to be unclear about.
				setFaults(t, portal, sandbox.Fault{Kind: sandbox.FaultResetAfter, Count: 1}, sandbox.Fault{Kind: then})
				if _, err := client.GetUser(t.Context(), 2); err == nil || bitrix24.Ambiguous(err) {
					t.Errorf("a read: %v", err)
				}
			})
		})
	}
}

// bodyOf reads the body of a request and returns it with a request to send in
// its place.
func bodyOf(r *http.Request) (string, *http.Request, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return "", nil, err
	}
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(strings.NewReader(string(body)))
	return string(body), again, nil
}

// cutAbove answers nothing to batches of more commands than the portal has time
// for.
func cutAbove(commands int, then http.RoundTripper) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		body, again, err := bodyOf(r)
		if err != nil {
			return nil, err
		}
		var batch struct{ Cmd map[string]string }
		if err := json.Unmarshal([]byte(body), &batch); err != nil {
			return nil, err
		}
		if len(batch.Cmd) > commands {
			return nil, errors.New("cut off after 60 seconds")
		}
		return then.RoundTrip(again)
	}
}

// TestChainsOfSlowCommands are sent again in smaller requests, each chain whole.
func TestChainsOfSlowCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		portal, err := sandbox.New(sandbox.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer closing(t, portal)
		client, err := bitrix24.New(portal.Access().Webhook, bitrix24.WithTransport(cutAbove(10, portal.Transport())), bitrix24.WithLimits(bitrix24.Limits{Burst: 4, PerSecond: 1}))
		if err != nil {
			t.Fatal(err)
		}
		var commands []bitrix24.Command
		for i := range 40 {
			commands = append(commands,
				bitrix24.Command{Method: "user.get", Params: bitrix24.Fields{"ID": 2 + i%40}, Replay: bitrix24.Safe},
				bitrix24.Command{Method: "user.update", Params: bitrix24.Fields{"ID": bitrix24.Ref(strconv.Itoa(2*i), 0, "ID"), "NAME": "Oleg"}, Replay: bitrix24.Idempotent})
		}
		if diff := cmp.Diff(map[bitrix24.State]int{bitrix24.Done: 80}, states(t, client.BatchAll(t.Context(), commands))); diff != "" {
			t.Error(diff)
		}
	})
}

// TestHarmlessCommandBesideChain is sent again although a chain in its request
// must not be.
func TestHarmlessCommandBesideChain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		portal, client := inProcess(t, sandbox.Options{}, bitrix24.WithLimits(narrow))
		defer closing(t, portal)
		setFaults(t, portal, sandbox.Fault{Kind: sandbox.FaultResetAfter, Method: "batch", Count: 1})
		got := client.BatchAll(t.Context(), []bitrix24.Command{
			{Method: "user.update", Params: bitrix24.Fields{"ID": 2, "NAME": "Oleg"}, Replay: bitrix24.Idempotent},
			{Name: "new", Method: "department.add", Params: bitrix24.Fields{"NAME": "North", "PARENT": 1}},
			{Method: "department.update", Params: bitrix24.Fields{"ID": bitrix24.Ref("new"), "NAME": "South"}, Replay: bitrix24.Idempotent},
			{Method: "user.get", Params: bitrix24.Fields{"ID": 2}, Replay: bitrix24.Safe},
		})
		want := []bitrix24.State{bitrix24.Done, bitrix24.Unknown, bitrix24.Unknown, bitrix24.Done}
		for i, o := range got {
			if o.State != want[i] {
				t.Errorf("command %d is %v: %v", i, o.State, o.Err)
			}
		}
	})
}

// TestCommandsThatTrickle are sent while more are read.
func TestCommandsThatTrickle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var first time.Duration
		begun := time.Now()
		portal, client := inProcess(t, sandbox.Options{}, bitrix24.WithLimits(plenty), bitrix24.WithHooks(bitrix24.Hooks{
			Request: func(context.Context, bitrix24.RequestEvent) {
				if first == 0 {
					first = time.Since(begun)
				}
			},
		}))
		defer closing(t, portal)
		slowly := func(yield func(bitrix24.Command) bool) {
			for c := range rename(1000) {
				time.Sleep(5 * time.Millisecond)
				if !yield(c) {
					return
				}
			}
		}
		if got := states(t, slices.Collect(client.Batch(t.Context(), slowly)))[bitrix24.Done]; got != 1000 {
			t.Errorf("%d are done", got)
		}
		if first > time.Second {
			t.Errorf("the first request was sent after %s", first)
		}
	})
}

// TestPanicOfTheCommands reaches the caller, after the outcomes of what was read
// before it.
func TestPanicOfTheCommands(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{})
	broken := func(yield func(bitrix24.Command) bool) {
		for c := range rename(3) {
			if !yield(c) {
				return
			}
		}
		panic("of the commands")
	}
	done := 0
	func() {
		defer func() {
			if got := recover(); got != "of the commands" {
				t.Errorf("the caller recovered from %v", got)
			}
		}()
		for o := range client.Batch(t.Context(), broken) {
			if o.State == bitrix24.Done {
				done++
			}
		}
	}()
	if done != 3 {
		t.Errorf("%d are done", done)
	}
}

// TestLeavingEndsTheReading reads no command once the loop has ended, also when
// its body panics.
func TestLeavingEndsTheReading(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{})
	reading := false
	endless := func(yield func(bitrix24.Command) bool) {
		reading = true
		defer func() { reading = false }()
		for yield(bitrix24.Command{Method: "user.current", Replay: bitrix24.Safe}) {
		}
	}
	for range client.Batch(t.Context(), endless) {
		break
	}
	if reading {
		t.Error("commands are read after the loop")
	}
	func() {
		defer func() { _ = recover() }()
		for range client.Batch(t.Context(), endless) {
			panic("of the caller")
		}
	}()
	if reading {
		t.Error("commands are read after a panic")
	}
}
