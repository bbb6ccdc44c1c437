package bitrix24

// patience is how many answers in a row make an amount that failed worth another
// try at first, mostPatience after tries in vain.
const (
	patience     = 8
	mostPatience = 128
)

// allowance is how much of something requests may risk at once. It halves with a
// failure and grows with answers: soon to less than what failed, and later beyond,
// for a failure can be chance.
type allowance struct {
	now      int
	most     int
	below    int // what failed last, which now stays under
	proven   int // what was answered since the last failure
	answers  int // in a row
	patience int // answers in a row before more than below is tried
	heard    int // requests sent before the last failure was heard of
}

func allow(most int) allowance {
	return allowance{now: most, most: most, below: most + 1, patience: patience}
}

// answered takes note of an answer to a request with an amount. If that was all
// that is allowed, it may now be more by a step.
func (a *allowance) answered(amount, step int) {
	if amount < a.now {
		return
	}
	a.proven = a.now
	if a.answers++; a.answers >= a.patience {
		a.below = a.most + 1
	}
	a.now = min(a.now+step, a.below-1)
}

// failed takes note of the failure of a request with an amount. Requests are
// numbered in the order of sending; those that were under way together say the
// same once.
func (a *allowance) failed(number, sent, amount int) {
	if number <= a.heard {
		return
	}
	a.heard, a.answers = sent, 0
	switch {
	case amount < a.proven: // more was answered, so this is not why
		a.proven = 0
		return
	case amount > a.proven && a.proven > 0: // more than what works was tried, and did not
		a.now = min(a.now, a.proven)
		a.patience = min(2*a.patience, mostPatience)
	default:
		a.now = max(1, min(a.now, (amount+1)/2))
		a.proven, a.patience = 0, patience
	}
	a.below = max(2, min(a.below, amount))
}
