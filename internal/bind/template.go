package bind

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/catalog"
)

// Empty says what an empty cell of a table means.
type Empty uint8

// The meanings of an empty cell.
const (
	Skip  Empty = iota // the option, or the member of a structure, is left out
	Clear              // it is sent empty
)

// Template makes calls of the rows of a table. Its options have columns of the
// table in braces:
//
//	--userid '{ID}' --fields "{'WORK_POSITION':'{Title}'}"
//
// The JSON of an option is read once and the cells are put into its texts
// afterwards. A text, or an element, that is one column and nothing else takes
// the JSON of a cell that has a type.
type Template struct {
	src   *Source
	fn    *catalog.Function
	empty Empty
	slots map[string]*slot // by option
}

// slot is one given option.
type slot struct {
	words   string // as it was given
	fixed   any    // its value, when it is the same for every row
	text    pattern
	tree    tree
	whole   string // the column that a JSON option consists of
	columns []string
}

// NewTemplate reads the given options (long name → text) of a function. An
// option that is missing or cannot be used for any row is an *Error.
func NewTemplate(ctx context.Context, src *Source, fn *catalog.Function, given map[string]string, empty Empty) (*Template, error) {
	t := &Template{src: src, fn: fn, empty: empty, slots: map[string]*slot{}}
	for i := range fn.Options {
		o := &fn.Options[i]
		words := given[o.Name]
		isPortal := o.As == catalog.AsURL || o.As == catalog.AsToken
		switch {
		case isBlank(words) && o.Required && !isPortal:
			return nil, missing(fn, o)
		case isBlank(words):
		case isPortal && strings.ContainsAny(words, "{}"):
			return nil, &Error{Option: o.Name, Problem: "the portal and its token are the same for every row", Remedy: "Write it out, or run the command once for every portal."}
		case isPortal:
		default:
			s, err := t.slot(ctx, o, words)
			if err != nil {
				return nil, named(o.Name, err)
			}
			t.slots[o.Name] = s
		}
	}
	return t, nil
}

