//go:build !postgres

package jobs

import (
	"testing"
)

// newOpener returns what opens the queue of one test, as often as it is called.
func newOpener(t *testing.T) func() *Store {
	t.Helper()
	dir := t.TempDir()
	return func() *Store {
		t.Helper()
		s, err := Open(t.Context(), Options{Dir: dir, Key: testKey})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
}
