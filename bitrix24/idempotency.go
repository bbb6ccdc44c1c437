package bitrix24

import (
	"crypto/rand"
	"encoding/hex"
)

// WithIdempotencyKey sets the Idempotency-Key of a write of REST 3.0, 1 to 255
// printable ASCII characters: for 24 hours the portal answers a repeat with the
// first result instead of running it again. Without it every write gets a key of
// its own, which makes repeats of this one call harmless.
func WithIdempotencyKey(key string) CallOption {
	return callOption(func(c *callConfig) error {
		if len(key) < 1 || len(key) > 255 {
			return configErrorf("idempotency key", "%d characters; 1 to 255 are possible", len(key))
		}
		for _, b := range []byte(key) {
			if b < ' ' || b > '~' {
				return configErrorf("idempotency key", "only printable ASCII characters are possible")
			}
		}
		c.key = key
		return nil
	})
}

// identify gives a write of REST 3.0 its key; with it a second run is harmless.
func (out *outgoing) identify(key string) error {
	switch {
	case !out.v3 && key != "":
		return configErrorf("idempotency key", "%s is no method of REST 3.0, which alone knows keys", out.method)
	case !out.v3 || out.replay == Safe:
		return nil
	case key == "":
		random := make([]byte, 16)
		_, _ = rand.Read(random) // never fails
		key = hex.EncodeToString(random)
	}
	out.key, out.replay = key, Idempotent
	return nil
}
