package bitrix24

import "context"

// WithStop ends work without cutting anything off: once stop has ended no
// attempt is begun any more, and those under way go on to their answers. Calls
// and commands that were not begun end with the error of stop as not sent.
//
// The context of a call, in contrast, also breaks off what is under way, whose
// fate is unknown then.
func WithStop(stop context.Context) CallOption {
	return callOption(func(c *callConfig) error {
		c.stop = stop
		return nil
	})
}

// beginning is the context under which attempts may begin: that of the call
// until the work is to stop.
func (c *callConfig) beginning(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.stop == nil {
		return ctx, func() {}
	}
	both, cancel := context.WithCancel(ctx)
	release := context.AfterFunc(c.stop, cancel)
	if c.stop.Err() != nil {
		cancel() // at once, and not when the goroutine of AfterFunc comes to it
	}
	return both, func() {
		release()
		cancel()
	}
}
