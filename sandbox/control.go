package sandbox

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
)

// maxFaults is the largest list of faults that is read, in bytes.
const maxFaults = 1 << 20

// controlRoutes are the private routes for tests in any language.
func (s *Sandbox) controlRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /_sandbox/expire-tokens", local(done(func(r *http.Request) error { return s.ExpireTokens(r.Context()) })))
	mux.HandleFunc("POST /_sandbox/reset", local(done(func(r *http.Request) error { return s.Reset(r.Context()) })))
	mux.HandleFunc("GET /_sandbox/stats", local(s.serveStats))
	mux.HandleFunc("GET /_sandbox/log", local(func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, s.Log()) }))
	mux.HandleFunc("GET /_sandbox/faults", local(func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, s.Faults()) }))
	mux.HandleFunc("PUT /_sandbox/faults", local(s.replaceFaults))
}

// local keeps everybody but this machine from a route.
func local(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !fromHere(r) {
			http.Error(w, "only from this machine", http.StatusForbidden)
			return
		}
		serve(w, r)
	}
}

func fromHere(r *http.Request) bool {
	// A page of another site could make a browser on this machine send it.
	if r.Header.Get("Origin") != "" {
		return false
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	return err != nil || net.ParseIP(host).IsLoopback()
}

// done answers 204 after something was done.
func done(do func(*http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := do(r); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// serveStats is the counters for tests and for the curious.
func (s *Sandbox) serveStats(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, map[string]any{
		"stats":      s.Stats(),
		"bucketFill": s.bucket.fill(sourceOf(r), s.now()),
	})
}

// replaceFaults takes a JSON list of faults.
func (s *Sandbox) replaceFaults(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxFaults))
	var faults []Fault
	if err == nil {
		faults, err = ParseFaults(text)
	}
	if err == nil {
		err = s.SetFaults(faults...)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v)
}
