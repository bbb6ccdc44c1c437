package bitrix24

import "context"

// StopOption is a setting of a client, a call or a batch.
type StopOption interface {
	CallOption
	BatchOption
}

// WithStop ends work without cutting anything off: once stop has ended no
// attempt is begun any more, and those under way go on to their answers. Calls
// and commands that were not begun end with the cause of stop as not sent.
//
// The context of a call or batch, in contrast, also breaks off what is under
// way, whose fate is unknown then.
func WithStop(stop context.Context) StopOption { return stopOption{stop} }

type stopOption struct{ stop context.Context }

func (o stopOption) apply(c *config) error { return o.applyCall(&c.call) }

func (o stopOption) applyCall(c *callConfig) error {
	c.stop = o.stop
	return nil
}

func (o stopOption) applyBatch(c *batchConfig) { c.stop = o.stop }

// beginning is the context under which attempts may begin: ctx until the work is
// to stop.
func beginning(ctx, stop context.Context) (context.Context, context.CancelFunc) {
	if stop == nil {
		return ctx, func() {}
	}
	both, cancel := context.WithCancelCause(ctx)
	end := func() { cancel(context.Cause(stop)) }
	release := context.AfterFunc(stop, end)
	if stop.Err() != nil {
		end() // at once, and not when the goroutine of AfterFunc comes to it
	}
	return both, func() {
		release()
		cancel(nil)
	}
}

// ended is why nothing may begin any more: the error of the caller's context,
// or the cause of the stop.
func ended(ctx, beginning context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return context.Cause(beginning)
}
