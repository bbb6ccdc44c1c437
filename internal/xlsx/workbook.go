package xlsx

import (
	"errors"
	"io"
	"path"
	"strings"
)

// Workbook is a workbook that is read.
type Workbook struct {
	archive  *archive
	longest  int
	sheets   []sheet
	from1904 bool   // dates are counted from 1904, not from 1900
	shared   string // part with the texts of all sheets; "" when there is none
	styles   string // part with the formats of numbers; "" when there is none
}

// sheet is a table of a workbook.
type sheet struct {
	name, part string
	hidden     bool
}

// Open reads what sheets a workbook has. A cell may have as many bytes as longest
// says.
func Open(r io.ReaderAt, size int64, longest int) (*Workbook, error) {
	a, err := openArchive(r, size)
	if err != nil {
		return nil, err
	}
	main, err := a.main()
	if err != nil {
		return nil, err
	}
	w := &Workbook{archive: a, longest: longest}
	related, err := a.relations(main)
	if err != nil {
		return nil, err
	}
	for _, r := range related {
		switch r.kind {
		case "sharedStrings":
			w.shared = r.target
		case "styles":
			w.styles = r.target
		}
	}
	return w, w.read(main, related)
}

// main finds the part that names the sheets.
func (a *archive) main() (string, error) {
	related, err := a.relations("")
	if err != nil {
		return "", err
	}
	for _, r := range related {
		if r.kind == "officeDocument" && a.find(r.target) != nil && strings.EqualFold(path.Ext(r.target), ".xml") {
			return r.target, nil
		}
	}
	if a.find("xl/workbook.xml") != nil {
		return "xl/workbook.xml", nil
	}
	return "", a.noWorkbook()
}

// read reads the names of the sheets.
func (w *Workbook) read(main string, related []relation) error {
	p, err := w.archive.open(main)
	if err != nil {
		return err
	}
	for {
		t, err := p.next()
		if errors.Is(err, io.EOF) {
			return p.end(nil)
		}
		if err == nil && len(w.sheets) > maxRelations {
			err = errors.New("it has too many sheets")
		}
		if err != nil {
			return p.end(err)
		}
		if t != tokenStart {
			continue
		}
		switch string(p.scanner.name) {
		case "workbook", "sheets":
		case "workbookPr":
			w.from1904 = isTrue(p.attr("date1904"))
		case "sheet":
			w.add(p, related)
		default:
			if p.depth() == 1 {
				return p.end(w.archive.noWorkbook())
			}
			if err := p.skip(); err != nil {
				return p.end(err)
			}
		}
	}
}

// add keeps a sheet that is a table. Charts, dialogs and macros are none.
func (w *Workbook) add(p *part, related []relation) {
	id, state := string(p.related()), string(p.attr("state"))
	for _, r := range related {
		if r.id == id && r.kind == "worksheet" {
			w.sheets = append(w.sheets, sheet{string(p.attr("name")), r.target, state == "hidden" || state == "veryHidden"})
			return
		}
	}
}

// isTrue reads a boolean of XML.
func isTrue(value []byte) bool { return string(value) == "1" || string(value) == "true" }

// Sheets are the names of the tables in their order, hidden ones too.
func (w *Workbook) Sheets() []string {
	names := make([]string, len(w.sheets))
	for i, s := range w.sheets {
		names[i] = s.name
	}
	return names
}

// First is the name of the first sheet that is not hidden, or else of the first;
// "" when there is none.
func (w *Workbook) First() string {
	for _, s := range w.sheets {
		if !s.hidden {
			return s.name
		}
	}
	if len(w.sheets) > 0 {
		return w.sheets[0].name
	}
	return ""
}
