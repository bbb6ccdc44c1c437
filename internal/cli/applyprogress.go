package cli

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/render"
	"github.com/oint-go/oint/internal/sync"
)

// applyProgress tells how far an apply is, and what it waits for.
type applyProgress struct {
	started time.Time
	work    *render.Work
	client  *bitrix24.Client
	reason  atomic.Pointer[string] // of the last wait
}

// watch takes the waits of the client into the line of the progress instead of
// lines of their own.
func (p *applyProgress) watch(hooks *bitrix24.Hooks) {
	hooks.Wait = func(_ context.Context, e bitrix24.WaitEvent) {
		reason := "requests"
		if e.Reason == bitrix24.WaitForOperating {
			reason = "operating time of " + e.Method
		}
		p.reason.Store(&reason)
	}
}

func (p *applyProgress) begin(work *render.Work, client *bitrix24.Client) {
	p.started, p.work, p.client = time.Now(), work, client
}

func (p *applyProgress) moved(t sync.Tally) {
	p.work.Set(int64(t.Done+t.Failed+t.Drifted), p.state)
}

// state is what the portal lets through.
func (p *applyProgress) state() string {
	var parts []string
	if free, limited := p.client.Free(); limited {
		parts = append(parts, fmt.Sprintf("%d requests free", free))
	}
	if s := p.client.Stats(); s.Waits > 0 {
		text := fmt.Sprintf("waited %s", s.Waited.Round(100*time.Millisecond))
		if reason := p.reason.Load(); reason != nil {
			text += " for " + *reason
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}
