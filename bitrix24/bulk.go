package bitrix24

import (
	"context"
	"fmt"
	"iter"
)

// OutcomeOf is the Outcome of one call of a bulk method, its result decoded.
type OutcomeOf[T any] struct {
	Outcome
	// Value is the result when State is Done. When it has another shape than T,
	// Err says so and Result has it as it came.
	Value T
}

// bulk runs calls as a batch; generated methods use it. Unwrap is as in Request.
func bulk[T any, A interface{ Command() Command }](ctx context.Context, c *Client, calls iter.Seq[A], unwrap string, opts []BatchOption) iter.Seq[OutcomeOf[T]] {
	commands := func(yield func(Command) bool) {
		for call := range calls {
			if !yield(call.Command()) {
				return
			}
		}
	}
	return func(yield func(OutcomeOf[T]) bool) {
		for o := range c.Batch(ctx, commands, opts...) {
			typed := OutcomeOf[T]{Outcome: o}
			if o.State == Done {
				if err := decodeMember(o.Result, unwrap, &typed.Value); err != nil {
					typed.Err = &AnswerError{Method: o.Method, Host: c.base().Host, Status: 200, Reason: fmt.Sprintf("a result that is no %T (%v)", typed.Value, err)}
				}
			}
			if !yield(typed) {
				return
			}
		}
	}
}
