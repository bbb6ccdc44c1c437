//go:build killsuite

package killsuite

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oint-go/oint/sandbox"
)

// build makes the program once for all tests.
func build(t *testing.T) string {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "oint")
	if out, err := exec.Command("go", "build", "-o", exe, "github.com/oint-go/oint/cmd/oint").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return exe
}

// portal is a sandbox in a process of its own that can be killed.
type portal struct {
	t       *testing.T
	exe     string
	db      string
	addr    string
	webhook string
	limit   string // OINT_LIMIT of the program
	cmd     *exec.Cmd
}

// newPortal serves a sandbox with so many users.
func newPortal(t *testing.T, exe string, users int) *portal {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &portal{t: t, exe: exe, db: filepath.Join(t.TempDir(), "portal.db"), addr: listener.Addr().String(), limit: "off"}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(exe, "sandbox", "seed", "--db", p.db, "--users", fmt.Sprint(users)).CombinedOutput(); err != nil {
		t.Fatalf("seed: %v\n%s", err, out)
	}
	p.start()
	t.Cleanup(p.kill)
	return p
}

func (p *portal) start() {
	p.t.Helper()
	p.cmd = exec.Command(p.exe, "sandbox", "serve", "--db", p.db, "--addr", p.addr, "--plan", "off", "--latency", "15ms", "--command-time", "2ms", "--log-size", "1000000")
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "Webhook"); ok {
			p.webhook = strings.TrimSpace(address)
		}
		if strings.HasPrefix(lines.Text(), "OAuth server") {
			return
		}
	}
	p.t.Fatal("the sandbox did not start")
}

func (p *portal) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

func (p *portal) get(route string, into any) {
	p.t.Helper()
	answer, err := http.Get("http://" + p.addr + route)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it is read to its end
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		p.t.Fatal(err)
	}
}

// requests is how many have reached the portal.
func (p *portal) requests() int64 {
	p.t.Helper()
	var s struct{ Stats sandbox.Stats }
	p.get("/_sandbox/stats", &s)
	return s.Stats.Requests
}

// idle waits until the portal has carried out what a killed program has sent.
func (p *portal) idle() {
	p.t.Helper()
	for before := int64(-1); ; {
		var s struct{ Stats sandbox.Stats }
		p.get("/_sandbox/stats", &s)
		if s.Stats.Commands == before {
			return
		}
		before = s.Stats.Commands
		time.Sleep(250 * time.Millisecond)
	}
}

func (p *portal) setFaults(faults ...sandbox.Fault) {
	p.t.Helper()
	text, err := json.Marshal(append([]sandbox.Fault{}, faults...))
	if err != nil {
		p.t.Fatal(err)
	}
	request, err := http.NewRequest(http.MethodPut, "http://"+p.addr+"/_sandbox/faults", bytes.NewReader(text))
	if err != nil {
		p.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		p.t.Fatal(err)
	}
	if answer.StatusCode != http.StatusNoContent {
		p.t.Fatalf("faults: HTTP %d", answer.StatusCode)
	}
}

// oint runs the program on the portal and returns its exit code.
func (p *portal) oint(args ...string) (int, string) {
	cmd := p.command(args...)
	out, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), string(out)
}

func (p *portal) command(args ...string) *exec.Cmd {
	cmd := exec.Command(p.exe, append([]string{"bitrix24"}, args...)...)
	cmd.Env = append(os.Environ(), "OINT_URL="+p.webhook, "OINT_LIMIT="+p.limit, "OINT_DATA_DIR="+filepath.Dir(p.db))
	return cmd
}

// must runs the program and wants success.
func (p *portal) must(args ...string) string {
	p.t.Helper()
	code, out := p.oint(args...)
	if code != 0 {
		p.t.Fatalf("oint %s: exit code %d\n%s", strings.Join(args, " "), code, out)
	}
	return out
}
