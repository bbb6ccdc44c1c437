package bitrix24

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// downloading is the Method of errors and hooks of a Download.
const downloading = "download"

// Download opens the file behind an address that an answer named, such as the
// PERSONAL_PHOTO of a user. An address without a host is the portal's own. The
// request carries neither token nor webhook, for the address may be on any host
// and opens the file by itself; it stands in no message.
//
// An attempt that is not answered is repeated. The time-out bounds the wait for
// the answer and, in the body, for its next piece. The caller bounds the size,
// and closes. Without a file the error is a *TransportError or an *AnswerError.
func (c *Client) Download(ctx context.Context, address string, opts ...CallOption) (io.ReadCloser, error) {
	settings, err := c.engine.settings(opts)
	if err != nil {
		return nil, err
	}
	target, err := c.base().Parse(address)
	if err != nil {
		return nil, configErrorf("address", "it cannot be read")
	}
	if err := c.engine.fileAddress(target); err != nil {
		return nil, err
	}
	begin, release := beginning(ctx, settings.stop)
	defer release()
	for attempt := 1; ; attempt++ {
		body, err := c.engine.download(ctx, target, settings, attempt)
		if err == nil || begin.Err() != nil || attempt >= attempts(fateOf(err), Safe, settings.retries) {
			return body, err
		}
		if sleep(begin, pause(attempt)) != nil {
			return nil, err
		}
	}
}

// fileAddress refuses an address whose file others could read or change on its
// way.
func (e *engine) fileAddress(u *url.URL) error {
	if u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !e.cfg.insecure && !isLoopback(u.Hostname())) {
		return &ConfigError{Setting: "address", Problem: "the file is at no https address", Insecure: u.Scheme == "http"}
	}
	return nil
}

// download makes one attempt, along redirects to any host.
func (e *engine) download(ctx context.Context, target *url.URL, settings *callConfig, number int) (io.ReadCloser, error) {
	rt, err := e.transports.pool(settings.proxy)
	if err != nil {
		return nil, err
	}
	d := newDownloaded(ctx, target.Host, settings.timeout)
	for hop := 0; ; hop++ {
		answer, err := e.open(d.ctx, rt, target, number)
		if err != nil {
			err = d.failure(err)
			_ = d.Close() // there is no file
			return nil, err
		}
		d.body, d.host = answer.Body, target.Host
		if answer.StatusCode/100 == 2 {
			return d, nil
		}
		to, err := fileRedirect(target, answer, hop)
		if err == nil {
			err = e.fileAddress(to)
		}
		if err != nil {
			_ = d.Close() // it is no file
			return nil, err
		}
		_ = answer.Body.Close() // of a redirect
		target = to
	}
}

// fileRedirect is where an answer without a file leads; an error when nowhere.
func fileRedirect(from *url.URL, answer *http.Response, hop int) (*url.URL, error) {
	refuse := func(reason string) error {
		return &AnswerError{Method: downloading, Host: from.Host, Status: answer.StatusCode, Header: answer.Header, Reason: reason}
	}
	if !isRedirect(answer.StatusCode) {
		return nil, refuse("there is no file")
	}
	to, err := from.Parse(answer.Header.Get("Location"))
	switch {
	case err != nil || answer.Header.Get("Location") == "":
		return nil, refuse("a redirect without an address")
	case hop >= maxHops:
		return nil, refuse("more than 5 redirects")
	}
	return to, nil
}

func (e *engine) open(ctx context.Context, rt http.RoundTripper, target *url.URL, number int) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", e.cfg.userAgent)
	if h := e.cfg.hooks.Request; h != nil {
		p := e.preview(&outgoing{verb: http.MethodGet, url: target, private: true})
		h(ctx, RequestEvent{Method: downloading, Attempt: number, Verb: p.Verb, URL: p.URL, Header: request.Header.Clone()})
	}
	started := time.Now()
	answer, err := rt.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	if h := e.cfg.hooks.Response; h != nil {
		h(ctx, ResponseEvent{Method: downloading, Attempt: number, Status: answer.StatusCode, Header: e.redactor.header(answer.Header), Duration: time.Since(started)})
	}
	return answer, nil
}

// downloaded is a file that is being read, and its deadline, which begins anew
// with every piece.
type downloaded struct {
	ctx    context.Context
	outer  context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	limit  time.Duration
	host   string
	body   io.ReadCloser // nil before the answer
}

func newDownloaded(ctx context.Context, host string, limit time.Duration) *downloaded {
	d := &downloaded{outer: ctx, host: host, limit: limit}
	d.ctx, d.cancel = context.WithCancelCause(ctx)
	if limit > 0 {
		d.timer = time.AfterFunc(limit, func() { d.cancel(&timeoutError{limit}) })
	}
	return d
}

// failure is the error of a download that broke off, without its address.
func (d *downloaded) failure(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	var slow *timeoutError
	switch cause := context.Cause(d.ctx); {
	case d.outer.Err() != nil:
		err = d.outer.Err()
	case errors.As(cause, &slow):
		err = slow
	}
	return &TransportError{Method: downloading, Host: d.host, Err: err}
}

// Read reads the file.
func (d *downloaded) Read(b []byte) (int, error) {
	n, err := d.body.Read(b)
	if n > 0 && d.timer != nil {
		d.timer.Reset(d.limit)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = d.failure(fmt.Errorf("the file was cut off: %w", err))
	}
	return n, err
}

// Close ends the download.
func (d *downloaded) Close() error {
	if d.timer != nil {
		d.timer.Stop()
	}
	var err error
	if d.body != nil {
		err = d.body.Close()
	}
	d.cancel(nil)
	return err
}
