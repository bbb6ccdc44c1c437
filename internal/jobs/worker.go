package jobs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
)

// Runner runs a command to its end and returns its exit code. When the context
// ends it tells the command to stop and still waits for its end: a while for what
// the command has begun, or not at all when the cause is ErrPatience. A command
// that was stopped ends with Interrupted. The error is a command that could not be
// started.
type Runner func(ctx context.Context, c *Command, stdout, stderr io.Writer) (code int, err error)

// ErrPatience is the cause of a context that ended after Patience: the command has
// had its time and must end at once.
var ErrPatience = errors.New("the worker has waited long enough")

// Interrupted is the exit code of a command that was told to stop and did.
const Interrupted = 130

// DefaultLease is how long a worker may be silent before its jobs are taken
// over.
const DefaultLease = 15 * time.Second

// Settings are those of a worker.
type Settings struct {
	Run         Runner
	Concurrency int           // jobs at once
	Idle        time.Duration // end after so long without work; 0 never ends
	Lease       time.Duration
	Patience    time.Duration              // how long a stop waits for commands that must not be repeated
	Say         func(text string)          // what happens, for people
	Failed      func(text string, _ error) // what goes wrong in the worker itself
}

const (
	fetchPause = 500 * time.Millisecond
	// How often a worker asks whether it is still needed.
	shortIdlePause = 50 * time.Millisecond
	longIdlePause  = time.Second
	// retention is how long jobs that have ended are kept when nobody prunes
	// them.
	retention = 30 * 24 * time.Hour
)

// errLost ends a worker that the others take for dead.
var errLost = errors.New("this worker was silent for so long that others have taken its jobs over")

// worker is a worker at work.
type worker struct {
	*Store
	Settings

	id       string
	client   queue
	running  atomic.Int64
	stopping chan struct{} // closed by a graceful stop
	lost     context.Context
	lose     context.CancelFunc
}

// Work runs jobs until the context ends or, with Idle, until nothing has been
// waiting for so long. When it stops, commands that may be repeated are stopped
// and go back into the queue, and the others get Patience to come to their end.
func (s *Store) Work(ctx context.Context, settings Settings) error {
	w := &worker{Store: s, Settings: settings, id: workerID(), stopping: make(chan struct{})}
	w.lost, w.lose = context.WithCancel(context.WithoutCancel(ctx))
	defer w.lose()
	if err := s.sweep(ctx); err != nil {
		return err
	}
	if err := w.start(ctx); err != nil {
		return err
	}
	var looking sync.WaitGroup
	looking.Go(func() { w.beats(context.WithoutCancel(ctx)) })
	looking.Go(func() { w.waking(context.WithoutCancel(ctx)) })
	w.attend(ctx)
	if w.lost.Err() != nil {
		return errLost
	}
	close(w.stopping)
	err := w.client.Stop(context.WithoutCancel(ctx))
	lost := w.lost.Err() != nil
	w.lose()
	looking.Wait()
	if lost {
		return errLost
	}
	_, gone := s.exec(context.WithoutCancel(ctx), "DELETE FROM oint_worker WHERE id = ?", w.id)
	return errors.Join(err, gone)
}

func workerID() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%.60s-%d-%s", host, os.Getpid(), rand.Text()[:8])
}

// start makes the worker known before it takes a job.
func (w *worker) start(ctx context.Context) error {
	if _, err := w.exec(ctx, "INSERT INTO oint_worker (id, beat) VALUES (?, 0)", w.id); err != nil {
		return err
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &commandWorker{worker: w})
	river.AddWorker(workers, &scheduleWorker{worker: w})
	var err error
	w.client, err = w.Store.client(&river.Config{
		ID:                w.id,
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: w.Concurrency}},
		Workers:           workers,
		JobTimeout:        -1, // a night's work takes its time
		FetchCooldown:     fetchPause / 10,
		FetchPollInterval: fetchPause,
		PollOnly:          !w.postgres, // in a file its notifications are polled for too, twenty times a second
		Logger:            slog.New(&logHandler{failed: w.Failed}),

		CompletedJobRetentionPeriod: retention,
		CancelledJobRetentionPeriod: retention,
		DiscardedJobRetentionPeriod: retention,
	})
	if err != nil {
		return err
	}
	return w.client.Start(context.WithoutCancel(ctx))
}

// attend waits for a reason to end.
func (w *worker) attend(ctx context.Context) {
	ticker := time.NewTicker(max(shortIdlePause, min(longIdlePause, w.Idle/10)))
	defer ticker.Stop()
	quiet := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.lost.Done():
			return
		case <-ticker.C:
		}
		if w.Idle == 0 {
			continue
		}
		waiting, err := w.Waiting(ctx)
		if err != nil || waiting || w.running.Load() > 0 {
			quiet = time.Now()
		}
		if time.Since(quiet) >= w.Idle {
			return
		}
	}
}

// Waiting tells whether there is, or will be, work to do.
func (s *Store) Waiting(ctx context.Context) (bool, error) {
	var n int
	err := s.row(ctx, "SELECT count(*) FROM river_job WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled')").Scan(&n)
	return n > 0, err
}

// logHandler passes on what River reports as an error.
type logHandler struct {
	failed func(string, error)
}

// Enabled implements slog.Handler.
func (h *logHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelError
}

// Handle implements slog.Handler.
func (h *logHandler) Handle(_ context.Context, record slog.Record) error {
	text := record.Message
	record.Attrs(func(a slog.Attr) bool {
		if a.Key == "err" || a.Key == "error" {
			text += ": " + a.Value.String()
		}
		return true
	})
	h.failed("the queue", errors.New(text))
	return nil
}

// WithAttrs implements slog.Handler.
func (h *logHandler) WithAttrs([]slog.Attr) slog.Handler { return h }

// WithGroup implements slog.Handler.
func (h *logHandler) WithGroup(string) slog.Handler { return h }
