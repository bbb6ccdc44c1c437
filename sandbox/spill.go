package sandbox

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
)

// spillSize is how long a text of a JSON body may be before it is taken for a
// file and kept apart.
const spillSize = 256 << 10

// spilled are the files of a body that were stored before it was read, by the
// marks that stand in their places.
type spilled map[string]file

// spillFiles shortens a JSON body whose files may be larger than memory: every
// long text is stored as the file that it is in base64. A text that is no
// base64 leaves a mark without a file.
func (s *Sandbox) spillFiles(r *http.Request) (spilled, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" || r.ContentLength >= 0 && r.ContentLength <= spillSize {
		return nil, nil
	}
	ctx, files := r.Context(), spilled{}
	body := http.MaxBytesReader(nil, r.Body, maxUpload)
	text, err := spill(body, func(content io.Reader) (string, error) {
		mark := "spilled:" + random(16)
		plain := base64.NewDecoder(base64.RawStdEncoding, unpadded{content})
		stored, err := keepFile(ctx, s.store.apart(ctx), "", plain)
		var broken base64.CorruptInputError
		if err != nil && !errors.As(err, &broken) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return "", err
		}
		files[mark] = stored
		return mark, nil
	})
	if err != nil {
		return nil, errors.Join(badRequest("INVALID_REQUEST", "Request body could not be read"), err, s.dropSpilled(r, files))
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	return files, nil
}

// dropSpilled removes the files that no method took.
func (s *Sandbox) dropSpilled(r *http.Request, files spilled) error {
	var errs []error
	for _, f := range files {
		if f.id != 0 {
			errs = append(errs, s.dropFile(r.Context(), f.id))
		}
	}
	return errors.Join(errs...)
}

// spill copies a JSON text; the content of every long text in it goes to keep,
// and the mark that keep answers takes its place.
func spill(body io.Reader, keep func(io.Reader) (mark string, err error)) ([]byte, error) {
	in := bufio.NewReaderSize(body, 64<<10)
	var text bytes.Buffer
	for {
		c, err := in.ReadByte()
		if errors.Is(err, io.EOF) {
			return text.Bytes(), nil
		}
		if err != nil {
			return nil, err
		}
		text.WriteByte(c)
		if c == '"' {
			if err := spillText(in, &text, keep); err != nil {
				return nil, err
			}
		}
	}
}

// spillText copies a text after its opening quote, or puts a mark there. A text
// without an end is left to the reader of the JSON.
func spillText(in *bufio.Reader, out *bytes.Buffer, keep func(io.Reader) (string, error)) error {
	begin, escaped := out.Len(), false
	for out.Len()-begin < spillSize {
		c, err := in.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		out.WriteByte(c)
		if c == '"' && !escaped {
			return nil
		}
		escaped = c == '\\' && !escaped
	}
	content := &quoted{head: bytes.Clone(out.Bytes()[begin:]), rest: in}
	out.Truncate(begin)
	mark, err := keep(content)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, content); err != nil {
		return err
	}
	out.WriteString(mark + `"`)
	return nil
}

// errTextCutOff says that a body ended within a text.
var errTextCutOff = errors.New("the text has no end")

// quoted reads the content of a JSON text up to its closing quote.
type quoted struct {
	head  []byte
	rest  *bufio.Reader
	ended bool
}

func (q *quoted) Read(b []byte) (int, error) {
	if q.ended {
		return 0, io.EOF
	}
	ahead, err := q.ahead()
	if err != nil {
		return 0, err
	}
	plain := ahead
	if end := bytes.IndexAny(ahead, `"\`); end >= 0 {
		plain = ahead[:end]
	}
	if len(plain) > 0 {
		n := copy(b, plain)
		return n, q.skip(n)
	}
	if err := q.skip(1); err != nil {
		return 0, err
	}
	if ahead[0] == '"' {
		q.ended = true
		return 0, io.EOF
	}
	b[0], err = q.escape()
	return 1, err
}

// ahead is what can be read without waiting, a byte at least.
func (q *quoted) ahead() ([]byte, error) {
	if len(q.head) > 0 {
		return q.head, nil
	}
	if _, err := q.rest.Peek(1); err != nil {
		// What base64 says of its own end must not be taken for this.
		return nil, fmt.Errorf("%w: %s", errTextCutOff, err.Error())
	}
	return q.rest.Peek(q.rest.Buffered())
}

func (q *quoted) skip(n int) error {
	if len(q.head) > 0 {
		q.head = q.head[n:]
		return nil
	}
	_, err := q.rest.Discard(n)
	return err
}

func (q *quoted) next() (byte, error) {
	ahead, err := q.ahead()
	if err != nil {
		return 0, err
	}
	c := ahead[0]
	return c, q.skip(1)
}

// escape reads what follows a backslash. A character that base64 does not have
// becomes one that no decoder takes.
func (q *quoted) escape() (byte, error) {
	c, err := q.next()
	if err != nil {
		return 0, err
	}
	switch c {
	case '/':
		return c, nil
	case 'n', 'r', 't':
		return ' ', nil
	case 'u':
		var digits [4]byte
		for i := range digits {
			if digits[i], err = q.next(); err != nil {
				return 0, err
			}
		}
		if code, err := strconv.ParseUint(string(digits[:]), 16, 8); err == nil {
			return byte(code), nil
		}
	}
	return '?', nil
}

// unpadded leaves white space and padding out of base64.
type unpadded struct{ from io.Reader }

func (u unpadded) Read(b []byte) (int, error) {
	n, err := u.from.Read(b)
	kept := 0
	for _, c := range b[:n] {
		switch c {
		case '=', ' ', '\t', '\r', '\n':
		default:
			b[kept] = c
			kept++
		}
	}
	return kept, err
}
