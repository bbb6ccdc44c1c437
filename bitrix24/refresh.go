package bitrix24

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Application is what an application needs to renew its access token.
type Application struct {
	ClientID     string
	ClientSecret Secret
}

// TokenStore keeps the tokens of an application for one portal. The store of
// package shared keeps them in a file.
type TokenStore interface {
	// Load returns the tokens; a zero Token when there are none.
	Load(ctx context.Context) (Token, error)
	// Update calls renew with the stored tokens while nobody else can, other
	// processes included, and stores what it returns before it returns itself.
	// A store that could not store must fail before it calls renew: a refresh
	// token works once. For the same reason the context goes on for some
	// seconds when the call that needs the token is given up.
	Update(ctx context.Context, renew func(Token) (Token, error)) error
}

// refreshConfig is how a client renews its token.
type refreshConfig struct {
	app   Application
	store TokenStore
}

// WithApplication makes the client of an application take its access token from
// a store and renew it when the portal says that it has expired. The new pair is
// stored before it is used; a renewal happens once, however many goroutines and
// processes wait for it.
func WithApplication(app Application, store TokenStore) Option {
	return option(func(c *config) error {
		if app.ClientID == "" || app.ClientSecret.IsZero() || store == nil {
			return configErrorf("application", "client id, client secret and a token store are needed")
		}
		c.refresh = &refreshConfig{app: app, store: store}
		return nil
	})
}

// RefreshError is an access token that could not be renewed. The user must
// authorize the application again when Err is ErrInvalidGrant.
type RefreshError struct{ Err error }

// Error says why.
func (e *RefreshError) Error() string {
	return fmt.Sprintf("the access token has expired and could not be renewed: %v", e.Err)
}

// Unwrap returns the cause.
func (e *RefreshError) Unwrap() error { return e.Err }

// tokens is the access token of a client and how it is renewed.
type tokens struct {
	config *refreshConfig
	server *AuthServer

	mu     sync.Mutex // guards token and failed
	token  Secret
	failed *failedRenewal

	renewing chan struct{} // has room for the one goroutine that renews
}

// lastWords is how much longer a renewal may go on when its caller has given up:
// breaking it off could lose the new pair, and the old one is used up.
const lastWords = 10 * time.Second

// failedRenewal keeps a token that cannot be renewed from being tried again and
// again.
type failedRenewal struct {
	token string
	err   error
}

func (t *tokens) init(cfg *config, e *engine) error {
	t.config, t.token = cfg.refresh, cfg.token
	if t.config == nil {
		return nil
	}
	u, err := authServerURL(cfg)
	if err != nil {
		return err
	}
	t.server, t.renewing = &AuthServer{engine: e, url: u}, make(chan struct{}, 1)
	stored, err := t.config.store.Load(context.Background())
	if err != nil {
		return fmt.Errorf("token store: %w", err)
	}
	if !stored.AccessToken.IsZero() {
		t.use(stored)
	}
	if t.token.IsZero() {
		return configErrorf("application", "the token store is empty; authorize the application first")
	}
	return nil
}

func (t *tokens) current() Secret {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.token
}

func (t *tokens) use(pair Token) {
	if t.server != nil {
		t.server.engine.redactor.add(pair.AccessToken, pair.RefreshToken)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token, t.failed = pair.AccessToken, nil
}

// renew replaces a token that the portal refused. Whoever comes later finds it
// replaced, in this process or in the store.
func (t *tokens) renew(ctx context.Context, expired Secret) error {
	select {
	case t.renewing <- struct{}{}:
		defer func() { <-t.renewing }()
	case <-ctx.Done():
		return &RefreshError{ctx.Err()}
	}
	t.mu.Lock()
	current, failed := t.token, t.failed
	t.mu.Unlock()
	if current != expired {
		return nil
	}
	if failed != nil && failed.token == expired.Reveal() {
		return &RefreshError{failed.err}
	}
	ctx, done := outlasting(ctx, lastWords)
	defer done()
	var pair Token
	var refused error
	err := t.config.store.Update(ctx, func(stored Token) (Token, error) {
		pair = stored
		if !stored.AccessToken.IsZero() && stored.AccessToken != expired {
			return stored, nil
		}
		if stored.RefreshToken.IsZero() {
			refused = errors.New("there is no refresh token")
			return stored, refused
		}
		answer, err := t.server.RefreshToken(ctx, t.config.app.ClientID, t.config.app.ClientSecret, stored.RefreshToken)
		if err != nil {
			refused = err
			return stored, err
		}
		pair = answer.Result
		return pair, nil
	})
	if err != nil {
		// What the server refused it refuses for ever; a broken connection or a
		// full disk is another matter.
		if refused != nil && fateOf(refused) == fateFinal && ctx.Err() == nil {
			t.mu.Lock()
			t.failed = &failedRenewal{expired.Reveal(), err}
			t.mu.Unlock()
		}
		return &RefreshError{err}
	}
	t.use(pair)
	return nil
}

// outlasting returns a context that ends so much later than the one it is made
// from; done ends it at once.
func outlasting(ctx context.Context, by time.Duration) (longer context.Context, done func()) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		_ = sleep(longer, by)
		cancel()
	})
	return longer, func() {
		stop()
		cancel()
	}
}

func (out *outgoing) renewable() bool { return out.client != nil && out.client.tokens.config != nil }

// renew writes the call anew with a renewed token.
func (out *outgoing) renew(ctx context.Context) error {
	if err := out.client.tokens.renew(ctx, out.token); err != nil {
		return err
	}
	out.count(func(c *counters) { c.renewals.Add(1) })
	return out.write(out.client.tokens.current())
}
