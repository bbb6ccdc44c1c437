package jobs

import (
	"testing"
)

// TestWakeLeavesCancelledJob that was cancelled between the look and the waking.
func TestWakeLeavesCancelledJob(t *testing.T) {
	t.Parallel()
	s := newOpener(t)()
	job := give(t, s, "x", How{Portal: "p"})
	later := "datetime('now', '+1 hour')"
	if s.postgres {
		later = "now() + interval '1 hour'"
	}
	if _, err := s.exec(t.Context(), "UPDATE river_job SET state = 'scheduled', scheduled_at = "+later+" WHERE id = ?", job.ID); err != nil {
		t.Fatal(err)
	}
	w := &worker{Store: s}
	ids, err := w.next(t.Context())
	if err != nil || len(ids) != 1 || ids[0] != job.ID {
		t.Fatalf("%v, %v", ids, err)
	}
	if _, err := s.Cancel(t.Context(), job.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.rouse(t.Context(), job.ID); err != nil {
		t.Fatal(err)
	}
	if got := state(t, s, job.ID); got.State != Cancelled {
		t.Errorf("the cancelled job is %s", got.State)
	}
}

// TestLeaseThatWasNotGivenBack is no reason to wait for the job that has it.
func TestLeaseThatWasNotGivenBack(t *testing.T) {
	t.Parallel()
	s := newOpener(t)()
	job, err := s.Enqueue(t.Context(), &Command{Title: "x", Words: []string{"x"}, Repeat: true}, How{Portal: "p"})
	if err != nil {
		t.Fatal(err)
	}
	row, err := s.jobRow(t.Context(), job.ID)
	if err != nil {
		t.Fatal(err)
	}
	args, err := argsOf(row)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		worker string
		mine   bool
	}{{"one", true}, {"one", true}, {"two", false}} {
		w := &worker{Store: s, id: test.worker}
		if _, err := s.exec(t.Context(), "INSERT INTO oint_worker VALUES (?, 5) ON CONFLICT DO NOTHING", test.worker); err != nil {
			t.Fatal(err)
		}
		if c, err := w.claim(t.Context(), row, &args.commandArgs); err != nil || c.mine != test.mine {
			t.Errorf("worker %s: %+v, %v", test.worker, c, err)
		}
	}
}

// TestQueueOutlivesPowerFailures asks the disk to keep what is written.
func TestQueueOutlivesPowerFailures(t *testing.T) {
	t.Parallel()
	s := newOpener(t)()
	setting, full := "PRAGMA synchronous", "2"
	if s.postgres {
		setting, full = "SHOW synchronous_commit", "on"
	}
	var got string
	if err := s.row(t.Context(), setting).Scan(&got); err != nil || got != full {
		t.Errorf("%s is %s, %v", setting, got, err)
	}
}
