package bitrix24

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestFateAndAttempts(t *testing.T) {
	t.Parallel()
	portal := func(status int, code string) error { return &Error{Status: status, Code: code} }
	page := func(status int) error { return &AnswerError{Status: status} }
	for _, test := range []struct {
		name       string
		err        error
		fate       fate
		once, safe int // attempts without WithRetries
	}{
		{"bad request", portal(400, "ERROR_CORE"), fateFinal, 1, 1},
		{"expired token", portal(401, "expired_token"), fateFinal, 1, 1},
		{"query limit", portal(503, "QUERY_LIMIT_EXCEEDED"), fateRefused, 8, 8},
		{"query limit with another status", portal(200, "query_limit_exceeded"), fateRefused, 8, 8},
		{"operation time", portal(429, "OPERATION_TIME_LIMIT"), fateRefused, 8, 8},
		{"manual block", portal(503, "OVERLOAD_LIMIT"), fateFinal, 1, 1},
		{"deleted portal", portal(500, "PORTAL_DELETED"), fateFinal, 1, 1},
		{"portal failed", portal(500, "INTERNAL_SERVER_ERROR"), fateUnknown, 1, 3},
		{"5xx without a code", portal(502, ""), fateUnknown, 1, 3},
		{"gateway page", page(504), fateUnknown, 1, 3},
		{"broken answer", page(200), fateUnknown, 1, 3},
		{"page not found", page(404), fateFinal, 1, 1},
		{"limit of a proxy", page(429), fateRefused, 8, 8},
		{"redirect to a page", page(302), fateFinal, 1, 1},
		{"connection refused", &TransportError{Err: &net.OpError{Op: "dial", Err: io.EOF}}, fateNotSent, 3, 3},
		{"no such host", &TransportError{Err: &net.DNSError{IsNotFound: true}}, fateFinal, 1, 1},
		{"proxy login", &TransportError{Err: &proxyError{status: 407}}, fateFinal, 1, 1},
		{"broken after sending", &TransportError{MayHaveRun: true, Err: io.EOF}, fateUnknown, 1, 3},
		{"something else", errors.New("x"), fateFinal, 1, 1},
	} {
		got := fateOf(test.err)
		if got != test.fate {
			t.Errorf("%s: fate %d, want %d", test.name, got, test.fate)
		}
		if n := attempts(got, Once, 0); n != test.once {
			t.Errorf("%s: %d attempts of a create", test.name, n)
		}
		for _, replay := range []Replay{Safe, Idempotent} {
			if n := attempts(got, replay, 0); n != test.safe {
				t.Errorf("%s: %d attempts of a %v call", test.name, n, replay)
			}
		}
		want := 5
		if test.fate == fateFinal {
			want = 1
		}
		if n := attempts(got, Once, 5); n != want {
			t.Errorf("%s: %d attempts when 5 were asked for", test.name, n)
		}
	}
}

func TestPauseGrowsAndIsCapped(t *testing.T) {
	t.Parallel()
	limits := []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 8 * time.Second}
	for i, limit := range limits {
		for range 100 {
			if d := pause(i + 1); d < limit/2 || d >= limit {
				t.Fatalf("pause %d is %v, expected between %v and %v", i+1, d, limit/2, limit)
			}
		}
	}
}

// scripted answers with one response after the other, the last one for ever.
type scripted struct {
	answers []string // "STATUS BODY", or "broken"
	calls   atomic.Int32
	times   []time.Time
}

func (s *scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	n := int(s.calls.Add(1)) - 1
	s.times = append(s.times, time.Now())
	text := s.answers[min(n, len(s.answers)-1)]
	if text == "broken" {
		return nil, io.ErrUnexpectedEOF
	}
	status := map[string]int{"200": 200, "503": 503, "500": 500, "400": 400}[text[:3]]
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text[4:])), Request: r}, nil
}

func TestRepeats(t *testing.T) {
	t.Parallel()
	const (
		limit = `503 {"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}`
		fail  = `500 {"error":"INTERNAL_SERVER_ERROR"}`
		ok    = `200 {"result":true}`
		bad   = `400 {"error":"ERROR_CORE"}`
	)
	for _, test := range []struct {
		name    string
		answers []string
		replay  Replay
		opts    []CallOption
		calls   int32
		fails   bool
	}{
		{"a create that was refused", []string{limit, limit, ok}, Once, nil, 3, false},
		{"refused for ever", []string{limit}, Once, nil, 8, true},
		{"a create whose fate is unknown", []string{"broken", ok}, Once, nil, 1, true},
		{"an update whose fate is unknown", []string{"broken", fail, ok}, Idempotent, nil, 3, false},
		{"a create the caller wants repeated", []string{"broken", fail, ok}, Once, []CallOption{WithRetries(3)}, 3, false},
		{"a create declared harmless", []string{"broken", ok}, Once, []CallOption{WithReplay(Safe)}, 2, false},
		{"retries count all attempts", []string{fail}, Safe, []CallOption{WithRetries(2)}, 2, true},
		{"an error of the portal", []string{bad, ok}, Safe, []CallOption{WithRetries(5)}, 1, true},
		{"refused, then an error", []string{limit, bad, ok}, Safe, nil, 2, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rt := &scripted{answers: test.answers}
				var repeats []RepeatEvent
				c, err := New("https://b24-xxxxxx.example/rest/1/abc/", WithTransport(rt), WithLimits(NoLimits), WithHooks(Hooks{Repeat: func(_ context.Context, e RepeatEvent) { repeats = append(repeats, e) }}))
				if err != nil {
					t.Fatal(err)
				}
				_, err = c.Call(t.Context(), Request{Method: "user.x", Replay: test.replay}, test.opts...)
				if (err != nil) != test.fails {
					t.Errorf("error %v", err)
				}
				if n := rt.calls.Load(); n != test.calls {
					t.Errorf("%d attempts, want %d", n, test.calls)
				}
				if len(repeats) != int(test.calls)-1 {
					t.Errorf("%d repeats were told of %d", len(repeats), test.calls-1)
				}
				for i, e := range repeats {
					if waited := rt.times[i+1].Sub(rt.times[i]); waited != e.Wait || e.Attempt != i+1 || e.Reason == "" {
						t.Errorf("repeat %d: %+v, waited %v", i, e, waited)
					}
				}
			})
		})
	}
}

func TestPauseEndsWithTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt := &scripted{answers: []string{`503 {"error":"QUERY_LIMIT_EXCEEDED"}`}}
		c, err := New("https://b24-xxxxxx.example/rest/1/abc/", WithTransport(rt))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := contextWithTimeout(t, 100*time.Millisecond)
		defer cancel()
		started := time.Now()
		_, err = c.Call(ctx, Request{Method: "user.get", Replay: Safe})
		if !errors.Is(err, ErrQueryLimit) || time.Since(started) != 100*time.Millisecond {
			t.Errorf("after %v: %v", time.Since(started), err)
		}
	})
}

func contextWithTimeout(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}
