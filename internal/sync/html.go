package sync

import (
	"bufio"
	_ "embed"
	"html/template"
	"io"
)

//go:embed plan.html
var planPage string

// planBlocks are the parts of the page; the rows come between them one by one,
// so that their number does not matter.
func planBlocks() (*template.Template, error) {
	return template.New("plan").Parse(planPage)
}

// shownRow is a row with its values for people.
type shownRow struct {
	*Row
	Shown []shownChange
}

type shownChange struct{ Field, Old, New string }

// WriteHTML writes the plan as one page for the person who approves it: no
// script, nothing from elsewhere.
func (m *Made) WriteHTML(to io.Writer) error {
	t, err := planBlocks()
	if err != nil {
		return err
	}
	w := bufio.NewWriter(to)
	counts := make([]struct {
		Action Action
		N      int
	}, len(actions))
	for i, a := range actions {
		counts[i].Action, counts[i].N = a, m.Header.Counts[a]
	}
	if err := t.ExecuteTemplate(w, "head", map[string]any{"Header": &m.Header, "Counts": counts, "Changes": m.Header.Changes()}); err != nil {
		return err
	}
	fields := m.Header.fields()
	err = m.each(func(row *Row) error {
		if row.Action == Unchanged {
			return nil
		}
		shown := shownRow{Row: row, Shown: make([]shownChange, len(row.Changes))}
		for i, c := range row.Changes {
			f := fields[c.Field]
			shown.Shown[i] = shownChange{c.Field, f.shown(c.Old), f.shown(c.New)}
		}
		return t.ExecuteTemplate(w, "row", shown)
	})
	if err != nil {
		return err
	}
	if err := t.ExecuteTemplate(w, "foot", nil); err != nil {
		return err
	}
	return w.Flush()
}
