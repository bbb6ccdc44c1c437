package bitrix24

import (
	"testing"
	"time"
)

var testNow = time.Unix(1_800_000_000, 0)

// used is an answer that says how much of its time a method has used.
func used(seconds float64, reset time.Duration) Time {
	t := Time{Operating: seconds}
	if reset != 0 {
		t.OperatingResetAt = float64(testNow.Add(reset).Unix())
	}
	return t
}

func TestOperatingWait(t *testing.T) {
	t.Parallel()
	const limit = 100 * time.Second
	tests := []struct {
		name     string
		answer   Time
		min, max time.Duration
	}{
		{"far from the limit", used(79, 5*time.Minute), 0, 0},
		{"near it", used(80.5, 5*time.Minute), 1, slowest},
		{"nearer", used(94, 5*time.Minute), 2 * time.Second, slowest},
		{"nearer, and the reset comes soon", used(94, time.Second), 1, time.Second},
		{"at it", used(95, 5*time.Minute), 5 * time.Minute, 5*time.Minute + 2*time.Second},
		{"over it", used(400, time.Minute), time.Minute, time.Minute + 2*time.Second},
		{"a reset that is over", used(400, -time.Second), 0, 0},
		{"no reset", used(400, 0), 0, 0},
		{"a reset that cannot be", used(400, 1000*time.Hour), longestReset, longestReset + 2*time.Second},
		{"nothing said", Time{}, 0, 0},
		{"a negative sum", used(-400, time.Minute), 0, 0},
	}
	for _, tt := range tests {
		o := operating{limit: limit}
		o.note("user.update", tt.answer, testNow)
		if got := o.wait("USER.update", testNow); got < tt.min || got > tt.max {
			t.Errorf("%s: waits %s, want %s to %s", tt.name, got, tt.min, tt.max)
		}
		if got := o.wait("user.get", testNow); got != 0 {
			t.Errorf("%s: another method waits %s", tt.name, got)
		}
	}
}

// TestOperatingOtherClock waits as long when this machine's clock is wrong, and
// trusts the answer that came the fastest.
func TestOperatingOtherClock(t *testing.T) {
	t.Parallel()
	for _, wrong := range []time.Duration{0, -2 * time.Hour, 90 * time.Second, 26 * time.Hour} {
		o := operating{limit: 100 * time.Second}
		for _, way := range []time.Duration{40 * time.Second, 100 * time.Millisecond, 10 * time.Second} {
			answer := used(96, 5*time.Minute)
			answer.Finish = float64(testNow.Add(-way).UnixMilli()) / 1000
			o.note("m", answer, testNow.Add(wrong))
		}
		if got := o.wait("m", testNow.Add(wrong)); got < 5*time.Minute || got > 5*time.Minute+2*time.Second {
			t.Errorf("with a clock that is %s ahead it waits %s", wrong, got)
		}
		o.refused("n", testNow.Add(wrong))
		if got := o.wait("n", testNow.Add(wrong)); got < unknownReset || got > unknownReset+2*time.Second {
			t.Errorf("with a clock that is %s ahead it waits %s after a refusal", wrong, got)
		}
	}
	o := operating{limit: 100 * time.Second}
	for _, odd := range []float64{-1, 1e300, 1 << 41} {
		answer := used(96, 5*time.Minute)
		answer.Finish = odd
		o.note("m", answer, testNow)
	}
	if got := o.wait("m", testNow); got < 5*time.Minute {
		t.Errorf("after times that cannot be it waits %s", got)
	}
}

// TestOperatingAnswersOutOfOrder keeps the latest sum, whichever answer is read
// last.
func TestOperatingAnswersOutOfOrder(t *testing.T) {
	t.Parallel()
	o := operating{limit: 100 * time.Second}
	o.note("m", used(96, 5*time.Minute), testNow)
	o.note("m", used(60, 5*time.Minute), testNow)
	o.note("m", used(10, 4*time.Minute), testNow)
	if got := o.wait("m", testNow); got < 5*time.Minute {
		t.Errorf("after 96 seconds were used it waits %s", got)
	}
	o.note("m", used(40, 6*time.Minute), testNow)
	if got := o.wait("m", testNow); got != 0 {
		t.Errorf("after a part dropped out it waits %s", got)
	}
}

// TestOperatingCounterThatOnlyGrows comes from a portal whose resets never help:
// every wait ends, and calls go on.
func TestOperatingCounterThatOnlyGrows(t *testing.T) {
	t.Parallel()
	o := operating{limit: 100 * time.Second}
	now, calls := testNow, 0
	for sum := 90.0; now.Before(testNow.Add(2 * time.Hour)); sum++ {
		now = now.Add(o.wait("m", now) + time.Second)
		calls++
		o.note("m", Time{Operating: sum, OperatingResetAt: float64(now.Add(10 * time.Minute).Unix())}, now)
	}
	if calls < 10 {
		t.Errorf("%d calls in two hours", calls)
	}
}

// TestOperatingRefusal waits until the reset that was told before, or a while
// when none was.
func TestOperatingRefusal(t *testing.T) {
	t.Parallel()
	o := operating{limit: 100 * time.Second}
	o.refused("m", testNow)
	if got := o.wait("m", testNow); got < unknownReset || got > unknownReset+2*time.Second {
		t.Errorf("waits %s", got)
	}
	o.note("n", used(50, 3*time.Minute), testNow)
	o.refused("n", testNow)
	if got := o.wait("n", testNow); got < 3*time.Minute || got > 3*time.Minute+2*time.Second {
		t.Errorf("waits %s", got)
	}
	if got := o.wait("n", testNow.Add(3*time.Minute)); got != 0 {
		t.Errorf("after the reset it waits %s", got)
	}
}

// TestOperatingUnderWay holds a bulk run back before its own requests use the
// method's time up.
func TestOperatingUnderWay(t *testing.T) {
	t.Parallel()
	o := operating{limit: 100 * time.Second}
	o.note("m", used(60, 5*time.Minute), testNow)
	if o.full("m", testNow) {
		t.Error("full with nothing under way")
	}
	for range 35 {
		o.begin("m", time.Second)
	}
	if !o.full("M", testNow) || o.full("n", testNow) {
		t.Error("60 seconds used and 35 under way are not full")
	}
	o.end("m", time.Second)
	if o.full("m", testNow) {
		t.Error("94 seconds are full")
	}
	if o.begin("m", time.Second); o.full("m", testNow.Add(6*time.Minute)) {
		t.Error("what was used before the reset still counts")
	}
	off := operating{}
	off.begin("m", time.Hour)
	if off.full("m", testNow) {
		t.Error("full without a limit")
	}
}
