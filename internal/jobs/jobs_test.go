package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const testKey = "a key of thirty-two characters, and more"

// give queues a command with one word.
func give(t *testing.T, s *Store, word string, how How) *Job {
	t.Helper()
	job, err := s.Enqueue(t.Context(), &Command{Title: word, Text: "oint " + word, Words: []string{word}, Repeat: true}, how)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// settings are those of a worker for tests, which ends when all is done.
func settings(t *testing.T, run Runner) Settings {
	t.Helper()
	var mu sync.Mutex
	ended := false // a worker that was given up may speak after its test
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		ended = true
	})
	log := func(what ...any) {
		mu.Lock()
		defer mu.Unlock()
		if !ended {
			t.Log(what...)
		}
	}
	return Settings{
		Run: run, Concurrency: 6, Idle: time.Millisecond, Lease: 2 * time.Second, Patience: time.Minute,
		Say:    func(text string) { log(text) },
		Failed: func(text string, err error) { log(text, err) },
	}
}

func state(t *testing.T, s *Store, id int64) *Job {
	t.Helper()
	job, err := s.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// TestOnePortalOneJob runs jobs of three portals with two workers: no portal has
// two at once, all three have one at the same time, and nothing runs twice.
func TestOnePortalOneJob(t *testing.T) {
	t.Parallel()
	open := newOpener(t)
	s := open()
	var mu sync.Mutex
	busy, ran := map[string]int{}, map[string]int{}
	var together sync.WaitGroup
	together.Add(3)
	run := func(_ context.Context, c *Command, _, _ io.Writer) (int, error) {
		portal, number, _ := strings.Cut(c.Words[0], " ")
		mu.Lock()
		busy[portal]++
		ran[c.Words[0]]++
		if busy[portal] > 1 {
			t.Errorf("%s has %d jobs at once", portal, busy[portal])
		}
		mu.Unlock()
		if number == "0" {
			together.Done()
			together.Wait()
		}
		mu.Lock()
		busy[portal]--
		mu.Unlock()
		return 0, nil
	}
	for number := range 4 {
		for _, portal := range []string{"a", "b", "c"} {
			give(t, s, fmt.Sprintf("%s %d", portal, number), How{Portal: portal})
		}
	}
	var workers sync.WaitGroup
	for range 2 {
		other := open()
		workers.Go(func() {
			if err := other.Work(t.Context(), settings(t, run)); err != nil {
				t.Error(err)
			}
		})
	}
	workers.Wait()
	list, err := s.List(t.Context(), []State{Done}, 100)
	if err != nil || len(list) != 12 {
		t.Errorf("%d jobs are done, want 12: %v", len(list), err)
	}
	for word, n := range ran {
		if n != 1 {
			t.Errorf("%s ran %d times", word, n)
		}
	}
}

func TestPriority(t *testing.T) {
	t.Parallel()
	s := newOpener(t)()
	var order []string
	var mu sync.Mutex
	run := func(_ context.Context, c *Command, _, _ io.Writer) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, c.Title)
		return 0, nil
	}
	for _, priority := range []int{4, 2, 3, 1, 2} {
		give(t, s, fmt.Sprint(priority), How{Portal: "p", Priority: priority})
	}
	if err := s.Work(t.Context(), settings(t, run)); err != nil {
		t.Fatal(err)
	}
	if want := []string{"1", "2", "2", "3", "4"}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
}

func TestUnique(t *testing.T) {
	t.Parallel()
	s := newOpener(t)()
	first := give(t, s, "same", How{})
	second := give(t, s, "same", How{Unique: true})
	if second.ID != first.ID || !second.Duplicate {
		t.Errorf("job %d, duplicate %t; want job %d", second.ID, second.Duplicate, first.ID)
	}
	if other := give(t, s, "other", How{Unique: true}); other.Duplicate {
		t.Error("another command is no duplicate")
	}
	run := func(context.Context, *Command, io.Writer, io.Writer) (int, error) { return 0, nil }
	if err := s.Work(t.Context(), settings(t, run)); err != nil {
		t.Fatal(err)
	}
	if again := give(t, s, "same", How{Unique: true}); again.Duplicate || again.ID == first.ID {
		t.Errorf("the same command after the first has ended: %+v", again)
	}
}

