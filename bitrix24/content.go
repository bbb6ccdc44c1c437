package bitrix24

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
)

// Content is the content of a file to be sent. It is read while it is sent, and
// anew for every attempt, so that its size does not matter. The zero value is no
// content.
type Content struct {
	open  func() (io.ReadCloser, error)
	size  int64
	aside bool // the JSON gets a gap in its place, see payload
}

// Bytes is content in memory.
func Bytes(b []byte) Content {
	return Content{open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }, size: int64(len(b))}
}

// OpenFile is the content of a file of the machine. The file must stay as it is
// until it has been sent.
func OpenFile(path string) (Content, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return Content{}, err
	case info.IsDir():
		return Content{}, fmt.Errorf("%s is a folder", path)
	}
	return Content{open: func() (io.ReadCloser, error) { return os.Open(path) }, size: info.Size()}, nil
}

// Size is the number of bytes.
func (c Content) Size() int64 { return c.size }

// IsZero tells whether there is no content at all, not even an empty one.
func (c Content) IsZero() bool { return c.open == nil }

// Tracked is the same content; report hears how many bytes were read each time.
// A further attempt reads from the beginning and reports again.
func (c Content) Tracked(report func(n int)) Content {
	if c.open == nil {
		return c
	}
	open := c.open
	c.open = func() (io.ReadCloser, error) {
		r, err := open()
		if err != nil {
			return nil, err
		}
		return &trackedReader{r, report}, nil
	}
	return c
}

type trackedReader struct {
	io.ReadCloser
	report func(n int)
}

func (r *trackedReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.report(n)
	return n, err
}

// reader reads exactly the size that was announced. A file that has changed
// meanwhile is an error, not half a file.
func (c Content) reader() (io.ReadCloser, error) {
	r, err := c.open()
	if err != nil {
		return nil, &contentError{err}
	}
	return &exactReader{ReadCloser: r, left: c.size}, nil
}

// contentError is a file that cannot be sent; another attempt would end the
// same way.
type contentError struct{ err error }

func (e *contentError) Error() string { return e.err.Error() }
func (e *contentError) Unwrap() error { return e.err }

type exactReader struct {
	io.ReadCloser
	left int64
}

func (r *exactReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.left -= int64(n)
	switch {
	case r.left < 0:
		return 0, &contentError{errors.New("the file grew while it was sent")}
	case err == io.EOF && r.left > 0:
		return n, &contentError{errors.New("the file shrank while it was sent")}
	}
	return n, err
}

// bytes reads the content into memory.
func (c Content) bytes() ([]byte, error) {
	if c.open == nil {
		return nil, nil
	}
	r, err := c.reader()
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // it was only read
	return io.ReadAll(r)
}

func (c Content) appendJSON(b []byte) ([]byte, error) {
	if c.aside {
		return append(b, '"', gap, '"'), nil
	}
	content, err := c.bytes()
	if err != nil {
		return nil, err
	}
	b = append(b, '"')
	b = base64.StdEncoding.AppendEncode(b, content)
	return append(b, '"'), nil
}

// MarshalJSON writes the content as base64, as the portal takes it.
func (c Content) MarshalJSON() ([]byte, error) { return c.appendJSON(nil) }

// File is a file to be sent: the pair [name, base64].
type File struct {
	Name    string
	Content Content
}

func (f File) appendJSON(b []byte) ([]byte, error) {
	b = append(appendString(append(b, '['), f.Name), ',')
	b, err := appendValue(b, f.Content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	return append(b, ']'), nil
}

// MarshalJSON writes the pair.
func (f File) MarshalJSON() ([]byte, error) { return f.appendJSON(nil) }

// Files are files to be sent: [[name, base64], …].
type Files []File

func (l Files) appendJSON(b []byte) ([]byte, error) {
	b = append(b, '[')
	for i, f := range l {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = f.appendJSON(b); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

// MarshalJSON writes the pairs.
func (l Files) MarshalJSON() ([]byte, error) { return l.appendJSON(nil) }
