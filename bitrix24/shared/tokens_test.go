package shared

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/oint-go/oint/bitrix24"
)

func pair(n int) bitrix24.Token {
	return bitrix24.Token{
		AccessToken: bitrix24.NewSecret("access" + strconv.Itoa(n)), RefreshToken: bitrix24.NewSecret(strconv.Itoa(n)),
		Expires: 1800003600, Scope: "user,crm", Domain: "b24-xxxxxx.example", ClientEndpoint: "https://b24-xxxxxx.example/rest/", MemberID: "m", UserID: 7,
	}
}

func TestTokensAreKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tokens.json")
	if got, err := NewTokenFile(path).Load(t.Context()); err != nil || got != (bitrix24.Token{}) {
		t.Errorf("no file yet: %v", err)
	}
	if err := NewTokenFile(path).Save(t.Context(), pair(1)); err != nil {
		t.Fatal(err)
	}
	if got, err := NewTokenFile(path).Load(t.Context()); err != nil || got != pair(1) {
		t.Errorf("%v", err)
	}
}

// TestFailedUpdateKeepsTheOld leaves tokens and folder as they were.
func TestFailedUpdateKeepsTheOld(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tokens.json")
	file := NewTokenFile(path)
	if err := file.Save(t.Context(), pair(1)); err != nil {
		t.Fatal(err)
	}
	refused := errors.New("refused")
	err := file.Update(t.Context(), func(old bitrix24.Token) (bitrix24.Token, error) {
		if old != pair(1) {
			t.Error("renewed from other tokens")
		}
		return bitrix24.Token{}, refused
	})
	if !errors.Is(err, refused) {
		t.Error(err)
	}
	if got, err := file.Load(t.Context()); err != nil || got != pair(1) {
		t.Errorf("the old tokens are gone: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".tokens-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestUpdateRefusesBeforeRenewing does not call renew when it could not keep what
// comes back.
func TestUpdateRefusesBeforeRenewing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.json")
	if err := os.WriteFile(broken, []byte("no tokens"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "no", "folder", "tokens.json"), filepath.Join(broken, "tokens.json"), broken} {
		err := NewTokenFile(path).Update(context.Background(), func(bitrix24.Token) (bitrix24.Token, error) {
			t.Errorf("%s: renewed", path)
			return pair(2), nil
		})
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestUpdatesTakeTurns renews from what the one before has stored.
func TestUpdatesTakeTurns(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tokens.json")
	if err := NewTokenFile(path).Save(t.Context(), pair(0)); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				err := NewTokenFile(path).Update(t.Context(), func(old bitrix24.Token) (bitrix24.Token, error) {
					n, err := strconv.Atoi(old.RefreshToken.Reveal())
					return pair(n + 1), err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got, err := NewTokenFile(path).Load(t.Context()); err != nil || got != pair(80) {
		t.Errorf("%s renewals of 80, %v", got.RefreshToken.Reveal(), err)
	}
}
