package sync

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/oint-go/oint/bitrix24"
)

// gallery is the pictures that a portal has.
type gallery struct {
	client *bitrix24.Client
	portal string
	store  *pictureStore
}

// seen is a picture of a portal: its own sum, and that of the file it was made
// of where that is known. The zero value is no picture.
type seen struct{ copy, source sum }

// is tells whether it is the picture of a plan.
func (s seen) is(v Value) bool {
	want, _, err := pictureOf(v)
	return err == nil && (want == s.copy || want != "" && want == s.source)
}

// see finds out what picture the portal has at an address. It is read only when
// it is not known by its address already.
func (g *gallery) see(ctx context.Context, id int64, field, address string) (seen, error) {
	if address == "" {
		return seen{}, nil
	}
	known, err := g.store.get(ctx, g.portal, id, field)
	if err != nil {
		return seen{}, err
	}
	if known.address == hashAddress(address) {
		return seen{known.copy, known.source}, nil
	}
	found, err := g.read(ctx, address, io.Discard)
	if err != nil {
		return seen{}, err
	}
	return g.remember(ctx, id, field, address, found, known)
}

// remember keeps what a picture was found to be.
func (g *gallery) remember(ctx context.Context, id int64, field, address string, found sum, known remembered) (seen, error) {
	now := remembered{copy: found, address: hashAddress(address)}
	if known.copy == found {
		now.source = known.source
	}
	return seen{now.copy, now.source}, g.store.put(ctx, g.portal, id, field, now)
}

// read reads the file at an address of the portal.
func (g *gallery) read(ctx context.Context, address string, to io.Writer) (sum, error) {
	r, err := g.client.Download(ctx, address)
	if err != nil {
		return "", fmt.Errorf("the portal's picture cannot be read: %w", err)
	}
	defer r.Close() //nolint:errcheck // it was only read
	found, _, err := sumOf(r, maxStored, to)
	if err != nil && !errors.Is(err, errNoPicture) { // whatever it is, it has a sum
		return "", fmt.Errorf("the portal's picture cannot be read: %w", err)
	}
	return found, nil
}

// seeAndKeep is see, which also leaves the picture in a folder under its sum: it
// is about to be replaced by another one.
func (g *gallery) seeAndKeep(ctx context.Context, id int64, field, address, folder string, wanted Value) (s seen, err error) {
	if address == "" {
		return seen{}, nil
	}
	known, err := g.store.get(ctx, g.portal, id, field)
	if err != nil {
		return seen{}, err
	}
	if s := (seen{known.copy, known.source}); known.address == hashAddress(address) && s.is(wanted) {
		return s, nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return seen{}, err
	}
	f, err := os.CreateTemp(folder, ".oint-*")
	if err != nil {
		return seen{}, err
	}
	found, err := g.read(ctx, address, f)
	if err == nil {
		err = f.Sync() // it must be there before the portal's is replaced
	}
	if err = errors.Join(err, f.Close()); err == nil {
		s, err = g.remember(ctx, id, field, address, found, known)
	}
	if err == nil && !s.is(wanted) {
		return s, os.Rename(f.Name(), keptPicture(folder, found))
	}
	return s, errors.Join(err, os.Remove(f.Name()))
}

// keptPicture is where a replaced picture is kept.
func keptPicture(folder string, s sum) string { return filepath.Join(folder, string(s[:32])) }

// sent notes what the portal has made of a picture that was sent.
func (g *gallery) sent(ctx context.Context, id int64, field, address string, source sum) error {
	found, err := g.read(ctx, address, io.Discard)
	if err != nil {
		return err
	}
	return g.store.put(ctx, g.portal, id, field, remembered{found, source, hashAddress(address)})
}
