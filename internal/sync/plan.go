package sync

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
	"time"
)

// planFormat and planVersion tell a plan from other files and other versions.
const (
	planFormat  = "oint-plan"
	planVersion = 1
)

// Action is what a row of a plan does.
type Action string

// The actions.
const (
	Create     Action = "create"
	Update     Action = "update"
	Dismiss    Action = "dismiss"
	Reactivate Action = "reactivate"
	Unchanged  Action = "unchanged"
	Conflict   Action = "conflict" // nothing is done; Problem says why
)

// changes tells whether the action changes something on the portal.
func (a Action) changes() bool {
	return a == Create || a == Update || a == Dismiss || a == Reactivate
}

// Header is the first line of a plan.
type Header struct {
	Format  string         `json:"format"`
	Version int            `json:"version"`
	Portal  string         `json:"portal"` // host, or sandbox:NAME
	Entity  string         `json:"entity"`
	Key     string         `json:"key"`
	Fields  []PlanField    `json:"fields"`
	Created time.Time      `json:"created_at"`
	Counts  map[Action]int `json:"counts"`
	ID      string         `json:"id,omitempty"`     // of this plan and no other with the same rows
	Content string         `json:"content"`          // SHA-256 of the lines that follow
	Undoes  string         `json:"undoes,omitempty"` // identity of the plan whose rollback it is
}

// newID makes a plan another one than an earlier plan with the same rows.
func newID() string {
	id := make([]byte, 8)
	_, _ = rand.Read(id) // never fails
	return hex.EncodeToString(id)
}

// identity is what a journal knows its plan by.
func (h *Header) identity() string { return h.ID + ":" + h.Content }

// PlanField is a field that the plan writes or finds rows by.
type PlanField struct {
	Name     string `json:"name"`
	Kind     Kind   `json:"kind"`
	Multiple bool   `json:"multiple,omitempty"`
}

// Changes is the number of rows that change something.
func (h *Header) Changes() int {
	n := 0
	for action, count := range h.Counts {
		if action.changes() {
			n += count
		}
	}
	return n
}

// Row is one line of a plan.
type Row struct {
	Line    int      `json:"row,omitempty"` // in the table
	Action  Action   `json:"action"`
	Entity  string   `json:"entity,omitempty"` // when it is not the plan's
	ID      int64    `json:"id,omitempty"`
	Key     string   `json:"key,omitempty"`
	Name    string   `json:"name,omitempty"`
	Changes []Change `json:"changes,omitempty"`
	Problem string   `json:"problem,omitempty"`
}

// Change is one field of a row.
type Change struct {
	Field string `json:"field"`
	Old   Value  `json:"old"`
	New   Value  `json:"new"`
}

// planWriter writes the rows of a plan and counts them. The header comes before
// them in the file but is known only afterwards, so the rows wait in a file of
// their own.
type planWriter struct {
	w      *bufio.Writer
	sum    hash.Hash
	counts map[Action]int
}

func newPlanWriter(rows io.Writer) *planWriter {
	sum := sha256.New()
	return &planWriter{w: bufio.NewWriterSize(io.MultiWriter(rows, sum), 64<<10), sum: sum, counts: map[Action]int{}}
}

func (p *planWriter) write(row *Row) error {
	p.counts[row.Action]++
	line, err := json.Marshal(row)
	if err != nil {
		return err
	}
	_, err = p.w.Write(append(line, '\n'))
	return err
}

// finish completes the header.
func (p *planWriter) finish(h *Header) error {
	if err := p.w.Flush(); err != nil {
		return err
	}
	h.Format, h.Version = planFormat, planVersion
	h.Counts, h.Content = p.counts, hex.EncodeToString(p.sum.Sum(nil))
	return nil
}

// writePlan writes header and rows.
func writePlan(w io.Writer, h *Header, rows io.Reader) error {
	line, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if _, err := w.Write(append(line, '\n')); err != nil {
		return err
	}
	_, err = io.Copy(w, rows)
	return err
}
