package sandbox

import (
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
	"sync"
)

// FaultCount is a fault and how often it has happened.
type FaultCount struct {
	Fault    Fault `json:"fault"`
	Happened int   `json:"happened"`
}

// faults decides what goes wrong.
type faults struct {
	mu   sync.Mutex
	list []plannedFault
}

// plannedFault is a fault and its past.
type plannedFault struct {
	Fault
	pattern        string
	random         *rand.Rand
	seen, happened int
}

// SetFaults replaces the faults and starts their counts anew. It may be called
// while the portal serves; a fault that cannot happen is refused, and the old
// ones stay.
func (s *Sandbox) SetFaults(faults ...Fault) error {
	if err := checkFaults(faults); err != nil {
		return fmt.Errorf("set faults: %w", err)
	}
	list := make([]plannedFault, len(faults))
	for i, f := range faults {
		list[i] = plannedFault{Fault: f, pattern: strings.ToLower(f.Method), random: s.chance(i)}
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = list
	return nil
}

// chance is the random numbers of one fault. Each has its own, so that the
// requests of one method do not change what happens to another.
func (s *Sandbox) chance(i int) *rand.Rand {
	seed := s.options.Seed
	if seed == 0 {
		seed = rand.Uint64()
	}
	return rand.New(rand.NewPCG(seed, uint64(i)))
}

// Faults returns the faults and how often each has happened.
func (s *Sandbox) Faults() []FaultCount {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	counts := make([]FaultCount, len(s.faults.list))
	for i := range s.faults.list {
		counts[i] = FaultCount{s.faults.list[i].Fault, s.faults.list[i].happened}
	}
	return counts
}

// request returns the fault that happens to a request, or nil.
func (f *faults) request(method string) *Fault { return f.next(method, false) }

// command returns the error that a command ends with before it is executed, or
// nil.
func (f *faults) command(method string) error {
	fault := f.next(method, true)
	switch {
	case fault == nil:
		return nil
	case fault.Kind == FaultOperationLimit:
		return errOperationLimit
	default:
		return errInternal
	}
}

func (f *faults) next(method string, command bool) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.list {
		if p := &f.list[i]; p.Kind.ofCommand() == command && p.meets(method) && p.due() {
			fault := p.Fault
			return &fault
		}
	}
	return nil
}

// meets tells whether the fault is one of the method.
func (p *plannedFault) meets(method string) bool {
	// A portal does not count the outer request as a command of its own.
	if p.Kind.ofCommand() && method == "batch" {
		return p.pattern == method
	}
	if p.pattern == "" {
		return method != tokenEndpoint
	}
	met, _ := path.Match(p.pattern, method)
	return met
}

// due counts a matching request and tells whether the fault happens to it.
func (p *plannedFault) due() bool {
	p.seen++
	if p.seen <= p.After || p.Count > 0 && p.happened == p.Count {
		return false
	}
	if p.Probability > 0 && p.random.Float64() >= p.Probability {
		return false
	}
	p.happened++
	return true
}
