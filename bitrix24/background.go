package bitrix24

import (
	"context"
	"encoding/json"
	"time"
)

// Job is a call that was put into a queue, to be made by a worker.
type Job struct {
	ID        int64     `json:"id"`
	Kind      string    `json:"kind"`  // the REST method
	State     string    `json:"state"` // queued, running, done, failed or cancelled
	CreatedAt time.Time `json:"created_at"`
	Portal    string    `json:"portal"` // host of the portal
}

// BackgroundCall is everything a worker needs to make a call without the client.
// A queue must not keep it in the clear: it holds the secret of the portal.
type BackgroundCall struct {
	Portal   string // host of the portal; calls of one portal are made one after the other
	Address  Secret // of the portal; a webhook's holds its code
	Token    Secret // access token, unless the address is a webhook
	Insecure bool   // see WithInsecureHTTP
	Request  Request
	Params   json.RawMessage // parameters of the request, an object in their order
	Timeout  time.Duration   // for one attempt
	Retries  int             // attempts in all; 0 leaves it to the replay class
}

// JobStore is a durable queue of calls. Package bitrix24/queue is one, with
// workers started by "oint worker".
type JobStore interface {
	Enqueue(ctx context.Context, call BackgroundCall) (Job, error)
}

// WithJobs sets the queue for Background.
func WithJobs(store JobStore) Option {
	return option(func(c *config) error {
		if store == nil {
			return configErrorf("jobs", "the queue is nil")
		}
		c.jobs = store
		return nil
	})
}

// Background puts a call into the client's queue and returns at once; a worker
// makes it, even when this process has ended. A call that Call would refuse, and
// a client whose settings a worker cannot have, is a *ConfigError.
//
// A call of the class Once that was cut off is never made again by itself: its
// job fails. The access token is that of now; a queue is no place to wait for
// longer than it lives.
func (c *Client) Background(ctx context.Context, r Request, opts ...CallOption) (Job, error) {
	cfg := c.engine.cfg
	switch {
	case cfg.jobs == nil:
		return Job{}, configErrorf("jobs", "the client has no queue; WithJobs sets one")
	case cfg.transport != nil:
		return Job{}, configErrorf("transport", "a worker is another process and cannot use it")
	case cfg.rootCAs != nil:
		return Job{}, configErrorf("root CAs", "a worker is another process; make the system trust them (SSL_CERT_FILE)")
	}
	out, settings, err := c.prepare(r, opts)
	if err != nil {
		return Job{}, err
	}
	switch {
	case settings.proxy != nil:
		return Job{}, configErrorf("proxy", "a worker is another process; set its HTTPS_PROXY")
	case !c.addr.webhook && out.token.IsZero():
		return Job{}, configErrorf("token", "the client has none yet; make a call first")
	case settings.key != "":
		return Job{}, configErrorf("idempotency key", "a job cannot keep one")
	}
	params, err := json.Marshal(out.params)
	if err != nil {
		return Job{}, err
	}
	r.Replay = out.replay
	return cfg.jobs.Enqueue(ctx, BackgroundCall{
		Portal: c.addr.url.Host, Address: NewSecret(c.base().String()), Token: out.token, Insecure: cfg.insecure,
		Request: r, Params: params, Timeout: settings.timeout, Retries: settings.retries,
	})
}
