//go:build postgres

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgresSchema makes a schema of the test's own in the database that
// OINT_TEST_POSTGRES names, and returns its address with a connection to it.
func postgresSchema(t *testing.T) (string, *pgx.Conn) {
	t.Helper()
	address, err := url.Parse(os.Getenv("OINT_TEST_POSTGRES"))
	if err != nil || address.Host == "" {
		t.Fatal("OINT_TEST_POSTGRES is the address of a database; .ci/postgres starts one")
	}
	conn, err := pgx.Connect(t.Context(), address.String())
	if err != nil {
		t.Fatal(err)
	}
	schema := "test_" + strings.ToLower(rand.Text())
	if _, err := conn.Exec(t.Context(), "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.Background()
		if _, err := conn.Exec(ctx, "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			t.Error(err)
		}
		_ = conn.Close(ctx)
	})
	query := address.Query()
	query.Set("search_path", schema)
	address.RawQuery = query.Encode()
	if _, err := conn.Exec(t.Context(), "SET search_path TO "+schema); err != nil {
		t.Fatal(err)
	}
	return address.String(), conn
}

// cloudPortal is a portal with the limits of the cloud.
func cloudPortal(t *testing.T) servedPortal {
	t.Helper()
	return servePortal(t, "--db", ":memory:", "--plan", "standard", "--command-time", "200ms")
}

// created counts the departments that a portal has been told to create, by the
// portal's own log.
func (p servedPortal) created(t *testing.T) (n int) {
	t.Helper()
	for _, entry := range p.log(t) {
		if strings.EqualFold(entry.Method, "department.add") && entry.Code == "" {
			n++
		}
	}
	return n
}

// TestPostgresWorkers gives twenty jobs for two portals to three workers and kills
// one of them in the middle. Every job gets exactly one final state, no portal
// refuses a request, and what the portals have done is what the jobs say.
func TestPostgresWorkers(t *testing.T) {
	address, conn := postgresSchema(t)
	h := newJobsHome(t, "OINT_JOBS="+address, "OINT_JOBS_KEY=a key that the machines of this test share", "OINT_LIMIT=standard")
	portals := []servedPortal{cloudPortal(t), cloudPortal(t)}
	const perPortal = 10
	for i := range perPortal {
		for _, portal := range portals {
			if i%2 == 0 {
				h.run("bitrix24", "UpdateUser", "--url", portal.webhook, "--userid", fmt.Sprint(i+2), "--fields", `{"NAME":"Oleg"}`, "--background")
			} else {
				h.run("bitrix24", "CreateDepartment", "--url", portal.webhook, "--title", fmt.Sprintf("Team %d", i), "--parentid", "1", "--background")
			}
		}
	}
	type process struct {
		cmd    *exec.Cmd
		output *bytes.Buffer
	}
	var workers []process
	var pids []int
	for range 3 {
		cmd, output := h.start()
		workers, pids = append(workers, process{cmd, output}), append(pids, cmd.Process.Pid)
		t.Cleanup(func() { _ = cmd.Process.Kill() })
	}
	i := busyWorker(t, conn, pids)
	victim := workers[i]
	if err := victim.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.cmd.Wait()
	for began := time.Now(); len(h.jobs("queued"))+len(h.jobs("running")) > 0; {
		if time.Since(began) > 2*time.Minute {
			t.Fatal("the jobs do not end")
		}
	}
	for _, worker := range slices.Delete(workers, i, i+1) {
		if err := worker.cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := worker.cmd.Wait(); err != nil {
			t.Errorf("%v\n%s", err, worker.output)
		}
	}
	final := map[string]int{}
	cutOff := map[string]int{}
	for _, job := range h.jobs("") {
		final[job.State]++
		if job.Problem != "" {
			cutOff[job.Portal]++
		}
	}
	if final["done"]+final["failed"] != 2*perPortal || final["failed"] != cutOff[h.host(portals[0])]+cutOff[h.host(portals[1])] {
		t.Errorf("states %v, cut off %v", final, cutOff)
	}
	for _, portal := range portals {
		var answer struct {
			Stats struct{ Requests, Refused int }
		}
		portal.control(t, "/_sandbox/stats", &answer)
		stats := answer.Stats
		if stats.Requests < perPortal-1 || stats.Refused != 0 {
			t.Errorf("%s: %+v", portal.origin, stats)
		}
		// A creation that was cut off may or may not have been carried out.
		created, lost := portal.created(t), cutOff[h.host(portal)]
		if created > perPortal/2 || created < perPortal/2-lost {
			t.Errorf("%s: %d departments created, %d jobs cut off", portal.origin, created, lost)
		}
	}
	t.Logf("states %v, cut off %v", final, cutOff)
}

// busyWorker waits until some jobs have ended and tells which of the processes is
// in the middle of another; which of them get jobs is up to chance.
func busyWorker(t *testing.T, conn *pgx.Conn, pids []int) int {
	t.Helper()
	for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(5 * time.Millisecond) {
		for i, pid := range pids {
			var busy, ended int
			err := conn.QueryRow(t.Context(), "SELECT count(*) FILTER (WHERE ended = 0 AND worker LIKE $1), count(*) FILTER (WHERE ended = 1) FROM oint_run",
				fmt.Sprintf("%%-%d-%%", pid)).Scan(&busy, &ended)
			if err != nil {
				t.Fatal(err)
			}
			if busy > 0 && ended > 1 {
				return i
			}
		}
	}
	t.Fatal("no worker is busy")
	return 0
}

func (h *jobsHome) host(p servedPortal) string { return strings.TrimPrefix(p.origin, "http://") }

func (h *jobsHome) jobs(state string) (list []jobData) {
	h.t.Helper()
	args := []string{"jobs", "list", "--format", "json", "--max", "1000"}
	if state != "" {
		args = append(args, "--state", state)
	}
	if err := json.Unmarshal(h.run(args...), &list); err != nil {
		h.t.Fatal(err)
	}
	return list
}

// TestPostgresKey wants the key of all machines, and says so.
func TestPostgresKey(t *testing.T) {
	address, _ := postgresSchema(t)
	run := func(key string) string {
		h := newJobsHome(t, "OINT_JOBS="+address, "OINT_JOBS_KEY="+key)
		cmd, messages := h.command("jobs", "list")
		if err := cmd.Run(); err == nil {
			return ""
		}
		if code := cmd.ProcessState.ExitCode(); code != 2 {
			t.Errorf("exit code %d: %s", code, messages)
		}
		return messages.String()
	}
	if text := run(""); !strings.Contains(text, "OINT_JOBS_KEY is not set") {
		t.Errorf("without a key: %s", text)
	}
	if text := run("the first key that this database sees"); text != "" {
		t.Errorf("with a key: %s", text)
	}
	if text := run("another key, of thirty-two characters"); !strings.Contains(text, "is not the key of the jobs in this database") {
		t.Errorf("with another key: %s", text)
	}
}
