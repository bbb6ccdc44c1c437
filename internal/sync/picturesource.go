package sync

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/oint-go/oint/bitrix24"
)

// sources are the pictures that a table names: files, and addresses.
type sources struct {
	web    *http.Client
	folder string // that paths begin at

	mu    sync.Mutex
	known map[string]func() (sum, error) // by place: a logo may stand in every row
}

func newSources(web *http.Client, folder string) *sources {
	if web == nil {
		web = http.DefaultClient
	}
	return &sources{web: web, folder: folder, known: map[string]func() (sum, error){}}
}

func isAddress(text string) bool {
	lower := strings.ToLower(text)
	return (strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://")) && !strings.ContainsFunc(text, unicode.IsSpace)
}

// place is where a cell says that the picture is, from wherever a plan is applied.
func (s *sources) place(cell string) (string, error) {
	if isAddress(cell) {
		return cell, nil
	}
	file := filepath.FromSlash(cell)
	if !filepath.IsAbs(file) {
		file = filepath.Join(s.folder, file)
	}
	return filepath.Abs(file)
}

// open opens the picture at a place. The query of an address may hold a secret,
// so errors name the host only.
func (s *sources) open(ctx context.Context, place string) (io.ReadCloser, error) {
	if !isAddress(place) {
		return openPicture(place)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, place, nil)
	if err != nil {
		return nil, errors.New("the address cannot be read")
	}
	answer, err := s.web.Do(request)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return nil, fmt.Errorf("no answer from %s: %w", request.URL.Host, err)
	}
	if answer.StatusCode/100 != 2 {
		_ = answer.Body.Close() // there is no picture in it
		return nil, fmt.Errorf("%s answered with HTTP %d", request.URL.Host, answer.StatusCode)
	}
	return answer.Body, nil
}

func openPicture(file string) (io.ReadCloser, error) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("there is no such file; paths begin at the folder of the table")
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("it is a folder; name a file in it")
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no file")
	case info.Size() > maxPicture:
		return nil, fmt.Errorf("the file has more than %d MB; make the picture smaller", maxPicture>>20)
	}
	return os.Open(file)
}

// sum reads the picture at a place once, however often it is named.
func (s *sources) sum(ctx context.Context, place string) (sum, error) {
	s.mu.Lock()
	read := s.known[place]
	if read == nil {
		read = sync.OnceValues(func() (sum, error) {
			r, err := s.open(ctx, place)
			if err != nil {
				return "", err
			}
			defer r.Close() //nolint:errcheck // it was only read
			found, _, err := sumOf(r, maxPicture, io.Discard)
			return found, err
		})
		s.known[place] = read
	}
	s.mu.Unlock()
	return read()
}

// file reads the picture of a plan again, to be sent. It must be the one that
// the plan was made with.
func (s *sources) file(ctx context.Context, v Value) (bitrix24.File, error) {
	planned, place, err := pictureOf(v)
	if err != nil {
		return bitrix24.File{}, err
	}
	r, err := s.open(ctx, place)
	if err != nil {
		return bitrix24.File{}, fmt.Errorf("%s: %w", shortened(place), err)
	}
	defer r.Close() //nolint:errcheck // it was only read
	var content bytes.Buffer
	now, endings, err := sumOf(r, maxPicture, &content)
	switch {
	case err != nil:
		return bitrix24.File{}, fmt.Errorf("%s: %w", shortened(place), err)
	case now != planned:
		return bitrix24.File{}, fmt.Errorf("%s has changed since the plan was made; plan again", shortened(place))
	}
	name := baseName(place)
	if !slices.Contains(endings, strings.ToLower(filepath.Ext(name))) {
		name += endings[0]
	}
	return bitrix24.File{Name: name, Content: bitrix24.Bytes(content.Bytes())}, nil
}
