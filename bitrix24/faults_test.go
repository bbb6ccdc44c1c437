package bitrix24_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/oint-go/oint/bitrix24"
)

// hijack takes the connection away from the server and hands it to do.
func hijack(t *testing.T, do func(net.Conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		do(conn)
		_ = conn.Close()
	}
}

func TestTransportFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		handler   func(*testing.T) http.HandlerFunc
		says      string
		unusable  bool
		ambiguous bool
	}{
		{"reset after the request", func(t *testing.T) http.HandlerFunc {
			return hijack(t, func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) })
		}, "no answer from 127.0.0.1", false, true},
		{"closed without an answer", func(t *testing.T) http.HandlerFunc {
			return hijack(t, func(net.Conn) {})
		}, "EOF", false, true},
		{"body shorter than promised", func(t *testing.T) http.HandlerFunc {
			return hijack(t, func(c net.Conn) {
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"result\":tr")
			})
		}, "cut off", true, true},
		{"garbage", func(t *testing.T) http.HandlerFunc {
			return hijack(t, func(c net.Conn) { _, _ = io.WriteString(c, "hello\r\n\r\n") })
		}, "malformed", false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(t, test.handler(t))
			_, err := p.client(t).CreateUser(t.Context(), bitrix24.Fields{"EMAIL": "a@example.org"})
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("error %v", err)
			}
			var answer *bitrix24.AnswerError
			if errors.As(err, &answer) != test.unusable {
				t.Errorf("error %T", err)
			}
			if bitrix24.Ambiguous(err) != test.ambiguous {
				t.Errorf("ambiguous: %v", !test.ambiguous)
			}
			if n := len(p.seen()); n != 1 {
				t.Errorf("a create was sent %d times", n)
			}
			if strings.Contains(err.Error(), webhookCode) {
				t.Errorf("the error shows the webhook: %v", err)
			}
		})
	}
}

func TestNotReached(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	_ = listener.Close()
	// A certificate that nobody signed for us.
	untrusted := httptest.NewUnstartedServer(answer(200, okAnswer))
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()

	for name, address := range map[string]string{
		"refused":     "http://" + closed + "/rest/1/" + webhookCode + "/",
		"no such DNS": "https://b24-xxxxxx.invalid/rest/1/" + webhookCode + "/",
		"certificate": untrusted.URL + "/rest/1/" + webhookCode + "/",
	} {
		c, err := bitrix24.New(address)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		_, err = c.CreateUser(ctx, nil, bitrix24.WithRetries(1))
		cancel()
		c.CloseIdleConnections()
		var transport *bitrix24.TransportError
		if !errors.As(err, &transport) || transport.MayHaveRun || bitrix24.Ambiguous(err) {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(err.Error(), webhookCode) {
			t.Errorf("%s: the error shows the webhook: %v", name, err)
		}
	}
}

func TestCertificateAuthorities(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(answer(200, okAnswer))
	defer server.Close()
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	c, err := bitrix24.New(server.URL+"/rest/1/abc/", bitrix24.WithRootCAs(pool))
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	if _, err := c.UpdateUser(t.Context(), 1, nil); err != nil {
		t.Error(err)
	}
}

func TestTimeouts(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	p := newPortal(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	c := p.client(t)

	_, err := c.CreateUser(t.Context(), nil, bitrix24.WithTimeout(time.Second))
	var timeout interface{ Timeout() bool }
	if !errors.As(err, &timeout) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "within 1s") || !bitrix24.Ambiguous(err) {
		t.Errorf("time-out of an attempt: %v", err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err = c.GetUser(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("time-out of the caller: %v", err)
	}
	if n := len(p.seen()); n != 2 {
		t.Errorf("%d requests; the caller's time was over", n)
	}

	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err = c.GetUser(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err = c.CreateUser(ctx, nil); !errors.Is(err, context.Canceled) || bitrix24.Ambiguous(err) {
		t.Errorf("cancelled before it was sent: ambiguous %v, %v", bitrix24.Ambiguous(err), err)
	}
}

func TestMovedPortal(t *testing.T) {
	t.Parallel()
	newHome := newPortal(t, answer(200, okAnswer))
	oldHome := newPortal(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, newHome.URL+r.URL.Path, http.StatusFound)
	})
	c := oldHome.client(t)
	for range 2 {
		if _, err := c.UpdateUser(t.Context(), 7, bitrix24.Fields{"NAME": "Oleg"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(oldHome.seen()); n != 1 {
		t.Errorf("the old address was asked %d times; the new one was not remembered", n)
	}
	for _, got := range newHome.seen() {
		if got.verb != "POST" || got.body != `{"NAME":"Oleg","ID":"7"}` || !strings.HasSuffix(got.path, webhookCode+"/user.update") {
			t.Errorf("the new address received %+v", got)
		}
	}
}

func TestRedirectsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ location, says string }{
		"login page": {"/auth/?backurl=/rest/", "not the REST API"},
		"plain http": {"http://b24-xxxxxx.example/rest/1/abc/user.get", "without https"},
		"nowhere":    {"", "without an address"},
		"loop":       {"/prefix/rest/1/abc/user.get", "more than 5 redirects"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(t, func(w http.ResponseWriter, _ *http.Request) {
				if test.location != "" {
					w.Header().Set("Location", test.location)
				}
				w.WriteHeader(http.StatusFound)
			})
			_, err := p.client(t).GetUser(t.Context(), 1)
			var got *bitrix24.AnswerError
			if !errors.As(err, &got) || !strings.Contains(got.Reason, test.says) || bitrix24.Ambiguous(err) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// A transport that is not net/http's gives no trace of how far it got, so the
// worst is assumed.
func TestForeignTransport(t *testing.T) {
	t.Parallel()
	broken := roundTripper(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })
	c, err := bitrix24.New("https://b24-xxxxxx.example/rest/1/abc/", bitrix24.WithTransport(broken))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.CreateUser(t.Context(), nil); !bitrix24.Ambiguous(err) {
		t.Errorf("error %v", err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestMinimumTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(answer(200, okAnswer))
	server.TLS = &tls.Config{MaxVersion: tls.VersionTLS11} //nolint:gosec // the client must refuse it
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	c, err := bitrix24.New(server.URL+"/rest/1/abc/", bitrix24.WithRootCAs(pool), bitrix24.WithRetries(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.GetUser(t.Context(), 1); err == nil {
		t.Error("TLS 1.1 was accepted")
	}
}
