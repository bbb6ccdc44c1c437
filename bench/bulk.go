package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/bitrix24/shared"
)

// renames makes n updates of the seeded users.
func renames(n int) iter.Seq[bitrix24.Command] {
	return func(yield func(bitrix24.Command) bool) {
		for i := range n {
			if !yield(bitrix24.Command{
				Method: "user.update", Replay: bitrix24.Idempotent,
				Params: bitrix24.Fields{"ID": 2 + i%40, "NAME": "Oleg", "WORK_POSITION": strconv.Itoa(i)},
			}) {
				return
			}
		}
	}
}

// update runs n updates and counts those that are done.
func update(ctx context.Context, client *bitrix24.Client, n int) (done int) {
	for o := range client.Batch(ctx, renames(n)) {
		if o.State == bitrix24.Done {
			done++
		}
	}
	return done
}

// bulk times updates on a far portal, at last on one that leaves requests without
// an answer now and then.
func (b bench) bulk(ctx context.Context) ([]figure, error) {
	faults := filepath.Join(b.dir, "faults.json")
	if err := os.WriteFile(faults, []byte(`[{"kind": "reset_after", "method": "batch", "probability": 0.02}]`), 0o600); err != nil {
		return nil, err
	}
	var figures []figure
	for i, run := range []struct {
		n        int
		portal   string
		promised string
		more     []string
	}{
		{1000, "a far portal", "≤ 0.75 s, 0 refused", nil},
		{5000, "a far portal", "≤ 27 s, 0 refused", nil},
		{5000, "one that loses 2 % of the answers", "", []string{"--faults", faults, "--fault-seed", "7"}},
	} {
		portal, err := b.serve(ctx, fmt.Sprintf("bulk-%d.db", i), slices.Concat(far, run.more)...)
		if err != nil {
			return nil, err
		}
		client, err := bitrix24.New(portal.webhook)
		if err != nil {
			return nil, err
		}
		began := time.Now()
		done := update(ctx, client, run.n)
		took := time.Since(began)
		refused, err := portal.refused(ctx)
		client.CloseIdleConnections()
		if err = errors.Join(err, portal.stop()); err != nil {
			return nil, err
		}
		figures = append(figures, figure{fmt.Sprintf("%d updates on %s", run.n, run.portal), fmt.Sprintf("%.2f s, %d done, %d refused", took.Seconds(), done, refused), run.promised})
	}
	return figures, nil
}

// refused asks the portal how many requests it refused.
func (s *served) refused(ctx context.Context) (int64, error) {
	origin, _, _ := strings.Cut(s.webhook, "/rest/")
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, origin+"/_sandbox/stats", nil)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close() //nolint:errcheck // read to its end
	var stats struct{ Stats struct{ Refused int64 } }
	return stats.Stats.Refused, json.NewDecoder(answer.Body).Decode(&stats)
}

// together times processes that update at once and share a bucket, against one
// that does all of it.
func (b bench) together(ctx context.Context) ([]figure, error) {
	const each = 500
	var took [2]time.Duration
	var refused [2]int64
	for i, processes := range []int{1, 4} {
		portal, err := b.serve(ctx, fmt.Sprintf("together-%d.db", processes), far...)
		if err != nil {
			return nil, err
		}
		var group sync.WaitGroup
		errs := make([]error, processes)
		began := time.Now()
		for p := range processes {
			group.Go(func() {
				_, errs[p] = b.task(ctx, "update", portal.webhook, filepath.Join(b.dir, fmt.Sprintf("limits-%d", processes)), strconv.Itoa(4*each/processes))
			})
		}
		group.Wait()
		took[i] = time.Since(began)
		refused[i], err = portal.refused(ctx)
		if err = errors.Join(append(errs, err, portal.stop())...); err != nil {
			return nil, err
		}
	}
	return []figure{{
		"4 processes × 500 updates : 1 process × 2000",
		fmt.Sprintf("%.2f s : %.2f s = %.2f, %d refused", took[1].Seconds(), took[0].Seconds(), took[1].Seconds()/took[0].Seconds(), refused[0]+refused[1]),
		"≤ 1.1, 0 refused",
	}}, nil
}

// task starts this program again for one task and returns the process that ended.
func (b bench) task(ctx context.Context, name string, args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{"-task", name}, args...)...)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("task %s: %w\n%s", name, err, out.String())
	}
	return cmd, nil
}

// runTask is the other end of task.
func runTask(ctx context.Context, name string, args []string) error {
	switch {
	case name == "update" && len(args) == 3:
		return updateTask(ctx, args[0], args[1], args[2])
	case name == "rows" && len(args) == 2:
		return rowsTask(ctx, args[0], args[1])
	}
	return fmt.Errorf("no task %q of %d words", name, len(args))
}

func updateTask(ctx context.Context, webhook, dir, number string) error {
	n, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	limits, err := shared.NewLimits(dir)
	if err != nil {
		return err
	}
	client, err := bitrix24.New(webhook, bitrix24.WithLimitStore(limits))
	if err != nil {
		return err
	}
	if done := update(ctx, client, n); done != n {
		return fmt.Errorf("%d of %d updates are done", done, n)
	}
	return nil
}
