//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// tableRows is the number of rows of the tables below: more than are under way
// at a time.
const tableRows = 20_000

// batchPortal carries out batches. Before it answers the second one it says so
// to begun, if there is one, and waits for goOn.
type batchPortal struct {
	begun, goOn chan struct{}
	mu          sync.Mutex
	requests    int
	commands    int
}

func (p *batchPortal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var batch struct {
		Cmd map[string]string `json:"cmd"`
	}
	if err := json.NewDecoder(r.Body).Decode(&batch); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	results := map[string]bool{}
	for key := range batch.Cmd {
		results[key] = true
	}
	p.mu.Lock()
	p.requests++
	p.commands += len(batch.Cmd)
	second := p.requests == 2 && p.begun != nil
	p.mu.Unlock()
	if second {
		close(p.begun)
		<-p.goOn
	}
	raw, err := json.Marshal(results)
	if err != nil {
		return
	}
	fmt.Fprintf(w, `{"result":{"result":%s,"result_error":[],"result_total":[],"result_next":[],"result_time":[]}}`, raw)
}

// carriedOut is the number of commands so far.
func (p *batchPortal) carriedOut() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.commands
}

// updateRows makes the command that updates a user for every row.
func updateRows(t *testing.T, p *batchPortal, more ...string) *exec.Cmd {
	t.Helper()
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	var rows strings.Builder
	rows.WriteString("ID\n")
	for i := range tableRows {
		fmt.Fprintln(&rows, i+1)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "rows.csv"), []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	exe, err := exec.LookPath("oint")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"bitrix24", "UpdateUser", "--url", server.URL + "/rest/1/" + webhookCode + "/", "--limit", "off", "--each", "rows.csv", "--userid", "{ID}", "--fields", "{'NAME':'N {ID}'}"}
	cmd := exec.CommandContext(t.Context(), exe, append(args, more...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir, "LocalAppData="+dir, "GORACE=atexit_sleep_ms=0")
	return cmd
}

// TestInterruptedRows presses Ctrl-C while rows are under way: they are ended,
// the rest is reported as not sent, and nothing is in doubt.
func TestInterruptedRows(t *testing.T) {
	t.Parallel()
	portal := &batchPortal{begun: make(chan struct{}), goOn: make(chan struct{})}
	cmd := updateRows(t, portal, "--report-file", "report.jsonl")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-portal.begun:
	case err := <-ended:
		t.Fatalf("no second batch: %v, %s", err, stderr.String())
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	close(portal.goOn)
	if err := <-ended; cmd.ProcessState.ExitCode() != 130 {
		t.Fatalf("%v, %s", err, stderr.String())
	}
	report, err := os.ReadFile(filepath.Join(cmd.Dir, "report.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	done, notSent := bytes.Count(report, []byte(`"outcome":"done"`)), bytes.Count(report, []byte(`"outcome":"not sent"`))
	if done != portal.carriedOut() || done+notSent != tableRows || notSent == 0 {
		t.Errorf("%d done, %d not sent; the portal carried out %d", done, notSent, portal.carriedOut())
	}
	want := fmt.Sprintf("oint: %d rows: %d done, %d not sent\noint: interrupted\n", tableRows, done, notSent)
	if !strings.HasSuffix(stderr.String(), want) {
		t.Errorf("stderr %q, want the end %q", stderr.String(), want)
	}
}

// TestStdoutGoesAway runs rows into a pipe that nobody reads: no more rows are
// sent, and what became of those that were is on stderr.
func TestStdoutGoesAway(t *testing.T) {
	t.Parallel()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	portal := &batchPortal{}
	cmd := updateRows(t, portal)
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = writer, &stderr
	if err := cmd.Run(); cmd.ProcessState.ExitCode() != 3 {
		t.Fatalf("%v, %s", err, stderr.String())
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{`"outcome":"done"`: portal.carriedOut(), "broken pipe": 1, "no more rows are sent": 1, fmt.Sprintf("%d rows: %d done", tableRows, portal.carriedOut()): 1} {
		if got := strings.Count(stderr.String(), text); got != want {
			t.Errorf("%q is on stderr %d times, want %d", text, got, want)
		}
	}
	if portal.carriedOut() == tableRows {
		t.Error("all rows were sent")
	}
}
