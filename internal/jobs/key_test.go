package jobs

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// withoutKeyring hides the keyring of the operating system; false where it cannot
// be hidden.
func withoutKeyring(t *testing.T) bool {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", "")
	return !keyringReachable()
}

// TestLocalKey makes a key once and refuses one that others may read.
func TestLocalKey(t *testing.T) {
	if !withoutKeyring(t) {
		return
	}
	dir := t.TempDir()
	fresh := func() (bool, error) { return false, nil }
	first, err := localKey(dir, fresh)
	if err != nil {
		t.Fatal(err)
	}
	second, err := localKey(dir, fresh)
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("another key the second time, %v", err)
	}
	file := filepath.Join(dir, "jobs.key")
	if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	var wrong *KeyError
	if _, err := localKey(dir, fresh); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("%v, want a *KeyError", err)
	}
}

// TestKeyLost takes the key away from a queue that has jobs. No other one is made,
// and with the old one the jobs are there again.
func TestKeyLost(t *testing.T) {
	if !withoutKeyring(t) {
		return
	}
	dir := t.TempDir()
	open := func() (*Store, error) { return Open(context.WithoutCancel(t.Context()), Options{Dir: dir}) }
	s, err := open()
	if err != nil {
		t.Fatal(err)
	}
	job := give(t, s, "kept", How{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "jobs.key")
	if err := os.Rename(file, file+".away"); err != nil {
		t.Fatal(err)
	}
	var missing *KeyError
	for range 2 {
		if _, err := open(); !errors.As(err, &missing) || !strings.Contains(err.Error(), "nor in the keyring") || !strings.Contains(missing.Remedy, KeyVariable) {
			t.Errorf("%v, want a *KeyError", err)
		}
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("another key was made: %v", err)
	}
	if err := os.Rename(file+".away", file); err != nil {
		t.Fatal(err)
	}
	if s, err = open(); err != nil {
		t.Fatal(err)
	}
	if got := state(t, s, job.ID); got.Kind != "kept" {
		t.Errorf("%+v", got)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
