package bitrix24_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

// company serves a sandbox over HTTP and makes a client of it.
func company(t testing.TB, o sandbox.Options, opts ...bitrix24.Option) (*sandbox.Sandbox, *bitrix24.Client) {
	t.Helper()
	portal, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(portal)
	if o.Plan == "" {
		opts = append([]bitrix24.Option{bitrix24.WithLimits(bitrix24.NoLimits)}, opts...)
	}
	client, err := bitrix24.New(server.URL+portal.Access().WebhookPath, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		server.Close()
		if err := portal.Close(); err != nil {
			t.Error(err)
		}
	})
	return portal, client
}

// executed counts the commands that the portal was asked to run, inside batches
// and alone.
func executed(portal *sandbox.Sandbox) (n int) {
	for _, c := range portal.Log() {
		if c.Method != "batch" {
			n++
		}
	}
	return n
}

// rename changes the names of users 2 to 41, again and again.
func rename(n int) iter.Seq[bitrix24.Command] {
	return func(yield func(bitrix24.Command) bool) {
		for i := range n {
			if !yield(bitrix24.Command{
				Method: "user.update", Replay: bitrix24.Idempotent,
				Params: bitrix24.Fields{"ID": 2 + i%40, "NAME": "Name " + strconv.Itoa(i)},
			}) {
				return
			}
		}
	}
}

// states counts outcomes and checks that they come once and in order.
func states(t *testing.T, outcomes []bitrix24.Outcome) map[bitrix24.State]int {
	t.Helper()
	count := map[bitrix24.State]int{}
	for i, o := range outcomes {
		if o.Index != i {
			t.Fatalf("outcome %d stands at place %d", o.Index, i)
		}
		if (o.Err == nil) != (o.State == bitrix24.Done) {
			t.Errorf("outcome %d is %v with error %v", i, o.State, o.Err)
		}
		count[o.State]++
	}
	return count
}

func TestBatchManyCommands(t *testing.T) {
	t.Parallel()
	portal, client := company(t, sandbox.Options{})
	for _, n := range []int{0, 1, 49, 50, 51, 120, 3000} {
		outcomes := slices.Collect(client.Batch(t.Context(), rename(n)))
		want := map[bitrix24.State]int{}
		if n > 0 {
			want[bitrix24.Done] = n
		}
		if diff := cmp.Diff(want, states(t, outcomes)); diff != "" {
			t.Errorf("%d commands (-want +got)\n%s", n, diff)
		}
	}
	if got := executed(portal); got != 0+1+49+50+51+120+3000 {
		t.Errorf("%d commands were run", got)
	}
}

func TestBatchKeepsWithinThePlan(t *testing.T) {
	t.Parallel()
	portal, client := company(t, sandbox.Options{Plan: sandbox.Standard})
	began := time.Now()
	outcomes := slices.Collect(client.Batch(t.Context(), rename(2300)))
	if got := states(t, outcomes)[bitrix24.Done]; got != 2300 {
		t.Errorf("%d are done", got)
	}
	// On a slow machine commands look slow, and more requests with fewer of them
	// are right; never more than the bucket has let through.
	most := 50 + int64(2*time.Since(began).Seconds())
	stats := portal.Stats()
	if stats.Refused != 0 || stats.Requests > most {
		t.Errorf("%d requests of %d, %d refused", stats.Requests, most, stats.Refused)
	}
}

func TestBatchOutcomes(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{})
	got := client.BatchAll(t.Context(), []bitrix24.Command{
		{Name: "a", Method: "user.get", Params: bitrix24.Fields{"ID": 2}},
		{Name: "b", Method: "user.dance"},
		{Method: "user.update", Params: bitrix24.Fields{"ID": 99999, "NAME": "x"}},
		{Method: "bad method"},
		{Method: "user.get", Params: bitrix24.Fields{"start": 0}},
	})
	if diff := cmp.Diff(map[bitrix24.State]int{bitrix24.Done: 2, bitrix24.Refused: 2, bitrix24.NotSent: 1}, states(t, got)); diff != "" {
		t.Fatal(diff)
	}
	var refused *bitrix24.Error
	if !errors.As(got[1].Err, &refused) || !errors.Is(refused, bitrix24.ErrMethodNotFound) || refused.Method != "user.dance" {
		t.Errorf("%v", got[1].Err)
	}
	if got[0].Name != "a" || got[4].Total == nil || *got[4].Total != 42 {
		t.Errorf("%+v", got[4])
	}
}

