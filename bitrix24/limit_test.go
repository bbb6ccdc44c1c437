package bitrix24

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// leakyBucket is the portal's side, as the documentation describes it
// (https://apidocs.bitrix24.com/limits.html).
type leakyBucket struct {
	limits Limits
	level  float64
	at     time.Time
}

func (b *leakyBucket) request(now time.Time) (accepted bool) {
	b.level = max(0, b.level-now.Sub(b.at).Seconds()*b.limits.PerSecond)
	b.at = now
	if b.level+1 > b.limits.Burst {
		return false
	}
	b.level++
	return true
}

// TestLimitIsNeverExceeded lets single calls and bulk runs of several processes
// share a bucket, in any order and pace: the portal refuses none of them.
func TestLimitIsNeverExceeded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limits := Limits{Burst: float64(rapid.IntRange(2, 250).Draw(t, "burst")), PerSecond: float64(rapid.IntRange(1, 200).Draw(t, "tenths")) / 10}
		start := time.Unix(1_800_000_000, 0)
		state, portal := LimitState{}, leakyBucket{limits: limits, at: start}
		now, sent := start, []time.Time{}
		for _, step := range rapid.SliceOfN(rapid.IntRange(0, 3000), 1, 400).Draw(t, "steps") {
			now = now.Add(time.Duration(step/3) * time.Millisecond)
			if step%3 == 0 {
				if state.take(limits, now) <= 0 {
					sent = append(sent, now)
				}
				continue
			}
			sent = append(sent, now.Add(state.book(limits, now)))
		}
		slices.SortFunc(sent, time.Time.Compare)
		for i, at := range sent {
			if !portal.request(at) {
				t.Fatalf("request %d of %d, after %s, was refused", i+1, len(sent), at.Sub(start))
			}
		}
	})
}

// TestLimitIsUsed lets a bulk run have nearly all that the portal gives.
func TestLimitIsUsed(t *testing.T) {
	t.Parallel()
	state, now := LimitState{}, time.Unix(1_800_000_000, 0)
	end, sent := now.Add(time.Minute), 0
	for now.Before(end) {
		if wait := state.take(StandardLimits, now); wait > 0 {
			now = now.Add(wait)
			continue
		}
		sent++
	}
	// 50 at once and 2 per second make 170 in a minute; the reserve and the
	// slack stay free.
	if sent < 167 || sent > 169 {
		t.Errorf("%d requests in a minute", sent)
	}
}

// TestSmallestLimits lets a bulk run go on with the smallest bucket there may be.
func TestSmallestLimits(t *testing.T) {
	t.Parallel()
	for _, burst := range []float64{2, 2.1, 2.2, 3} {
		limits, state, now := Limits{Burst: burst, PerSecond: 1}, LimitState{}, time.Unix(1_800_000_000, 0)
		for n := range 5 {
			now = now.Add(state.take(limits, now))
			if wait := state.take(limits, now); wait > 2*time.Second {
				t.Errorf("burst %g: request %d waits %s", burst, n, wait)
			}
			now = now.Add(2 * time.Second)
			if wait := state.take(limits, now); wait > 0 {
				t.Errorf("burst %g: request %d waits %s after two seconds", burst, n, wait)
			}
			now = now.Add(2 * time.Second)
		}
	}
}

// TestSingleCallBesideBulkRun finds a request free although a bulk run takes all
// it can get.
func TestSingleCallBesideBulkRun(t *testing.T) {
	t.Parallel()
	state, now := LimitState{}, time.Unix(1_800_000_000, 0)
	for state.take(StandardLimits, now) <= 0 {
	}
	if wait := state.book(StandardLimits, now); wait != 0 {
		t.Errorf("the first call waits %s", wait)
	}
	// The next one takes a place of its own in time, ahead of the bulk run.
	if wait := state.book(StandardLimits, now); wait <= 0 || wait > time.Second {
		t.Errorf("the second call waits %s", wait)
	}
	if wait := state.take(StandardLimits, now); wait <= time.Second {
		t.Errorf("the bulk run waits %s", wait)
	}
}