// TestOutcome follows what a command ends with to the state of its job.
func TestOutcome(t *testing.T) {
	t.Parallel()
	s := newOpener(t)()
	run := func(_ context.Context, c *Command, stdout, _ io.Writer) (int, error) {
		switch c.Title {
		case "fails":
			return 1, nil
		case "is killed":
			return -1, nil
		case "does not start":
			return 0, errors.New("no such folder")
		}
		_, err := io.WriteString(stdout, "hello")
		return 0, err
	}
	for _, title := range []string{"works", "fails", "is killed", "does not start"} {
		give(t, s, title, How{})
	}
	if err := s.Work(t.Context(), settings(t, run)); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[int64]string{1: "done 0 ", 2: "failed 1 ", 3: "failed - its process was killed", 4: "failed - no such folder"} {
		job := state(t, s, id)
		code := "-"
		if job.ExitCode != nil {
			code = fmt.Sprint(*job.ExitCode)
		}
		if got := fmt.Sprintf("%s %s %s", job.State, code, job.Problem); got != want {
			t.Errorf("job %d: %q, want %q", id, got, want)
		}
	}
	// A retry is a run of its own.
	if _, err := s.Retry(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if err := s.Work(t.Context(), settings(t, func(context.Context, *Command, io.Writer, io.Writer) (int, error) { return 0, nil })); err != nil {
		t.Fatal(err)
	}
	if job := state(t, s, 2); job.State != Done {
		t.Errorf("after the retry: %+v", job)
	}
	if n, err := s.Prune(t.Context(), time.Now().Add(time.Hour)); n != 4 || err != nil {
		t.Errorf("%d jobs pruned, %v", n, err)
	}
	if _, err := s.Get(t.Context(), 1); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v, want ErrNotFound", err)
	}
}

// orphan makes a job look as if its worker had died: taken, and with begun in the
// middle of its command.
func orphan(t *testing.T, s *Store, id int64, begun bool) {
	t.Helper()
	by := `jsonb('["gone"]')`
	if s.postgres {
		by = "ARRAY['gone']"
	}
	if _, err := s.exec(t.Context(), "UPDATE river_job SET state = 'running', attempt = 1, attempted_by = "+by+" WHERE id = ?", id); err != nil {
		t.Fatal(err)
	}
	if !begun {
		return
	}
	if _, err := s.exec(t.Context(), "INSERT INTO oint_run VALUES (?, 'gone', 0, -1, '')", id); err != nil {
		t.Fatal(err)
	}
}

// TestTakenOver gives a worker the jobs of one that died.
func TestTakenOver(t *testing.T) {
	t.Parallel()
	s := newOpener(t)()
	var mu sync.Mutex
	ran := map[string]int{}
	run := func(_ context.Context, c *Command, _, _ io.Writer) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		ran[c.Title]++
		return 0, nil
	}
	begun := give(t, s, "begun", How{Portal: "p"})
	fetched := give(t, s, "fetched", How{Portal: "p"})
	once, err := s.Enqueue(t.Context(), &Command{Title: "once", Words: []string{"once"}}, How{Portal: "q"})
	if err != nil {
		t.Fatal(err)
	}
	ended := give(t, s, "ended", How{Portal: "r"})
	orphan(t, s, begun.ID, true)
	orphan(t, s, fetched.ID, false)
	orphan(t, s, once.ID, true)
	orphan(t, s, ended.ID, true)
	for _, statement := range []string{
		"INSERT INTO oint_worker VALUES ('gone', 5)", // whose beat stands still
		fmt.Sprintf("INSERT INTO oint_lease VALUES ('%s', %d, 'gone')", s.seal.hash("portal", "p"), begun.ID),
		fmt.Sprintf("UPDATE oint_run SET ended = 1, exit_code = 3 WHERE job_id = %d", ended.ID), // and River was not told
	} {
		if _, err := s.exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Work(t.Context(), settings(t, run)); err != nil {
		t.Fatal(err)
	}
	if ran["begun"] != 1 || ran["fetched"] != 1 || ran["once"] != 0 || ran["ended"] != 0 {
		t.Errorf("runs: %v", ran)
	}
	if job := state(t, s, begun.ID); job.State != Done {
		t.Errorf("begun: %+v", job)
	}
	if job := state(t, s, once.ID); job.State != Failed || job.Problem != CutOff {
		t.Errorf("once: %+v", job)
	}
	if job := state(t, s, ended.ID); job.State != Failed || *job.ExitCode != 3 {
		t.Errorf("ended: %+v", job)
	}
}

// TestLost takes the jobs of a worker away: it stops its command, tells nobody
// what became of it, and ends.
func TestLost(t *testing.T) {
	t.Parallel()
	s := newOpener(t)()
	job := give(t, s, "long", How{Portal: "p"})
	run := func(ctx context.Context, _ *Command, _, _ io.Writer) (int, error) {
		if _, err := s.exec(t.Context(), "DELETE FROM oint_worker"); err != nil {
			t.Error(err)
		}
		<-ctx.Done()
		return Interrupted, nil
	}
	if err := s.Work(t.Context(), settings(t, run)); !errors.Is(err, errLost) {
		t.Errorf("%v, want %v", err, errLost)
	}
	if job := state(t, s, job.ID); job.State.Ended() {
		t.Errorf("%+v", job)
	}
}

