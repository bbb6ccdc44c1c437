package jobs

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// errSealed is a text that another key sealed, or that somebody changed.
var errSealed = errors.New("it cannot be opened with this key")

// sealer keeps from everybody without the key what the queue stores.
type sealer struct {
	aead cipher.AEAD
	mac  []byte
}

// newSealer derives one key for sealing and one for hashes.
func newSealer(key []byte) (*sealer, error) {
	secret, err := hkdf.Key(sha256.New, key, nil, "oint jobs: seal", 32)
	if err != nil {
		return nil, err
	}
	mac, err := hkdf.Key(sha256.New, key, nil, "oint jobs: hash", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &sealer{aead: aead, mac: mac}, nil
}

// seal closes a text; the purpose keeps one kind of text from being passed off
// as another.
func (s *sealer) seal(purpose string, plain []byte) []byte {
	return s.aead.Seal(nil, nil, plain, []byte(purpose))
}

func (s *sealer) open(purpose string, sealed []byte) ([]byte, error) {
	plain, err := s.aead.Open(nil, nil, sealed, []byte(purpose))
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}

// sealCommand closes a command.
func (s *sealer) sealCommand(c *Command) ([]byte, error) {
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	return s.seal("command", plain), nil
}

func (s *sealer) openCommand(sealed []byte) (*Command, error) {
	plain, err := s.open("command", sealed)
	if err != nil {
		return nil, fmt.Errorf("the command of the job: %w", err)
	}
	c := &Command{}
	if err := json.Unmarshal(plain, c); err != nil {
		return nil, fmt.Errorf("the command of the job: %w", err)
	}
	return c, nil
}

// hash names a text without telling it. A blank text has no name.
func (s *sealer) hash(purpose, text string) string {
	if text == "" {
		return ""
	}
	h := hmac.New(sha256.New, s.mac)
	h.Write([]byte(purpose + "\x00" + text))
	return hex.EncodeToString(h.Sum(nil)[:16])
}
