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
type pace struct{ methods map[string]*methodPace }

type methodPace struct {
	each    time.Duration // of one command; 0 when not known yet
	width   int           // most commands, after requests that took too long
	probing bool          // the first request is under way
}

func (p *pace) of(method string) *methodPace {
	m := p.methods[method]
	if m == nil {
		if p.methods == nil {
			p.methods = map[string]*methodPace{}
		}
		m = &methodPace{width: maxBatch}
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
		width = min(width, m.width)
		switch {
		case m.each > 0:
			width = min(width, max(1, int(batchTime/m.each)))
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

// failed halves the width of the methods of a request without an answer.
func (p *pace) failed(items []*item) {
	for _, it := range items {
		m := p.of(it.Method)
		m.probing = false
		m.width = max(1, min(m.width, (len(items)+1)/2))
	}
}

// release lets others go on after a request that told nothing.
func (p *pace) release(items []*item) {
	for _, it := range items {
		p.of(it.Method).probing = false
	}
}
