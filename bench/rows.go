package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/bitrix24/shared"
)

// rows times lists: a short one on a far portal, and a long one on a near one.
func (b bench) rows(ctx context.Context) ([]figure, error) {
	short, err := b.shortList(ctx)
	if err != nil {
		return nil, err
	}
	long, err := b.longList(ctx)
	return append(short, long...), err
}

// seeded serves a portal of so many users, which is made once.
func (b bench) seeded(ctx context.Context, users int, options ...string) (*served, error) {
	db := seededFile(users)
	if _, err := os.Stat(filepath.Join(b.dir, db)); err == nil {
		return b.serve(ctx, db, options...)
	}
	out, err := exec.CommandContext(ctx, b.oint, "sandbox", "seed", "--db", filepath.Join(b.dir, db), "--users", strconv.Itoa(users)).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("oint sandbox seed: %w\n%s", err, out)
	}
	return b.serve(ctx, db, options...)
}

func seededFile(users int) string { return fmt.Sprintf("users-%d.db", users) }

func (b bench) shortList(ctx context.Context) ([]figure, error) {
	const users = 10_000
	portal, err := b.seeded(ctx, users, far...)
	if err != nil {
		return nil, err
	}
	client, err := bitrix24.New(portal.webhook)
	if err != nil {
		return nil, errors.Join(err, portal.stop())
	}
	began := time.Now()
	err = countRows(ctx, client, users)
	took := time.Since(began)
	refused, err2 := portal.refused(ctx)
	client.CloseIdleConnections()
	return []figure{{"list of 10000 users on a far portal", fmt.Sprintf("%.2f s, complete and in order, %d refused", took.Seconds(), refused), "≤ 0.75 s"}},
		errors.Join(err, err2, portal.stop())
}

// countRows reads all users and wants them complete and in order.
func countRows(ctx context.Context, client *bitrix24.Client, users int) error {
	n := 0
	for user, err := range bitrix24.Rows[struct{ ID bitrix24.ID }](ctx, client, "user.get", nil) {
		if err != nil {
			return err
		}
		if n++; int(user.ID) != n {
			return fmt.Errorf("row %d has id %d", n, user.ID)
		}
	}
	if n != users {
		return fmt.Errorf("%d rows of %d", n, users)
	}
	return nil
}

// longList reads a million rows in a process of its own, whose memory counts,
// and beside it with a bare loop of requests.
func (b bench) longList(ctx context.Context) ([]figure, error) {
	portal, err := b.seeded(ctx, b.users)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	cmd, err := b.task(ctx, "rows", portal.webhook, strconv.Itoa(b.users))
	took := time.Since(began)
	if err != nil {
		return nil, errors.Join(err, portal.stop())
	}
	began = time.Now()
	err = bareLoop(ctx, portal.webhook, b.users)
	bare := time.Since(began)
	perSecond := func(d time.Duration) string { return fmt.Sprintf("%.0f rows/s", float64(b.users)/d.Seconds()) }
	return []figure{
		{fmt.Sprintf("list of %d users, memory", b.users), fmt.Sprintf("%.0f MB at its peak", peakMB(cmd.ProcessState)), "≤ 64 MB"},
		{"the same, rate", perSecond(took), ""},
		{"a bare loop of requests, rate", perSecond(bare), ""},
	}, errors.Join(err, portal.stop())
}

func rowsTask(ctx context.Context, webhook, number string) error {
	users, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	client, err := bitrix24.New(webhook, bitrix24.WithLimits(bitrix24.NoLimits))
	if err != nil {
		return err
	}
	return countRows(ctx, client, users)
}

// bareLoop reads page after page, the next by the last id.
func bareLoop(ctx context.Context, webhook string, users int) error {
	client, err := bitrix24.New(webhook, bitrix24.WithLimits(bitrix24.NoLimits))
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	n, last := 0, bitrix24.ID(0)
	for {
		answer, err := client.Call(ctx, bitrix24.Request{Method: "user.get", Replay: bitrix24.Safe, Params: bitrix24.NewObject(
			"SORT", "ID", "ORDER", "ASC", "start", -1, "FILTER", bitrix24.NewObject(">ID", last.String()))})
		if err != nil {
			return err
		}
		var rows []struct{ ID bitrix24.ID }
		if err := json.Unmarshal(answer.Result, &rows); err != nil {
			return err
		}
		if n += len(rows); len(rows) < 50 {
			break
		}
		last = rows[len(rows)-1].ID
	}
	if n != users {
		return fmt.Errorf("%d rows of %d", n, users)
	}
	return nil
}

// limit times the bookkeeping of a call.
func (b bench) limit(ctx context.Context) ([]figure, error) {
	own, err := bookkeeping(ctx)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(b.dir, "limits")
	store, err := shared.NewLimits(dir)
	if err != nil {
		return nil, err
	}
	const calls = 20_000
	began := time.Now()
	for range calls {
		if err := store.Update("b24-xxxxxx.example", func(s *bitrix24.LimitState) { s.Level++ }); err != nil {
			return nil, err
		}
	}
	return []figure{
		{"bucket and bookkeeping in the process, per call", fmt.Sprintf("%.2f µs", own), "≤ 5 µs"},
		{"bucket in a shared file, per call", fmt.Sprintf("%.1f µs", float64(time.Since(began).Microseconds())/calls), "≤ 100 µs"},
	}, ctx.Err()
}

// instant answers at once, so that nothing but the client's own work is timed.
type instant struct{}

func (instant) RoundTrip(r *http.Request) (*http.Response, error) {
	reset := time.Now().Add(time.Minute).Unix()
	body := fmt.Sprintf(`{"result":true,"time":{"operating_reset_at":%d,"operating":0.1}}`, reset)
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}, nil
}

// bookkeeping compares calls that are counted with calls that are not, in
// microseconds per call.
func bookkeeping(ctx context.Context) (float64, error) {
	const calls, rounds = 20_000, 15
	counted, err := bitrix24.New("https://b24-xxxxxx.example/rest/1/code/", bitrix24.WithTransport(instant{}), bitrix24.WithLimits(bitrix24.Limits{Burst: 1e9, PerSecond: 1e9}))
	if err != nil {
		return 0, err
	}
	free, err := bitrix24.New("https://b24-xxxxxx.example/rest/1/code/", bitrix24.WithTransport(instant{}), bitrix24.WithLimits(bitrix24.NoLimits), bitrix24.WithOperatingLimit(0))
	if err != nil {
		return 0, err
	}
	var differences []float64
	for range rounds {
		var took [2]time.Duration
		for i, client := range []*bitrix24.Client{counted, free} {
			began := time.Now()
			for range calls {
				if _, err := client.UpdateUser(ctx, 2, bitrix24.Fields{"NAME": "Oleg"}); err != nil {
					return 0, err
				}
			}
			took[i] = time.Since(began)
		}
		differences = append(differences, float64((took[0]-took[1]).Nanoseconds())/1000/calls)
	}
	return median(differences), nil
}
