package bitrix24

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Limits are the numbers of a portal's leaky bucket
// (https://apidocs.bitrix24.com/limits.html). The portal counts requests per
// portal and source address; a batch is one request.
type Limits struct {
	Burst     float64 // requests that the bucket holds; 0 means no limit
	PerSecond float64 // requests that drain from it in a second
}

// The limits of the plans.
var (
	StandardLimits   = Limits{Burst: 50, PerSecond: 2} // every cloud plan but Enterprise
	EnterpriseLimits = Limits{Burst: 250, PerSecond: 5}
	NoLimits         = Limits{} // self-hosted portals, unless an administrator set some
)

func (l Limits) check() error {
	for _, n := range []float64{l.Burst, l.PerSecond} {
		if n < 0 || math.IsNaN(n) || math.IsInf(n, 0) {
			return configErrorf("limits", "%v requests at once and %v per second: both must be positive", l.Burst, l.PerSecond)
		}
	}
	if l.Burst == 0 {
		return nil
	}
	if l.Burst < 2 || l.PerSecond < slowestLimit {
		return configErrorf("limits", "%v requests at once and %v per second: at least 2 at once and %v per second are needed", l.Burst, l.PerSecond, slowestLimit)
	}
	return nil
}

// WithLimits sets the limits of the portal; the default is StandardLimits. That
// of operating time is apart: WithOperatingLimit.
func WithLimits(l Limits) Option {
	return option(func(c *config) error {
		c.limits = l
		return l.check()
	})
}

// WithLimitStore shares the bucket with whoever uses the same store, e.g. all
// processes of a machine (package shared). Without it a client has a bucket of
// its own.
func WithLimitStore(s LimitStore) Option {
	return option(func(c *config) error {
		c.limitStore = s
		return nil
	})
}

// LimitStore keeps the state of buckets, one for each portal.
type LimitStore interface {
	// Update calls change with the state of a portal while nobody else can, and
	// keeps what it leaves. A portal not seen before has the zero state.
	Update(portal string, change func(*LimitState)) error
}

// LimitState is what is known of a portal's bucket. Its fields are for stores to
// keep.
type LimitState struct {
	Level     float64   `json:"level"`             // requests in the bucket, those booked ahead included
	At        time.Time `json:"at"`                // when that was so
	Refusals  int       `json:"refusals"`          // in a row
	NotBefore time.Time `json:"notBefore"`         // after a refusal: nothing is sent until then
	Demands   []Demand  `json:"demands,omitempty"` // the bulk runs that wait for requests
	// Held is all the time that refusals have cost, so that those who were
	// waiting already come later by as much.
	Held time.Duration `json:"held,omitempty"`
}

// Demand is one bulk run that wants requests.
type Demand struct {
	ID       uint64    `json:"id"`
	Commands int       `json:"commands"` // waiting to be sent
	Until    time.Time `json:"until"`    // a run that ended without a word is forgotten then
}

const (
	// bulkReserve is what bulk runs leave in the bucket, so that a single call
	// beside them need not wait.
	bulkReserve = 1
	// slack is left free by everybody: requests arrive at the portal a little
	// closer together than they were sent.
	slack = 0.2
	// demandLife is how long a demand counts without being renewed.
	demandLife = 5 * time.Second
	// longestPenalty bounds the wait after refusals, mostRefused how many of
	// them count.
	longestPenalty = 16 * time.Second
	mostRefused    = 10
	// slowestLimit is the least that a bucket may drain in a second; with less
	// the waits would be longer than a duration can be.
	slowestLimit = 0.001
)

// drain brings the state to now. A clock that was set back counts as no time,
// and so does the time after a refusal in which nothing is sent: how full the
// bucket really was is not known. Numbers that no client writes are put right.
func (s *LimitState) drain(l Limits, now time.Time) {
	if s.NotBefore.Sub(now) > longestPenalty {
		s.NotBefore = now // written by a clock that was ahead
	}
	from := s.At
	if s.NotBefore.After(from) {
		from = s.NotBefore
	}
	if passed := now.Sub(from); passed > 0 {
		s.Level -= min(passed.Seconds(), 1e9) * l.PerSecond
	}
	s.Level = min(max(0, s.Level), 100*l.Burst)
	s.Refusals = min(max(0, s.Refusals), mostRefused)
	if s.Level == 0 {
		s.Refusals = 0 // of a process that never heard an answer again
	}
	s.At = now
	s.Demands = slices.DeleteFunc(s.Demands, func(d Demand) bool {
		return d.Commands < 1 || !d.Until.After(now) || d.Until.Sub(now) > 2*demandLife
	})
}

// book takes a request for a single call, now or ahead of time, and returns how
// long to wait for it.
func (s *LimitState) book(l Limits, now time.Time) time.Duration {
	s.drain(l, now)
	s.Level++
	return s.until(l, now, s.Level-(l.Burst-slack))
}

// until returns how long it takes until so many requests have drained.
func (s *LimitState) until(l Limits, now time.Time, requests float64) time.Duration {
	held := max(0, s.NotBefore.Sub(now))
	return max(held, held+time.Duration(requests/l.PerSecond*float64(time.Second)))
}

// unbook gives back a request that was not sent.
func (s *LimitState) unbook(l Limits, now time.Time) {
	s.drain(l, now)
	s.Level = max(0, s.Level-1)
}

