package bitrix24

import (
	"net"
	"net/url"
	"strings"
)

// address is a portal's REST address: "https://host/rest/" for tokens, or
// "https://host/rest/1/CODE/" for a webhook. It does not print itself.
type address struct {
	url     *url.URL // path ends with a slash
	webhook bool
	code    Secret // of a webhook
}

// String shows the address without its secret.
func (a *address) String() string {
	if a.webhook {
		return a.url.Scheme + "://" + a.url.Host + "/rest/" + hidden + "/"
	}
	return a.url.String()
}

// IsWebhook tells whether the text is the address of an incoming webhook rather
// than the domain of a portal.
func IsWebhook(text string) bool {
	a, err := parseAddress(text, true)
	return err == nil && a.webhook
}

// parseAddress reads a webhook address or a portal's domain. Scheme, trailing
// slash and trailing "rest/" may be missing. Without a scheme it is https,
// except for this machine.
func parseAddress(text string, insecure bool) (*address, error) {
	u, err := parseHost("address", text, insecure)
	if err != nil {
		return nil, err
	}
	path := strings.Trim(u.Path, "/")
	prefix, tail, hasRest := cutRest(path)
	parts := strings.FieldsFunc(tail, func(r rune) bool { return r == '/' })
	switch {
	case !hasRest:
		u.Path = join(path, "rest")
		return &address{url: u}, nil
	case len(parts) == 0:
		u.Path = join(prefix, "rest")
		return &address{url: u}, nil
	case len(parts) == 2 && isDigits(parts[0]):
		u.Path = join(prefix, "rest", parts[0], parts[1])
		return &address{url: u, webhook: true, code: NewSecret(parts[1])}, nil
	case len(parts) == 3 && isDigits(parts[0]):
		return nil, configErrorf("address", "it ends with the name of a method; a webhook's address ends after the code: https://%s/rest/%s/CODE/", u.Host, parts[0])
	}
	return nil, configErrorf("address", "it is no webhook address; one looks like https://%s/rest/1/CODE/", u.Host)
}

// parseHost reads an address and checks its scheme and host.
func parseHost(setting, text string, insecure bool) (*url.URL, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, configErrorf(setting, "it is empty")
	}
	scheme, rest, hasScheme := strings.Cut(text, "://")
	if !hasScheme {
		scheme, rest = "https", text
	}
	u, err := url.Parse(scheme + "://" + rest)
	if err != nil || u.Hostname() == "" {
		return nil, configErrorf(setting, "it cannot be read; expected a domain or https://…")
	}
	if u.User != nil {
		return nil, configErrorf(setting, "it holds a user name or password; Bitrix24 takes a webhook code or a token")
	}
	if !hasScheme && isLoopback(u.Hostname()) {
		u.Scheme = "http"
	}
	u.Scheme = strings.ToLower(u.Scheme)
	u.RawQuery, u.Fragment = "", ""
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, configErrorf(setting, "scheme %q; only https works", u.Scheme)
	case u.Scheme == "http" && !insecure && !isLoopback(u.Hostname()):
		err := configErrorf(setting, "plain http would show the secret to everybody on the way to %s; use https", u.Hostname())
		err.Insecure = true
		return nil, err
	}
	return u, nil
}

// cutRest splits a path at its last segment "rest".
func cutRest(path string) (prefix, tail string, found bool) {
	segments := strings.Split(path, "/")
	for i := len(segments) - 1; i >= 0; i-- {
		if strings.EqualFold(segments[i], "rest") {
			return strings.Join(segments[:i], "/"), strings.Join(segments[i+1:], "/"), true
		}
	}
	return "", "", false
}

// join makes a path that begins and ends with a slash.
func join(segments ...string) string {
	path := "/"
	for _, s := range segments {
		if s != "" {
			path += s + "/"
		}
	}
	return path
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
