package bitrix24

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

// engine sends requests for a client: it knows HTTP and repeats, and nothing of
// portals.
type engine struct {
	cfg        *config
	transports *transports
	redactor   *redactor
}

func newEngine(cfg *config, secrets ...Secret) *engine {
	if p := cfg.call.proxy; p != nil {
		secrets = append(secrets, p.Password)
	}
	return &engine{cfg: cfg, transports: newTransports(cfg), redactor: newRedactor(secrets...)}
}

// outgoing is one call ready to be sent, as often as it takes.
type outgoing struct {
	method string // REST method, or the grant type
	verb   string
	url    *url.URL
	body   payload
	replay Replay
	client *Client // nil for the authorization server and for uploads
	grant  bool    // of the authorization server: the whole answer is the result
	params *Object // of the client's call, without authorization
	token  Secret  // that the body was written with
	v3     bool
	key    string // Idempotency-Key; empty for none

	private bool      // the address is a secret as a whole
	moved   func(int) // hears that another piece of the body is sent

	commands int  // of a batch
	booked   bool // the request has been taken from the limit already
}

func (e *engine) settings(opts []CallOption) (*callConfig, error) {
	if len(opts) == 0 {
		return &e.cfg.call, nil
	}
	settings := e.cfg.call
	for _, o := range opts {
		if err := o.applyCall(&settings); err != nil {
			return nil, err
		}
	}
	return &settings, nil
}

// do sends a call until it is answered or nothing more may be tried. Whether it
// may be sent again follows from what became of it, see fateOf and attempts.
func (e *engine) do(ctx context.Context, out *outgoing, settings *callConfig) (*incoming, error) {
	if e.cfg.hooks.Call == nil {
		return e.repeat(ctx, out, settings)
	}
	inner, ended := e.cfg.hooks.Call(ctx, CallEvent{Method: out.method, Host: out.url.Host, Commands: out.commands})
	in, err := e.repeat(inner, out, settings)
	ended(err)
	return in, err
}

func (e *engine) repeat(ctx context.Context, out *outgoing, settings *callConfig) (*incoming, error) {
	var last, unclear error
	renewed := false
	begin, release := beginning(ctx, settings.stop)
	defer release()
	for attempt := 1; ; attempt++ {
		if err := out.admit(begin); err != nil {
			if begin.Err() != nil {
				err = ended(ctx, begin)
			}
			if last == nil {
				last = &TransportError{Method: out.method, Host: out.url.Host, Err: err}
			}
			return nil, out.ended(last, unclear)
		}
		in, err := e.attempt(ctx, out, settings, attempt)
		if err == nil {
			err = in.verdict(e.redactor)
		}
		out.learn(ctx, in, err)
		if err == nil {
			return in, nil
		}
		last = err
		if fateOf(err) == fateUnknown && unclear == nil {
			unclear = err
		}
		if !renewed && errors.Is(err, ErrExpiredToken) && out.renewable() {
			renewed = true
			if err := out.renew(ctx); err != nil {
				return nil, out.ended(err, unclear)
			}
			attempt--
			last = nil
			continue
		}
		if begin.Err() != nil || attempt >= attempts(fateOf(err), out.replay, settings.retries) {
			return nil, out.ended(err, unclear)
		}
		wait := out.pause(err, attempt)
		out.repeating(ctx, e, RepeatEvent{Attempt: attempt, Reason: err.Error(), Wait: wait})
		if sleep(begin, wait) != nil {
			return nil, out.ended(err, unclear)
		}
	}
}

// ended makes the error of a call from that of its last attempt and the first one
// that may have been carried out, if any. For a call that only reads, that makes
// no difference.
func (out *outgoing) ended(last, unclear error) error {
	if unclear == nil || out.replay == Safe || fateOf(last) == fateUnknown {
		return last
	}
	return &repeatedError{last, unclear}
}

// attempt sends the request once and reads the answer, following a renamed
// portal to its new address.
func (e *engine) attempt(ctx context.Context, out *outgoing, settings *callConfig, number int) (*incoming, error) {
	rt, err := e.transports.pool(settings.proxy)
	if err != nil {
		return nil, err
	}
	attemptCtx, cancel := out.deadline(ctx, settings.timeout)
	defer cancel()
	target := out.url
	for hop := 0; ; hop++ {
		in, err := e.roundTrip(attemptCtx, rt, out, target, number)
		if err != nil {
			return nil, e.unanswered(ctx, stalled(attemptCtx, err), out, target, settings)
		}
		if in.status == http.StatusProxyAuthRequired {
			return nil, &TransportError{Method: out.method, Host: target.Host, Err: &proxyError{status: in.status, os: settings.proxy != nil && settings.proxy.UseOSAuthentication}}
		}
		if !isRedirect(in.status) || out.client == nil {
			return in, nil
		}
		if target, err = redirectTarget(target, in, hop, e.cfg.insecure); err != nil {
			return nil, err
		}
		out.client.remember(target)
		out.url = target
	}
}

// unanswered makes the error of a request that got no answer, without the
// address that net/http puts into its own.
func (e *engine) unanswered(ctx context.Context, err error, out *outgoing, target *url.URL, settings *callConfig) error {
	var broken *AnswerError
	if errors.As(err, &broken) {
		return err
	}
	var sent *sendError
	if !errors.As(err, &sent) {
		return err
	}
	cause := sent.err
	var wrapped *url.Error
	if errors.As(cause, &wrapped) {
		cause = wrapped.Err
	}
	switch {
	case ctx.Err() != nil:
		cause = ctx.Err()
	case errors.Is(cause, context.DeadlineExceeded):
		cause = &timeoutError{settings.timeout}
	}
	return &TransportError{Method: out.method, Host: target.Host, MayHaveRun: sent.written, Err: cause}
}

