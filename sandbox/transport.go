package sandbox

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
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
	if out.err != nil {
		return nil, out.err
	}
	out.WriteHeader(http.StatusOK)
	body, length := out.received()
	return &http.Response{
		Status: strconv.Itoa(out.status) + " " + http.StatusText(out.status), StatusCode: out.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: out.header, Body: io.NopCloser(body), ContentLength: length, Request: r,
	}, nil
}

// received is the body and its length as a client gets them: a body that is
// shorter than its header says ends with an error.
func (r *recorder) received() (io.Reader, int64) {
	length := int64(r.body.Len())
	announced, err := strconv.ParseInt(r.header.Get("Content-Length"), 10, 64)
	if err != nil || announced <= length {
		return &r.body, length
	}
	return io.MultiReader(&r.body, cutOff{}), announced
}

// cutOff is the end of a body that the server did not send in full.
type cutOff struct{}

func (cutOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// errReset is how a client sees a connection that was reset.
var errReset = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

// recorder keeps what a handler writes.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
	err    error // instead of an answer
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
