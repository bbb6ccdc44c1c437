package bitrix24_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

// paced runs updates in virtual time against a portal behind a transport, and
// returns what became of them and how many requests were sent.
func paced(t *testing.T, n int, limits bitrix24.Limits, through func(http.RoundTripper) roundTripper, faults ...sandbox.Fault) (got map[bitrix24.State]int, requests int64) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		portal, err := sandbox.New(sandbox.Options{Seed: 7, CommandTime: 10 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		defer closing(t, portal)
		setFaults(t, portal, faults...)
		client, err := bitrix24.New(portal.Access().Webhook, bitrix24.WithTransport(through(portal.Transport())), bitrix24.WithLimits(limits))
		if err != nil {
			t.Fatal(err)
		}
		got = states(t, slices.Collect(client.Batch(t.Context(), rename(n))))
		requests = client.Stats().Requests
	})
	return got, requests
}

func direct(rt http.RoundTripper) roundTripper { return rt.RoundTrip }

// TestRequestsWidenAgain after failures by chance: where a second has two
// requests, a run that stays narrow takes twenty times as long.
func TestRequestsWidenAgain(t *testing.T) {
	for name, limits := range map[string]bitrix24.Limits{"one at a time": narrow, "eight at once": bitrix24.NoLimits} {
		t.Run(name, func(t *testing.T) {
			got, requests := paced(t, 2000, limits, direct, sandbox.Fault{Kind: sandbox.FaultResetAfter, Method: "batch", Probability: 0.05})
			if diff := cmp.Diff(map[bitrix24.State]int{bitrix24.Done: 2000}, got); diff != "" {
				t.Error(diff)
			}
			t.Logf("%d requests", requests)
			if requests > 200 {
				t.Errorf("%d requests for what 40 can carry", requests)
			}
		})
	}
}

// TestChainsWidenAgain although no request of them has exactly as many commands as
// are allowed.
func TestChainsWidenAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		portal, err := sandbox.New(sandbox.Options{CommandTime: time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		defer closing(t, portal)
		failures := 4
		fails := roundTripper(func(r *http.Request) (*http.Response, error) {
			if failures--; failures >= 0 {
				return nil, errors.New("reset")
			}
			return portal.Transport().RoundTrip(r)
		})
		client, err := bitrix24.New(portal.Access().Webhook, bitrix24.WithTransport(fails), bitrix24.WithLimits(narrow))
		if err != nil {
			t.Fatal(err)
		}
		var commands []bitrix24.Command
		for i := range 600 {
			first := fmt.Sprint("c", i)
			commands = append(commands, bitrix24.Command{Name: first, Method: "user.get", Params: bitrix24.Fields{"ID": 2}, Replay: bitrix24.Safe})
			for range 2 {
				commands = append(commands, bitrix24.Command{Method: "user.get", Params: bitrix24.Fields{"ID": bitrix24.Ref(first, 0, "ID")}, Replay: bitrix24.Safe})
			}
		}
		if diff := cmp.Diff(map[bitrix24.State]int{bitrix24.Done: 1800}, states(t, client.BatchAll(t.Context(), commands))); diff != "" {
			t.Error(diff)
		}
		if n := client.Stats().Requests; n > 90 {
			t.Errorf("%d requests for what 38 can carry", n)
		}
	})
}

// TestOutageNarrowsNothing when requests did not even leave.
func TestOutageNarrowsNothing(t *testing.T) {
	got, requests := paced(t, 2000, bitrix24.StandardLimits, func(rt http.RoundTripper) roundTripper { return outage(time.Second, false, rt) })
	if diff := cmp.Diff(map[bitrix24.State]int{bitrix24.Done: 2000}, got); diff != "" {
		t.Error(diff)
	}
	t.Logf("%d requests", requests)
	if requests > 100 {
		t.Errorf("%d requests for what 40 can carry", requests)
	}
}

// TestWidthThatFails is not tried again and again.
func TestWidthThatFails(t *testing.T) {
	got, requests := paced(t, 2000, narrow, func(rt http.RoundTripper) roundTripper { return cutAbove(10, rt) })
	if diff := cmp.Diff(map[bitrix24.State]int{bitrix24.Done: 2000}, got); diff != "" {
		t.Error(diff)
	}
	t.Logf("%d requests", requests)
	if requests > 230 {
		t.Errorf("%d requests for what 200 can carry", requests)
	}
}

// TestCommandThatKillsItsRequest takes none of those beside it along.
func TestCommandThatKillsItsRequest(t *testing.T) {
	got, _ := paced(t, 400, plenty, func(rt http.RoundTripper) roundTripper {
		return func(r *http.Request) (*http.Response, error) {
			body, again, err := bodyOf(r)
			if err != nil {
				return nil, err
			}
			if strings.Contains(body, "user.update?ID=20&") {
				return nil, errors.New("the portal's process died")
			}
			return rt.RoundTrip(again)
		}
	})
	if diff := cmp.Diff(map[bitrix24.State]int{bitrix24.Done: 390, bitrix24.Unknown: 10}, got); diff != "" {
		t.Error(diff)
	}
}

// TestBusyPortal has two workers, and its web server gives up on requests that
// have waited a minute for one: the run sends fewer at once and loses no command.
func TestBusyPortal(t *testing.T) {
	var late atomic.Int64
	got, requests := paced(t, 2000, bitrix24.NoLimits, func(rt http.RoundTripper) roundTripper {
		workers := make(chan struct{}, 2)
		return func(r *http.Request) (*http.Response, error) {
			select {
			case workers <- struct{}{}:
			case <-time.After(time.Minute):
				late.Add(1)
				return nil, errors.New("cut off after 60 seconds")
			}
			defer func() { <-workers }()
			time.Sleep(25 * time.Second)
			return rt.RoundTrip(r)
		}
	})
	if diff := cmp.Diff(map[bitrix24.State]int{bitrix24.Done: 2000}, got); diff != "" {
		t.Error(diff)
	}
	t.Logf("%d requests, %d late", requests, late.Load())
	if late.Load() > 20 {
		t.Errorf("%d of %d requests were cut off", late.Load(), requests)
	}
}