// TestRefusalIsNoStampede spreads those who wait after a refusal, lets every
// further refusal cost more time, and recovers.
func TestRefusalIsNoStampede(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	state := LimitState{}
	state.drain(StandardLimits, now)
	var pauses []time.Duration
	for range 12 {
		state.refused(StandardLimits, now)
		pauses = append(pauses, state.NotBefore.Sub(now))
		// Those that were under way together cost nothing more.
		state.refused(StandardLimits, now)
		if again := state.NotBefore.Sub(now); again != pauses[len(pauses)-1] {
			t.Errorf("a refusal beside another costs %s", again)
		}
		now = state.NotBefore
	}
	for i, pause := range pauses {
		full := min(500*time.Millisecond<<min(i, 9), longestPenalty)
		if pause < full/2 || pause > full {
			t.Errorf("refusal %d costs %s, not %s to %s", i+1, pause, full/2, full)
		}
	}
	state = LimitState{}
	state.refused(StandardLimits, now)
	var waits []time.Duration
	for range 20 {
		waits = append(waits, state.book(StandardLimits, now))
	}
	for i := 1; i < len(waits); i++ {
		if gap := waits[i] - waits[i-1]; gap != 500*time.Millisecond {
			t.Errorf("waiter %d comes %s after the one before", i, gap)
		}
	}
	now = now.Add(time.Minute)
	if wait := state.take(StandardLimits, now); wait > 0 {
		t.Errorf("a minute later there is a wait of %s", wait)
	}
}

// TestStateOfAnotherClock is written by a process whose clock was wrong, or by
// nobody.
func TestStateOfAnotherClock(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	for name, state := range map[string]LimitState{
		"ahead":      {Level: 49, At: now.Add(time.Hour), NotBefore: now.Add(time.Hour), Demands: []Demand{{ID: 1, Commands: 1e6, Until: now.Add(time.Hour)}}},
		"long ago":   {Level: 49, At: now.Add(-24 * time.Hour)},
		"enormous":   {Level: 1e300, At: now},
		"not a time": {Level: 3},
		"negative":   {Level: -1e300, Refusals: -7, At: now.Add(time.Hour), Demands: []Demand{{ID: 1, Commands: -5, Until: now.Add(time.Second)}}},
		"too many":   {Level: 3, Refusals: math.MaxInt, At: now},
	} {
		waited := state.book(StandardLimits, now)
		if limit := time.Duration(100*StandardLimits.Burst/StandardLimits.PerSecond) * time.Second; waited < 0 || waited > limit {
			t.Errorf("%s: waits %s", name, waited)
		}
		if len(state.Demands) > 0 {
			t.Errorf("%s: demands of another hour count: %v", name, state.Demands)
		}
		if state.Level < 1 {
			t.Errorf("%s: the level is %g", name, state.Level)
		}
		state.refused(StandardLimits, now)
		if penalty := state.NotBefore.Sub(now); penalty <= 0 || penalty > longestPenalty {
			t.Errorf("%s: a refusal costs %s", name, penalty)
		}
	}
}

// TestShares divides the requests of bulk runs by what they have waiting.
func TestShares(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	state := LimitState{}
	if got := state.want(1, 1500, now); got != 1 {
		t.Errorf("alone: %g", got)
	}
	if got := state.want(2, 500, now); got != 0.25 {
		t.Errorf("beside three times as much: %g", got)
	}
	if got := state.want(1, 500, now); got != 0.5 {
		t.Errorf("beside as much: %g", got)
	}
	if got := state.want(2, 0, now); got != 0 || len(state.Demands) != 1 {
		t.Errorf("at its end: %g, %v", got, state.Demands)
	}
	// A run that was killed is forgotten.
	state.drain(StandardLimits, now.Add(demandLife))
	if got := state.want(3, 1, now.Add(demandLife)); got != 1 {
		t.Errorf("after a killed one: %g", got)
	}
}

