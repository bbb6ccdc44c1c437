package bitrix24

import (
	"context"
	"math/rand/v2"
	"time"
)

// Replay says what a second run of the same call would do.
type Replay uint8

// The replay classes.
const (
	Once       Replay = iota // creates or moves something: never sent again blindly
	Idempotent               // sets fixed values: a second run changes nothing
	Safe                     // only reads
)

// String names the class.
func (r Replay) String() string {
	switch r {
	case Safe:
		return "safe"
	case Idempotent:
		return "idempotent"
	default:
		return "once"
	}
}

// The attempts of a call whose caller set no number.
const (
	attemptsRefused = 8 // by a limit of the portal
	attemptsOther   = 3 // no connection, or a harmless call whose fate is unknown

	firstPause = 500 * time.Millisecond
	maxPause   = 8 * time.Second
)

// attempts returns how many attempts in all a call may have that failed with
// the given fate.
func attempts(f fate, replay Replay, asked int) int {
	switch {
	case f == fateFinal:
		return 1
	case asked > 0:
		return asked
	case f == fateRefused:
		return attemptsRefused
	case f == fateNotSent, replay != Once:
		return attemptsOther
	}
	return 1
}

// pause returns how long to wait after the given attempt: it doubles each time
// and is drawn at random from its upper half, so that many clients that were
// refused together do not come back together.
func pause(attempt int) time.Duration {
	limit := maxPause
	if attempt < 5 {
		limit = firstPause << (attempt - 1)
	}
	return limit/2 + rand.N(limit/2)
}

// sleep waits or ends with the context.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
