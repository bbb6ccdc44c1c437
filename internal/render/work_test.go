package render

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestWorkLines tells on a stream that is no terminal how far the work is, every
// ten seconds.
func TestWorkLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		w := NewWork(&out, false, "users", 1000, 100)
		state := func() string { return "3 requests free" }
		for done := int64(110); done <= 400; done += 10 {
			time.Sleep(time.Second)
			w.Set(done, state)
		}
		w.Note("waiting")
		w.Close()
		want := "oint: users: 200 of 1000, 10 per second, 1m20s left, 3 requests free\n" +
			"oint: users: 300 of 1000, 10 per second, 1m10s left, 3 requests free\n" +
			"oint: users: 400 of 1000, 10 per second, 1m0s left, 3 requests free\n" +
			"oint: waiting\n"
		if out.String() != want {
			t.Errorf("printed\n%s", out.String())
		}
	})
}

// TestWorkThatWaitsFirst does not count the wait against the rate.
func TestWorkThatWaitsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		w := NewWork(&out, false, "users", 100, 0)
		for done := int64(1); done <= 11; done++ {
			time.Sleep(map[bool]time.Duration{true: time.Minute, false: 2 * time.Second}[done == 1])
			w.Set(done, nil)
		}
		want := "oint: users: 1 of 100\n" +
			"oint: users: 6 of 100, 0.5 per second, 3m8s left\n" +
			"oint: users: 11 of 100, 0.5 per second, 2m58s left\n"
		if out.String() != want {
			t.Errorf("printed\n%s", out.String())
		}
	})
}
