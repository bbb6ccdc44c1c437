package bitrix24

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestDeadlineOfFiles lets a large file take its time as long as it moves.
func TestDeadlineOfFiles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := &outgoing{body: payload{text: []byte{gap}, contents: []Content{Bytes(make([]byte, 10))}}}
		ctx, cancel := out.deadline(t.Context(), time.Second)
		defer cancel()
		for range 5 {
			time.Sleep(900 * time.Millisecond)
			out.moved(1)
		}
		if ctx.Err() != nil {
			t.Errorf("the attempt ended while its body moved: %v", context.Cause(ctx))
		}
		time.Sleep(time.Second)
		synctest.Wait()
		err := stalled(ctx, &sendError{err: context.Canceled, written: true})
		if !errors.Is(context.Cause(ctx), errStuck) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a body that does not move any more: %v, %v", context.Cause(ctx), err)
		}
	})
}

func TestDeadlineWithoutFiles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := &outgoing{body: payload{text: []byte("{}")}}
		ctx, cancel := out.deadline(t.Context(), time.Second)
		defer cancel()
		time.Sleep(time.Second)
		synctest.Wait()
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			t.Errorf("after the time-out: %v", ctx.Err())
		}
		if ctx, cancel := out.deadline(t.Context(), 0); ctx != t.Context() {
			t.Error("no time-out is one")
		} else {
			cancel()
		}
	})
}
