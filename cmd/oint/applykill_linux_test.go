package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// children are the processes that a process has started.
func children(t *testing.T, parent int) (pids []int) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), fmt.Sprintf("\nPPid:\t%d\n", parent)) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

// killed runs the job in a worker and kills both in the middle, the worker first.
func (p *planned) killed() {
	p.t.Helper()
	worker, _ := p.start()
	p.begun()
	working := children(p.t, worker.Process.Pid)
	if err := worker.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	if len(working) != 1 {
		p.t.Errorf("the worker has %d processes", len(working))
	}
	for _, pid := range working {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			p.t.Error(err)
		}
	}
	_ = worker.Wait()
	p.idle(p.t)
	if n := len(p.changed(p.t)); n >= 199 {
		p.t.Errorf("the kill came too late: %d rows were sent", n)
	}
}

// TestApplyJobKilled kills a worker and the apply that it runs. The next worker
// goes on, and every row is carried out once.
func TestApplyJobKilled(t *testing.T) {
	t.Parallel()
	p := newPlanned(t)
	plan := p.plan("plan", 2, 200, "nora", "ivo", "ada")
	p.run("bitrix24", "apply", plan, "--yes", "--settle", "100ms", "--background", "--report-file", p.file("report.csv"))
	p.killed()
	// Another plan does not take its place.
	again, messages := p.command("bitrix24", "plan", "users", "--from", p.file("plan.csv"), "--key", "EMAIL", "--out", plan)
	if _ = again.Run(); again.ProcessState.ExitCode() != 2 || !strings.Contains(messages.String(), "is a plan that was begun") {
		t.Errorf("planned again: %v\n%s", again.ProcessState, messages)
	}
	said := p.finish()
	if job := p.job(1); job.State != "done" || job.ExitCode == nil || *job.ExitCode != 0 {
		t.Errorf("%+v\n%s", job, said)
	}
	p.once(2, 200, 3)
	report, err := os.ReadFile(p.file("report.csv"))
	if err != nil || strings.Count(string(report), ",done,") != 202 {
		t.Errorf("the report: %v\n%s", err, report)
	}
}

// TestNightlyKilled kills a worker and the command that plans a table and applies
// the plan. The next worker finishes that plan, then plans what has come
// meanwhile. Nothing is carried out twice, and both reports are there.
func TestNightlyKilled(t *testing.T) {
	t.Parallel()
	p := newPlanned(t)
	table := p.table("hr.csv", 2, 200, "Planned", "nora", "ivo", "ada")
	p.run("bitrix24", "apply", "users", "--from", table, "--key", "EMAIL", "--yes", "--settle", "100ms", "--background", "--report-file", p.file("report.csv"))
	p.killed()
	// HR sends another table before the work goes on.
	p.table("hr.csv", 201, 210, "Planned")
	said := p.finish()
	if job := p.job(1); job.State != "done" || job.ExitCode == nil || *job.ExitCode != 0 {
		t.Errorf("%+v\n%s", job, said)
	}
	p.once(2, 210, 3)
	for pattern, rows := range map[string]int{"report.20*.csv": 202, "report.csv": 10} {
		files, err := filepath.Glob(p.file(pattern))
		if err != nil || len(files) != 1 {
			t.Fatalf("%s: %v, %v", pattern, files, err)
		}
		if text, err := os.ReadFile(files[0]); err != nil || strings.Count(string(text), ",done,") != rows {
			t.Errorf("%s: %v\n%s", pattern, err, text)
		}
	}
	// Both can be undone.
	kept, err := filepath.Glob(p.file("hr.plan.rollback.*.jsonl"))
	if err != nil || len(kept) != 1 {
		t.Errorf("rollbacks kept: %v, %v", kept, err)
	}
	logs, messages := p.command("jobs", "logs", "1")
	if err := logs.Run(); err != nil || !strings.Contains(messages.String(), "was interrupted: its ") {
		t.Errorf("the log of the job: %v\n%s", err, messages)
	}
}
