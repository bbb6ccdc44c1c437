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
// exists wins, so that a keyring that comes and goes cannot change the key. Once
// jobs are sealed with a key no other one is made: it could open none of them.
func localKey(dir string, inUse func() (bool, error)) (key []byte, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "jobs.key")
	unlock, err := lockedfile.MutexAt(file + ".lock").Lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if key, err := readKey(file); !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	used, err := inUse()
	if err != nil {
		return nil, err
	}
	key, missing := keyringKey(dir, !used)
	switch {
	case missing == nil:
		return key, nil
	case used:
		return nil, &KeyError{
			fmt.Sprintf("the key of the jobs is neither in %s nor in the keyring: %v", file, missing),
			"The jobs are kept. Run oint where the keyring is open, as in your desktop session, or set the key as " + KeyVariable + ". If it is lost for good, delete jobs.db to begin anew.",
		}
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

// keyringKey reads the key from the keyring or, when it may be made, puts a new
// one there. The error says why there is none.
func keyringKey(dir string, mayMake bool) ([]byte, error) {
	if !keyringReachable() {
		return nil, errors.New("there is no keyring here")
	}
	type answer struct {
		key []byte
		err error
	}
	found := make(chan answer, 1)
	go func() {
		text, err := keyring.Get(keyringService, dir)
		if errors.Is(err, keyring.ErrNotFound) && mayMake {
			text = string(freshKey())
			err = keyring.Set(keyringService, dir, text)
		}
		if err == nil && len(text) < shortestKey {
			err = errors.New("the one in it is damaged")
		}
		found <- answer{[]byte(text), err}
	}()
	select {
	case a := <-found:
		return a.key, a.err
	case <-time.After(keyringPause):
		return nil, fmt.Errorf("it has not answered for %s and may be locked", keyringPause)
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
