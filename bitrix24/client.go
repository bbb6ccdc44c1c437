package bitrix24

import (
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
)

// Client calls the REST methods of one portal. It is safe for use by many
// goroutines at once.
type Client struct {
	engine    *engine
	addr      *address
	limiter   *limiter
	operating operating
	tokens    tokens
	counters  counters
	// moved is the address a renamed portal redirected to.
	moved atomic.Pointer[url.URL]
}

// New makes a client for a portal: the address of an incoming webhook
// (https://portal/rest/1/CODE/), or the portal's domain together with
// WithToken. Nothing is sent. A setting that cannot be used is a *ConfigError.
func New(address string, opts ...Option) (*Client, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	addr, err := parseAddress(address, cfg.insecure)
	if err != nil {
		return nil, err
	}
	switch {
	case !addr.webhook && cfg.token.IsZero() && cfg.refresh == nil:
		return nil, configErrorf("address", "%s is no webhook address, so an access token is needed; a webhook's address looks like https://%s/rest/1/CODE/", addr.url.Host, addr.url.Host)
	case addr.webhook && (!cfg.token.IsZero() || cfg.refresh != nil):
		return nil, configErrorf("token", "a webhook address carries its own secret; give the domain %s with a token, or the webhook alone", addr.url.Host)
	}
	c := &Client{
		engine:    newEngine(cfg, addr.code, cfg.token),
		addr:      addr,
		limiter:   newLimiter(cfg, addr.url.Host),
		operating: operating{limit: cfg.operatingLimit},
	}
	if err := c.tokens.init(cfg, c.engine); err != nil {
		return nil, err
	}
	return c, nil
}

// String shows the portal without its secret.
func (c *Client) String() string { return "bitrix24 " + c.addr.String() }

// Format keeps every verb of fmt from printing the fields of the client.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(c.String())) }

// CloseIdleConnections drops the connections that no call is using.
func (c *Client) CloseIdleConnections() { c.engine.transports.close() }

// Redact takes the secrets of the client, and whatever stands where a secret
// usually stands, out of a text.
func (c *Client) Redact(text string) string { return c.engine.redactor.text(text) }

// base is where the portal is reached now.
func (c *Client) base() *url.URL {
	if u := c.moved.Load(); u != nil {
		return u
	}
	return c.addr.url
}

// remember keeps the scheme and host that a renamed portal redirected to.
func (c *Client) remember(to *url.URL) {
	u := *c.addr.url
	u.Scheme, u.Host = to.Scheme, to.Host
	c.moved.Store(&u)
}

// Preview is a request as it would be sent, its secrets hidden.
type Preview struct {
	Verb   string
	URL    string
	Header http.Header
	Body   []byte
}

// Preview returns what Call would send, without sending it.
func (c *Client) Preview(r Request, opts ...CallOption) (*Preview, error) {
	out, _, err := c.prepare(r, opts)
	if err != nil {
		return nil, err
	}
	return c.engine.preview(out), nil
}
