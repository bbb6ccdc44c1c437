package bitrix24

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// transports holds the connections of a client: one pool, and one more for each
// proxy that calls ask for.
type transports struct {
	cfg   *config
	mu    sync.Mutex
	pools map[Proxy]http.RoundTripper
}

func newTransports(cfg *config) *transports {
	return &transports{cfg: cfg, pools: map[Proxy]http.RoundTripper{}}
}

// pool returns the connections through a proxy; nil means none of one's own.
func (t *transports) pool(proxy *Proxy) (http.RoundTripper, error) {
	if t.cfg.transport != nil {
		if proxy != nil {
			return nil, configErrorf("proxy", "the client has a transport of its own, which a proxy cannot be put before")
		}
		return t.cfg.transport, nil
	}
	var key Proxy
	if proxy != nil {
		key = *proxy
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if rt := t.pools[key]; rt != nil {
		return rt, nil
	}
	rt := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: t.cfg.rootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    15 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    64,
		IdleConnTimeout:        60 * time.Second,
		OnProxyConnectResponse: proxy.refuseConnect,
	}
	if proxy != nil {
		u, err := proxy.url()
		if err != nil {
			return nil, err
		}
		rt.Proxy = http.ProxyURL(u)
	}
	t.pools[key] = rt
	return rt, nil
}

// sendOnce keeps net/http from sending a GET again by itself when a kept
// connection breaks: it does so only while it can send the same body again.
func sendOnce(request *http.Request) {
	if request.Body == nil {
		request.Body = io.NopCloser(strings.NewReader(""))
	}
}

// close drops the idle connections.
func (t *transports) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, rt := range t.pools {
		if idle, ok := rt.(interface{ CloseIdleConnections() }); ok {
			idle.CloseIdleConnections()
		}
	}
}

func isCertificateError(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		authority    x509.UnknownAuthorityError
		hostname     x509.HostnameError
		invalid      x509.CertificateInvalidError
	)
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &hostname) || errors.As(err, &invalid)
}
