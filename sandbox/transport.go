package sandbox

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
)

// Transport reaches the portal in this process, without a listener, whatever
// host a request names.
func (s *Sandbox) Transport() http.RoundTripper { return transport{s} }

// Client is an http.Client over Transport.
func (s *Sandbox) Client() *http.Client { return &http.Client{Transport: s.Transport()} }

type transport struct{ sandbox *Sandbox }

// RoundTrip answers a request as a server would, errors of the caller's context
// included.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close() //nolint:errcheck // a transport closes what it has read
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	in.RequestURI = r.URL.RequestURI()
	out := &recorder{header: http.Header{}}
	t.sandbox.ServeHTTP(out, in)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if out.status == 0 {
		out.status = http.StatusOK
	}
	return &http.Response{
		Status: strconv.Itoa(out.status) + " " + http.StatusText(out.status), StatusCode: out.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: out.header, Body: io.NopCloser(&out.body), ContentLength: int64(out.body.Len()), Request: r,
	}, nil
}

// recorder keeps what a handler writes.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}
