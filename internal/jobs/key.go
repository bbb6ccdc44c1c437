package jobs

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
	"github.com/zalando/go-keyring"
)

// KeyVariable is the environment variable with the key of the jobs.
const KeyVariable = "OINT_JOBS_KEY"

const (
	keyringService = "oint jobs"
	keyringPause   = 5 * time.Second // a keyring that asks for a password nobody types
	shortestKey    = 32
)

// KeyError is a key that is missing or cannot be used.
type KeyError struct{ Problem, Remedy string }

func (e *KeyError) Error() string { return e.Problem + "\n" + e.Remedy }

const makeKey = "Make one with \"openssl rand -base64 32\" and set it as " + KeyVariable + " for everybody who gives or runs jobs."

// givenKey checks a key from the environment.
func givenKey(text string) ([]byte, error) {
	if text = strings.TrimSpace(text); len(text) < shortestKey {
		return nil, &KeyError{fmt.Sprintf("%s is too short: %d characters, at least %d are needed", KeyVariable, len(text), shortestKey), makeKey}
	}
	return []byte(text), nil
}

// localKey finds the key of a folder, and makes it the first time: in the
// keyring of the operating system, or in a file where there is none. A file that
// exists wins, so that a keyring that comes and goes cannot change the key.
func localKey(dir string) (key []byte, err error) {
	file := filepath.Join(dir, "jobs.key")
	unlock, err := lockedfile.MutexAt(file + ".lock").Lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if key, err := readKey(file); !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if key, ok := keyringKey(dir); ok {
		return key, nil
	}
	key = freshKey()
	if err := os.WriteFile(file, append(key, '\n'), 0o600); err != nil {
		return nil, fmt.Errorf("the key of the jobs: %w", err)
	}
	return key, nil
}

func readKey(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, &KeyError{fmt.Sprintf("others may read the key of the jobs, %s", file), fmt.Sprintf("\"chmod 600 %s\" ends that.", file)}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	key := []byte(strings.TrimSpace(string(text)))
	if len(key) < shortestKey {
		return nil, &KeyError{fmt.Sprintf("the key of the jobs, %s, is damaged", file), "Bring it back from a copy, or delete it together with jobs.db to begin anew."}
	}
	return key, nil
}

// keyringKey reads the key from the keyring, or puts a new one there.
func keyringKey(dir string) ([]byte, bool) {
	if !keyringReachable() {
		return nil, false
	}
	found := make(chan []byte, 1)
	go func() {
		text, err := keyring.Get(keyringService, dir)
		if errors.Is(err, keyring.ErrNotFound) {
			text = string(freshKey())
			err = keyring.Set(keyringService, dir, text)
		}
		if err != nil {
			text = ""
		}
		found <- []byte(text)
	}()
	select {
	case key := <-found:
		return key, len(key) >= shortestKey
	case <-time.After(keyringPause):
		return nil, false
	}
}

// keyringReachable is false where looking for the keyring would start a bus of
// its own, as on a server.
func keyringReachable() bool {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return true
	}
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	dir := os.Getenv("XDG_RUNTIME_DIR")
	_, err := os.Stat(filepath.Join(dir, "bus"))
	return dir != "" && err == nil
}

func freshKey() []byte {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return []byte(base64.StdEncoding.EncodeToString(b))
}
