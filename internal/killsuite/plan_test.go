//go:build killsuite

package killsuite

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oint-go/oint/sandbox"
)

// The plan of the suite: rows in all, of them new people; the first of them make
// a department each.
const (
	rows        = 2000
	newPeople   = 300
	departments = 3
	users       = rows - newPeople - departments + 1
)

// makePlan plans a change of every user but the administrator, new people and
// new departments.
func makePlan(t *testing.T, p *portal, dir string) string {
	t.Helper()
	table, plan := filepath.Join(dir, "hr.csv"), filepath.Join(dir, "plan.jsonl")
	f, err := os.Create(table)
	if err != nil {
		t.Fatal(err)
	}
	w := csv.NewWriter(f)
	write := func(cells ...string) {
		if err := w.Write(cells); err != nil {
			t.Fatal(err)
		}
	}
	p.must("export", "users", "--out", filepath.Join(dir, "all.jsonl"), "--select", "ID,EMAIL", "--filter", fmt.Sprintf(`{"<=ID":%d}`, users))
	text, err := os.ReadFile(filepath.Join(dir, "all.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	write("EMAIL", "NAME", "WORK_POSITION", "UF_DEPARTMENT", "PERSONAL_PHOTO")
	for line := range bytes.Lines(text) {
		var u struct{ ID, EMAIL string }
		if err := json.Unmarshal(line, &u); err != nil {
			t.Fatal(err)
		}
		photo := ""
		if strings.HasSuffix(u.ID, "7") {
			photo = u.ID + ".gif"
			if err := os.WriteFile(filepath.Join(dir, photo), []byte("GIF89a of "+u.ID), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if u.ID != "1" {
			write(u.EMAIL, "", "Planned "+u.ID, "", photo)
		}
	}
	for i := range newPeople {
		department := "Sales"
		if i < departments {
			department = []string{"Sales/New", "Sales/New/North", "Sales/New/South"}[i]
		}
		write(fmt.Sprintf("new%d@b24-xxxxxx.example", i), "New", "Newcomer", department, "")
	}
	w.Flush()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	p.must("plan", "users", "--from", table, "--key", "EMAIL", "--create-departments", "--out", plan)
	return plan
}

// exactlyOnce reads from the portal's own log that every row was carried out,
// and none twice.
func exactlyOnce(t *testing.T, p *portal) {
	t.Helper()
	p.idle()
	var log []sandbox.Command
	p.get("/_sandbox/log", &log)
	updates := map[int64]int{}
	added, made := 0, 0
	for _, c := range log {
		switch {
		case c.Code != "" || c.Record == 0:
		case c.Method == "user.update":
			updates[c.Record]++
		case c.Method == "user.add":
			added++
		case c.Method == "department.add":
			made++
		}
	}
	doubled := 0
	for _, n := range updates {
		if n > 1 {
			doubled++
		}
	}
	if len(updates) != users-1 || doubled > 0 {
		t.Errorf("%d of %d users were updated, %d of them more than once", len(updates), users-1, doubled)
	}
	if added != newPeople || made != departments {
		t.Errorf("%d people of %d and %d departments of %d were made", added, newPeople, made, departments)
	}
}

// complete wants every row of the plan done in a report and on the portal.
func complete(t *testing.T, p *portal, plan string) {
	t.Helper()
	report := filepath.Join(t.TempDir(), "report.jsonl")
	p.must("apply", plan, "--yes", "--report-file", report)
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	done, lines := 0, 0
	for line := range bytes.Lines(text) {
		var r struct{ Outcome string }
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		if lines++; r.Outcome == "done" {
			done++
		}
	}
	if lines != rows || done != rows {
		t.Errorf("the report has %d rows, %d of them done; want %d", lines, done, rows)
	}
	people := filepath.Join(t.TempDir(), "people.jsonl")
	p.must("export", "users", "--out", people, "--select", "ID,WORK_POSITION", "--filter", `{"%WORK_POSITION":["Planned ","Newcomer"]}`)
	text, err = os.ReadFile(people)
	if err != nil {
		t.Fatal(err)
	}
	changed, came := 0, 0
	for line := range bytes.Lines(text) {
		var u struct {
			ID       string
			Position string `json:"WORK_POSITION"`
		}
		if err := json.Unmarshal(line, &u); err != nil {
			t.Fatal(err)
		}
		switch u.Position {
		case "Planned " + u.ID:
			changed++
		case "Newcomer":
			came++
		}
	}
	if changed != users-1 || came != newPeople {
		t.Errorf("the portal has %d changed people of %d and %d new ones of %d", changed, users-1, came, newPeople)
	}
}
