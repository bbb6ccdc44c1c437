package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// due lets the time of a schedule come: the clock of the tests does not wait for
// the night.
func (p *planned) due(schedule int64) {
	p.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(p.data)+"/jobs.db?_pragma=busy_timeout(60000)")
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(p.t.Context(), "UPDATE river_job SET state = 'available', scheduled_at = datetime('now', '-1 hour', 'subsec') WHERE id = ?", schedule); err != nil {
		p.t.Fatal(err)
	}
}

// await waits for a job that a schedule will give, and for its end.
func (p *planned) await(id int64, want int) {
	p.t.Helper()
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		cmd, messages := p.command("jobs", "wait", fmt.Sprint(id))
		_ = cmd.Run()
		code := cmd.ProcessState.ExitCode()
		if strings.Contains(messages.String(), "there is no such job") && time.Since(began) < time.Minute {
			continue
		}
		if code != want {
			logs, said := p.command("jobs", "logs", fmt.Sprint(id))
			_ = logs.Run()
			p.t.Fatalf("job %d: exit code %d, want %d\n%s%s", id, code, want, messages, said)
		}
		return
	}
}

// TestNightly gives a schedule that plans a table and applies the plan, and lets
// three nights come: one with changes, one without, one with a table of nonsense.
func TestNightly(t *testing.T) {
	t.Parallel()
	p := newPlanned(t)
	p.env = append(p.env, "OINT_LIMIT=off")
	table, report := p.table("hr.csv", 2, 40, "First night"), p.file("report.csv")
	words := []string{"bitrix24", "apply", "users", "--from", table, "--key", "EMAIL", "--yes", "--report-file", report, "--cron", "0 2 * * *"}
	for _, wrong := range []string{"--key=NAME", "--from=" + p.file("none.csv"), "--max-dismiss=-1", "--map=" + p.file("none.yaml"), "--cron=0 25 * * *"} {
		cmd, messages := p.command(append(slices.Clone(words), wrong)...)
		if _ = cmd.Run(); cmd.ProcessState.ExitCode() != 2 {
			t.Errorf("%s: exit code %d\n%s", wrong, cmd.ProcessState.ExitCode(), messages)
		}
	}
	var schedule struct {
		ID    int64
		State string
	}
	if err := json.Unmarshal(p.run(words...), &schedule); err != nil || schedule.State != "scheduled" {
		t.Fatalf("%+v, %v", schedule, err)
	}
	p.due(schedule.ID)
	worker, output := p.start()
	p.await(schedule.ID+1, 0)
	p.once(2, 40, 0)
	if text, err := os.ReadFile(report); err != nil || strings.Count(string(text), ",done,") != 39 {
		t.Errorf("the first report: %v\n%s", err, text)
	}

	p.due(schedule.ID)
	p.await(schedule.ID+2, 0)
	p.once(2, 40, 0)
	if text, err := os.ReadFile(report); err != nil || strings.Count(string(text), ",nothing to do,") != 39 {
		t.Errorf("the second report: %v\n%s", err, text)
	}

	if err := os.WriteFile(table, []byte("EMAIL,EMAIL\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.due(schedule.ID)
	p.await(schedule.ID+3, 2)
	p.once(2, 40, 0)

	if err := worker.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := worker.Wait(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}
