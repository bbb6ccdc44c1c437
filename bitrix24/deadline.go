package bitrix24

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// errStuck ends an attempt whose body has not moved for as long as its
// time-out.
var errStuck = fmt.Errorf("nothing could be sent any more: %w", context.DeadlineExceeded)

// deadline bounds an attempt. While files are sent the time begins anew with
// every piece, so that a large file on a slow line is no time-out.
func (out *outgoing) deadline(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	out.moved = nil
	switch {
	case limit <= 0:
		return ctx, func() {}
	case len(out.body.contents) == 0:
		return context.WithTimeout(ctx, limit)
	}
	moving, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(limit, func() { cancel(errStuck) })
	out.moved = func(int) { timer.Reset(limit) }
	return moving, func() {
		timer.Stop()
		cancel(nil)
	}
}

// reader reads the body and tells the deadline that it moves.
func (out *outgoing) reader() io.ReadCloser {
	body := out.body.reader()
	if out.moved == nil {
		return body
	}
	return &trackedReader{body, out.moved}
}

// stalled is the error of an attempt that deadline ended: net/http may have
// called it a cancellation.
func stalled(ctx context.Context, err error) error {
	var sent *sendError
	if errors.As(err, &sent) && errors.Is(context.Cause(ctx), errStuck) {
		sent.err = errStuck
	}
	return err
}
