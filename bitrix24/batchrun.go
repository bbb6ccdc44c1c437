package bitrix24

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	// parallel is how many requests a bulk run has under way where the portal
	// sets no limit; mostParallel where it does.
	parallel, mostParallel = 8, 64
	// attemptsUnknown is how often a command may be in a request whose fate is
	// unknown, or that did not arrive.
	attemptsUnknown = 6
	// mostRefusals is how many times in a row the portal may refuse before the
	// run gives up: minutes of waiting.
	mostRefusals = 40
	// gathering is how long a run waits for the next command to be read before
	// it takes what it has as all there is for now, mostGathering how long
	// while more keep coming.
	gathering     = 10 * time.Millisecond
	mostGathering = 100 * time.Millisecond
	// meeting is how long a run waits at its beginning for other processes that
	// begin at the same time, so that they share the requests fairly.
	meeting = 25 * time.Millisecond
)

// errFailedBefore is why commands after a failed one were not sent.
var errFailedBefore = errors.New("a command before it was not done")

// batchRun is one Batch from its first command to its last outcome. Three parts
// work at once: read takes commands in, dispatch sends them, and run yields
// their outcomes in order.
type batchRun struct {
	client *Client
	cfg    batchConfig
	id     uint64
	pace   pace

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced at every change
	plan     planner
	pending  []*item   // read and not yet yielded, in order
	queue    [][]*item // segments to send, in order
	waiting  int       // commands in the queue
	bytes    int       // of the parameters of commands that have been in the queue and are not yielded
	flying   int       // requests under way
	sent     int       // requests
	refusals int       // in a row
	informed int       // requests sent before the last refusal was heard of
	room     allowance // requests under way at once
	lastRead time.Time
	ended    bool  // everything was read
	panicked any   // what the caller's commands panicked with
	fatal    error // nothing more is sent because of it
}

// request is some commands on their way.
type request struct {
	items   []*item
	number  int // in the order of sending
	beside  int // requests under way when it was sent, itself included
	allowed int // commands it could have had, where a chain did not fit
}

func newBatchRun(c *Client, cfg batchConfig) *batchRun {
	r := &batchRun{client: c, cfg: cfg, id: rand.Uint64(), changed: make(chan struct{}), pace: newPace(c.engine.cfg.call.timeout)}
	r.plan.chains = cfg.chains
	return r
}

// change runs f under the lock and wakes whoever waits.
func (r *batchRun) change(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
	close(r.changed)
	r.changed = make(chan struct{})
}

// wait blocks until ready, which it calls under the lock, or until the context
// ends or time is up (0 means no limit).
func (r *batchRun) wait(ctx context.Context, limit time.Duration, ready func() bool) bool {
	var timer <-chan time.Time
	if limit > 0 {
		t := time.NewTimer(limit)
		defer t.Stop()
		timer = t.C
	}
	for {
		r.mu.Lock()
		ok, changed := ready(), r.changed
		r.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-changed:
		case <-timer:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

func (r *batchRun) run(ctx context.Context, commands iter.Seq[Command], yield func(Outcome) bool) {
	ctx, cancel := context.WithCancel(ctx)
	stop := r.cfg.stop
	if stop == nil {
		stop = r.client.engine.cfg.call.stop
	}
	begin, release := beginning(ctx, stop)
	defer release()
	reading, leave := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() { r.read(reading, commands) })
	group.Go(func() { r.dispatch(ctx, begin, &group) })
	defer group.Wait()
	defer cancel()
	defer leave()
	for {
		var ready []*item
		r.wait(context.Background(), 0, func() bool {
			n := 0
			for n < len(r.pending) && r.pending[n].decided {
				n++
			}
			ready, r.pending = r.pending[:n:n], r.pending[n:]
			for _, it := range ready {
				r.bytes -= it.held
			}
			return n > 0 || r.ended && len(r.pending) == 0
		})
		if len(ready) == 0 {
			if r.panicked != nil {
				panic(r.panicked) // the caller's own, where the caller can recover from it
			}
			return
		}
		r.change(func() {})
		r.client.counters.commands.Add(int64(len(ready)))
		for _, it := range ready {
			if !yield(it.outcome) {
				return
			}
		}
	}
}

// read takes commands in, as many as the window holds, until the caller leaves
// the loop.
func (r *batchRun) read(reading context.Context, commands iter.Seq[Command]) {
	defer func() {
		panicked := recover()
		if reading.Err() != nil {
			return
		}
		r.change(func() {
			r.panicked = panicked
			r.ended, r.plan.ended = true, true
			r.takeSegments()
		})
	}()
	for command := range commands {
		r.change(func() {
			r.pending = append(r.pending, r.plan.add(command))
			r.lastRead = time.Now()
			r.takeSegments()
		})
		room := r.wait(reading, 0, func() bool { return len(r.pending) < r.cfg.window && r.bytes < maxBatchMemory })
		if !room || reading.Err() != nil {
			return
		}
	}
}

// takeSegments moves what the planner has ready into the queue.
func (r *batchRun) takeSegments() {
	for {
		segment := r.plan.segment()
		if segment == nil {
			return
		}
		for _, it := range segment {
			it.held = len(it.query)
			r.bytes += it.held
		}
		r.enqueue(segment, false)
	}
}

// enqueue puts the undecided commands of a segment into the queue, or decides
// them when nothing is sent any more.
func (r *batchRun) enqueue(segment []*item, first bool) {
	var open []*item
	for _, it := range segment {
		switch {
		case it.decided:
		case r.fatal != nil:
			it.decide(NotSent, r.fatal)
		default:
			open = append(open, it)
		}
	}
	if len(open) == 0 {
		return
	}
	r.waiting += len(open)
	if first {
		r.queue = append([][]*item{open}, r.queue...)
		return
	}
	r.queue = append(r.queue, open)
}

// give up decides everything that waits, now and later.
func (r *batchRun) giveUp(err error) {
	if r.fatal == nil {
		r.fatal = err
	}
	queue := r.queue
	r.queue, r.waiting = nil, 0
	for _, segment := range queue {
		for _, it := range segment {
			it.decide(NotSent, r.fatal)
		}
	}
}

// dispatch sends what waits until nothing more can come, or may begin.
func (r *batchRun) dispatch(ctx, begin context.Context, group *sync.WaitGroup) {
	limiter := r.client.limiter
	defer limiter.want(r.id, 0)
	defer func() {
		if begin.Err() != nil {
			r.change(func() { r.giveUp(ended(ctx, begin)) })
		}
	}()
	r.room = allow(mostParallel)
	switch {
	case r.cfg.halt:
		r.room = allow(1)
	case limiter.off():
		r.room = allow(parallel)
	}
	for begun := false; ; begun = true {
		done := false
		ok := r.wait(begin, 0, func() bool {
			done = r.ended && len(r.queue) == 0 && r.flying == 0
			return done || len(r.queue) > 0 && r.flying < r.room.now && !r.mustWait(r.queue[0], r.flying > 0)
		})
		if done || !ok {
			return
		}
		r.gather(begin)
		if !begun {
			r.meet(begin)
		}
		if r.pausedForOperating(begin) {
			continue
		}
		requests, err := limiter.take(begin, r.id, r.count, r.client.waiting(ctx, "batch", WaitForRequests))
		if err != nil {
			return
		}
		var next request
		r.change(func() {
			items, allowed := r.pick(min(requests, r.room.now))
			next = request{items, r.sent, r.flying, allowed}
		})
		if len(next.items) == 0 {
			continue
		}
		group.Go(func() {
			r.send(ctx, begin, next)
			r.change(func() { r.flying-- })
		})
	}
}

func (r *batchRun) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.waiting
}

