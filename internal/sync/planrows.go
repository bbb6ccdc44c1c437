package sync

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"iter"
	"math"
)

// maxLine bounds a line of a plan, in bytes.
const maxLine = 64 << 20

// All yields the rows with their lines. Nobody may change them. It ends early when
// somebody changes the file meanwhile; Err tells then.
func (p *Plan) All() iter.Seq2[int, *Row] {
	return func(yield func(int, *Row) bool) {
		for _, k := range p.kept {
			if !yield(k.line, k.row) {
				return
			}
		}
		if p.kept != nil || p.Rows == 0 {
			return
		}
		lines, sum := newLineReader(io.NewSectionReader(p.lines, 0, math.MaxInt64)), sha256.New()
		if _, err := lines.next(); err != nil { // the header
			p.lost(err)
			return
		}
		for left, block := p.Rows, 0; left > 0; block++ {
			rows, err := lines.rows(min(left, blockRows), sum)
			if err != nil || string(sum.Sum(nil)) != p.sums[block] {
				p.lost(err)
				return
			}
			left -= len(rows)
			for _, k := range rows {
				if !yield(k.line, k.row) {
					return
				}
			}
		}
	}
}

// rows reads some rows into a sum.
func (l *lineReader) rows(n int, sum hash.Hash) ([]lineRow, error) {
	rows := make([]lineRow, n)
	for i := range rows {
		line, err := l.next()
		if err != nil {
			return nil, err
		}
		_, _ = sum.Write(line) // a hash takes everything
		row, err := readRow(line)
		if err != nil {
			return nil, err
		}
		rows[i] = lineRow{l.number, row}
	}
	return rows, nil
}

// lost keeps that the file is not what was checked.
func (p *Plan) lost(err error) {
	text := p.File + " was changed while it is being applied"
	if err != nil && !errors.Is(err, io.EOF) {
		text += ": " + err.Error()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = inputErrorf("Put the plan back as it was: the same command goes on. What was sent is in its journal.", "%s", text)
}

// Err tells why All has ended early; nil when it has not.
func (p *Plan) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.broken
}

// lineReader reads lines and counts them.
type lineReader struct {
	r      *bufio.Reader
	number int
}

func newLineReader(r io.Reader) *lineReader { return &lineReader{r: bufio.NewReaderSize(r, 64<<10)} }

func (l *lineReader) next() ([]byte, error) {
	var line []byte
	l.number++
	for {
		piece, err := l.r.ReadSlice('\n')
		line = append(line, piece...)
		switch {
		case len(line) > maxLine:
			return nil, errors.New("the line is too long")
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, nil
		}
		return line, err
	}
}
