package render

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// between is the time between two lines of a Counter that is no bar.
const between = 10 * time.Second

// Counter shows how many of a number of things are done: a bar on a terminal,
// else a line every ten seconds.
type Counter struct {
	w     io.Writer
	what  string
	total int
	began time.Time
	bars  *mpb.Progress
	bar   *mpb.Bar
	ended chan struct{}
	lines sync.WaitGroup

	mu   sync.Mutex
	done int
}

// NewCounter begins to show on w; what names the things, e.g. "rows".
func NewCounter(w io.Writer, terminal bool, what string, total int) *Counter {
	c := &Counter{w: w, what: what, total: total, began: time.Now(), ended: make(chan struct{})}
	if !terminal {
		c.lines.Go(c.print)
		return c
	}
	c.bars = mpb.New(mpb.WithOutput(w), mpb.WithRefreshRate(200*time.Millisecond))
	c.bar = c.bars.AddBar(int64(total),
		mpb.PrependDecorators(decor.CountersNoUnit("%d / %d "+what)),
		mpb.AppendDecorators(
			decor.AverageSpeed(0, "%.0f/s", decor.WCSyncSpace),
			decor.OnComplete(decor.AverageETA(decor.ET_STYLE_GO, decor.WCSyncSpace), ""),
		),
	)
	return c
}

// Done counts one more.
func (c *Counter) Done() {
	c.mu.Lock()
	c.done++
	c.mu.Unlock()
	if c.bar != nil {
		c.bar.Increment()
	}
}

// Close ends the showing, finished or not.
func (c *Counter) Close() {
	close(c.ended)
	c.lines.Wait()
	if c.bar != nil {
		c.bar.Abort(false)
		c.bars.Wait()
	}
}

func (c *Counter) print() {
	ticker := time.NewTicker(between)
	defer ticker.Stop()
	for {
		select {
		case <-c.ended:
			return
		case <-ticker.C:
			fmt.Fprintln(c.w, c.line(time.Since(c.began)))
		}
	}
}

// line is where the counting is after some time.
func (c *Counter) line(passed time.Duration) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := fmt.Sprintf("oint: %d of %d %s", c.done, c.total, c.what)
	if rate := float64(c.done) / passed.Seconds(); c.done > 0 {
		left := time.Duration(float64(c.total-c.done) / rate * float64(time.Second))
		text += fmt.Sprintf(", %.1f per second, %s left", rate, left.Round(time.Second))
	}
	return text
}
