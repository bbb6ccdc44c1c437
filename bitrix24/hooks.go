package bitrix24

import (
	"context"
	"net/http"
	"time"
)

// Hooks are called while a call is made, with the context of the call. All texts
// have their secrets taken out. A hook runs on the goroutine of the call and
// should return quickly. Any of them may be nil.
type Hooks struct {
	// Call begins a call: a method, or one request of a batch. What it returns
	// is the context of everything that follows, and what hears of its end.
	Call func(context.Context, CallEvent) (context.Context, func(error))

	Request  func(context.Context, RequestEvent)  // before an attempt is sent
	Response func(context.Context, ResponseEvent) // after its answer was read
	Refusal  func(context.Context, RefusalEvent)  // after the portal refused for one of its limits
	Repeat   func(context.Context, RepeatEvent)   // before the pause that another attempt follows
	Wait     func(context.Context, WaitEvent)     // before a call waits for its turn
}

// CallEvent is a call about to be made.
type CallEvent struct {
	Method   string // REST method, or the grant type
	Host     string
	Commands int // of a batch; else 0
}

// RequestEvent is one attempt about to be sent.
type RequestEvent struct {
	Method  string // REST method
	Attempt int    // from 1
	Verb    string
	URL     string
	Header  http.Header
	Body    []byte
}

// ResponseEvent is the answer to one attempt.
type ResponseEvent struct {
	Method   string
	Attempt  int
	Status   int
	Header   http.Header
	Body     []byte
	Duration time.Duration
}

// RefusalEvent is a call, or a command of a batch, that the portal refused
// before it ran. It is sent again.
type RefusalEvent struct {
	Method string
	Code   string // QUERY_LIMIT_EXCEEDED or OPERATION_TIME_LIMIT
	Status int    // of the HTTP answer
}

// RepeatEvent is an attempt that failed and will be followed by another.
type RepeatEvent struct {
	Method   string
	Attempt  int // the one that failed
	Commands int // of a batch, that are sent again; else 0
	Reason   string
	Wait     time.Duration
}

// WaitEvent is a call that waits so as not to be refused.
type WaitEvent struct {
	Method string
	Reason WaitReason
	Wait   time.Duration
}

// WaitReason is what a call waits for.
type WaitReason string

// The reasons to wait.
const (
	WaitForRequests  WaitReason = "requests"  // the portal's limit of requests
	WaitForOperating WaitReason = "operating" // the method has used up its time, or nearly
)

// WithHooks sets the hooks of a client.
func WithHooks(h Hooks) Option {
	return option(func(c *config) error {
		c.hooks = h
		return nil
	})
}
