package sync

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"

	"github.com/oint-go/oint/bitrix24"
)

// Made is a plan that was made, its rows in a file of their own.
type Made struct {
	Header Header
	rows   *os.File
	named  bool // the file still has a name
}

// NewMade makes room for the rows of a plan.
func NewMade() (*Made, error) {
	f, err := os.CreateTemp("", "oint-plan-*")
	if err != nil {
		return nil, err
	}
	// Where the system allows it the file loses its name at once: a program that is
	// killed leaves nobody's data behind.
	return &Made{rows: f, named: os.Remove(f.Name()) != nil}, nil
}

// Writer takes the rows.
func (m *Made) Writer() io.Writer { return m.rows }

// Close forgets the rows.
func (m *Made) Close() error {
	_ = m.rows.Close() // it goes away
	if !m.named {
		return nil
	}
	return os.Remove(m.rows.Name())
}

// Save writes the plan into a file.
func (m *Made) Save(file string) error {
	if _, err := m.rows.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return replaceFile(file, func(w io.Writer) error { return writePlan(w, &m.Header, m.rows) })
}

// each reads the rows.
func (m *Made) each(do func(*Row) error) error {
	if _, err := m.rows.Seek(0, io.SeekStart); err != nil {
		return err
	}
	lines := newLineReader(m.rows)
	for {
		line, err := lines.next()
		if err != nil {
			if err == io.EOF { //nolint:errorlint // the reader returns it bare
				return nil
			}
			return err
		}
		row, err := readRow(line)
		if err == nil {
			err = do(row)
		}
		if err != nil {
			return err
		}
	}
}

// actions in the order in which they are told.
var actions = []Action{Create, Update, Dismiss, Reactivate, Unchanged, Conflict}

// Summary is how many rows do what, in one line.
func (h *Header) Summary() string {
	parts := make([]string, len(actions))
	for i, a := range actions {
		parts[i] = fmt.Sprintf("%d %s", h.Counts[a], a)
	}
	return strings.Join(parts, ", ")
}

// WriteText shows the plan to a person: every row that changes something or
// cannot.
func (m *Made) WriteText(to io.Writer) error {
	w := bufio.NewWriter(to)
	fields := m.Header.fields()
	err := m.each(func(row *Row) error {
		if row.Action == Unchanged {
			return nil
		}
		fmt.Fprintf(w, "%-10s %s\n", row.Action, visible(row.title()))
		if row.Problem != "" {
			fmt.Fprintf(w, "           %s\n", visible(row.Problem))
		}
		for _, c := range row.Changes {
			if row.Action == Create {
				fmt.Fprintf(w, "           %s: %s\n", c.Field, fields[c.Field].quoted(c.New))
				continue
			}
			fmt.Fprintf(w, "           %s: %s → %s\n", c.Field, fields[c.Field].quoted(c.Old), fields[c.Field].quoted(c.New))
		}
		return nil
	})
	fmt.Fprintf(w, "%s: %s\n", m.Header.Entity, m.Header.Summary())
	if flushed := w.Flush(); err == nil {
		err = flushed
	}
	return err
}

// title is what a row is about, in one line.
func (r *Row) title() string {
	var parts []string
	if r.Entity != "" {
		parts = append(parts, "department")
	}
	if r.Line > 0 {
		parts = append(parts, "row "+strconv.Itoa(r.Line))
	}
	if r.ID > 0 {
		parts = append(parts, "id "+strconv.FormatInt(r.ID, 10))
	}
	for _, text := range []string{r.Key, r.Name} {
		if text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "  ")
}

func quoted(v Value) string { return strconv.Quote(v.String()) }

// quoted is the value of a field in a message.
func (f *Field) quoted(v Value) string { return strconv.Quote(f.shown(v)) }

// fields are the fields of the plan by their names. A department that is made on
// the way has others, which are shown as they are.
func (h *Header) fields() map[string]*Field {
	fields := make(map[string]*Field, len(h.Fields))
	for _, f := range h.Fields {
		fields[f.Name] = &Field{Name: f.Name, Kind: f.Kind, Multiple: f.Multiple}
	}
	return fields
}

// visible keeps what stands in a table from steering a terminal.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\ufffd'
		}
		return r
	}, text)
}

// WriteJSON writes the plan as one JSON object: {"header": …, "rows": […]}.
func (m *Made) WriteJSON(to io.Writer) error {
	w := bufio.NewWriter(to)
	head, err := bitrix24.NewObject("header", m.Header).MarshalJSON()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s,\"rows\":[", strings.TrimSuffix(string(head), "}"))
	first := true
	if _, err := m.rows.Seek(0, io.SeekStart); err != nil {
		return err
	}
	for lines := newLineReader(m.rows); ; first = false {
		line, err := lines.next()
		if err != nil {
			break
		}
		if !first {
			fmt.Fprint(w, ",")
		}
		fmt.Fprintf(w, "\n%s", strings.TrimSuffix(string(line), "\n"))
	}
	fmt.Fprint(w, "\n]}\n")
	return w.Flush()
}
