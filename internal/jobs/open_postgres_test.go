//go:build postgres

package jobs

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"
)

// newOpener returns what opens the queue of one test, as often as it is called: a
// schema of its own in the database that OINT_TEST_POSTGRES names.
func newOpener(t *testing.T) func() *Store {
	t.Helper()
	address, err := url.Parse(os.Getenv("OINT_TEST_POSTGRES"))
	if err != nil || address.Host == "" {
		t.Fatal("OINT_TEST_POSTGRES is the address of a database; .ci/postgres starts one")
	}
	schema := "test_" + strings.ToLower(rand.Text())
	first, err := openPostgres(t.Context(), address.String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.exec(t.Context(), "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := first.exec(context.Background(), "DROP SCHEMA "+schema+" CASCADE")
		if err != nil {
			t.Error(err)
		}
		_ = first.Close()
	})
	query := address.Query()
	query.Set("search_path", schema)
	address.RawQuery = query.Encode()
	return func() *Store {
		t.Helper()
		s, err := Open(t.Context(), Options{Postgres: address.String(), Key: testKey})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
}
