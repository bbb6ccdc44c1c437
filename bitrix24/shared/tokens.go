package shared

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/lockedfile"
	"github.com/rogpeppe/go-internal/robustio"

	"github.com/oint-go/oint/bitrix24"
)

// TokenFile is a bitrix24.TokenStore in a file that only its user may read. It
// is replaced as a whole, so a process that is killed leaves the old tokens or
// the new ones.
type TokenFile struct{ path string }

// NewTokenFile names the file; it need not exist yet.
func NewTokenFile(path string) *TokenFile { return &TokenFile{path: path} }

// storedToken is a token in the file, its secrets spelled out.
type storedToken struct {
	AccessToken    string      `json:"access_token"`
	RefreshToken   string      `json:"refresh_token"`
	Expires        bitrix24.ID `json:"expires,omitempty"`
	Scope          string      `json:"scope,omitempty"`
	Domain         string      `json:"domain,omitempty"`
	ClientEndpoint string      `json:"client_endpoint,omitempty"`
	MemberID       string      `json:"member_id,omitempty"`
	UserID         bitrix24.ID `json:"user_id,omitempty"`
}

// Load returns the tokens; a zero Token when there is no file.
func (t *TokenFile) Load(context.Context) (bitrix24.Token, error) {
	content, err := os.ReadFile(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return bitrix24.Token{}, nil
	}
	if err != nil {
		return bitrix24.Token{}, err
	}
	var s storedToken
	if json.Unmarshal(content, &s) != nil {
		return bitrix24.Token{}, fmt.Errorf("%s holds no tokens; authorize the application anew", t.path)
	}
	return bitrix24.Token{
		AccessToken: bitrix24.NewSecret(s.AccessToken), RefreshToken: bitrix24.NewSecret(s.RefreshToken), Expires: s.Expires,
		Scope: bitrix24.Text(s.Scope), Domain: bitrix24.Text(s.Domain), ClientEndpoint: bitrix24.Text(s.ClientEndpoint),
		MemberID: bitrix24.Text(s.MemberID), UserID: s.UserID,
	}, nil
}

// Save stores the tokens of a new authorization.
func (t *TokenFile) Save(ctx context.Context, token bitrix24.Token) error {
	return t.Update(ctx, func(bitrix24.Token) (bitrix24.Token, error) { return token, nil })
}

// Update changes the tokens under a lock that other processes honour. The place
// of the new file is taken before renew is called: a refresh token must not be
// used up for a pair that cannot be kept.
func (t *TokenFile) Update(ctx context.Context, renew func(bitrix24.Token) (bitrix24.Token, error)) (err error) {
	unlock, err := t.lock(ctx)
	if err != nil {
		return fmt.Errorf("lock the tokens: %w", err)
	}
	defer unlock()
	old, err := t.Load(ctx)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(t.path), ".tokens-*") // made for its user alone
	if err != nil {
		return fmt.Errorf("tokens could not be kept: %w", err)
	}
	defer func() {
		err = errors.Join(err, file.Close())
		if err == nil {
			err = robustio.Rename(file.Name(), t.path) // Windows refuses while another process reads
		}
		if err != nil {
			_ = os.Remove(file.Name()) // gone already when it took its name
		}
	}()
	// A full disk must show before, not after.
	if err := write(file, make([]byte, 8<<10)); err != nil {
		return fmt.Errorf("tokens could not be kept: %w", err)
	}
	token, err := renew(old)
	if err != nil {
		return err
	}
	content, err := json.MarshalIndent(storedToken{
		AccessToken: token.AccessToken.Reveal(), RefreshToken: token.RefreshToken.Reveal(), Expires: token.Expires,
		Scope: string(token.Scope), Domain: string(token.Domain), ClientEndpoint: string(token.ClientEndpoint),
		MemberID: string(token.MemberID), UserID: token.UserID,
	}, "", "  ")
	if err != nil {
		return err
	}
	return write(file, append(content, '\n'))
}

// lock waits for the lock, which another process may hold for as long as a
// renewal takes, or until the context ends.
func (t *TokenFile) lock(ctx context.Context) (unlock func(), err error) {
	type locked struct {
		unlock func()
		err    error
	}
	got := make(chan locked)
	go func() {
		unlock, err := lockedfile.MutexAt(t.path + ".lock").Lock()
		select {
		case got <- locked{unlock, err}:
		case <-ctx.Done():
			if err == nil {
				unlock()
			}
		}
	}()
	select {
	case l := <-got:
		return l.unlock, l.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// write makes content all that is in the file, down to the disk.
func write(file *os.File, content []byte) error {
	if _, err := file.WriteAt(content, 0); err != nil {
		return err
	}
	if err := file.Truncate(int64(len(content))); err != nil {
		return err
	}
	return file.Sync()
}
