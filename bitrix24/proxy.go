package bitrix24

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Proxy is a proxy server between the client and the portal.
type Proxy struct {
	Protocol string // http or https: an HTTP proxy; socks5: a SOCKS proxy
	Host     string // name or address; https://name reaches the proxy itself by TLS
	Port     int    // 0 is the usual one: 3128, or 1080 for SOCKS
	User     string // for basic authentication
	Password Secret

	// UseOSAuthentication asks for the login of the operating system (NTLM,
	// Kerberos), which is not available. It is accepted while the proxy asks
	// for no login at all.
	UseOSAuthentication bool
}

// url checks the proxy and returns its address as net/http wants it.
func (p *Proxy) url() (*url.URL, error) {
	protocol := strings.ToLower(strings.TrimSpace(p.Protocol))
	scheme, port := "http", 3128
	switch protocol {
	case "", "http", "https":
	case "socks5", "socks5h":
		scheme, port = protocol, 1080
	default:
		return nil, configErrorf("proxy", "Protocol %q is not known; use http, https or socks5", p.Protocol)
	}
	host := strings.TrimSpace(p.Host)
	if s, rest, ok := strings.Cut(host, "://"); ok {
		if s = strings.ToLower(s); s != "http" && s != "https" {
			return nil, configErrorf("proxy", "Host begins with %s://; only http:// and https:// may stand there", s)
		}
		scheme, host = s, rest
	}
	host = strings.TrimSuffix(host, "/")
	if h, text, err := net.SplitHostPort(host); err == nil {
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, configErrorf("proxy", "Host ends with no port number")
		}
		host, port = h, n
	}
	if p.Port != 0 {
		port = p.Port
	}
	switch {
	case host == "" || strings.ContainsAny(host, "/@?# "):
		return nil, configErrorf("proxy", "Host is missing or no host name")
	case port < 1 || port > 65535:
		return nil, configErrorf("proxy", "Port %d is none; it goes from 1 to 65535", port)
	case p.UseOSAuthentication && (p.User != "" || !p.Password.IsZero()):
		return nil, configErrorf("proxy", "UseOSAuthentication is true and there is a User: the login of the operating system is not available; set UseOSAuthentication to false")
	case p.User == "" && !p.Password.IsZero():
		return nil, configErrorf("proxy", "there is a Password but no User")
	}
	u := &url.URL{Scheme: scheme, Host: net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(port))}
	if p.User != "" {
		u.User = url.UserPassword(p.User, p.Password.Reveal())
	}
	return u, nil
}

// proxyError is a proxy that does not let the request through. The portal has
// not seen it.
type proxyError struct {
	status int
	os     bool // UseOSAuthentication was asked for
}

func (e *proxyError) Error() string {
	switch {
	case e.status == http.StatusProxyAuthRequired && e.os:
		return "the proxy asks for a login, and the login of the operating system (UseOSAuthentication) is not available; give User and Password and set UseOSAuthentication to false"
	case e.status == http.StatusProxyAuthRequired:
		return "the proxy asks for a login or refuses this one; check User and Password"
	}
	return "the proxy refuses the connection with HTTP " + strconv.Itoa(e.status)
}

// hopeless tells whether a connection that failed would fail again the same
// way, so that another attempt is a waste of time.
func hopeless(err error) bool {
	var (
		dns   *net.DNSError
		proxy *proxyError
		rule  *ConfigError
		file  *contentError
	)
	return errors.As(err, &dns) && dns.IsNotFound || errors.As(err, &proxy) || errors.As(err, &rule) || errors.As(err, &file) || isCertificateError(err)
}

// refuseConnect turns a proxy's "no" to CONNECT into a typed error.
func (p *Proxy) refuseConnect(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyError{status: answer.StatusCode, os: p != nil && p.UseOSAuthentication}
}