// timeoutError is an attempt that took longer than its time-out.
type timeoutError struct{ limit time.Duration }

func (e *timeoutError) Error() string   { return fmt.Sprintf("no answer within %v", e.limit) }
func (e *timeoutError) Timeout() bool   { return true }
func (e *timeoutError) Unwrap() error   { return context.DeadlineExceeded }
func (e *timeoutError) Temporary() bool { return true }

// sendError is a failed round trip and whether the request had been written.
type sendError struct {
	err     error
	written bool
}

func (e *sendError) Error() string { return e.err.Error() }
func (e *sendError) Unwrap() error { return e.err }

// trace notes how far a request got. A transport that is not net/http's calls
// none of the hooks; then the worst is assumed.
type trace struct{ started, written atomic.Bool }

func (t *trace) context(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { t.started.Store(true) },
		WroteRequest: func(i httptrace.WroteRequestInfo) {
			if i.Err == nil { // one that net/http sends again may fail after one that arrived
				t.written.Store(true)
			}
		},
	})
}

func (t *trace) mayHaveRun() bool { return t.written.Load() || !t.started.Load() }

func (e *engine) roundTrip(ctx context.Context, rt http.RoundTripper, out *outgoing, target *url.URL, number int) (*incoming, error) {
	var progress trace
	request := e.request(progress.context(ctx), out, target)
	if out.replay == Once {
		sendOnce(request)
	}
	if h := e.cfg.hooks.Request; h != nil {
		p := e.preview(&outgoing{verb: out.verb, url: target, body: out.body, key: out.key, private: out.private})
		h(ctx, RequestEvent{Method: out.method, Attempt: number, Verb: p.Verb, URL: p.URL, Header: p.Header, Body: p.Body})
	}
	out.count(func(c *counters) { c.requests.Add(1) })
	started := time.Now()
	answer, err := rt.RoundTrip(request)
	if err != nil {
		return nil, &sendError{err: err, written: progress.mayHaveRun()}
	}
	in := &incoming{method: out.method, host: target.Host, status: answer.StatusCode, header: answer.Header, grant: out.grant}
	in.body, err = readBody(answer, e.cfg.maxBody)
	if h := e.cfg.hooks.Response; h != nil {
		h(ctx, ResponseEvent{
			Method: out.method, Attempt: number, Status: in.status, Header: e.redactor.header(in.header),
			Body: []byte(e.redactor.text(string(in.body))), Duration: time.Since(started),
		})
	}
	switch {
	case errors.Is(err, errTooLarge):
		return nil, in.unusable(fmt.Sprintf("a body of more than %d bytes", e.cfg.maxBody), e.redactor)
	case err != nil && ctx.Err() == nil:
		return nil, in.unusable("the body was cut off", e.redactor)
	case err != nil:
		return nil, &sendError{err: err, written: true}
	}
	return in, nil
}

// request builds the HTTP request of an attempt.
func (e *engine) request(ctx context.Context, out *outgoing, target *url.URL) *http.Request {
	request := (&http.Request{
		Method: out.verb, URL: target, Host: target.Host, Header: e.header(out),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(ctx)
	if out.body.text != nil {
		request.ContentLength = out.body.length()
		request.GetBody = func() (io.ReadCloser, error) { return out.reader(), nil }
		request.Body = out.reader()
	}
	return request
}

// header makes the headers of a request; their values share one array.
func (e *engine) header(out *outgoing) http.Header {
	values := []string{"application/json", e.cfg.userAgent, cmp.Or(out.body.kind, "application/json; charset=utf-8"), out.key}
	h := make(http.Header, len(values))
	h["Accept"], h["User-Agent"] = values[0:1:1], values[1:2:2]
	if out.body.text != nil {
		h["Content-Type"] = values[2:3:3]
	}
	if out.key != "" {
		h["Idempotency-Key"] = values[3:4:4]
	}
	return h
}

func (e *engine) preview(out *outgoing) *Preview {
	p := &Preview{Verb: out.verb, URL: e.redactor.text(out.url.String()), Header: e.header(out)}
	if out.private {
		p.URL = out.url.Scheme + "://" + out.url.Host + "/" + hidden
	}
	if out.body.text != nil {
		p.Body = []byte(e.redactor.text(string(out.body.shown())))
	}
	return p
}

var errTooLarge = errors.New("body too large")

// readBody reads an answer of at most limit bytes.
func readBody(answer *http.Response, limit int64) ([]byte, error) {
	defer answer.Body.Close() //nolint:errcheck // the body has been read; there is nothing left to lose
	if answer.ContentLength > limit {
		return nil, errTooLarge
	}
	var buffer bytes.Buffer
	if answer.ContentLength > 0 {
		buffer.Grow(int(min(answer.ContentLength, 1<<20)) + bytes.MinRead)
	}
	_, err := buffer.ReadFrom(io.LimitReader(answer.Body, limit+1))
	if int64(buffer.Len()) > limit {
		return buffer.Bytes()[:limit], errTooLarge
	}
	return buffer.Bytes(), err
}
