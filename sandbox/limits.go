package sandbox

import (
	"sync"
	"time"
)

// bucket is the leaky bucket of a portal: every request from an address adds
// one, and it drains at a steady rate
// (https://apidocs.bitrix24.com/limits.html).
type bucket struct {
	limits Limits
	mu     sync.Mutex
	levels map[string]level
}

type level struct {
	filled float64
	at     time.Time
}

// take lets a request in, or not when the bucket would run over.
func (b *bucket) take(source string, now time.Time) bool {
	if b.limits.Burst == 0 {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.levels == nil {
		b.levels = map[string]level{}
	}
	l := b.levels[source]
	l.filled = max(0, l.filled-now.Sub(l.at).Seconds()*b.limits.PerSecond)
	l.at = now
	ok := l.filled+1 <= b.limits.Burst
	if ok {
		l.filled++
	}
	b.levels[source] = l
	return ok
}

// fill returns how full the bucket of a source is, from 0 to 1.
func (b *bucket) fill(source string, now time.Time) float64 {
	if b.limits.Burst == 0 {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.levels[source]
	return max(0, l.filled-now.Sub(l.at).Seconds()*b.limits.PerSecond) / b.limits.Burst
}

// operating adds up the time that a method uses for one webhook or application:
// ten baskets of a minute each, dropped when they are ten minutes old.
type operating struct {
	limit time.Duration
	mu    sync.Mutex
	used  map[string]*usage
}

const (
	basketTime = time.Minute
	baskets    = 10
)

type usage struct{ baskets []basket }

type basket struct {
	minute int64
	first  time.Time // of the calls in it
	used   time.Duration
}

// drop forgets the baskets that are too old.
func (u *usage) drop(now time.Time) {
	oldest := now.Add(-baskets*basketTime).Unix() / 60
	for len(u.baskets) > 0 && u.baskets[0].minute <= oldest {
		u.baskets = u.baskets[1:]
	}
}

func (u *usage) sum() (total time.Duration) {
	for _, b := range u.baskets {
		total += b.used
	}
	return total
}

// allowed tells whether a call may begin. The call that crosses the limit still
// finishes.
func (o *operating) allowed(key string, now time.Time) bool {
	if o.limit == 0 {
		return true
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	u := o.used[key]
	if u == nil {
		return true
	}
	u.drop(now)
	return u.sum() < o.limit
}

// add counts the time of a call and returns the sum and when the oldest basket
// drops out.
func (o *operating) add(key string, began time.Time, took time.Duration) (sum time.Duration, reset time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.used == nil {
		o.used = map[string]*usage{}
	}
	u := o.used[key]
	if u == nil {
		u = &usage{}
		o.used[key] = u
	}
	u.drop(began)
	minute := began.Unix() / 60
	if n := len(u.baskets); n == 0 || u.baskets[n-1].minute < minute {
		u.baskets = append(u.baskets, basket{minute: minute, first: began})
	}
	u.baskets[len(u.baskets)-1].used += took
	return u.sum(), u.baskets[0].first.Add(baskets * basketTime)
}