// take takes a request for a bulk run if there is one beyond the reserve, else
// it returns how long to wait before asking again.
func (s *LimitState) take(l Limits, now time.Time) (wait time.Duration) {
	s.drain(l, now)
	if wait = s.until(l, now, s.Level+1-l.bulk()); wait > 0 {
		return wait
	}
	s.Level++
	return 0
}

// free returns how many requests a bulk run may send at once.
func (s *LimitState) free(l Limits) int {
	return max(0, int(l.bulk()-s.Level))
}

// bulk is how full bulk runs may make the bucket. The smallest bucket has no
// room for a reserve.
func (l Limits) bulk() float64 { return max(1, l.Burst-slack-bulkReserve) }

// refused fills the bucket, since the portal says it is, and lets more time pass
// after every refusal in a row. A request that is refused while nothing is sent
// was under way before: it tells nothing new.
func (s *LimitState) refused(l Limits, now time.Time) {
	s.drain(l, now)
	s.Level = max(s.Level, l.Burst)
	if s.NotBefore.After(now) {
		return
	}
	pause := min(time.Duration(float64(time.Second)/l.PerSecond), longestPenalty)
	for range s.Refusals {
		pause = min(2*pause, longestPenalty)
	}
	s.Refusals = min(s.Refusals+1, mostRefused)
	pause = pause/2 + rand.N(pause/2+1)
	s.NotBefore = now.Add(pause)
	s.Held += pause
}

// want notes how much a bulk run has waiting, and returns its share of what all
// runs want, from 0 to 1.
func (s *LimitState) want(id uint64, commands int, now time.Time) float64 {
	s.Demands = slices.DeleteFunc(s.Demands, func(d Demand) bool { return d.ID == id })
	if commands == 0 {
		return 0
	}
	s.Demands = append(s.Demands, Demand{ID: id, Commands: commands, Until: now.Add(demandLife)})
	total := 0
	for _, d := range s.Demands {
		total += d.Commands
	}
	return float64(commands) / float64(total)
}

// memoryStore is the bucket of one client.
type memoryStore struct {
	mu    sync.Mutex
	state LimitState
}

func (m *memoryStore) Update(_ string, change func(*LimitState)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(&m.state)
	return nil
}

// limiter holds the requests of a client to the limits of its portal.
type limiter struct {
	limits Limits
	store  LimitStore
	own    memoryStore // takes over when the store fails
	portal string
	// troubled is set between a refusal and the next answer, so that the usual
	// answer costs nothing.
	troubled atomic.Bool
}

func newLimiter(cfg *config, portal string) *limiter {
	l := &limiter{limits: cfg.limits, store: cfg.limitStore, portal: portal}
	if l.store == nil {
		l.store = &l.own
	}
	return l
}

func (l *limiter) off() bool { return l.limits.Burst == 0 }

// lonely tells that nobody else can use the bucket.
func (l *limiter) lonely() bool { return l.off() || l.store == LimitStore(&l.own) }

func (l *limiter) update(change func(*LimitState)) {
	if l.store.Update(l.portal, change) != nil {
		// A bucket that cannot be shared must not stop the work.
		_ = l.own.Update(l.portal, change)
	}
}

// book waits for the request of a single call; waiting hears how long.
func (l *limiter) book(ctx context.Context, waiting func(time.Duration)) error {
	if l.off() {
		return nil
	}
	var wait, held time.Duration
	l.update(func(s *LimitState) { wait, held = s.book(l.limits, time.Now()), s.Held })
	for wait > 0 {
		waiting(wait)
		if err := sleep(ctx, wait); err != nil {
			l.update(func(s *LimitState) { s.unbook(l.limits, time.Now()) })
			return err
		}
		// A refusal meanwhile puts all who wait off by the same time, so that
		// they do not come together.
		l.update(func(s *LimitState) { wait, held = s.Held-held, s.Held })
	}
	return nil
}

// take waits for a request of a bulk run that has commands waiting, and returns
// how many requests the run may send at once, this one included.
func (l *limiter) take(ctx context.Context, run uint64, commands func() int, waiting func(time.Duration)) (requests int, err error) {
	if l.off() {
		return parallel, ctx.Err()
	}
	for {
		var wait time.Duration
		l.update(func(s *LimitState) {
			now := time.Now()
			s.drain(l.limits, now)
			share := s.want(run, commands(), now)
			requests = max(1, int(float64(s.free(l.limits))*share))
			wait = s.take(l.limits, now)
		})
		if wait <= 0 {
			return requests, ctx.Err()
		}
		waiting(wait)
		if err := sleep(ctx, wait); err != nil {
			return 0, err
		}
	}
}

// want tells other runs how much this one has waiting; 0 ends it.
func (l *limiter) want(run uint64, commands int) {
	if l.lonely() {
		return
	}
	l.update(func(s *LimitState) { s.want(run, commands, time.Now()) })
}

// learn takes note of how the portal answered.
func (l *limiter) learn(refused bool) {
	switch {
	case l.off():
	case refused:
		l.troubled.Store(true)
		l.update(func(s *LimitState) { s.refused(l.limits, time.Now()) })
	case l.troubled.CompareAndSwap(true, false):
		l.update(func(s *LimitState) { s.Refusals = 0 })
	}
}

// Free returns how many requests could be sent now without a wait; false where
// the portal has no limit.
func (c *Client) Free() (requests int, limited bool) {
	l := c.limiter
	if l.off() {
		return 0, false
	}
	l.update(func(s *LimitState) {
		s.drain(l.limits, time.Now())
		requests = max(0, int(l.limits.Burst-slack-s.Level))
	})
	return requests, true
}