// The result of a command goes into commands after it, by name or position.
func TestBatchChains(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{})
	var commands []bitrix24.Command
	for i := range 40 {
		name := fmt.Sprintf("d%d", i)
		commands = append(commands,
			bitrix24.Command{Name: name, Method: "department.add", Params: bitrix24.Fields{"NAME": "Department " + name, "PARENT": 1}},
			bitrix24.Command{Method: "department.update", Params: bitrix24.Fields{"ID": bitrix24.Ref(name), "SORT": 100 + i}},
			bitrix24.Command{Method: "department.get", Params: bitrix24.Fields{"ID": bitrix24.Ref(strconv.Itoa(3 * i))}},
		)
	}
	for i, o := range client.BatchAll(t.Context(), commands) {
		if o.State != bitrix24.Done {
			t.Fatalf("command %d is %v: %v", i, o.State, o.Err)
		}
		if i%3 == 2 {
			var rows []struct{ SORT bitrix24.ID }
			if err := json.Unmarshal(o.Result, &rows); err != nil || len(rows) != 1 || rows[0].SORT != bitrix24.ID(100+i/3) {
				t.Fatalf("command %d: %s, %v", i, o.Result, err)
			}
		}
	}
}

func TestBatchChainBreaks(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{})
	got := client.BatchAll(t.Context(), []bitrix24.Command{
		{Name: "ok", Method: "department.add", Params: bitrix24.Fields{"NAME": "Good", "PARENT": 1}},
		{Name: "bad", Method: "department.add", Params: bitrix24.Fields{"PARENT": 1}},
		{Method: "department.update", Params: bitrix24.Fields{"ID": bitrix24.Ref("bad"), "NAME": "Never"}},
		{Method: "department.update", Params: bitrix24.Fields{"ID": bitrix24.Ref("ok"), "NAME": "Better"}},
		{Method: "user.get", Params: bitrix24.Fields{"ID": 1}},
		{Method: "user.get", Params: bitrix24.Fields{"ID": bitrix24.Ref("later")}},
		{Name: "later", Method: "user.get", Params: bitrix24.Fields{"ID": 1}},
	})
	want := []bitrix24.State{bitrix24.Done, bitrix24.Refused, bitrix24.NotSent, bitrix24.Done, bitrix24.Done, bitrix24.NotSent, bitrix24.Done}
	var have []bitrix24.State
	for _, o := range got {
		have = append(have, o.State)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +got)\n%s\n%v", diff, got)
	}
}

func TestBatchHalt(t *testing.T) {
	t.Parallel()
	portal, client := company(t, sandbox.Options{})
	commands := slices.Collect(rename(200))
	commands[70] = bitrix24.Command{Method: "user.dance"}
	got := states(t, client.BatchAll(t.Context(), commands, bitrix24.WithHalt()))
	if diff := cmp.Diff(map[bitrix24.State]int{bitrix24.Done: 70, bitrix24.Refused: 1, bitrix24.NotSent: 129}, got); diff != "" {
		t.Error(diff)
	}
	if n := executed(portal); n != 71 {
		t.Errorf("%d commands were run", n)
	}
}

func TestBatchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	portal, client := company(t, sandbox.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done, notSent, other := 0, 0, 0
	for o := range client.Batch(ctx, rename(9000)) {
		switch o.State {
		case bitrix24.Done:
			done++
			cancel()
		case bitrix24.NotSent:
			notSent++
			if !errors.Is(o.Err, context.Canceled) {
				t.Fatal(o.Err)
			}
		default:
			other++
		}
	}
	if done+notSent+other != 9000 || notSent == 0 {
		t.Errorf("%d done, %d not sent, %d unknown", done, notSent, other)
	}
	if run := executed(portal); run < done || run > done+other {
		t.Errorf("%d were run; %d done, %d unknown", run, done, other)
	}
}

func TestBatchLeftEarly(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{})
	n := 0
	for range client.Batch(t.Context(), rename(100000)) {
		if n++; n == 10 {
			break
		}
	}
}

func TestBatchWithoutPortal(t *testing.T) {
	t.Parallel()
	p := newPortal(t, answer(401, `{"error":"NO_AUTH_FOUND","error_description":"Wrong authorization data"}`))
	outcomes := slices.Collect(p.client(t).Batch(t.Context(), rename(7000)))
	if diff := cmp.Diff(map[bitrix24.State]int{bitrix24.NotSent: 7000}, states(t, outcomes)); diff != "" {
		t.Error(diff)
	}
	if !errors.Is(outcomes[6999].Err, bitrix24.ErrNoAuth) {
		t.Error(outcomes[6999].Err)
	}
}
