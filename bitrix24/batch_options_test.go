package bitrix24_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

// names makes n updates of the seeded users.
func names(n int) []bitrix24.Command {
	commands := make([]bitrix24.Command, n)
	for i := range commands {
		commands[i] = bitrix24.Command{Method: "user.update", Params: bitrix24.Fields{"ID": 2 + i%30, "NAME": "Oleg"}, Replay: bitrix24.Idempotent}
	}
	return commands
}

// updates is how many the portal was asked to run.
func updates(portal *sandbox.Sandbox) int {
	n := 0
	for _, c := range portal.Log() {
		if c.Method == "user.update" {
			n++
		}
	}
	return n
}

// TestStopFinishesWhatIsOnItsWay ends the context of WithStop while requests are
// at work: what they carry is done, the rest is not sent, and nothing is unknown.
func TestStopFinishesWhatIsOnItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		portal, client := inProcess(t, sandbox.Options{Latency: time.Second}, bitrix24.WithLimits(narrow), bitrix24.WithOperatingLimit(0))
		defer closing(t, portal)
		reason := errors.New("enough")
		stop, enough := context.WithCancelCause(t.Context())
		states := map[bitrix24.State]int{}
		time.AfterFunc(300*time.Millisecond, func() { enough(reason) })
		for _, o := range client.BatchAll(t.Context(), names(5000), bitrix24.WithStop(stop)) {
			states[o.State]++
			if o.State == bitrix24.NotSent && !errors.Is(o.Err, reason) {
				t.Fatal(o.Err)
			}
		}
		run := states[bitrix24.Done]
		if run == 0 || states[bitrix24.NotSent] == 0 || states[bitrix24.Done]+states[bitrix24.NotSent] != 5000 || updates(portal) != run {
			t.Errorf("%v, %d updates", states, updates(portal))
		}
	})
}

// TestWithoutRepeats leaves commands whose answer is lost to the caller, and
// repeats those that were refused.
func TestWithoutRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		portal, client := inProcess(t, sandbox.Options{}, bitrix24.WithLimits(narrow), bitrix24.WithOperatingLimit(0))
		defer closing(t, portal)
		setFaults(t, portal,
			sandbox.Fault{Kind: sandbox.FaultResetAfter, Method: "batch", Count: 1},
			sandbox.Fault{Kind: sandbox.FaultQueryLimit, Method: "batch", Count: 1},
			sandbox.Fault{Kind: sandbox.FaultCommandError, Method: "user.update", After: 50, Count: 1})
		states := map[bitrix24.State]int{}
		for _, o := range client.BatchAll(t.Context(), names(200), bitrix24.WithoutRepeats()) {
			states[o.State]++
		}
		if states[bitrix24.Unknown] != 51 || states[bitrix24.Done] != 149 || updates(portal) != 200 {
			t.Errorf("%v, %d updates", states, updates(portal))
		}
	})
}

// TestFullRequests spends two requests on a hundred commands although many more
// are free.
func TestFullRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		portal, client := inProcess(t, sandbox.Options{}, bitrix24.WithLimits(plenty), bitrix24.WithOperatingLimit(0))
		defer closing(t, portal)
		client.BatchAll(t.Context(), names(100), bitrix24.WithFullRequests())
		if n := portal.Stats().Requests; n != 2 {
			t.Errorf("%d requests", n)
		}
		if free, limited := client.Free(); !limited || free != 997 {
			t.Errorf("%d requests are free", free)
		}
	})
}
