package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oint-go/oint/bitrix24"
)

// updates counts how many user.update a served portal takes.
func (b bench) updates(ctx context.Context) ([]figure, error) {
	const workers, period = 8, 5 * time.Second
	portal, err := b.serve(ctx, "updates.db")
	if err != nil {
		return nil, err
	}
	client, err := bitrix24.New(portal.webhook, bitrix24.WithLimits(bitrix24.NoLimits))
	if err != nil {
		return nil, errors.Join(err, portal.stop())
	}
	var (
		calls  atomic.Int64
		group  sync.WaitGroup
		failed = make([]error, workers)
		began  = time.Now()
	)
	for worker := range workers {
		group.Go(func() {
			for n := 0; failed[worker] == nil && time.Since(began) < period; n++ {
				_, failed[worker] = client.UpdateUser(ctx, bitrix24.ID(2+(n*workers+worker)%40), bitrix24.Fields{"NAME": "Oleg", "WORK_POSITION": strconv.Itoa(n)})
				calls.Add(1)
			}
		})
	}
	group.Wait()
	rate := float64(calls.Load()) / time.Since(began).Seconds()
	client.CloseIdleConnections()
	return []figure{{"user.update on the sandbox over HTTP", fmt.Sprintf("%.0f /s", rate), "≥ 3000 /s"}},
		errors.Join(append(failed, portal.stop())...)
}

// pages compares a page of users in a small and a large portal.
func (b bench) pages(ctx context.Context) ([]figure, error) {
	const small = 1000
	first, middle := map[int]time.Duration{}, map[int]time.Duration{}
	var seeding time.Duration
	for _, users := range []int{small, b.users} {
		db := seededFile(users)
		began := time.Now()
		out, err := exec.CommandContext(ctx, b.oint, "sandbox", "seed", "--db", filepath.Join(b.dir, db), "--users", strconv.Itoa(users)).CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("oint sandbox seed: %w\n%s", err, out)
		}
		seeding = time.Since(began)
		portal, err := b.serve(ctx, db)
		if err != nil {
			return nil, err
		}
		first[users], err = pageTime(ctx, portal.webhook, 0)
		if err == nil {
			middle[users], err = pageTime(ctx, portal.webhook, users/2)
		}
		if err = errors.Join(err, portal.stop()); err != nil {
			return nil, err
		}
	}
	ratio := func(of map[int]time.Duration) string {
		return fmt.Sprintf("%s : %s = %.2f", milliseconds(of[b.users]), milliseconds(of[small]), float64(of[b.users])/float64(of[small]))
	}
	return []figure{
		{fmt.Sprintf("seeding %d users", b.users), fmt.Sprintf("%.1f s", seeding.Seconds()), ""},
		{fmt.Sprintf("first page of user.get, start=-1, %d : %d users", b.users, small), ratio(first), "≤ 2"},
		{"page in the middle by >ID, the same", ratio(middle), "≤ 2"},
	}, nil
}

// pageTime is the median time of the page of users after an id.
func pageTime(ctx context.Context, webhook string, after int) (time.Duration, error) {
	client, err := bitrix24.New(webhook, bitrix24.WithLimits(bitrix24.NoLimits))
	if err != nil {
		return 0, err
	}
	defer client.CloseIdleConnections()
	request := bitrix24.Request{Method: "user.get", Params: bitrix24.NewObject(
		"SORT", "ID", "ORDER", "ASC", "start", -1, "FILTER", bitrix24.NewObject(">ID", after))}
	times := make([]time.Duration, 201)
	for i := range times {
		began := time.Now()
		if _, err := client.Call(ctx, request); err != nil {
			return 0, err
		}
		times[i] = time.Since(began)
	}
	return median(times), nil
}
