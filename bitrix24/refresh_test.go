package bitrix24_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/bitrix24/shared"
	"github.com/oint-go/oint/sandbox"
)

// application is a portal over HTTP with a client that renews its token.
type application struct {
	*sandbox.Sandbox
	app     bitrix24.Application
	tokens  *shared.TokenFile
	file    string
	address string
	client  *bitrix24.Client
}

func newApplication(t *testing.T) *application {
	t.Helper()
	portal, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(portal)
	access := portal.Access()
	a := &application{
		Sandbox: portal, address: server.URL, file: filepath.Join(t.TempDir(), "app", "tokens.json"),
		app: bitrix24.Application{ClientID: access.ClientID, ClientSecret: bitrix24.NewSecret(access.ClientSecret)},
	}
	if err := os.Mkdir(filepath.Dir(a.file), 0o700); err != nil {
		t.Fatal(err)
	}
	a.tokens = shared.NewTokenFile(a.file)
	if err := a.tokens.Save(t.Context(), bitrix24.Token{AccessToken: bitrix24.NewSecret(access.Token), RefreshToken: bitrix24.NewSecret(access.RefreshToken)}); err != nil {
		t.Fatal(err)
	}
	a.client = a.newClient(t, a.tokens)
	t.Cleanup(func() {
		server.Close()
		if err := portal.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func (a *application) newClient(t *testing.T, store bitrix24.TokenStore) *bitrix24.Client {
	t.Helper()
	c, err := bitrix24.New(a.address, bitrix24.WithApplication(a.app, store), bitrix24.WithOAuthServer(a.address), bitrix24.WithLimits(bitrix24.NoLimits))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func (a *application) expire(t *testing.T) {
	t.Helper()
	if err := a.ExpireTokens(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func admin(ctx context.Context, c *bitrix24.Client) error {
	_, err := bitrix24.Do[bool](ctx, c, bitrix24.Request{Method: "user.admin", Replay: bitrix24.Safe})
	return err
}

// TestRenewal replaces the token once, stores it, and uses it for the call that
// found the old one expired, even one that must not run twice.
func TestRenewal(t *testing.T) {
	t.Parallel()
	a := newApplication(t)
	a.expire(t)
	before, err := a.tokens.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.client.CreateDepartment(t.Context(), "North", &bitrix24.CreateDepartmentOptions{ParentID: 1}); err != nil {
		t.Fatal(err)
	}
	after, err := a.tokens.Load(t.Context())
	if err != nil || after.AccessToken == before.AccessToken || after.RefreshToken == before.RefreshToken || after.Expires == 0 {
		t.Fatalf("the store was not renewed: %v", err)
	}
	if info, err := os.Stat(a.file); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read the tokens: %v, %v", info.Mode(), err)
	}
	if err := admin(t.Context(), a.newClient(t, a.tokens)); err != nil {
		t.Errorf("a new client with the stored token: %v", err)
	}
	if n := a.client.Stats().Renewals; n != 1 {
		t.Errorf("%d renewals", n)
	}
}

// TestRenewalByAnother takes the pair that another process has stored instead of
// using the refresh token again.
func TestRenewalByAnother(t *testing.T) {
	t.Parallel()
	a := newApplication(t)
	other := a.newClient(t, shared.NewTokenFile(a.file))
	a.expire(t)
	if err := admin(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	stored, err := a.tokens.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := admin(t.Context(), a.client); err != nil {
		t.Fatal(err)
	}
	if again, err := a.tokens.Load(t.Context()); err != nil || again != stored {
		t.Errorf("the tokens were renewed again: %v", err)
	}
}

// countingStore counts renewals and can refuse them.
type countingStore struct {
	bitrix24.TokenStore
	mu      sync.Mutex
	updates int
}

func (s *countingStore) Update(ctx context.Context, renew func(bitrix24.Token) (bitrix24.Token, error)) error {
	s.mu.Lock()
	s.updates++
	s.mu.Unlock()
	return s.TokenStore.Update(ctx, renew)
}

// TestFailedRenewalIsNotRepeated asks the authorization server once for a token
// that it refuses, however many calls come.
func TestFailedRenewalIsNotRepeated(t *testing.T) {
	t.Parallel()
	a := newApplication(t)
	wrong := &countingStore{TokenStore: shared.NewTokenFile(filepath.Join(t.TempDir(), "tokens.json"))}
	err := wrong.TokenStore.(*shared.TokenFile).Save(t.Context(), bitrix24.Token{
		AccessToken: bitrix24.NewSecret(a.Access().Token), RefreshToken: bitrix24.NewSecret("s3cr3t-of-another-day"),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := a.newClient(t, wrong)
	a.expire(t)
	for range 5 {
		err := admin(t.Context(), c)
		var refresh *bitrix24.RefreshError
		if !errors.As(err, &refresh) || !errors.Is(err, bitrix24.ErrInvalidGrant) || bitrix24.Ambiguous(err) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%v", err)
		}
	}
	if wrong.updates != 1 {
		t.Errorf("%d renewals were tried", wrong.updates)
	}
}

// TestStoreThatCannotBeWritten refuses before the refresh token is used up.
func TestStoreThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	a := newApplication(t)
	a.expire(t)
	if err := os.RemoveAll(filepath.Dir(a.file)); err != nil {
		t.Fatal(err)
	}
	var refresh *bitrix24.RefreshError
	if err := admin(t.Context(), a.client); !errors.As(err, &refresh) || !strings.Contains(err.Error(), "lock the tokens") {
		t.Fatalf("%v", err)
	}
	server, err := bitrix24.NewAuthServer(bitrix24.WithOAuthServer(a.address))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := server.RefreshToken(t.Context(), a.app.ClientID, a.app.ClientSecret, bitrix24.NewSecret(a.Access().RefreshToken)); err != nil {
		t.Errorf("the refresh token was used up: %v", err)
	}
}

// TestOneRetryAfterRenewal gives up when the new token is called expired too.
func TestOneRetryAfterRenewal(t *testing.T) {
	t.Parallel()
	a := newApplication(t)
	if err := a.SetFaults(sandbox.Fault{Kind: sandbox.FaultExpiredToken, Method: "user.admin"}); err != nil {
		t.Fatal(err)
	}
	if err := admin(t.Context(), a.client); !errors.Is(err, bitrix24.ErrExpiredToken) {
		t.Errorf("%v", err)
	}
	if got := a.client.Stats(); got.Requests != 2 || got.Renewals != 1 {
		t.Errorf("%+v", got)
	}
}

// TestOtherRefusalsRenewNothing leaves the tokens alone.
func TestOtherRefusalsRenewNothing(t *testing.T) {
	t.Parallel()
	a := newApplication(t)
	store := &countingStore{TokenStore: a.tokens}
	c := a.newClient(t, store)
	if _, err := c.UpdateUser(t.Context(), 4711, bitrix24.Fields{"NAME": "x"}); err == nil {
		t.Error("no error")
	}
	if _, err := bitrix24.Do[bool](t.Context(), c, bitrix24.Request{Method: "no.such.method"}); !errors.Is(err, bitrix24.ErrMethodNotFound) {
		t.Error(err)
	}
	if store.updates != 0 {
		t.Errorf("%d renewals were tried", store.updates)
	}
}

// TestApplicationRefused is told when the client is made.
func TestApplicationRefused(t *testing.T) {
	t.Parallel()
	app := bitrix24.Application{ClientID: "local.1", ClientSecret: bitrix24.NewSecret("s3cr3t")}
	empty := shared.NewTokenFile(filepath.Join(t.TempDir(), "none.json"))
	broken := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(broken, []byte(`{"access_token":`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		address string
		app     bitrix24.Application
		store   bitrix24.TokenStore
		says    string
	}{
		"no tokens yet":  {"b24-xxxxxx.example", app, empty, "the token store is empty; authorize the application first"},
		"no secret":      {"b24-xxxxxx.example", bitrix24.Application{ClientID: "local.1"}, empty, "client secret"},
		"no store":       {"b24-xxxxxx.example", app, nil, "token store"},
		"a broken store": {"b24-xxxxxx.example", app, shared.NewTokenFile(broken), "holds no tokens"},
		"a webhook":      {"https://b24-xxxxxx.example/rest/1/code/", app, empty, "a webhook address carries its own secret"},
	} {
		if _, err := bitrix24.New(test.address, bitrix24.WithApplication(test.app, test.store)); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRenewalOutlastsItsCaller stores the new pair although the call that needed
// it is given up: the old one is used up.
func TestRenewalOutlastsItsCaller(t *testing.T) {
	t.Parallel()
	a := newApplication(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c, err := bitrix24.New(a.address, bitrix24.WithApplication(a.app, a.tokens), bitrix24.WithOAuthServer(a.address), bitrix24.WithLimits(bitrix24.NoLimits),
		bitrix24.WithHooks(bitrix24.Hooks{Request: func(_ context.Context, e bitrix24.RequestEvent) {
			if e.Method == "refresh_token" {
				cancel()
			}
		}}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	a.expire(t)
	if err := admin(ctx, c); !errors.Is(err, context.Canceled) || bitrix24.Ambiguous(err) {
		t.Errorf("ambiguous %v: %v", bitrix24.Ambiguous(err), err)
	}
	if err := admin(t.Context(), c); err != nil {
		t.Errorf("the next call: %v", err)
	}
	if err := admin(t.Context(), a.newClient(t, a.tokens)); err != nil {
		t.Errorf("another client with the stored token: %v", err)
	}
}

// stuckStore holds its lock until it is let go.
type stuckStore struct {
	bitrix24.TokenStore
	entered, release chan struct{}
}

func (s *stuckStore) Update(ctx context.Context, renew func(bitrix24.Token) (bitrix24.Token, error)) error {
	close(s.entered)
	<-s.release
	return s.TokenStore.Update(ctx, renew)
}

// TestWaitingForRenewalEndsWithItsContext lets a call give up while another one
// renews the token.
func TestWaitingForRenewalEndsWithItsContext(t *testing.T) {
	t.Parallel()
	a := newApplication(t)
	store := &stuckStore{TokenStore: a.tokens, entered: make(chan struct{}), release: make(chan struct{})}
	c := a.newClient(t, store)
	a.expire(t)
	first := make(chan error)
	go func() { first <- admin(t.Context(), c) }()
	<-store.entered
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := admin(ctx, c); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the second call: %v", err)
	}
	close(store.release)
	if err := <-first; err != nil {
		t.Errorf("the first call: %v", err)
	}
}

// TestCallWithoutRenewalDidNotRun tells that a call was not carried out when it is
// the renewal whose fate is unknown.
func TestCallWithoutRenewalDidNotRun(t *testing.T) {
	t.Parallel()
	a := newApplication(t)
	a.expire(t)
	if err := a.SetFaults(sandbox.Fault{Kind: sandbox.FaultResetAfter, Method: "oauth/token", Count: 1}); err != nil {
		t.Fatal(err)
	}
	var refresh *bitrix24.RefreshError
	_, err := a.client.CreateDepartment(t.Context(), "North", &bitrix24.CreateDepartmentOptions{ParentID: 1})
	if !errors.As(err, &refresh) || bitrix24.Ambiguous(err) {
		t.Errorf("ambiguous %v: %v", bitrix24.Ambiguous(err), err)
	}
	// By now the refresh token is known to be used up.
	for _, o := range a.client.BatchAll(t.Context(), []bitrix24.Command{{Method: "department.add", Params: bitrix24.Fields{"NAME": "South", "PARENT": 1}}}) {
		if o.State != bitrix24.NotSent || !errors.Is(o.Err, bitrix24.ErrInvalidGrant) {
			t.Errorf("%v: %v", o.State, o.Err)
		}
	}
}

// TestRenewalAfterStoreIsWell is tried again: it was the disk's fault, not the
// token's.
func TestRenewalAfterStoreIsWell(t *testing.T) {
	t.Parallel()
	a := newApplication(t)
	a.expire(t)
	dir := filepath.Dir(a.file)
	if err := os.Rename(dir, dir+"-away"); err != nil {
		t.Fatal(err)
	}
	if err := admin(t.Context(), a.client); err == nil {
		t.Error("no error")
	}
	if err := os.Rename(dir+"-away", dir); err != nil {
		t.Fatal(err)
	}
	if err := admin(t.Context(), a.client); err != nil {
		t.Error(err)
	}
}

// TestKeyOfOneCall is refused as a setting of the client.
func TestKeyOfOneCall(t *testing.T) {
	t.Parallel()
	var config *bitrix24.ConfigError
	if _, err := bitrix24.New("https://b24-xxxxxx.example/rest/1/code/", bitrix24.WithIdempotencyKey("k")); !errors.As(err, &config) || config.Setting != "idempotency key" {
		t.Errorf("%v", err)
	}
}
