// Package shared keeps in files what the processes of a machine must share about
// a portal: how many requests they have sent, and the tokens of an application.
package shared

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/oint-go/oint/bitrix24"
)

// maxState bounds the file of a bucket; a longer one is no file of ours.
const maxState = 64 << 10

// Limits is a bitrix24.LimitStore in the files of a folder, one for each portal.
// A file that cannot be read is begun anew: the next refusal tells what it no
// longer knows.
type Limits struct{ dir string }

// NewLimits makes the folder when it is missing; only its user may look into it.
func NewLimits(dir string) (*Limits, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of the shared limits: %w", err)
	}
	return &Limits{dir: dir}, nil
}

// Update changes the state of a portal under the lock of its file.
func (l *Limits) Update(portal string, change func(*bitrix24.LimitState)) (err error) {
	sum := sha256.Sum256([]byte(strings.ToLower(portal)))
	file, err := lockedfile.OpenFile(filepath.Join(l.dir, hex.EncodeToString(sum[:8])+".json"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	content, err := io.ReadAll(io.LimitReader(file, maxState+1))
	if err != nil {
		return err
	}
	var state bitrix24.LimitState
	if len(content) > maxState {
		if err := file.Truncate(0); err != nil {
			return err
		}
		content = nil
	}
	if json.Unmarshal(content, &state) != nil {
		state = bitrix24.LimitState{}
	}
	change(&state)
	text, err := json.Marshal(&state)
	if err != nil {
		return err
	}
	// Blanks cover the rest of a longer text, so that one write does it: a file
	// that was cut and not yet written would be an empty bucket.
	for len(text) < len(content) {
		text = append(text, ' ')
	}
	_, err = file.WriteAt(text, 0)
	return err
}
