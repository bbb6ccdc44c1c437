package bitrix24_test

import (
	"bufio"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/oint-go/oint/bitrix24"
)

const proxyPassword = "s3cr3tpr0xy"

// httpProxy is a forward proxy for CONNECT and for plain requests, with an
// optional login.
func httpProxy(t *testing.T, login string) (port int, used *atomic.Int32) {
	t.Helper()
	used = &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		want := "Basic " + base64.StdEncoding.EncodeToString([]byte(login))
		if login != "" && r.Header.Get("Proxy-Authorization") != want {
			w.Header().Set("Proxy-Authenticate", "Basic")
			http.Error(w, "login, please", http.StatusProxyAuthRequired)
			return
		}
		used.Add(1)
		if r.Method != http.MethodConnect {
			r.RequestURI = ""
			r.Header.Del("Proxy-Authorization")
			answer, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadGateway)
				return
			}
			defer answer.Body.Close() //nolint:errcheck // read to its end
			w.WriteHeader(answer.StatusCode)
			_, _ = io.Copy(w, answer.Body)
			return
		}
		target, err := net.Dial("tcp", r.Host)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusOK)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		pipe(conn, target)
	}))
	t.Cleanup(func() {
		server.Close()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
	return server.Listener.Addr().(*net.TCPAddr).Port, used
}

// pipe joins two connections until both ends are done.
func pipe(a, b net.Conn) {
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(a, b)
		_ = a.Close()
		close(done)
	}()
	_, _ = io.Copy(b, a)
	_ = b.Close()
	<-done
}

// socksProxy is a SOCKS5 server (RFC 1928, RFC 1929) that wants a login.
func socksProxy(t *testing.T, login string) (port int, used *atomic.Int32) {
	t.Helper()
	used = &atomic.Int32{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				if err := serveSOCKS(conn, login, used); err != nil {
					_ = conn.Close()
				}
			}()
		}
	}()
	return listener.Addr().(*net.TCPAddr).Port, used
}

func serveSOCKS(conn net.Conn, login string, used *atomic.Int32) error {
	r := bufio.NewReader(conn)
	read := func(n int) []byte {
		b := make([]byte, n)
		_, _ = io.ReadFull(r, b)
		return b
	}
	read(int(read(2)[1])) // the methods the client offers
	if _, err := conn.Write([]byte{5, 2}); err != nil {
		return err
	}
	user := string(read(int(read(2)[1])))
	password := string(read(int(read(1)[0])))
	if user+":"+password != login {
		_, _ = conn.Write([]byte{1, 1})
		return errors.New("wrong login")
	}
	_, _ = conn.Write([]byte{1, 0})
	host := ""
	switch head := read(4); head[3] {
	case 1:
		host = net.IP(read(4)).String()
	case 3:
		host = string(read(int(read(1)[0])))
	}
	p := read(2)
	target, err := net.Dial("tcp", net.JoinHostPort(host, fmt.Sprint(int(p[0])<<8|int(p[1]))))
	if err != nil {
		return err
	}
	used.Add(1)
	_, _ = conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	pipe(conn, target)
	return nil
}

func TestProxies(t *testing.T) {
	t.Parallel()
	plain := newPortal(t, answer(200, okAnswer))
	secure := httptest.NewTLSServer(answer(200, okAnswer))
	t.Cleanup(secure.Close)
	pool := x509.NewCertPool()
	pool.AddCert(secure.Certificate())
	targets := map[string]string{"http target": plain.webhook(), "https target": secure.URL + "/rest/1/" + webhookCode + "/"}

	login := "u:" + proxyPassword
	httpPort, httpUsed := httpProxy(t, login)
	socksPort, socksUsed := socksProxy(t, login)
	for _, test := range []struct {
		name  string
		proxy bitrix24.Proxy
		used  *atomic.Int32
	}{
		{"https", bitrix24.Proxy{Protocol: "https", Host: "127.0.0.1", Port: httpPort}, httpUsed},
		{"http", bitrix24.Proxy{Protocol: "http", Host: fmt.Sprintf("http://127.0.0.1:%d", httpPort)}, httpUsed},
		{"socks5", bitrix24.Proxy{Protocol: "socks5", Host: "127.0.0.1", Port: socksPort}, socksUsed},
	} {
		for target, address := range targets {
			t.Run(test.name+" "+target, func(t *testing.T) {
				c, err := bitrix24.New(address, bitrix24.WithRootCAs(pool))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(c.CloseIdleConnections)
				test.proxy.User, test.proxy.Password = "u", bitrix24.NewSecret(proxyPassword)
				before := test.used.Load()
				if _, err := c.UpdateUser(t.Context(), 1, nil, bitrix24.WithProxy(test.proxy)); err != nil {
					t.Fatal(err)
				}
				if test.used.Load() != before+1 {
					t.Error("the proxy was passed by")
				}
				if _, err := c.UpdateUser(t.Context(), 1, nil); err != nil || test.used.Load() != before+1 {
					t.Errorf("a call without the proxy: %v, used %d times", err, test.used.Load()-before)
				}

				test.proxy.Password = bitrix24.NewSecret("wr0ngpassw0rd")
				_, err = c.UpdateUser(t.Context(), 1, nil, bitrix24.WithProxy(test.proxy), bitrix24.WithRetries(1))
				var transport *bitrix24.TransportError
				if !errors.As(err, &transport) || transport.MayHaveRun {
					t.Errorf("wrong login: %v", err)
				}
				if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), "wr0ngpassw0rd") {
					t.Error("the error shows the password")
				}
			})
		}
	}
}

func TestProxyWithOSLogin(t *testing.T) {
	t.Parallel()
	p := newPortal(t, answer(200, okAnswer))
	open, used := httpProxy(t, "")
	closed, _ := httpProxy(t, "u:p")
	c := p.client(t)
	proxy := bitrix24.Proxy{Host: "127.0.0.1", Port: open, UseOSAuthentication: true}
	if _, err := c.GetUser(t.Context(), 1, bitrix24.WithProxy(proxy)); err == nil || used.Load() != 1 {
		// The result is "true", which is no list of users; the call itself must go through.
		var shape *bitrix24.AnswerError
		if !errors.As(err, &shape) {
			t.Errorf("a proxy without a login: %v", err)
		}
	}
	proxy.Port = closed
	_, err := c.UpdateUser(t.Context(), 1, nil, bitrix24.WithProxy(proxy))
	if err == nil || !strings.Contains(err.Error(), "UseOSAuthentication") || bitrix24.Ambiguous(err) {
		t.Errorf("a proxy with a login: %v", err)
	}
}
