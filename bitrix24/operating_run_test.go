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

// inProcess is a portal without a listener, so that its time can be virtual.
func inProcess(t *testing.T, o sandbox.Options, opts ...bitrix24.Option) (*sandbox.Sandbox, *bitrix24.Client) {
	t.Helper()
	portal, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	client, err := bitrix24.New(portal.Access().Webhook, append([]bitrix24.Option{bitrix24.WithTransport(portal.Transport())}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return portal, client
}

// TestOperatingTimeOfBulkRun changes more users than the portal has time for: the
// run slows down, waits for the resets and is never refused.
func TestOperatingTimeOfBulkRun(t *testing.T) {
	for name, billing := range map[string]struct {
		portal sandbox.Billing
		client bitrix24.Billing
	}{
		"by method": {sandbox.BillCommands, bitrix24.BillCommands},
		"by batch":  {sandbox.BillBatch, bitrix24.BillBatch},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const limit, commandTime, commands = 100 * time.Second, time.Second, 250
				waits := map[bitrix24.WaitReason]time.Duration{}
				hooks := bitrix24.Hooks{Wait: func(_ context.Context, e bitrix24.WaitEvent) { waits[e.Reason] += e.Wait }}
				portal, client := inProcess(t, sandbox.Options{
					Limits: &sandbox.Limits{Operating: limit}, CommandTime: commandTime, Billing: billing.portal,
				}, bitrix24.WithLimits(bitrix24.NoLimits), bitrix24.WithOperatingLimit(limit), bitrix24.WithBilling(billing.client), bitrix24.WithHooks(hooks))
				defer portal.Close() //nolint:errcheck // the test ends with its time
				begun := time.Now()
				done := 0
				for o := range client.Batch(t.Context(), rename(commands), bitrix24.WithBatchWidth(10)) {
					if o.State != bitrix24.Done {
						t.Fatalf("%+v", o)
					}
					done++
				}
				took := time.Since(begun)
				if stats := portal.Stats(); stats.Failed > 0 || done != commands {
					t.Errorf("%d done, %+v", done, stats)
				}
				// 100 seconds in ten minutes: 250 commands need two resets.
				if took < 15*time.Minute || took > 35*time.Minute || waits[bitrix24.WaitForOperating] == 0 {
					t.Errorf("took %s, waits %v", took, waits)
				}
			})
		})
	}
}

// TestOperatingTimeOfSingleCalls waits visibly before the call that would be
// refused.
func TestOperatingTimeOfSingleCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 20 * time.Second
		var waited time.Duration
		hooks := bitrix24.Hooks{Wait: func(_ context.Context, e bitrix24.WaitEvent) {
			if e.Method != "user.update" || e.Reason != bitrix24.WaitForOperating {
				t.Errorf("%+v", e)
			}
			waited += e.Wait
		}}
		portal, client := inProcess(t, sandbox.Options{Limits: &sandbox.Limits{Operating: limit}, CommandTime: time.Second},
			bitrix24.WithLimits(bitrix24.NoLimits), bitrix24.WithOperatingLimit(limit), bitrix24.WithHooks(hooks))
		defer portal.Close() //nolint:errcheck // the test ends with its time
		for range 30 {
			if _, err := client.UpdateUser(t.Context(), 2, bitrix24.Fields{"NAME": "x"}); err != nil {
				t.Fatal(err)
			}
		}
		if portal.Stats().Failed > 0 || waited < 8*time.Minute || waited > 12*time.Minute {
			t.Errorf("%+v, waited %s", portal.Stats(), waited)
		}
		// A caller who does not want to wait that long hears that nothing was sent.
		var err error
		for n := 0; err == nil && n < 30; n++ {
			err = func() error {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				_, err := client.UpdateUser(ctx, 2, bitrix24.Fields{"NAME": "x"})
				return err
			}()
		}
		if !errors.Is(err, context.DeadlineExceeded) || bitrix24.Ambiguous(err) {
			t.Errorf("%v", err)
		}
	})
}
