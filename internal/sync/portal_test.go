package sync_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/sync"
	"github.com/oint-go/oint/sandbox"
)

// bench is a portal over HTTP, a client of it and a folder.
type bench struct {
	t      *testing.T
	portal *sandbox.Sandbox
	client *bitrix24.Client
	dir    string
}

func newBench(t *testing.T, o sandbox.Options) *bench {
	t.Helper()
	return newBenchBehind(t, o, func(portal http.Handler) http.Handler { return portal })
}

// newBenchBehind is a portal with something before it.
func newBenchBehind(t *testing.T, o sandbox.Options, before func(portal http.Handler) http.Handler) *bench {
	t.Helper()
	portal, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(before(portal))
	t.Cleanup(func() {
		server.Close()
		if err := portal.Close(); err != nil {
			t.Error(err)
		}
	})
	client, err := bitrix24.New(server.URL+portal.Access().WebhookPath, bitrix24.WithLimits(bitrix24.NoLimits))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return &bench{t, portal, client, t.TempDir()}
}

func (b *bench) file(name, content string) string {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return path
}

// plan plans a table with CSV content.
func (b *bench) plan(entity sync.Entity, content string, o sync.PlanOptions) (*sync.Made, error) {
	b.t.Helper()
	if o.From == "" {
		o.From = b.file("table.csv", content)
	}
	o.Portal = "b24-xxxxxx.example"
	if o.MaxDismiss == 0 {
		o.MaxDismiss = -1
	}
	made, err := sync.NewMade()
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = made.Close() })
	header, err := sync.Make(b.t.Context(), b.client, entity, o, made.Writer())
	if err != nil {
		return nil, err
	}
	made.Header = *header
	return made, nil
}

// shown plans a table and returns what is shown of it.
func (b *bench) shown(entity sync.Entity, content string, o sync.PlanOptions) string {
	b.t.Helper()
	made, err := b.plan(entity, content, o)
	if err != nil {
		b.t.Fatal(err)
	}
	var text strings.Builder
	if err := made.WriteText(&text); err != nil {
		b.t.Fatal(err)
	}
	return text.String()
}

// saved plans a table into a file.
func (b *bench) saved(name string, entity sync.Entity, content string, o sync.PlanOptions) string {
	b.t.Helper()
	made, err := b.plan(entity, content, o)
	if err != nil {
		b.t.Fatal(err)
	}
	path := filepath.Join(b.dir, name)
	if err := made.Save(path); err != nil {
		b.t.Fatal(err)
	}
	return path
}

// apply applies the plan in a file.
func (b *bench) apply(path string, o sync.ApplyOptions) sync.Tally {
	b.t.Helper()
	plan, err := sync.OpenPlan(path, false)
	if err != nil {
		b.t.Fatal(err)
	}
	defer plan.Close() //nolint:errcheck // it is only read
	run, err := sync.Open(b.t.Context(), plan)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := run.Apply(b.t.Context(), b.client, o); err != nil {
		b.t.Error(err)
	}
	if err := run.Close(); err != nil {
		b.t.Error(err)
	}
	return run.Tally()
}

// set changes a user of the portal.
func (b *bench) set(id int64, fields bitrix24.Fields) {
	b.t.Helper()
	if _, err := b.client.UpdateUser(b.t.Context(), bitrix24.ID(id), fields); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) user(id int64) bitrix24.User {
	b.t.Helper()
	for u, err := range b.client.Users(b.t.Context(), bitrix24.Fields{"ID": id}) {
		if err != nil {
			b.t.Fatal(err)
		}
		return u
	}
	b.t.Fatalf("there is no user %d", id)
	return bitrix24.User{}
}

func has(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("not there: %s\nin\n%s", part, text)
		}
	}
}
