package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/oint-go/oint/internal/jobs"
)

const (
	// spareIdle is how long a worker that started by itself stays without work.
	spareIdle = time.Minute
	// patience is how long a worker that is told to stop waits for calls that
	// must not be made twice, and for what a job that is told to stop has sent. A
	// portal ends a request after 60 seconds.
	patience = 75 * time.Second
	// largestWorkerLog is where the log of such a worker begins anew.
	largestWorkerLog = 1 << 20
)

// workerOptions are the flags of "oint worker".
type workerOptions struct {
	sys         System
	concurrency int
	idle        time.Duration
	lease       time.Duration
	spare       bool
}

func newWorker(sys System) *cobra.Command {
	o := &workerOptions{sys: sys}
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Run background jobs",
		Long: "Runs the jobs of the queue until it is told to stop: jobs of one portal one after the other, several portals at once. " +
			"Ctrl-C or SIGTERM stops it: a call that may be repeated goes back into the queue, any other comes to its end first.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().IntVar(&o.concurrency, "concurrency", 4, "at most `N` jobs at once")
	cmd.Flags().DurationVar(&o.idle, "idle", 0, "end after `TIME` without jobs or schedules, e.g. 10m; never without it")
	cmd.Flags().DurationVar(&o.lease, "lease", jobs.DefaultLease, "`TIME` after which the others take over the jobs of a silent worker; the same for all workers")
	cmd.Flags().BoolVar(&o.spare, "spare", false, "end at once when this machine has a worker")
	cmd.Flags().Bool(optHelp, false, "show this page")
	if err := cmd.Flags().MarkHidden("spare"); err != nil {
		cmd.RunE = func(*cobra.Command, []string) error { return err }
	}
	return cmd
}

func (o *workerOptions) run(ctx context.Context) (err error) {
	switch {
	case o.concurrency < 1 || o.concurrency > 1000:
		return usageErrorf("--concurrency is a number from 1 to 1000")
	case o.idle < 0:
		return usageErrorf("--idle cannot be negative")
	case o.lease < time.Second:
		return usageErrorf("--lease must be a second or longer")
	}
	store, err := openJobs(ctx, o.sys)
	if err != nil {
		return err
	}
	defer func() { err = joinClose(err, store) }()
	fmt.Fprintf(o.sys.Err, "oint: worker of process %d runs jobs; Ctrl-C ends it\n", os.Getpid())
	for {
		release, sole, err := o.claim(store)
		if err != nil || o.spare && !sole {
			return err
		}
		worked := store.Work(ctx, o.settings())
		// The claim goes first and the queue is looked at then: whoever put a
		// job into it before has seen the claim and started nobody.
		if err := errors.Join(worked, release()); err != nil || ctx.Err() != nil {
			return err
		}
		waiting, err := store.Waiting(ctx)
		if err != nil || !waiting {
			return err
		}
	}
}

// claim tells the other processes of this machine that they need no worker.
func (o *workerOptions) claim(store *jobs.Store) (release func() error, sole bool, err error) {
	nothing := func() error { return nil }
	if !store.Local() {
		return nothing, true, nil
	}
	dir, err := o.sys.dataDir()
	if err != nil {
		return nil, false, err
	}
	release, sole, err = jobs.Claim(dir)
	if !sole {
		release = nothing
	}
	return release, sole, err
}

func (o *workerOptions) settings() jobs.Settings {
	var mu sync.Mutex
	say := func(text string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(o.sys.Err, "oint: %s %s\n", time.Now().Format(time.DateTime), text)
	}
	return jobs.Settings{
		Run: children{grace: o.lease / 3, patience: patience}.run, Concurrency: o.concurrency, Idle: o.idle, Lease: o.lease, Patience: patience,
		Say:    say,
		Failed: func(text string, err error) { say(fmt.Sprintf("%s: %v", text, err)) },
	}
}

// ensureWorker starts a worker in the background when the jobs are in a file of
// this machine and nobody runs them. It leaves the terminal, ends when it has
// nothing to do, and belongs to the system once this process is gone.
func (s System) ensureWorker(store *jobs.Store) error {
	if !store.Local() || s.Getenv("OINT_NO_WORKER") == "1" {
		return nil
	}
	dir, err := s.dataDir()
	if err != nil {
		return err
	}
	release, free, err := jobs.Claim(dir)
	if err != nil || !free {
		return err
	}
	if err := release(); err != nil {
		return err
	}
	file, err := workerLog(filepath.Join(dir, "worker.log"))
	if err != nil {
		return err
	}
	cmd, err := self("worker", "--spare", "--idle", spareIdle.String())
	if err != nil {
		return errors.Join(err, file.Close())
	}
	cmd.Dir, cmd.Stderr, cmd.SysProcAttr = dir, file, detached()
	cmd.Env = without(os.Environ(), "OINT_URL", "OINT_TOKEN")
	if s.Getenv("OINT_DATA_DIR") != "" {
		cmd.Env = append(cmd.Env, "OINT_DATA_DIR="+dir) // the last one counts
	}
	keepFiles()
	if err := cmd.Start(); err != nil {
		return errors.Join(&outputError{fmt.Errorf("the job is queued, but no worker could be started: %w; \"oint worker\" runs it", err)}, file.Close())
	}
	return errors.Join(file.Close(), cmd.Process.Release())
}

func workerLog(name string) (*os.File, error) {
	flags := os.O_WRONLY | os.O_CREATE | os.O_APPEND
	if info, err := os.Stat(name); err == nil && info.Size() > largestWorkerLog {
		flags |= os.O_TRUNC
	}
	return os.OpenFile(name, flags, 0o600)
}
