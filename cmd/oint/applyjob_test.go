package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// planned is a portal with three hundred people and the tables and plans of a
// test, all with the jobs of its own.
type planned struct {
	*jobsHome
	servedPortal
	dir string
}

// newPlanned serves a portal that takes a second for a batch of fifty commands,
// and few requests are let through, so that an apply takes a while.
func newPlanned(t *testing.T) *planned {
	t.Helper()
	dir := t.TempDir()
	db := filepath.Join(dir, "portal.db")
	h := newJobsHome(t)
	h.run("sandbox", "seed", "--db", db, "--users", "300")
	p := &planned{jobsHome: h, dir: dir, servedPortal: servePortal(t, "--db", db, "--plan", "off", "--command-time", "20ms", "--log-size", "100000")}
	h.env = append(h.env, "OINT_URL="+p.webhook, "OINT_LIMIT=2/2")
	return p
}

func (p *planned) file(name string) string { return filepath.Join(p.dir, name) }

// table writes a table that gives a position to the users from…to, and makes new
// ones.
func (p *planned) table(name string, from, to int, position string, newcomers ...string) string {
	p.t.Helper()
	p.run("bitrix24", "export", "users", "--out", p.file("all.jsonl"), "--select", "EMAIL", "--filter", fmt.Sprintf(`{">=ID":%d,"<=ID":%d}`, from, to))
	text, err := os.ReadFile(p.file("all.jsonl"))
	if err != nil {
		p.t.Fatal(err)
	}
	rows := "EMAIL,NAME,WORK_POSITION,UF_DEPARTMENT\n"
	for line := range strings.Lines(string(text)) {
		var user struct{ EMAIL string }
		if err := json.Unmarshal([]byte(line), &user); err != nil {
			p.t.Fatal(err)
		}
		rows += fmt.Sprintf("%s,,%s,\n", user.EMAIL, position)
	}
	for _, newcomer := range newcomers {
		rows += fmt.Sprintf("%s@b24-xxxxxx.example,New,%s,Sales\n", newcomer, position)
	}
	if err := os.WriteFile(p.file(name), []byte(rows), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return p.file(name)
}

// plan plans such a table and returns the plan.
func (p *planned) plan(name string, from, to int, newcomers ...string) string {
	p.t.Helper()
	table := p.table(name+".csv", from, to, "Planned", newcomers...)
	p.run("bitrix24", "plan", "users", "--from", table, "--key", "EMAIL", "--out", p.file(name+".jsonl"))
	return p.file(name + ".jsonl")
}

// begun waits until the portal has changed somebody.
func (p *planned) begun() {
	p.t.Helper()
	for began := time.Now(); len(p.changed(p.t)) == 0; time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			p.t.Fatal("nothing is applied")
		}
	}
}

// once wants the users from…to changed once each, and so many people made.
func (p *planned) once(from, to int64, made int) {
	p.t.Helper()
	var want []int64
	for id := from; id <= to; id++ {
		want = append(want, id)
	}
	changed := p.changed(p.t)
	slices.Sort(changed)
	if !slices.Equal(changed, want) {
		p.t.Errorf("changed: %v, want %d…%d once each", changed, from, to)
	}
	n := 0
	for _, c := range p.log(p.t) {
		if c.Method == "user.add" && c.Code == "" {
			n++
		}
	}
	if n != made {
		p.t.Errorf("%d people were made, want %d", n, made)
	}
}

// finish runs a worker until nothing is left.
func (p *planned) finish() string {
	p.t.Helper()
	worker, output := p.start("--idle", "1ms")
	if err := worker.Wait(); err != nil {
		p.t.Fatalf("%v\n%s", err, output)
	}
	return output.String()
}

// TestApplyJobCancelled cancels an apply in the middle: what was sent comes to its
// end, and no row is unknown. Retried, the job goes on.
func TestApplyJobCancelled(t *testing.T) {
	t.Parallel()
	p := newPlanned(t)
	plan := p.plan("plan", 2, 200)
	p.run("bitrix24", "apply", plan, "--yes", "--settle", "100ms", "--background", "--report-file", p.file("report.csv"))
	worker, output := p.start()
	p.begun()
	p.run("jobs", "cancel", "1")
	wait, _ := p.command("jobs", "wait", "1")
	var exit *exec.ExitError
	if err := wait.Run(); !errors.As(err, &exit) || exit.ExitCode() != 130 {
		t.Errorf("wait: %v, want exit code 130", err)
	}
	if err := worker.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := worker.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if job := p.job(1); job.State != "cancelled" || job.ExitCode == nil || *job.ExitCode != 130 {
		t.Errorf("%+v\n%s", job, output)
	}
	report, err := os.ReadFile(p.file("report.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if text := string(report); strings.Contains(text, ",unknown,") || !strings.Contains(text, ",not sent,") || !strings.Contains(text, ",done,") {
		t.Errorf("the report has rows that are unknown, or none that are done and none that are left:\n%s", text)
	}
	p.run("jobs", "retry", "1")
	said := p.finish()
	if job := p.job(1); job.State != "done" {
		t.Errorf("retried: %+v\n%s", job, said)
	}
	p.once(2, 200, 0)
}

// TestApplyJobs gives two plans for one portal, one of them twice, to a worker
// that could run them all at once. Jobs of a portal run one after the other, and
// the plan that comes twice is carried out once. While it is at work, --unique
// finds its job, and without that nothing is queued.
func TestApplyJobs(t *testing.T) {
	t.Parallel()
	p := newPlanned(t)
	first, second := p.plan("first", 2, 200), p.plan("second", 201, 250)
	p.run("bitrix24", "apply", first, "--yes", "--background")
	p.run("bitrix24", "apply", first, "--yes", "--background", "--report-file", p.file("report.csv"))
	p.run("bitrix24", "apply", second, "--yes", "--background")
	worker, output := p.start("--concurrency", "4", "--idle", "1ms")
	p.begun()
	if out := string(p.run("bitrix24", "apply", first, "--yes", "--background", "--unique")); !strings.Contains(out, `"id": 1,`) || !strings.Contains(out, `"duplicate": true`) {
		t.Errorf("--unique: %s", out)
	}
	again, messages := p.command("bitrix24", "apply", first, "--yes", "--background")
	var exit *exec.ExitError
	if err := again.Run(); !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(messages.String(), "another apply of this plan is running") {
		t.Errorf("without --unique: %v\n%s", err, messages)
	}
	if err := worker.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	for id := int64(1); id <= 3; id++ {
		if job := p.job(id); job.State != "done" {
			t.Errorf("%+v", job)
		}
	}
	p.once(2, 250, 0)
	changed := p.changed(t)
	if len(changed) != 249 || slices.Max(changed[:199]) != 200 {
		t.Errorf("the plans were carried out side by side: %v", changed)
	}
	report, err := os.ReadFile(p.file("report.csv"))
	if err != nil || strings.Count(string(report), ",done,") != 199 {
		t.Errorf("the report of the second: %v\n%s", err, report)
	}
}
