package bitrix24

import "time"

const (
	// batchTime is how long a batch may take: the portal ends a request after
	// 60 seconds, and commands are not all alike.
	batchTime = 20 * time.Second
	// probeWidth is the width of the first batch of a method whose commands
	// must not be lost to a time-out.
	probeWidth = 5
)

// pace knows how long the commands of each method take. The run's lock guards
// it.
type pace struct {
	budget  time.Duration // how long a request should take at most
	methods map[string]*methodPace
}

// newPace makes one for requests that have the given time, 0 for any.
func newPace(timeout time.Duration) pace {
	p := pace{budget: batchTime, methods: map[string]*methodPace{}}
	if timeout > 0 {
		p.budget = min(p.budget, timeout/3)
	}
	return p
}

type methodPace struct {
	each    time.Duration // of one command; 0 when not known yet
	width   allowance     // commands of a request
	probing bool          // the first request is under way
}

func (p *pace) of(method string) *methodPace {
	m := p.methods[method]
	if m == nil {
		m = &methodPace{width: allow(maxBatch)}
		p.methods[method] = m
	}
	return m
}

// probing tells whether a command has to wait for the first request of its
// method.
func (p *pace) probing(it *item) bool { return it.Replay == Once && p.of(it.Method).probing }

// width returns how many commands a request with these may have.
func (p *pace) width(items []*item) int {
	width := maxBatch
	for _, it := range items {
		m := p.of(it.Method)
		// One that fails again and again ends alone, not among others.
		width = min(width, m.width.now, max(1, maxBatch>>it.suspect))
		switch {
		case m.each > 0:
			width = min(width, max(1, int(p.budget/m.each)))
		case it.Replay == Once:
			width = min(width, probeWidth)
		}
	}
	return width
}

func (p *pace) begin(items []*item) {
	for _, it := range items {
		if m := p.of(it.Method); it.Replay == Once && m.each == 0 {
			m.probing = true
		}
	}
}

// learn takes the time of a command from the answer; one that took longer than
// those before counts at once, a shorter one slowly.
func (p *pace) learn(method string, took time.Duration) {
	m := p.of(method)
	m.probing = false
	took = max(took, time.Millisecond)
	if m.each == 0 || took > m.each {
		m.each = took
		return
	}
	m.each += (took - m.each) / 16
}

// answered widens the requests again that failed ones had narrowed, when they had
// all the commands that are allowed, or no chain more fitted into that. What must
// not be lost is risked step by step.
func (p *pace) answered(items []*item, allowed int) {
	for m, once := range p.concerned(items) {
		step := max(1, m.width.now/4)
		if once {
			step = 1
		}
		m.width.answered(max(len(items), allowed), step)
	}
}

// failed halves the width of the methods of a request without an answer.
func (p *pace) failed(items []*item, number, sent int) {
	for m := range p.concerned(items) {
		m.probing = false
		m.width.failed(number, sent, len(items))
	}
}

// concerned returns the methods of commands, and which of them have one that must
// not be sent again.
func (p *pace) concerned(items []*item) map[*methodPace]bool {
	methods := map[*methodPace]bool{}
	for _, it := range items {
		m := p.of(it.Method)
		methods[m] = methods[m] || it.Replay == Once
	}
	return methods
}

// release lets others go on after a request that told nothing.
func (p *pace) release(items []*item) {
	for _, it := range items {
		p.of(it.Method).probing = false
	}
}