// TestSchedule gives a job whenever a schedule's time has come, once for each
// time.
func TestSchedule(t *testing.T) {
	t.Parallel()
	s := newOpener(t)()
	schedule := give(t, s, "nightly", How{Portal: "p", Cron: "0 2 * * *"})
	if schedule.State != Scheduled || schedule.NextAt == nil || !schedule.NextAt.After(time.Now()) {
		t.Fatalf("%+v", schedule)
	}
	past := "datetime('now', '-1 hour', 'subsec')"
	if s.postgres {
		past = "now() - interval '1 hour'"
	}
	if _, err := s.exec(t.Context(), "UPDATE river_job SET scheduled_at = "+past+" WHERE id = ?", schedule.ID); err != nil {
		t.Fatal(err)
	}
	var due string
	if err := s.row(t.Context(), "SELECT CAST(scheduled_at AS TEXT) FROM river_job WHERE id = ?", schedule.ID).Scan(&due); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	run := func(context.Context, *Command, io.Writer, io.Writer) (int, error) { return 0, nil }
	o := settings(t, run)
	o.Idle = 0
	worked := make(chan error, 1)
	go func() { worked <- s.Work(ctx, o) }()
	job, err := s.Wait(t.Context(), schedule.ID+1)
	for errors.Is(err, ErrNotFound) {
		job, err = s.Wait(t.Context(), schedule.ID+1)
	}
	if err != nil || job.State != Done || job.ScheduleID != schedule.ID || job.Kind != "nightly" {
		t.Errorf("%+v, %v", job, err)
	}
	// The worker died before it noted the next time: the job is not given twice.
	if _, err := s.exec(t.Context(), "UPDATE river_job SET scheduled_at = '"+due+"', state = 'available' WHERE id = ?", schedule.ID); err != nil {
		t.Fatal(err)
	}
	for pause := time.Millisecond; ; pause *= 2 {
		next := state(t, s, schedule.ID)
		if next.NextAt != nil && next.NextAt.After(time.Now()) {
			break
		}
		time.Sleep(pause)
	}
	stop()
	if err := <-worked; err != nil {
		t.Error(err)
	}
	list, err := s.List(t.Context(), nil, 10)
	if err != nil || len(list) != 2 {
		t.Errorf("%d jobs, %v; want the schedule and one job", len(list), err)
	}
	cancelled, err := s.Cancel(t.Context(), schedule.ID)
	if err != nil || cancelled.State != Cancelled {
		t.Errorf("%+v, %v", cancelled, err)
	}
}

// TestPatience stops a worker. A command that may be repeated is told to stop and
// has its time; one that must not has had it when it is told.
func TestPatience(t *testing.T) {
	t.Parallel()
	s := newOpener(t)()
	repeatable := give(t, s, "repeatable", How{})
	once, err := s.Enqueue(t.Context(), &Command{Title: "once", Words: []string{"once"}}, How{})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	causes := map[string]error{}
	ctx, stop := context.WithCancel(t.Context())
	run := func(ctx context.Context, c *Command, _, _ io.Writer) (int, error) {
		mu.Lock()
		causes[c.Title] = nil
		if len(causes) == 2 {
			stop()
		}
		mu.Unlock()
		<-ctx.Done()
		mu.Lock()
		defer mu.Unlock()
		causes[c.Title] = context.Cause(ctx)
		return Interrupted, nil
	}
	o := settings(t, run)
	o.Patience = time.Millisecond
	if err := s.Work(ctx, o); err != nil {
		t.Fatal(err)
	}
	if err := causes["repeatable"]; !errors.Is(err, context.Canceled) {
		t.Errorf("repeatable: %v", err)
	}
	if err := causes["once"]; !errors.Is(err, ErrPatience) {
		t.Errorf("once: %v", err)
	}
	if job := state(t, s, repeatable.ID); job.State != Queued {
		t.Errorf("%+v", job)
	}
	if job := state(t, s, once.ID); job.State != Failed || job.Problem != CutOff {
		t.Errorf("%+v", job)
	}
}

// TestUniqueSchedules tells schedules of one command apart by their times, and
// finds the one with the same.
func TestUniqueSchedules(t *testing.T) {
	t.Parallel()
	s := newOpener(t)()
	ids := map[int64]string{}
	for _, cron := range []string{"0 2 * * *", "0 3 * * *"} {
		job := give(t, s, "same", How{Cron: cron, Unique: true})
		if ids[job.ID] != "" || job.Duplicate {
			t.Errorf("%s: job %d is a duplicate of %q", cron, job.ID, ids[job.ID])
		}
		ids[job.ID] = cron
	}
	for _, cron := range []string{"0 3 * * *", " 0  2 * * * "} {
		job := give(t, s, "same", How{Cron: cron, Unique: true})
		if !job.Duplicate || ids[job.ID] != strings.Join(strings.Fields(cron), " ") {
			t.Errorf("%s: job %d, %q, duplicate %t", cron, job.ID, ids[job.ID], job.Duplicate)
		}
	}
	if job := give(t, s, "other", How{Cron: "0 2 * * *", Unique: true}); job.Duplicate {
		t.Error("another command is no duplicate")
	}
	if job := give(t, s, "same", How{Unique: true}); job.Duplicate {
		t.Error("a job is no duplicate of a schedule")
	}
}
