package bitrix24

import (
	"context"
	"crypto/x509"
	"net/http"
	"strings"
	"time"
)

// The defaults of a client.
const (
	// DefaultTimeout is the time one attempt may take. A cloud portal ends a
	// request after 60 seconds.
	DefaultTimeout = 75 * time.Second
	// DefaultOAuthServer is the public authorization server.
	DefaultOAuthServer = "https://oauth.bitrix.info"
	// DefaultMaxBody is the largest answer that is read, in bytes.
	DefaultMaxBody = 1 << 30
)

// Option is a setting of a client.
type Option interface{ apply(*config) error }

// CallOption is a setting of one call. Given to New, it is the default of every
// call of the client.
type CallOption interface {
	Option
	applyCall(*callConfig) error
}

// config is what a client is made from.
type config struct {
	token       Secret
	transport   http.RoundTripper
	rootCAs     *x509.CertPool
	insecure    bool
	maxBody     int64
	oauthServer string
	hooks       Hooks
	userAgent   string
	call        callConfig

	limits         Limits
	limitStore     LimitStore
	operatingLimit time.Duration
	billing        Billing
	refresh        *refreshConfig
	jobs           JobStore
}

// callConfig is what one call may have of its own.
type callConfig struct {
	timeout time.Duration // per attempt; 0 means none
	retries int           // attempts in all; 0 leaves it to the replay class
	proxy   *Proxy
	replay  *Replay
	key     string          // Idempotency-Key of REST 3.0
	stop    context.Context // ends when no more attempts may begin; nil for never
}

func newConfig(opts []Option) (*config, error) {
	cfg := &config{
		maxBody:     DefaultMaxBody,
		oauthServer: DefaultOAuthServer,
		userAgent:   "oint/" + Version,
		call:        callConfig{timeout: DefaultTimeout},

		limits:         StandardLimits,
		operatingLimit: DefaultOperatingLimit,
	}
	for _, o := range opts {
		if err := o.apply(cfg); err != nil {
			return nil, err
		}
	}
	if cfg.call.key != "" {
		return nil, configErrorf("idempotency key", "it belongs to one call; as a setting of the client it would make all writes one")
	}
	if cfg.transport != nil && (cfg.call.proxy != nil || cfg.rootCAs != nil) {
		return nil, configErrorf("transport", "a transport of one's own brings its own proxy and certificates; set them there")
	}
	return cfg, nil
}

type option func(*config) error

func (o option) apply(c *config) error { return o(c) }

type callOption func(*callConfig) error

func (o callOption) apply(c *config) error         { return o(&c.call) }
func (o callOption) applyCall(c *callConfig) error { return o(c) }

// WithToken sets the access token of an application; the address is then the
// portal's domain.
func WithToken(token string) Option {
	return option(func(c *config) error {
		c.token = NewSecret(strings.TrimSpace(token))
		if c.token.IsZero() {
			return configErrorf("token", "it is empty")
		}
		return nil
	})
}

// WithTransport sends requests through rt instead of the network, e.g. the
// sandbox in the same process.
func WithTransport(rt http.RoundTripper) Option {
	return option(func(c *config) error {
		if rt == nil {
			return configErrorf("transport", "it is nil")
		}
		c.transport = rt
		return nil
	})
}

// WithRootCAs sets the certificate authorities to trust instead of the
// system's.
func WithRootCAs(pool *x509.CertPool) Option {
	return option(func(c *config) error {
		c.rootCAs = pool
		return nil
	})
}

// WithInsecureHTTP allows plain http to hosts other than this machine.
func WithInsecureHTTP() Option {
	return option(func(c *config) error {
		c.insecure = true
		return nil
	})
}

// WithMaxBody sets the largest answer that is read, in bytes.
func WithMaxBody(bytes int64) Option {
	return option(func(c *config) error {
		if bytes < 1 {
			return configErrorf("max body", "%d bytes leave no room for an answer", bytes)
		}
		c.maxBody = bytes
		return nil
	})
}

// WithUserAgent sets the User-Agent header; the default is "oint/" and the
// version.
func WithUserAgent(name string) Option {
	return option(func(c *config) error {
		if strings.ContainsAny(name, "\r\n") || strings.TrimSpace(name) == "" {
			return configErrorf("user agent", "it must be one line of text")
		}
		c.userAgent = name
		return nil
	})
}

// WithOAuthServer sets the address of the authorization server; the default is
// DefaultOAuthServer.
func WithOAuthServer(address string) Option {
	return option(func(c *config) error {
		c.oauthServer = address
		return nil
	})
}

// WithTimeout sets the time one attempt may take; the default is
// DefaultTimeout, 0 means no limit. The context of a call bounds all its
// attempts together.
func WithTimeout(d time.Duration) CallOption {
	return callOption(func(c *callConfig) error {
		if d < 0 {
			return configErrorf("timeout", "%v is negative", d)
		}
		c.timeout = d
		return nil
	})
}

// WithRetries sets the number of attempts in all, also for calls whose fate is
// unknown: after a time-out, a broken connection or a 5xx of the portal the
// call is sent again although it may have run.
func WithRetries(attempts int) CallOption {
	return callOption(func(c *callConfig) error {
		if attempts < 1 {
			return configErrorf("retries", "%d attempts; at least one is needed", attempts)
		}
		c.retries = attempts
		return nil
	})
}

// WithReplay sets the replay class of a call, overriding the one of its
// Request.
func WithReplay(r Replay) CallOption {
	return callOption(func(c *callConfig) error {
		c.replay = &r
		return nil
	})
}

// WithProxy sends the call through a proxy. Without it the environment decides
// (HTTPS_PROXY, HTTP_PROXY, NO_PROXY).
func WithProxy(p Proxy) CallOption {
	return callOption(func(c *callConfig) error {
		if _, err := p.url(); err != nil {
			return err
		}
		c.proxy = &p
		return nil
	})
}
