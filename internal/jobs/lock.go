package jobs

import (
	"errors"
	"os"
	"path/filepath"
)

// errHeld is a lock that another process has.
var errHeld = errors.New("the lock is held")

// Claim makes this process the worker that its folder's jobs can count on, or
// returns false when there is one already. The operating system gives the claim
// back when the process ends, however it ends.
func Claim(dir string) (release func() error, ok bool, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, false, err
	}
	file, err := os.OpenFile(filepath.Join(dir, "worker.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, err
	}
	if err := tryLock(file); err != nil {
		closed := file.Close()
		if errors.Is(err, errHeld) {
			return nil, false, closed
		}
		return nil, false, errors.Join(err, closed)
	}
	return file.Close, true, nil
}
