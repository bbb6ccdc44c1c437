package sandbox

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"
)

// routes is everything that the portal's host serves.
func (s *Sandbox) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("/rest/", s.serveREST)
	mux.HandleFunc("GET /oauth/authorize/{$}", s.authorizePage)
	mux.HandleFunc("POST /oauth/authorize/{$}", s.authorize)
	mux.HandleFunc("/oauth/token/{$}", func(w http.ResponseWriter, r *http.Request) {
		s.inject(w, r, target{method: tokenEndpoint}, s.serveToken)
	})
	mux.HandleFunc("GET /sandbox-files/{id}/{signature}/{name}", s.serveFile)
	mux.HandleFunc("GET /{link}", s.servePublic)
	s.controlRoutes(mux)
	mux.HandleFunc("GET /{$}", s.welcome)
	return mux
}

// ServeHTTP answers a request as the portal.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Clients are known to send double slashes; ServeMux would redirect them,
	// and a POST would lose its body.
	if strings.HasPrefix(r.URL.Path, "/rest/") || strings.HasPrefix(r.URL.Path, "//") {
		if path := "/" + strings.TrimLeft(r.URL.Path, "/"); strings.HasPrefix(path, "/rest/") {
			s.serveREST(w, r)
			return
		}
	}
	s.mux.ServeHTTP(w, r)
}

// serveREST answers a call of a REST method.
func (s *Sandbox) serveREST(w http.ResponseWriter, r *http.Request) {
	began := s.now()
	to, err := parsePath(r.URL.Path)
	if err != nil {
		writeError(w, to, err)
		return
	}
	refused := !s.bucket.take(sourceOf(r), began)
	s.log.request(refused)
	if refused {
		writeError(w, to, errQueryLimit)
		return
	}
	s.inject(w, r, to, func(w http.ResponseWriter, r *http.Request) { s.execute(w, r, to, began) })
}

// execute answers a call that was let in.
func (s *Sandbox) execute(w http.ResponseWriter, r *http.Request, to target, began time.Time) {
	if sleep(r.Context(), s.options.Latency) != nil {
		return
	}
	switch {
	case to.code == "" && to.method == downloadAction:
		s.serveDownload(w, r, to)
		return
	case to.code == "" && to.method == uploadAction:
		s.serveUpload(w, r, to, began)
		return
	}
	answer, err := s.answer(r, to)
	if err != nil {
		writeError(w, to, err)
		return
	}
	if answer.file != nil {
		s.writeFile(w, r, answer.file, "inline")
		return
	}
	writeAnswer(w, to, answer, began, s.now())
}

// answer reads the request, finds out who calls and runs the method.
func (s *Sandbox) answer(r *http.Request, to target) (answer timed, err error) {
	if to.v3 {
		return timed{}, errNoMethod(to.method)
	}
	var files spilled
	if m := s.methods[to.method]; m != nil && m.largeFiles {
		if files, err = s.spillFiles(r); err != nil {
			return timed{}, err
		}
		defer func() { err = errors.Join(err, s.dropSpilled(r, files)) }()
	}
	params, err := readParams(r)
	if err != nil {
		return timed{}, err
	}
	who, err := s.authorizeCall(r.Context(), to, params)
	if err != nil {
		return timed{}, err
	}
	return s.run(&call{ctx: r.Context(), sb: s, params: params, who: who, origin: originOf(r), address: addressOf(r), spilled: files}, to.method)
}

// sourceOf is the address that the leaky bucket counts.
func sourceOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return "in process"
	}
	return host
}

// addressOf is the IP address of the client: this machine's own without a
// listener.
func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return "127.0.0.1"
	}
	return host
}

// originOf is scheme and host as the client used them.
func originOf(r *http.Request) string {
	if r.URL.IsAbs() {
		return r.URL.Scheme + "://" + r.URL.Host
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// sleep waits, or ends with the request.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// welcome tells a person who opened the address in a browser where they are.
func (s *Sandbox) welcome(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("This is the oint sandbox, a Bitrix24 portal for tests.\n" +
		"\"oint sandbox info\" prints the addresses and the token to call it with.\n"))
}

// The errors of any method.
var (
	errQueryLimit     = &restError{http.StatusServiceUnavailable, "QUERY_LIMIT_EXCEEDED", "Too many requests"}
	errOperationLimit = &restError{http.StatusTooManyRequests, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit."}
	errInternal       = &restError{http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", "Internal server error"}
)

// errNoMethod is the answer to a method that the portal does not have.
func errNoMethod(name string) *restError {
	return &restError{http.StatusNotFound, "ERROR_METHOD_NOT_FOUND", "Method not found: " + name}
}

// restErrorOf makes any error one of the portal's.
func restErrorOf(err error) *restError {
	var e *restError
	if errors.As(err, &e) {
		return e
	}
	return &restError{http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", "Internal server error: " + err.Error()}
}
