package render

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestCounterLines counts for 25 seconds of a time of its own.
func TestCounterLines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		c := NewCounter(&out, false, "rows", 100)
		for range 25 {
			time.Sleep(time.Second)
			synctest.Wait()
			c.Done()
			c.Done()
		}
		c.Close()
		want := "oint: 18 of 100 rows, 1.8 per second, 46s left\noint: 38 of 100 rows, 1.9 per second, 33s left\n"
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
