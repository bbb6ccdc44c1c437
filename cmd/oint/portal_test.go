package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/oint-go/oint/sandbox"
)

// servedPortal is "oint sandbox serve".
type servedPortal struct{ webhook, origin string }

func servePortal(t *testing.T, options ...string) servedPortal {
	t.Helper()
	h := newJobsHome(t)
	cmd, messages := h.command(append([]string{"sandbox", "serve", "--addr", "127.0.0.1:0"}, options...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := regexp.MustCompile(`^Webhook +((http://[^/]+)\S+)$`).FindStringSubmatch(lines.Text()); m != nil {
			return servedPortal{webhook: m[1], origin: m[2]}
		}
	}
	t.Fatalf("no portal: %s", messages)
	return servedPortal{}
}

// control asks an address that answers only to this machine.
func (p servedPortal) control(t *testing.T, path string, answer any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.origin+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		t.Fatal(err)
	}
}

// log is what the portal was told to do, in order.
func (p servedPortal) log(t *testing.T) []sandbox.Command {
	t.Helper()
	var log []sandbox.Command
	p.control(t, "/_sandbox/log", &log)
	return log
}

// changed are the users that were changed, in the order and as often as they
// were.
func (p servedPortal) changed(t *testing.T) (ids []int64) {
	t.Helper()
	for _, c := range p.log(t) {
		if c.Method == "user.update" && c.Code == "" {
			ids = append(ids, c.Record)
		}
	}
	return ids
}

// idle waits until the portal has carried out what a killed program has sent.
func (p servedPortal) idle(t *testing.T) {
	t.Helper()
	for before := int64(-1); ; time.Sleep(250 * time.Millisecond) {
		var s struct{ Stats sandbox.Stats }
		p.control(t, "/_sandbox/stats", &s)
		if s.Stats.Commands == before {
			return
		}
		before = s.Stats.Commands
	}
}
