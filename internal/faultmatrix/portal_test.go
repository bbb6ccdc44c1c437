//go:build faultmatrix

package faultmatrix

import (
	"context"
	"fmt"
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

// users is how many users the portals have.
const users = 10_000

// timeout is that of the clients where an answer can come too late, as the slow
// faults do.
const (
	timeout = 2 * time.Second
	tooLong = 4 * time.Second
)

// seeded is the database file that every portal begins with a copy of.
var seeded string

func seed(dir string) error {
	seeded = filepath.Join(dir, "seeded.db")
	portal, err := sandbox.New(sandbox.Options{DB: seeded, Users: users})
	if err != nil {
		return err
	}
	return portal.Close()
}

// portal is a portal with faults, reached over HTTP by two addresses, and what
// was heard from its clients.
type portal struct {
	*sandbox.Sandbox
	address, renamed string
	file, tokens     string // the database, the tokens
	mu               sync.Mutex
	heard            strings.Builder
}

func newPortal(t *testing.T, plan sandbox.Plan) *portal {
	t.Helper()
	dir := t.TempDir()
	content, err := os.ReadFile(seeded)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "portal.db")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	box, err := sandbox.New(sandbox.Options{DB: file, Plan: plan, LogSize: 200_000, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	servers := [2]*httptest.Server{httptest.NewServer(box), httptest.NewServer(box)}
	p := &portal{Sandbox: box, address: servers[0].URL, renamed: servers[1].URL, file: file, tokens: filepath.Join(dir, "tokens.json")}
	access := box.Access()
	err = shared.NewTokenFile(p.tokens).Save(t.Context(), bitrix24.Token{
		AccessToken: bitrix24.NewSecret(access.Token), RefreshToken: bitrix24.NewSecret(access.RefreshToken),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, s := range servers {
			s.Close()
		}
		if err := box.Close(); err != nil {
			t.Error(err)
		}
		p.noSecrets(t)
	})
	return p
}

// client reaches the portal as an application, so that tokens can expire.
func (p *portal) client(t *testing.T, opts ...bitrix24.Option) *bitrix24.Client {
	t.Helper()
	access := p.Access()
	opts = append([]bitrix24.Option{
		bitrix24.WithApplication(bitrix24.Application{ClientID: access.ClientID, ClientSecret: bitrix24.NewSecret(access.ClientSecret)}, shared.NewTokenFile(p.tokens)),
		bitrix24.WithOAuthServer(p.address), bitrix24.WithLimits(bitrix24.NoLimits), bitrix24.WithHooks(p.hooks()),
	}, opts...)
	c, err := bitrix24.New(p.address, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// calm is a client of the same data without faults and limits.
func (p *portal) calm(t *testing.T) *bitrix24.Client {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{DB: p.file})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	})
	c, err := bitrix24.New(box.Access().Webhook, bitrix24.WithTransport(box.Transport()), bitrix24.WithLimits(bitrix24.NoLimits))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// hear keeps a text that could hold a secret.
func (p *portal) hear(values ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, v := range values {
		fmt.Fprintf(&p.heard, "%v %+v %#v\n", v, v, v)
	}
}

// hooks hears everything that a client tells.
func (p *portal) hooks() bitrix24.Hooks {
	return bitrix24.Hooks{
		Call: func(ctx context.Context, e bitrix24.CallEvent) (context.Context, func(error)) {
			p.hear(e)
			return ctx, func(err error) { p.hear(err) }
		},
		Request: func(_ context.Context, e bitrix24.RequestEvent) {
			p.hear(e.URL, e.Header, string(e.Body[:min(len(e.Body), 300)]))
		},
		Response: func(_ context.Context, e bitrix24.ResponseEvent) {
			p.hear(e.Header, string(e.Body[:min(len(e.Body), 300)]))
		},
		Refusal: func(_ context.Context, e bitrix24.RefusalEvent) { p.hear(e) },
		Repeat:  func(_ context.Context, e bitrix24.RepeatEvent) { p.hear(e) },
		Wait:    func(_ context.Context, e bitrix24.WaitEvent) { p.hear(e) },
	}
}

// noSecrets looks for every secret of the portal in all that was heard.
func (p *portal) noSecrets(t *testing.T) {
	access := p.Access()
	heard := p.heard.String()
	if heard == "" {
		t.Error("nothing was heard")
	}
	secrets := map[string]string{
		"webhook": strings.Split(access.WebhookPath, "/")[3], "token": access.Token, "refresh token": access.RefreshToken, "client secret": access.ClientSecret,
	}
	if stored, err := shared.NewTokenFile(p.tokens).Load(context.Background()); err == nil {
		secrets["new token"], secrets["new refresh token"] = stored.AccessToken.Reveal(), stored.RefreshToken.Reveal()
	}
	for name, secret := range secrets {
		if secret != "" && strings.Contains(heard, secret) {
			t.Errorf("the %s was told", name)
		}
	}
}

// carriedOut counts the commands of a method that the portal carried out, by the
// record that they made or changed.
func (p *portal) carriedOut(method string) map[int64]int {
	count := map[int64]int{}
	for _, c := range p.Log() {
		if c.Method == method && c.Code == "" {
			count[c.Record]++
		}
	}
	return count
}
