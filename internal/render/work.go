package render

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// lineEvery is how often a line tells how far the work is, where there is no
// terminal for a bar.
const lineEvery = 10 * time.Second

// Work shows how far a long piece of work is: a bar on a terminal, else a line
// now and then.
type Work struct {
	w     io.Writer
	name  string
	total int64
	bars  *mpb.Progress
	bar   *mpb.Bar

	mu    sync.Mutex
	first int64     // done when the rate began to count
	began time.Time // with the first progress: what was waited for before tells nothing
	state func() string
	last  time.Time
}

// NewWork begins to show. Of the total, some may be done already.
func NewWork(w io.Writer, terminal bool, name string, total, already int64) *Work {
	work := &Work{w: w, name: name, total: total, first: already, last: time.Now()}
	if !terminal {
		return work
	}
	work.bars = mpb.New(mpb.WithOutput(w), mpb.WithRefreshRate(200*time.Millisecond))
	work.bar = work.bars.AddBar(total,
		mpb.PrependDecorators(decor.Name(name+" "), decor.CountersNoUnit("%d / %d")),
		mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string { return strings.TrimPrefix(work.pace(s.Current), ",") })),
	)
	work.bar.SetCurrent(already)
	return work
}

// Set says how much is done; state is asked for what else there is to tell.
func (k *Work) Set(current int64, state func() string) {
	k.mu.Lock()
	k.state = state
	if k.began.IsZero() && current > k.first {
		k.began, k.first = time.Now(), current
	}
	due := k.bar == nil && time.Since(k.last) >= lineEvery
	if due {
		k.last = time.Now()
	}
	k.mu.Unlock()
	if k.bar != nil {
		k.bar.SetCurrent(current)
	}
	if due {
		fmt.Fprintf(k.w, "oint: %s: %d of %d%s\n", k.name, current, k.total, k.pace(current))
	}
}

// pace is rate, remaining time and state, each after a comma.
func (k *Work) pace(current int64) string {
	k.mu.Lock()
	state, first, seconds := k.state, k.first, time.Since(k.began).Seconds()
	k.mu.Unlock()
	text := ""
	if current > first && seconds > 0 {
		rate := float64(current-first) / seconds
		digits := 0
		if rate < 10 {
			digits = 1
		}
		text = fmt.Sprintf(", %.*f per second", digits, rate)
		if left := k.total - current; left > 0 {
			text += fmt.Sprintf(", %s left", (time.Duration(float64(left)/rate) * time.Second).Round(time.Second))
		}
	}
	if state != nil {
		if more := state(); more != "" {
			text += ", " + more
		}
	}
	return text
}

// Note prints a line beside the bar.
func (k *Work) Note(text string) {
	if k.bars != nil {
		_, _ = fmt.Fprintln(k.bars, "oint: "+text) // a bar that has ended takes nothing
		return
	}
	fmt.Fprintln(k.w, "oint: "+text)
}

// Close ends the bar, finished or not.
func (k *Work) Close() {
	if k.bars == nil {
		return
	}
	k.bar.Abort(false)
	k.bars.Wait()
}