// Columns are the columns that the options name, in the order of the options.
func (t *Template) Columns() []string {
	var names []string
	for i := range t.fn.Options {
		if s := t.slots[t.fn.Options[i].Name]; s != nil {
			for _, name := range s.columns {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

// slot reads one option.
func (t *Template) slot(ctx context.Context, o *catalog.Option, words string) (s *slot, err error) {
	s = &slot{words: words}
	if isJSON(o.As) && (o.As != catalog.AsArray || looksLikeJSON(words) || namesFile(words)) {
		return s, t.structured(ctx, s, o)
	}
	if s.text, err = parsePattern(words); err != nil {
		return nil, err
	}
	if s.columns = s.text.columns(); len(s.columns) == 0 {
		s.words, _ = s.text.fill(nil)
		if o.As == catalog.AsUpload {
			_, err = t.src.checking().contentOf(ctx, s.words)
			return s, err
		}
		s.fixed, err = Value(ctx, t.src, o, s.words)
		return s, err
	}
	s.text = s.text.unescaped()
	return s, nil
}

// structured reads an option that takes JSON: one column, or JSON with columns
// in its texts.
func (t *Template) structured(ctx context.Context, s *slot, o *catalog.Option) error {
	if p, err := parsePattern(strings.TrimSpace(s.words)); err == nil {
		// {A:1} is JSON, {A} is not.
		if column, ok := p.column(); ok && !strings.ContainsAny(column, `'",:`) {
			s.whole, s.columns = column, []string{column}
			return nil
		}
	}
	raw, err := t.src.jsonOf(ctx, s.words)
	if err == nil {
		err = checkKind(o.As, raw)
	}
	if err == nil {
		s.tree, err = parseTree(raw)
	}
	if err != nil {
		return err
	}
	if s.columns = s.tree.columns(); len(s.columns) == 0 {
		_, err = fromJSON(ctx, t.src.checking(), o, raw) // what is wrong with it is so in every row
	}
	return err
}

func isJSON(as catalog.Convert) bool {
	switch as {
	case catalog.AsMerge, catalog.AsObject, catalog.AsPick, catalog.AsJSON, catalog.AsFiles, catalog.AsArray:
		return true
	}
	return false
}

// Call is what a row makes of the options.
type Call struct {
	Params *bitrix24.Object
	File   *bitrix24.File    // that follows the request, see Upload
	Texts  map[string]string // of the options that are no parameters
}

// Call makes the call of a row. A value that cannot be used is an *Error, which
// names the column.
func (t *Template) Call(ctx context.Context, cells Cells) (*Call, error) {
	return t.bind(ctx, t.src, cells)
}

// Check tells whether the row makes a call, without reading the files and
// addresses that it names.
func (t *Template) Check(ctx context.Context, cells Cells) error {
	_, err := t.bind(ctx, t.src.checking(), cells)
	return err
}

func (t *Template) bind(ctx context.Context, src *Source, cells Cells) (*Call, error) {
	r := &row{t, src, cells}
	call := &Call{Texts: map[string]string{}}
	for i := range t.fn.Options {
		o := &t.fn.Options[i]
		s := t.slots[o.Name]
		if s == nil {
			continue
		}
		switch empty := s.isEmpty(cells, t.empty); {
		case empty && o.Required:
			return nil, &Error{Option: o.Name, Column: s.place(), Problem: "the cell is empty, and " + t.fn.Name + " needs the option", Remedy: "Fill the cell, or leave such rows out with --where."}
		case empty:
		case o.As == catalog.AsUpload:
			content, err := src.contentOf(ctx, r.text(o.Name))
			if err != nil {
				return nil, s.blame(o.Name, err)
			}
			call.File = &bitrix24.File{Name: r.text(o.Named), Content: content}
		case !o.IsParameter(): // it is not sent, but read later
			if _, err := r.value(ctx, o); err != nil {
				return nil, s.blame(o.Name, err)
			}
			call.Texts[o.Name] = r.text(o.Name)
		}
	}
	var err error
	if call.Params, err = assemble(ctx, t.fn, r); err != nil {
		var e *Error
		if errors.As(err, &e) && t.slots[e.Option] != nil {
			err = t.slots[e.Option].blame(e.Option, e)
		}
		return nil, err
	}
	return call, nil
}

// row are the options of one call.
type row struct {
	*Template
	src   *Source
	cells Cells
}

func (r *row) given(name string) bool {
	s := r.slots[name]
	switch {
	case s == nil:
		return false
	case !s.isEmpty(r.cells, r.empty):
		return true
	}
	o, _ := r.fn.Option(name)
	switch o.As {
	case catalog.AsBase64, catalog.AsPair, catalog.AsFiles: // there is no empty file
		return false
	}
	return r.empty == Clear
}

func (r *row) text(name string) string {
	s := r.slots[name]
	switch {
	case s == nil:
		return ""
	case len(s.columns) > 0:
		text, _ := s.text.fill(r.cells)
		return text
	}
	return plain(s.words)
}

func (r *row) value(ctx context.Context, o *catalog.Option) (any, error) {
	s := r.slots[o.Name]
	if s == nil || !r.given(o.Name) {
		return Value(ctx, r.src, o, o.Default)
	}
	if s.fixed != nil {
		return s.fixed, nil
	}
	return r.convert(ctx, s, o)
}

// convert is Value for what comes out of the table: cells have no escapes, and
// name no file but where a file is wanted.
func (r *row) convert(ctx context.Context, s *slot, o *catalog.Option) (any, error) {
	if s.isEmpty(r.cells, r.empty) {
		return cleared(o.As), nil
	}
	switch {
	case s.tree != nil:
		raw, _ := s.tree.append(nil, r.cells, r.empty)
		return fromJSON(ctx, r.src, o, raw)
	case s.whole != "":
		raw, err := wholeOf(o.As, r.cells(s.whole))
		if err != nil {
			return nil, err
		}
		return fromJSON(ctx, r.src, o, raw)
	}
	text, _ := s.text.fill(r.cells)
	switch o.As {
	case catalog.AsString, catalog.AsID, catalog.AsContent:
		return checked(o, text)
	case catalog.AsArray:
		return allowed(o, []string{text})
	}
	return Value(ctx, r.src, o, text)
}

// cleared is an option that is sent empty.
func cleared(as catalog.Convert) any {
	switch as {
	case catalog.AsMerge, catalog.AsObject, catalog.AsPick:
		return bitrix24.NewObject()
	case catalog.AsArray, catalog.AsJSON:
		return []string{}
	}
	return ""
}

// wholeOf is the JSON of a cell that is an option by itself. For a list a text
// is its only element, unless it is a list in JSON.
func wholeOf(as catalog.Convert, cell Cell) (json.RawMessage, error) {
	if cell.JSON != nil {
		return cell.JSON, nil
	}
	if as == catalog.AsArray {
		if raw := []byte(strings.TrimSpace(cell.Text)); raw[0] == '[' && json.Valid(raw) {
			return raw, nil
		}
		return quote(cell.Text), nil
	}
	raw, err := Relax([]byte(cell.Text))
	if err != nil {
		return nil, &Error{Problem: "the cell holds no JSON", Remedy: "Nothing was sent.", Err: err}
	}
	return raw, nil
}

// isEmpty tells whether the option is nothing but empty cells. A structure is
// so when nothing of it is left.
func (s *slot) isEmpty(cells Cells, empty Empty) bool {
	switch {
	case s.whole != "":
		return isBlank(cells(s.whole).Text)
	case s.tree != nil:
		_, ok := s.tree.append(nil, cells, empty)
		return !ok
	}
	_, isEmpty := s.text.fill(cells)
	return isEmpty
}

// place names the columns of an option, when they are few enough to look at.
func (s *slot) place() string {
	if len(s.columns) > 3 {
		return ""
	}
	return strings.Join(s.columns, ", ")
}

// blame puts option and columns into an error.
func (s *slot) blame(option string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return fmt.Errorf("--%s: %w", option, err)
	}
	e.Option, e.Column = option, s.place()
	return e
}
