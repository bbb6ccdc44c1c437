package bitrix24

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
)

// inlineContent is the size up to which the content of a file is written into
// the body at once. Larger ones are read while they are sent.
const inlineContent = 256 << 10

// gap stands in a body where the content of a file goes. It cannot stand
// anywhere else: in JSON it would be escaped, and in the head of a multipart it
// is replaced.
const gap = 0

// payload is the body of a request: a text with gaps, and the contents that fill
// them, as base64 or raw.
type payload struct {
	text     []byte
	contents []Content
	raw      bool
	kind     string // content type, when it is not JSON
}

// jsonPayload writes parameters as JSON.
func jsonPayload(params *Object) (p payload, err error) {
	params = p.set(params)
	p.text, err = params.appendJSON(make([]byte, 0, 256))
	return p, err
}

// set takes large contents out of parameters; in their place the JSON will have
// a gap.
func (p *payload) set(params *Object) *Object {
	changed := params
	for i, value := range params.values {
		aside, found := p.aside(value)
		if !found {
			continue
		}
		if changed == params {
			changed = &Object{names: params.names, values: append([]any(nil), params.values...)}
		}
		changed.values[i] = aside
	}
	return changed
}

// aside sets the large contents in a value aside and tells whether there are
// some.
func (p *payload) aside(value any) (any, bool) {
	switch v := value.(type) {
	case Content:
		if v.size > inlineContent {
			p.contents = append(p.contents, v)
			v.aside = true
			return v, true
		}
	case File:
		if content, found := p.aside(v.Content); found {
			return File{v.Name, content.(Content)}, true
		}
	case Files:
		files := append(Files(nil), v...)
		large := false
		for i := range files {
			if file, found := p.aside(files[i]); found {
				files[i], large = file.(File), true
			}
		}
		return files, large
	case *Object:
		inner := p.set(v)
		return inner, inner != v
	}
	return value, false
}

// length is the number of bytes that reader yields.
func (p payload) length() int64 {
	n := int64(len(p.text) - len(p.contents))
	for _, c := range p.contents {
		n += p.lengthOf(c)
	}
	return n
}

func (p payload) lengthOf(c Content) int64 {
	if p.raw {
		return c.size
	}
	return (c.size + 2) / 3 * 4
}

// reader reads the body from its beginning.
func (p payload) reader() io.ReadCloser {
	if len(p.contents) == 0 {
		// net/http knows this type, and sends header and body in one piece.
		return io.NopCloser(bytes.NewReader(p.text))
	}
	return &payloadReader{payload: p, part: bytes.NewReader(nil)}
}

// shown is the body for readers: contents are told by their size.
func (p payload) shown() []byte {
	text := p.text
	for _, c := range p.contents {
		before, after, _ := bytes.Cut(text, []byte{gap})
		note := fmt.Appendf(nil, "<%d bytes>", c.size)
		text = bytes.Join([][]byte{before, after}, note)
	}
	return text
}

// payloadReader reads text and contents in turn.
type payloadReader struct {
	payload
	part io.Reader
	open io.Closer // the content that is being read
	next int       // content that fills the next gap
	err  error
}

func (r *payloadReader) Read(b []byte) (int, error) {
	for r.err == nil {
		n, err := r.part.Read(b)
		if n > 0 || err == nil {
			return n, nil
		}
		if err != io.EOF {
			r.err = err
			break
		}
		r.err = r.advance()
	}
	return 0, r.err
}

// advance goes on to the next part: from a text to the content in the gap after
// it, and from a content to the text behind it.
func (r *payloadReader) advance() error {
	if r.open == nil && len(r.text) > 0 {
		if end := bytes.IndexByte(r.text, gap); end != 0 || r.next == len(r.contents) {
			if r.next == len(r.contents) || end < 0 {
				end = len(r.text)
			}
			r.part, r.text = bytes.NewReader(r.text[:end]), r.text[end:]
			return nil
		}
		content, err := r.contents[r.next].reader()
		if err != nil {
			return err
		}
		r.text, r.open = r.text[1:], content
		r.next++
		if r.part = content; !r.raw {
			r.part = &base64Reader{source: content}
		}
		return nil
	}
	if err := r.Close(); err != nil {
		return err
	}
	if len(r.text) == 0 {
		return io.EOF
	}
	return r.advance()
}

// Close closes the content that is being read.
func (r *payloadReader) Close() error {
	if r.open == nil {
		return nil
	}
	err := r.open.Close()
	r.open = nil
	return err
}

// base64Reader encodes what it reads.
type base64Reader struct {
	source  io.Reader
	encoded []byte // not read yet
	plain   [3 << 13]byte
	text    [4 << 13]byte
	err     error
}

func (r *base64Reader) Read(b []byte) (int, error) {
	if len(r.encoded) == 0 && r.err == nil {
		n, err := io.ReadFull(r.source, r.plain[:])
		if err == io.ErrUnexpectedEOF { // a Content that breaks off has an error of its own
			err = io.EOF
		}
		r.err = err
		base64.StdEncoding.Encode(r.text[:], r.plain[:n])
		r.encoded = r.text[:base64.StdEncoding.EncodedLen(n)]
	}
	if len(r.encoded) == 0 {
		return 0, r.err
	}
	n := copy(b, r.encoded)
	r.encoded = r.encoded[n:]
	return n, nil
}
