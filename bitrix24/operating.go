package bitrix24

import (
	"math"
	"strings"
	"sync"
	"time"
)

// DefaultOperatingLimit is how long a method may work in ten minutes in the
// cloud (https://apidocs.bitrix24.com/limits.html); the portal's own number is
// a setting that it does not tell.
const DefaultOperatingLimit = 480 * time.Second

const (
	// From here on calls of a method are slowed down, from there they wait.
	slowFrom, waitFrom = 0.8, 0.95
	// slowest is the longest pause before a call of a method near its limit.
	slowest = 3 * time.Second
	// longestReset is as far ahead as a reset can lie: ten baskets of a minute.
	longestReset = 11 * time.Minute
	// unknownReset is the wait after a refusal that does not say until when.
	unknownReset = 30 * time.Second
)

// WithOperatingLimit sets how long a method may work in ten minutes; the default
// is DefaultOperatingLimit, 0 turns the care for it off.
func WithOperatingLimit(d time.Duration) Option {
	return option(func(c *config) error {
		if d < 0 {
			return configErrorf("operating limit", "%v is negative", d)
		}
		c.operatingLimit = d
		return nil
	})
}

// operating follows the time that each method has used, from the answers. Resets
// are kept in the portal's time: clocks of machines differ by minutes and more.
type operating struct {
	limit    time.Duration
	mu       sync.Mutex
	ahead    time.Duration // how far this clock is ahead of the portal's
	compared bool          // whether that is known
	methods  map[string]usage
	underway map[string]time.Duration // what the commands of bulk runs will use, as far as one can tell
}

type usage struct {
	used  time.Duration
	reset time.Time // when the oldest part drops out
}

// note keeps what an answer says about a method. An answer that says nothing
// leaves what is known, and so does one that was overtaken by a later one: until
// the reset the sum only grows.
func (o *operating) note(method string, t Time, now time.Time) {
	if t.Operating <= 0 || o.limit == 0 {
		return
	}
	reset, now := t.ResetAt(), o.portalTime(now, t.Finish)
	if reset.Sub(now) > longestReset {
		reset = now.Add(longestReset)
	}
	o.set(method, usage{used: time.Duration(t.Operating * float64(time.Second)), reset: reset})
}

// portalTime is a time by the portal's clock. An answer that has just been read
// was finished a little earlier, one in a batch up to a minute: the one that came
// the fastest tells best how far the clocks are apart.
func (o *operating) portalTime(now time.Time, finished float64) time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	if finished > 0 && finished < 1<<40 {
		sec, frac := math.Modf(finished)
		ahead := now.Sub(time.Unix(int64(sec), int64(frac*1e9)))
		if !o.compared || ahead < o.ahead {
			o.ahead, o.compared = ahead, true
		}
	}
	return now.Add(-o.ahead)
}

// refused notes that the portal refuses a method for having used its time.
func (o *operating) refused(method string, now time.Time) {
	now = o.portalTime(now, 0)
	o.mu.Lock()
	reset := o.methods[strings.ToLower(method)].reset
	o.mu.Unlock()
	if !reset.After(now) {
		reset = now.Add(unknownReset)
	}
	o.set(method, usage{used: max(o.limit, time.Second), reset: reset})
}

func (o *operating) set(method string, u usage) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.methods == nil {
		o.methods = map[string]usage{}
	}
	method = strings.ToLower(method)
	switch known := o.methods[method]; {
	case known.reset.After(u.reset):
		return
	case known.reset.Equal(u.reset):
		u.used = max(u.used, known.used)
	}
	o.methods[method] = u
}

// begin counts what a command under way will use of a method's time, end takes it
// back.
func (o *operating) begin(method string, d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.underway == nil {
		o.underway = map[string]time.Duration{}
	}
	o.underway[strings.ToLower(method)] += d
}

func (o *operating) end(method string, d time.Duration) { o.begin(method, -d) }

// full tells whether what is under way may already use a method's time up, so
// that its answers should be awaited.
func (o *operating) full(method string, now time.Time) bool {
	now = o.portalTime(now, 0)
	o.mu.Lock()
	defer o.mu.Unlock()
	under := o.underway[strings.ToLower(method)]
	if o.limit == 0 || under <= 0 {
		return false
	}
	if u := o.methods[strings.ToLower(method)]; u.reset.After(now) {
		under += u.used
	}
	return float64(under) >= waitFrom*float64(o.limit)
}

// wait returns how long a call of a method should wait. Once the reset has
// passed nothing is known any more, and the next answer tells: a counter that
// only grows cannot block for ever.
func (o *operating) wait(method string, now time.Time) time.Duration {
	now = o.portalTime(now, 0)
	o.mu.Lock()
	defer o.mu.Unlock()
	u, known := o.methods[strings.ToLower(method)]
	if !known {
		return 0
	}
	left := u.reset.Sub(now)
	if left <= 0 {
		delete(o.methods, strings.ToLower(method))
		return 0
	}
	limit := max(o.limit, time.Second)
	share := float64(u.used) / float64(limit)
	switch {
	case share >= waitFrom:
		return left + time.Second
	case share >= slowFrom:
		return min(slowest, left, time.Duration((share-slowFrom)/(waitFrom-slowFrom)*float64(slowest)))
	}
	return 0
}
