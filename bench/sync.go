package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/oint-go/oint/bitrix24"
)

// people is how many users the plan of the bench changes.
const people = 5000

// apply times a plan of updates on a far portal against the engine alone with
// as many updates. A plan belongs to an address, so the portal keeps its own.
func (b bench) apply(ctx context.Context) ([]figure, error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	near := []string{"--addr", addr}
	portal, err := b.seeded(ctx, people+1, near...)
	if err != nil {
		return nil, err
	}
	plan, err := b.everybody(ctx, portal, people)
	if err = errors.Join(err, portal.stop()); err != nil {
		return nil, err
	}
	var took [2]time.Duration
	for i, run := range []func(context.Context, *served, string) (time.Duration, error){b.bareUpdates, b.applied} {
		if portal, err = b.seeded(ctx, people+1, append(near, far...)...); err != nil {
			return nil, err
		}
		took[i], err = run(ctx, portal, plan)
		if err = errors.Join(err, portal.stop()); err != nil {
			return nil, err
		}
	}
	return []figure{{
		fmt.Sprintf("apply of %d updates on a far portal : the engine alone", people),
		fmt.Sprintf("%.2f s : %.2f s = %.3f", took[1].Seconds(), took[0].Seconds(), took[1].Seconds()/took[0].Seconds()), "≤ 1.05",
	}}, nil
}

// freeAddr is an address of this machine where nobody listens.
func freeAddr(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// bareUpdates makes updates of the same kind and number without a plan. They
// change another field, so that the plan still has everything to do.
func (b bench) bareUpdates(ctx context.Context, portal *served, _ string) (time.Duration, error) {
	client, err := bitrix24.New(portal.webhook)
	if err != nil {
		return 0, err
	}
	defer client.CloseIdleConnections()
	commands := func(yield func(bitrix24.Command) bool) {
		for id := 2; id <= people+1; id++ {
			if !yield(bitrix24.Command{Method: "user.update", Params: bitrix24.NewObject("PERSONAL_NOTES", strconv.Itoa(id), "ID", id), Replay: bitrix24.Idempotent}) {
				return
			}
		}
	}
	began := time.Now()
	for o := range client.Batch(ctx, commands) {
		if o.State != bitrix24.Done {
			return 0, o.Err
		}
	}
	return time.Since(began), nil
}

func (b bench) applied(ctx context.Context, portal *served, plan string) (time.Duration, error) {
	began := time.Now()
	_, err := b.verb(ctx, portal, "standard", "apply", plan, "--yes", "--no-shared-limit")
	return time.Since(began), err
}

// verb runs a verb of the built program on a portal.
func (b bench) verb(ctx context.Context, portal *served, limit string, args ...string) (*exec.Cmd, error) {
	cmd := exec.CommandContext(ctx, b.oint, append([]string{"bitrix24"}, args...)...)
	cmd.Env = append(os.Environ(), "OINT_URL="+portal.webhook, "OINT_LIMIT="+limit)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("oint bitrix24 %s: %w\n%s", args[0], err, errs.String())
	}
	return cmd, nil
}

// everybody plans a new job title for everybody but the administrator.
func (b bench) everybody(ctx context.Context, portal *served, users int) (string, error) {
	table, plan := filepath.Join(b.dir, "hr.csv"), filepath.Join(b.dir, "plan.jsonl")
	f, err := os.Create(table)
	if err != nil {
		return "", err
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "ID,WORK_POSITION")
	for id := 2; id <= users+1; id++ {
		fmt.Fprintf(w, "%d,Planned %d\n", id, id)
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		return "", err
	}
	_, err = b.verb(ctx, portal, "off", "plan", "users", "--from", table, "--key", "ID", "--out", plan)
	return plan, err
}

// kinds are the kinds of tables that are timed.
var kinds = []string{".csv", ".xlsx"}

// planned times the plans of large tables against a portal of the same size, and
// tells their memory.
func (b bench) planned(ctx context.Context) ([]figure, error) {
	const users = 100_000
	portal, err := b.seeded(ctx, users)
	if err != nil {
		return nil, err
	}
	var figures []figure
	for _, kind := range kinds {
		table := filepath.Join(b.dir, "people"+kind)
		var cmd *exec.Cmd
		if _, err = b.verb(ctx, portal, "off", "export", "users", "--out", table, "--select",
			"EMAIL,NAME,LAST_NAME,WORK_POSITION,WORK_PHONE,PERSONAL_MOBILE,PERSONAL_BIRTHDAY,UF_DEPARTMENT,ACTIVE"); err != nil {
			break
		}
		began := time.Now()
		if cmd, err = b.verb(ctx, portal, "off", "plan", "users", "--from", table, "--key", "EMAIL"); err != nil {
			break
		}
		figures = append(figures, figure{
			fmt.Sprintf("plan of %d rows of %s against %d users, without limits", users, kind, users),
			fmt.Sprintf("%.1f s, %.0f MB", time.Since(began).Seconds(), peakMB(cmd.ProcessState)), "≤ 60 s, ≤ 300 MB",
		})
	}
	return figures, errors.Join(err, portal.stop())
}

// exported times exports of the large portal.
func (b bench) exported(ctx context.Context) ([]figure, error) {
	portal, err := b.seeded(ctx, b.users)
	if err != nil {
		return nil, err
	}
	var figures []figure
	for _, kind := range kinds {
		var cmd *exec.Cmd
		began := time.Now()
		if cmd, err = b.verb(ctx, portal, "off", "export", "users", "--out", filepath.Join(b.dir, "export"+kind), "--select", "ID,EMAIL,NAME,LAST_NAME,WORK_POSITION,UF_DEPARTMENT"); err != nil {
			break
		}
		figures = append(figures, figure{
			fmt.Sprintf("export of %d users to %s, without limits", b.users, kind),
			fmt.Sprintf("%.1f s, %.0f MB", time.Since(began).Seconds(), peakMB(cmd.ProcessState)), "≤ 100 MB",
		})
	}
	return figures, errors.Join(err, portal.stop())
}