func TestWrongLimits(t *testing.T) {
	t.Parallel()
	for _, l := range []Limits{{-1, 2}, {50, -2}, {1, 2}, {50, 0}, {math.NaN(), 2}, {50, math.Inf(1)}, {1.5, 1}, {50, 1e-12}} {
		_, err := New("https://b24-xxxxxx.example/rest/1/code/", WithLimits(l))
		var config *ConfigError
		if !errors.As(err, &config) || config.Setting != "limits" {
			t.Errorf("%+v: %v", l, err)
		}
	}
	for _, l := range []Limits{NoLimits, StandardLimits, EnterpriseLimits, {2, 0.001}} {
		if _, err := New("https://b24-xxxxxx.example/rest/1/code/", WithLimits(l)); err != nil {
			t.Errorf("%+v: %v", l, err)
		}
	}
	if _, err := New("https://b24-xxxxxx.example/rest/1/code/", WithOperatingLimit(-time.Second)); err == nil {
		t.Error("a negative operating limit")
	}
}

// TestBookedInTime sends sixty calls at once: fifty go, the others follow at the
// portal's pace, and one that gives up leaves its place to the next.
func TestBookedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &limiter{limits: StandardLimits}
		l.store = &l.own
		begun := time.Now()
		var mu sync.Mutex
		var went []time.Duration
		var all sync.WaitGroup
		for range 60 {
			all.Go(func() {
				if err := l.book(t.Context(), func(time.Duration) {}); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				went = append(went, time.Since(begun))
			})
		}
		all.Wait()
		slices.Sort(went)
		if went[48] != 0 || went[59] < 5*time.Second || went[59] > 6*time.Second {
			t.Errorf("they went after %v", went[48:])
		}
		// The bucket is full: this one would wait half a second, and does not.
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		level := l.own.state.Level
		if err := l.book(ctx, func(time.Duration) {}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("gave up with %v", err)
		}
		if got := l.own.state.Level; got > level {
			t.Errorf("the place was kept: %g after %g", got, level)
		}
	})
}

// TestWaitersComeLaterAfterRefusal lets those who were waiting when the portal
// refused come later, and as far apart as before.
func TestWaitersComeLaterAfterRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &limiter{limits: StandardLimits}
		l.store = &l.own
		l.own.state = LimitState{Level: 49.8, At: time.Now()}
		var mu sync.Mutex
		var went []time.Time
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := l.book(t.Context(), func(time.Duration) {}); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				went = append(went, time.Now())
			})
		}
		synctest.Wait()
		l.own.state.Refusals = 4 // the next one costs four to eight seconds
		l.learn(true)
		notBefore := l.own.state.NotBefore
		all.Wait()
		slices.SortFunc(went, time.Time.Compare)
		for i, at := range went {
			if at.Before(notBefore) {
				t.Errorf("call %d came %s too early", i, notBefore.Sub(at))
			}
			if i > 0 && at.Sub(went[i-1]) < 400*time.Millisecond {
				t.Errorf("call %d came %s after the one before", i, at.Sub(went[i-1]))
			}
		}
	})
}

// failingStore is a store whose folder went away.
type failingStore struct{}

func (failingStore) Update(string, func(*LimitState)) error { return errors.New("no folder") }

// TestStoreThatFails leaves the client with a bucket of its own.
func TestStoreThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &limiter{limits: StandardLimits, store: failingStore{}}
		begun := time.Now()
		for range 52 {
			if err := l.book(t.Context(), func(time.Duration) {}); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begun); took < time.Second || took > 2*time.Second {
			t.Errorf("52 calls took %s", took)
		}
	})
}

// BenchmarkBookkeeping is what limit, operating time and counters cost a call.
func BenchmarkBookkeeping(b *testing.B) {
	c, err := New("https://b24-xxxxxx.example/rest/1/code/", WithLimits(Limits{Burst: 1e9, PerSecond: 1e9}))
	if err != nil {
		b.Fatal(err)
	}
	out := &outgoing{method: "user.update", client: c, url: c.addr.url}
	in := &incoming{}
	in.envelope.Time = Time{Operating: 1, OperatingResetAt: float64(time.Now().Add(time.Minute).Unix())}
	b.ReportAllocs()
	for b.Loop() {
		if err := out.admit(b.Context()); err != nil {
			b.Fatal(err)
		}
		out.count(func(c *counters) { c.requests.Add(1) })
		out.learn(b.Context(), in, nil)
	}
}
