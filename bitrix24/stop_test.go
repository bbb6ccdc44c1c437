package bitrix24_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

// TestStopCall stops while a call is under way: it is answered, and the next one
// is not sent.
func TestStopCall(t *testing.T) {
	t.Parallel()
	stop, cancel := context.WithCancel(t.Context())
	p := newPortal(t, func(w http.ResponseWriter, r *http.Request) {
		cancel()
		answer(http.StatusOK, okAnswer)(w, r)
	})
	c := p.client(t, bitrix24.WithStop(stop))
	call := bitrix24.Request{Method: "user.update", Params: bitrix24.Fields{"ID": 2}}
	if _, err := c.Call(t.Context(), call); err != nil {
		t.Errorf("the call under way: %v", err)
	}
	_, err := c.Call(t.Context(), call)
	if !errors.Is(err, context.Canceled) || bitrix24.Ambiguous(err) {
		t.Errorf("the next call: %v", err)
	}
	if n := len(p.seen()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// TestStopRepeats stops while a call is refused that would be sent again.
func TestStopRepeats(t *testing.T) {
	t.Parallel()
	stop, cancel := context.WithCancel(t.Context())
	p := newPortal(t, func(w http.ResponseWriter, r *http.Request) {
		cancel()
		answer(http.StatusServiceUnavailable, `{"error":"QUERY_LIMIT_EXCEEDED"}`)(w, r)
	})
	c := p.client(t, bitrix24.WithStop(stop))
	if _, err := c.Call(t.Context(), bitrix24.Request{Method: "user.get"}); !errors.Is(err, bitrix24.ErrQueryLimit) {
		t.Errorf("err = %v", err)
	}
	if n := len(p.seen()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// TestStopBatch stops in the middle of a batch: what was sent is done, the rest
// is not sent, and nothing is in doubt.
func TestStopBatch(t *testing.T) {
	t.Parallel()
	stop, cancel := context.WithCancel(t.Context())
	defer cancel()
	var answered atomic.Int64
	hooks := bitrix24.Hooks{Response: func(context.Context, bitrix24.ResponseEvent) {
		if answered.Add(1) == 3 {
			cancel()
		}
	}}
	portal, c := company(t, sandbox.Options{Users: 50}, bitrix24.WithStop(stop), bitrix24.WithHooks(hooks))
	const rows = 400
	var outcomes []bitrix24.Outcome
	for o := range c.Batch(t.Context(), rename(rows), bitrix24.WithBatchWidth(5)) {
		outcomes = append(outcomes, o)
		if o.State == bitrix24.NotSent && !errors.Is(o.Err, context.Canceled) {
			t.Errorf("outcome %d: %v", o.Index, o.Err)
		}
	}
	count := states(t, outcomes)
	ran := 0
	for _, call := range portal.Log() {
		if call.Method == "user.update" && !strings.Contains(call.Code, "ERROR") {
			ran++
		}
	}
	if count[bitrix24.Done] != ran || count[bitrix24.Done]+count[bitrix24.NotSent] != rows || count[bitrix24.NotSent] == 0 {
		t.Errorf("%v; the portal carried out %d", count, ran)
	}
}
