package bitrix24

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Error is an error the portal answered with.
type Error struct {
	Code        string // the portal's code as it came, e.g. "QUERY_LIMIT_EXCEEDED"; may be empty or a number
	Description string // the portal's text
	Status      int    // HTTP status; some methods answer errors with 200
	Method      string // REST method
	Header      http.Header
	Raw         []byte // the exact bytes of the answer
}

// Error returns method, code, description and HTTP status in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Method)
	if e.Code != "" {
		b.WriteString(": " + e.Code)
	}
	if e.Description != "" {
		b.WriteString(": " + e.Description)
	}
	fmt.Fprintf(&b, " (HTTP %d)", e.Status)
	return b.String()
}

// GoString is Error, so that %#v shows neither headers nor body: they may repeat
// secrets of the request.
func (e *Error) GoString() string { return e.Error() }

// Is matches an error with the same code, in any letter case: the portal mixes
// expired_token, NO_AUTH_FOUND and insufficient_scope.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code != "" && strings.EqualFold(t.Code, e.Code)
}

func withCode(code string) *Error { return &Error{Code: code} }

// The portal's codes that programs react to; use them with errors.Is.
var (
	ErrQueryLimit         = withCode("QUERY_LIMIT_EXCEEDED")   // 503, too many requests; refused before it ran
	ErrOperationTimeLimit = withCode("OPERATION_TIME_LIMIT")   // 429, the method used up its time; refused before it ran
	ErrOverload           = withCode("OVERLOAD_LIMIT")         // 503, the portal is blocked by hand
	ErrExpiredToken       = withCode("expired_token")          // 401, refresh the access token
	ErrNoAuth             = withCode("NO_AUTH_FOUND")          // 401, wrong token or webhook code
	ErrAccessDenied       = withCode("ACCESS_DENIED")          // 403, no rights or no REST in the plan
	ErrInsufficientScope  = withCode("insufficient_scope")     // 403, the webhook or application lacks the module
	ErrInvalidCredentials = withCode("INVALID_CREDENTIALS")    // 403, the user lacks the rights
	ErrWrongAuthType      = withCode("WRONG_AUTH_TYPE")        // 403, for applications only
	ErrMethodNotFound     = withCode("ERROR_METHOD_NOT_FOUND") // 404
	ErrInvalidGrant       = withCode("invalid_grant")          // the code or refresh token is wrong or too old
	ErrInvalidClient      = withCode("invalid_client")         // the application is not known
)

// TransportError is a call without an answer: the connection failed, was
// refused or broke, or time ran out.
type TransportError struct {
	Method     string // REST method
	Host       string // host the call went to
	MayHaveRun bool   // the request was written, so the portal may have carried it out
	Err        error  // the cause, without the address of the call
}

// Error says what failed.
func (e *TransportError) Error() string {
	return fmt.Sprintf("%s: no answer from %s: %v", e.Method, e.Host, e.Err)
}

// Unwrap returns the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// AnswerError is an HTTP answer that is no answer of the REST API: a page of a
// proxy, an empty body, JSON that was cut off.
type AnswerError struct {
	Method  string // REST method
	Host    string
	Reason  string // what is wrong with it
	Snippet string // how it begins
	Status  int
	Header  http.Header
	Raw     []byte // what was received
}

// Error says what came instead of an answer.
func (e *AnswerError) Error() string {
	text := fmt.Sprintf("%s: no usable answer from %s: HTTP %d, %s", e.Method, e.Host, e.Status, e.Reason)
	if e.Snippet != "" {
		text += ": " + e.Snippet
	}
	return text
}

// GoString is Error, so that %#v shows neither headers nor body: they may repeat
// secrets of the request.
func (e *AnswerError) GoString() string { return e.Error() }

// ConfigError is a setting of a client or call that cannot be used; nothing was
// sent.
type ConfigError struct {
	Setting  string // what was set, e.g. "address"
	Problem  string
	Insecure bool // WithInsecureHTTP would allow it
}

// Error names the setting and what is wrong with it.
func (e *ConfigError) Error() string { return e.Setting + ": " + e.Problem }

func configErrorf(setting, format string, args ...any) *ConfigError {
	return &ConfigError{Setting: setting, Problem: fmt.Sprintf(format, args...)}
}

// repeatedError is how a call ended of which an earlier attempt may have been
// carried out.
type repeatedError struct{ last, earlier error }

func (e *repeatedError) Error() string {
	return fmt.Sprintf("%v; an earlier attempt may have been carried out: %v", e.last, e.earlier)
}

func (e *repeatedError) Unwrap() error { return e.last }

// Ambiguous tells whether the portal may have carried out the call that ended
// with err. A call that was refused, or never reached the portal, did not run,
// unless an attempt before may have.
func Ambiguous(err error) bool { return fateOf(err) == fateUnknown }

// fate is what became of a call that failed.
type fate int

const (
	fateFinal   fate = iota // decided: another attempt would end the same way
	fateRefused             // refused by a limit before it ran
	fateNotSent             // never reached the portal
	fateUnknown             // may have run
)

// fateOf is the one place that reads an error as "did it run?".
func fateOf(err error) fate {
	if err == nil {
		return fateFinal // the usual answer costs nothing
	}
	var (
		portal    *Error
		answer    *AnswerError
		transport *TransportError
		repeated  *repeatedError
		renewal   *RefreshError
	)
	switch {
	case errors.As(err, &repeated):
		return fateUnknown
	case errors.As(err, &renewal):
		// The call itself was refused with an expired token. Another attempt
		// may renew it, unless the renewal was refused.
		if fateOf(renewal.Err) == fateFinal {
			return fateFinal
		}
		return fateNotSent
	case errors.As(err, &portal):
		switch {
		case errors.Is(portal, ErrOverload):
			return fateFinal
		case errors.Is(portal, ErrQueryLimit), errors.Is(portal, ErrOperationTimeLimit), portal.Status == http.StatusTooManyRequests:
			return fateRefused
		case errors.Is(portal, withCode("INTERNAL_SERVER_ERROR")), errors.Is(portal, withCode("ERROR_UNEXPECTED_ANSWER")):
			return fateUnknown // inside a batch too, which answers with status 200
		case portal.Status >= 500 && !errors.Is(portal, withCode("PORTAL_DELETED")):
			return fateUnknown
		}
		return fateFinal
	case errors.As(err, &answer):
		switch {
		case answer.Status == http.StatusTooManyRequests:
			return fateRefused
		case answer.Status >= 300 && answer.Status < 500:
			return fateFinal
		}
		return fateUnknown
	case errors.As(err, &transport):
		switch {
		case transport.MayHaveRun:
			return fateUnknown
		case hopeless(transport.Err):
			return fateFinal
		}
		return fateNotSent
	}
	return fateFinal
}
