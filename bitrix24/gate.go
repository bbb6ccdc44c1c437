package bitrix24

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Billing says whose operating time the commands of a batch use.
type Billing uint8

// The ways a portal may count a batch.
const (
	BillCommands Billing = iota // each command as its own method (documented)
	BillBatch                   // all commands as the method "batch" (seen on a self-hosted portal)
)

// WithBilling sets how the portal counts the operating time of a batch; the
// default is BillCommands.
func WithBilling(b Billing) Option {
	return option(func(c *config) error {
		c.billing = b
		return nil
	})
}

// admit waits until an attempt may be sent: for the method's operating time and
// for a request of the portal's limit. Nothing is sent for a caller who has given
// up.
func (out *outgoing) admit(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := out.client
	if c == nil {
		return nil
	}
	if out.booked {
		out.booked = false
		return nil
	}
	if err := c.waitForOperating(ctx, out.method); err != nil {
		return err
	}
	return c.limiter.book(ctx, c.waiting(ctx, out.method, WaitForRequests))
}

func (c *Client) waitForOperating(ctx context.Context, method string) error {
	wait := c.operating.wait(method, time.Now())
	if wait <= 0 {
		return nil
	}
	c.waiting(ctx, method, WaitForOperating)(wait)
	return sleep(ctx, wait)
}

// waiting returns what tells the counters and the hook of a wait.
func (c *Client) waiting(ctx context.Context, method string, reason WaitReason) func(time.Duration) {
	return func(d time.Duration) {
		c.counters.waits.Add(1)
		c.counters.waited.Add(int64(d))
		if h := c.engine.cfg.hooks.Wait; h != nil {
			h(ctx, WaitEvent{Method: method, Reason: reason, Wait: d})
		}
	}
}

// learn takes from an answer what it says about the portal's limits.
func (out *outgoing) learn(ctx context.Context, in *incoming, err error) {
	c := out.client
	if c == nil {
		return
	}
	if fateOf(err) == fateRefused {
		c.refused(ctx, out.method, err)
	}
	switch {
	case isRefusedForTime(err):
		c.operating.refused(out.method, time.Now())
	case fateOf(err) == fateRefused:
		c.limiter.learn(true)
	case in != nil:
		c.limiter.learn(false)
		c.operating.note(out.method, in.envelope.Time, time.Now())
	}
}

// refused tells the counters and the hook of a refusal.
func (c *Client) refused(ctx context.Context, method string, err error) {
	c.counters.refusals.Add(1)
	h := c.engine.cfg.hooks.Refusal
	if h == nil {
		return
	}
	e := RefusalEvent{Method: method}
	var portal *Error
	var answer *AnswerError
	switch {
	case errors.As(err, &portal):
		e.Code, e.Status = portal.Code, portal.Status
	case errors.As(err, &answer):
		e.Status = answer.Status
	}
	h(ctx, e)
}

// repeating tells the counters and the hook that another attempt follows.
func (out *outgoing) repeating(ctx context.Context, e *engine, event RepeatEvent) {
	out.count(func(c *counters) { c.repeats.Add(1) })
	if h := e.cfg.hooks.Repeat; h != nil {
		event.Method, event.Reason = out.method, e.redactor.text(event.Reason)
		h(ctx, event)
	}
}

// isRefusedForTime tells a method without operating time from a portal without
// requests.
func isRefusedForTime(err error) bool {
	if err == nil {
		return false
	}
	var portal *Error
	return errors.As(err, &portal) && (errors.Is(portal, ErrOperationTimeLimit) || portal.Status == http.StatusTooManyRequests && !errors.Is(portal, ErrQueryLimit))
}

// pause returns how long to wait before the next attempt. A refusal is waited
// out by admit, which has learned from it.
func (out *outgoing) pause(err error, attempt int) time.Duration {
	if out.client != nil && fateOf(err) == fateRefused && (isRefusedForTime(err) || !out.client.limiter.off()) {
		return 0
	}
	return pause(attempt)
}