// gather waits while commands are still pouring in, so that the first requests
// are not sent half empty.
func (r *batchRun) gather(ctx context.Context) {
	enough := func() bool { return r.ended || len(r.pending) >= r.cfg.window || time.Since(r.lastRead) >= gathering }
	began := time.Now()
	for !r.wait(ctx, gathering, enough) && ctx.Err() == nil && time.Since(began) < mostGathering {
	}
}

// meet tells other processes what this run has waiting, and gives them a moment
// to do the same.
func (r *batchRun) meet(ctx context.Context) {
	if r.client.limiter.lonely() {
		return
	}
	r.client.limiter.want(r.id, r.count())
	_ = sleep(ctx, meeting)
}

// pausedForOperating waits when a method at the head of the queue is near its
// operating time. It returns true when the method had none left: then others may
// have used it up again meanwhile.
func (r *batchRun) pausedForOperating(ctx context.Context) bool {
	r.mu.Lock()
	methods := map[string]bool{"batch": true} // whose time is used up where a whole request is refused for it
	if r.client.engine.cfg.billing != BillBatch {
		seen := 0
		for _, segment := range r.queue {
			for _, it := range segment {
				methods[it.Method] = true
				seen++
			}
			if seen >= maxBatch {
				break
			}
		}
	}
	r.mu.Unlock()
	for method := range methods {
		if wait := r.client.operating.wait(method, time.Now()); wait > 0 {
			r.client.waiting(ctx, method, WaitForOperating)(wait)
			_ = sleep(ctx, wait)
			return wait > slowest
		}
	}
	return false
}

// mustWait tells whether a segment has to wait for requests under way: for the
// first of its method, or because those of this run may use up the method's time.
func (r *batchRun) mustWait(segment []*item, underway bool) bool {
	now := time.Now()
	for _, it := range segment {
		if r.pace.probing(it) || underway && r.client.operating.full(r.billed(it), now) {
			return true
		}
	}
	return false
}

// landed takes back what was expected of the commands of a request that is over.
func (r *batchRun) landed(items []*item) {
	for _, it := range items {
		r.client.operating.end(r.billed(it), it.expected)
		it.expected = 0
	}
}

// pick takes the commands of the next request from the queue: as many as spread
// what waits over the requests that may be sent now, and as few as the portal
// can carry out well within its time. Where it has fewer because a chain did not
// fit, it also returns how many were allowed.
func (r *batchRun) pick(requests int) (items []*item, allowed int) {
	width := min(max((r.waiting+requests-1)/requests, 1), r.cfg.width)
	if r.cfg.full {
		width = r.cfg.width
	}
	size := 0
	for len(r.queue) > 0 {
		segment := r.queue[0]
		for _, it := range segment {
			size += len(it.query)
		}
		paced := r.pace.width(append(items, segment...))
		limit := min(width, paced)
		if len(items) > 0 && (len(items)+len(segment) > limit || size > maxBatchBytes || r.mustWait(segment, true)) {
			if paced <= width && len(items)+len(segment) > paced {
				allowed = paced
			}
			break
		}
		items = append(items, segment...)
		for _, it := range segment {
			it.expected = r.pace.of(it.Method).each
			r.client.operating.begin(r.billed(it), it.expected)
		}
		r.queue = r.queue[1:]
		r.waiting -= len(segment)
	}
	if len(items) > 0 {
		r.pace.begin(items)
		r.flying++
		r.sent++
	}
	return items, allowed
}
