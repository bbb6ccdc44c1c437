package xlsx

import (
	"errors"
	"io"
	"strconv"
)

// maxStyles is far more than the 65,490 that a spreadsheet allows.
const maxStyles = 1 << 20

// styles are the formats of the numbers in a workbook.
type styles struct {
	own map[int]format // formats with codes, by their ids
	ids []int32        // of the format of each style
}

// readStyles returns what the number of a cell is, by the style of the cell.
func (w *Workbook) readStyles() ([]format, error) {
	p, err := w.archive.open(w.styles)
	if err != nil || p == nil {
		return nil, err
	}
	s := styles{own: map[int]format{}}
	for {
		t, err := p.next()
		if errors.Is(err, io.EOF) {
			return s.formats(), p.end(nil)
		}
		if err == nil && t == tokenStart {
			err = s.read(p.scanner)
		}
		if err == nil && len(s.ids)+len(s.own) > maxStyles {
			err = errors.New("it has too many styles")
		}
		if err != nil {
			return nil, p.end(err)
		}
	}
}

// read reads an element that is within nothing but the elements of its kind.
func (s *styles) read(x *scanner) error {
	switch string(x.name) {
	case "styleSheet", "numFmts", "cellXfs":
		return nil
	case "numFmt":
		if id, err := strconv.Atoi(string(x.attr("numFmtId"))); err == nil {
			s.own[id] = formatOf(string(x.attr("formatCode")))
		}
	case "xf":
		id, _ := strconv.ParseInt(string(x.attr("numFmtId")), 10, 32) // without one it is 0, a number
		s.ids = append(s.ids, int32(id))
	}
	return x.skip()
}

func (s *styles) formats() []format {
	formats := make([]format, len(s.ids))
	for i, id := range s.ids {
		f, ok := s.own[int(id)]
		if !ok {
			f = builtIn(int(id))
		}
		formats[i] = f
	}
	return formats
}
