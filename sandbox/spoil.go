package sandbox

import (
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// missing is how many bytes more than there are a wrong Content-Length
// announces.
const missing = 100

// badGateway is the page of a server in front of a portal that does not answer.
const badGateway = `<html>
<head><title>502 Bad Gateway</title></head>
<body>
<center><h1>502 Bad Gateway</h1></center>
<hr><center>nginx</center>
</body>
</html>
`

// refusals are the faults that answer an error instead of executing.
var refusals = map[FaultKind]*restError{
	FaultQueryLimit:   errQueryLimit,
	FaultExpiredToken: errExpiredToken,
	FaultOverload:     {http.StatusServiceUnavailable, "OVERLOAD_LIMIT", "REST API is blocked due to overload."},
	FaultErrorBefore:  errInternal,
}

// inject serves a request with the fault that happens to it.
func (s *Sandbox) inject(w http.ResponseWriter, r *http.Request, to target, serve http.HandlerFunc) {
	fault := s.faults.request(to.method)
	if fault == nil {
		serve(w, r)
		return
	}
	if refusal := refusals[fault.Kind]; refusal != nil {
		writeError(w, to, refusal)
		return
	}
	switch fault.Kind {
	case FaultResetBefore:
		reset(w)
	case FaultHTML:
		writeBadGateway(w)
	case FaultRedirect:
		w.Header().Set("Location", strings.TrimRight(fault.Location, "/")+r.URL.RequestURI())
		w.WriteHeader(http.StatusFound)
	case FaultSlow:
		if sleep(r.Context(), fault.Delay) == nil {
			serve(w, r)
		}
	default:
		spoil(w, r, to, fault, serve)
	}
}

// spoil executes the request and does not let its answer arrive as it is.
func spoil(w http.ResponseWriter, r *http.Request, to target, fault *Fault, serve http.HandlerFunc) {
	answer := &recorder{header: http.Header{}}
	serve(answer, r)
	if r.Context().Err() != nil {
		return
	}
	switch fault.Kind {
	case FaultErrorAfter:
		writeError(w, to, errInternal)
	case FaultResetAfter:
		reset(w)
	case FaultHTMLAfter:
		writeBadGateway(w)
	case FaultSlowAfter:
		if sleep(r.Context(), fault.Delay) == nil {
			answer.send(w, answer.body.Len())
		}
	case FaultTruncated:
		answer.body.Truncate(answer.body.Len() / 2)
		answer.send(w, answer.body.Len())
	case FaultWrongLength:
		answer.send(w, answer.body.Len()+missing)
	}
}

// send writes what was recorded; a length above that of the body makes the
// server close the connection.
func (r *recorder) send(w http.ResponseWriter, length int) {
	maps.Copy(w.Header(), r.header)
	w.Header().Set("Content-Length", strconv.Itoa(length))
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body.Bytes())
}

func writeBadGateway(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusBadGateway)
	_, _ = w.Write([]byte(badGateway))
}

// reset ends the connection without an answer.
func reset(w http.ResponseWriter) {
	if r, ok := w.(*recorder); ok {
		r.err = errReset
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		// In HTTP/2 a request has no connection to itself, only a stream, which
		// the server resets this way.
		panic(http.ErrAbortHandler)
	}
	// TLS would say goodbye.
	if inner, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = inner.NetConn()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a reset instead of a regular end
	}
	_ = conn.Close()
}
