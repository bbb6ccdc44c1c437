package bitrix24

// patience is how many answers in a row make an amount that failed worth another
// try at first, mostPatience after tries in vain.
const (
	patience     = 8
	mostPatience = 128
)

// allowance is how much of something requests may risk at once. It halves with a
// failure and grows with answers: soon to less than what failed, and later beyond,
// for a failure can be chance. Requests are numbered in the order of sending, so
// that an answer to one that was sent before the last change proves nothing of it.
type allowance struct {
	now      int
	most     int
	below    int // what failed last, which now stays under
	proven   int // what was answered since
	answers  int // in a row
	patience int // answers in a row before more than below is tried
	changed  int // requests sent before now last changed
	halved   int // requests sent before the last failure was heard of
}

func allow(most int) allowance {
	return allowance{now: most, most: most, below: most + 1, patience: patience}
}

// answered takes note of an answer to a request with all that is allowed, which
// may now be more by a step.
func (a *allowance) answered(request, sent, step int) {
	if request <= a.changed {
		return
	}
	a.proven = a.now
	if a.answers++; a.answers >= a.patience {
		a.below = a.most + 1
	}
	if more := min(a.now+step, a.below-1); more > a.now {
		a.now, a.changed = more, sent
	}
}

// failed takes note of the failure of a request with an amount. Those that were
// under way together say the same once.
func (a *allowance) failed(request, sent, amount int) {
	if request <= a.halved {
		return
	}
	if amount > a.proven && a.proven > 0 {
		// More than what works was tried, and did not.
		a.now = min(a.now, a.proven)
		a.patience = min(2*a.patience, mostPatience)
	} else {
		a.now = max(1, min(a.now, (amount+1)/2))
		a.proven, a.patience = 0, patience
	}
	a.below = max(2, min(a.below, amount))
	a.answers, a.changed, a.halved = 0, sent, sent
}
