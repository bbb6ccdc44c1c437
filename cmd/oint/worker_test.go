package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// slowPortal lets the first call of each method wait until it is released or its
// client goes away, and answers every other one at once.
type slowPortal struct {
	mu      sync.Mutex
	calls   map[string]int
	arrived chan string   // a first call is here
	gone    chan string   // its client went away
	release chan struct{} // first calls are answered
}

func newSlowPortal(t *testing.T) (*slowPortal, string) {
	t.Helper()
	p := &slowPortal{calls: map[string]int{}, arrived: make(chan string, 9), gone: make(chan string, 9), release: make(chan struct{})}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	return p, server.URL
}

func (p *slowPortal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	method := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	p.mu.Lock()
	p.calls[method]++
	first := p.calls[method] == 1
	p.mu.Unlock()
	if first {
		p.arrived <- method
		select {
		case <-r.Context().Done():
			p.gone <- method
			return
		case <-p.release:
		}
	}
	_, _ = io.WriteString(w, `{"result":7}`)
}

func (p *slowPortal) count(method string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[method]
}

// jobsHome runs oint with the jobs of one test.
type jobsHome struct {
	t    *testing.T
	env  []string
	data string // folder of the jobs
}

func newJobsHome(t *testing.T, more ...string) *jobsHome {
	t.Helper()
	home := t.TempDir()
	return &jobsHome{t: t, data: home, env: append(os.Environ(), append([]string{
		"HOME=" + home, "LocalAppData=" + home, "OINT_DATA_DIR=" + home, "OINT_NO_WORKER=1", "OINT_LIMIT=off", "GORACE=atexit_sleep_ms=0",
	}, more...)...)}
}

func (h *jobsHome) command(args ...string) (*exec.Cmd, *bytes.Buffer) {
	h.t.Helper()
	exe, err := exec.LookPath("oint")
	if err != nil {
		h.t.Fatal(err)
	}
	cmd := exec.CommandContext(h.t.Context(), exe, args...)
	output := &bytes.Buffer{}
	cmd.Env, cmd.Stderr = h.env, output
	return cmd, output
}

// run runs a command to its end and wants exit code 0.
func (h *jobsHome) run(args ...string) []byte {
	h.t.Helper()
	cmd, messages := h.command(args...)
	out, err := cmd.Output()
	if err != nil {
		h.t.Fatalf("oint %s: %v\n%s", strings.Join(args, " "), err, messages)
	}
	return out
}

// start starts a worker that the test must end.
func (h *jobsHome) start(args ...string) (*exec.Cmd, *bytes.Buffer) {
	h.t.Helper()
	cmd, output := h.command(append([]string{"worker", "--lease", "2s"}, args...)...)
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	return cmd, output
}

// jobData is what the tests read of a job.
type jobData struct {
	ID       int64  `json:"id"`
	State    string `json:"state"`
	Portal   string `json:"portal"`
	Problem  string `json:"problem"`
	ExitCode *int   `json:"exit_code"`
}

func (h *jobsHome) job(id int64) jobData {
	h.t.Helper()
	var job jobData
	if err := json.Unmarshal(h.run("jobs", "show", fmt.Sprint(id)), &job); err != nil {
		h.t.Fatal(err)
	}
	return job
}

// two gives a call that may be repeated and one that must not, to two portals so
// that they run at once, and starts a worker that makes both.
func two(t *testing.T) (portal *slowPortal, h *jobsHome, worker *exec.Cmd, output *bytes.Buffer) {
	t.Helper()
	portal, address := newSlowPortal(t)
	h = newJobsHome(t)
	h.run("bitrix24", "GetUser", "--url", address+"/rest/1/"+webhookCode+"/", "--userid", "1", "--background")
	other := strings.Replace(address, "127.0.0.1", "localhost", 1)
	h.run("bitrix24", "CreateDepartment", "--url", other+"/rest/1/"+webhookCode+"/", "--title", "Sales", "--background")
	worker, output = h.start()
	await(t, portal.arrived, 2)
	return portal, h, worker, output
}

func await(t *testing.T, events chan string, n int) {
	t.Helper()
	for range n {
		select {
		case <-events:
		case <-time.After(time.Minute):
			t.Fatal("nothing happens")
		}
	}
}

// TestWorkerKilled kills a worker in the middle of two calls. The one that may be
// repeated is, once; the other one is not.
func TestWorkerKilled(t *testing.T) {
	t.Parallel()
	portal, h, worker, _ := two(t)
	if err := worker.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = worker.Wait()
	await(t, portal.gone, 2) // the calls end with their worker

	second, output := h.start("--idle", "1ms")
	if err := second.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if job := h.job(1); job.State != "done" || job.ExitCode == nil || *job.ExitCode != 0 {
		t.Errorf("the repeatable job: %+v\n%s", job, output)
	}
	if job := h.job(2); job.State != "failed" || job.ExitCode != nil || job.Problem != "may have been carried out: check before you repeat it" {
		t.Errorf("the other job: %+v\n%s", job, output)
	}
	if reads, writes := portal.count("user.get"), portal.count("department.add"); reads != 2 || writes != 1 {
		t.Errorf("%d reads, %d writes; want 2 and 1\n%s", reads, writes, output)
	}
}

// TestWorkerStopped stops a worker in the middle of two calls. The one that may be
// repeated goes back into the queue; the other one comes to its end first.
func TestWorkerStopped(t *testing.T) {
	t.Parallel()
	portal, h, worker, output := two(t)
	if err := worker.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	await(t, portal.gone, 1)
	close(portal.release)
	if err := worker.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if job := h.job(1); job.State != "queued" {
		t.Errorf("the repeatable job: %+v\n%s", job, output)
	}
	if job := h.job(2); job.State != "done" {
		t.Errorf("the other job: %+v\n%s", job, output)
	}
	h.run("worker", "--idle", "1ms")
	if job := h.job(1); job.State != "done" {
		t.Errorf("the repeatable job later: %+v", job)
	}
	if reads, writes := portal.count("user.get"), portal.count("department.add"); reads != 2 || writes != 1 {
		t.Errorf("%d reads, %d writes; want 2 and 1", reads, writes)
	}
}

// TestJobCancelled cancels a job that runs.
func TestJobCancelled(t *testing.T) {
	t.Parallel()
	portal, h, worker, output := two(t)
	h.run("jobs", "cancel", "1")
	await(t, portal.gone, 1)
	wait, _ := h.command("jobs", "wait", "1")
	var exit *exec.ExitError
	if err := wait.Run(); !errors.As(err, &exit) || exit.ExitCode() != 130 {
		t.Errorf("wait: %v, want exit code 130", err)
	}
	close(portal.release)
	h.run("jobs", "wait", "2")
	if err := worker.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := worker.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if job := h.job(1); job.State != "cancelled" {
		t.Errorf("%+v\n%s", job, output)
	}
	if reads := portal.count("user.get"); reads != 1 {
		t.Errorf("%d reads, want 1", reads)
	}
}
