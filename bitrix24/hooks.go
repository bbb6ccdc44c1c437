package bitrix24

import (
	"net/http"
	"time"
)

// Hooks are called while a call is made. All texts have their secrets taken
// out. A hook runs on the goroutine of the call and should return quickly.
type Hooks struct {
	Request  func(RequestEvent)  // before an attempt is sent
	Response func(ResponseEvent) // after its answer was read
	Repeat   func(RepeatEvent)   // before the pause that another attempt follows
	Wait     func(WaitEvent)     // before a call waits for its turn
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

// RepeatEvent is an attempt that failed and will be followed by another.
type RepeatEvent struct {
	Method  string
	Attempt int // the one that failed
	Reason  string
	Wait    time.Duration
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
