//go:build killsuite

package killsuite

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/oint-go/oint/sandbox"
)

var kills = flag.Int("kills", 50, "how often the program is killed")

// mostRuns bounds the runs that it takes to finish a plan.
const mostRuns = 200

// settle is short here: the suite itself waits until the portal is idle.
const settle = "100ms"

// TestKillProgram kills the program at random points of an apply. The portal's
// limit lets one request through at a time, so that a run comes a few requests
// far and the work takes as many runs as there are kills.
func TestKillProgram(t *testing.T) {
	t.Parallel()
	p := newPortal(t, build(t), users)
	plan := makePlan(t, p, t.TempDir())
	p.limit = "2/20"
	within := 0
	for range *kills {
		cmd := p.command("apply", plan, "--yes", "--settle", settle)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.Int64N(700)) * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		p.idle()
		if cmd.ProcessState.ExitCode() != 0 {
			within++
		}
	}
	p.limit = "off"
	finish(t, p, plan)
	t.Logf("%d of %d kills came before the end", within, *kills)
	if within < *kills/2 {
		t.Error("too many kills came too late")
	}
	exactlyOnce(t, p)
	complete(t, p, plan)
}

// TestCtrlC interrupts an apply: it ends with 130, leaves no row unknown, and the
// same command goes on.
func TestCtrlC(t *testing.T) {
	t.Parallel()
	p := newPortal(t, build(t), users)
	plan := makePlan(t, p, t.TempDir())
	p.limit = "2/20"
	report := filepath.Join(t.TempDir(), "report.csv")
	for range 3 {
		before := p.requests()
		cmd := p.command("apply", plan, "--yes", "--settle", settle, "--report-file", report)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for p.requests() < before+5 {
			time.Sleep(10 * time.Millisecond)
		}
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != 130 {
			t.Errorf("exit code %d", code)
		}
		text, err := os.ReadFile(report)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte(",unknown,")) || !bytes.Contains(text, []byte(",not sent,")) || !bytes.Contains(text, []byte(",done,")) {
			t.Error("the report has rows that are unknown, or none that are done and none that are left")
		}
	}
	p.limit = "off"
	finish(t, p, plan)
	exactlyOnce(t, p)
	complete(t, p, plan)
}

// finish runs the command until it succeeds.
func finish(t *testing.T, p *portal, plan string) {
	t.Helper()
	for n := range mostRuns {
		code, out := p.oint("apply", plan, "--yes", "--settle", settle)
		if code == 0 {
			t.Logf("finished after %d more runs", n+1)
			return
		}
		if code != 1 && code != 3 {
			t.Fatalf("exit code %d\n%s", code, out)
		}
		p.idle()
	}
	t.Fatal("the plan does not come to an end")
}

// TestKillPortal kills the portal while the plan is applied, and starts it again
// on its file. The log dies with it; what the portal holds tells.
func TestKillPortal(t *testing.T) {
	t.Parallel()
	p := newPortal(t, build(t), users)
	plan := makePlan(t, p, t.TempDir())
	for n := range 10 {
		cmd := p.command("apply", plan, "--yes", "--settle", settle)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(100+rand.Int64N(int64(100+n*50))) * time.Millisecond)
		p.kill()
		p.start()
		_ = cmd.Wait()
	}
	finish(t, p, plan)
	complete(t, p, plan)
}

// TestFaults applies the plan while one request or command in twenty goes wrong.
// After a method that has used up its time the engine waits half a minute: that
// happens thirty times at most, while other tests go on.
func TestFaults(t *testing.T) {
	t.Parallel()
	exe := build(t)
	for _, kind := range []sandbox.FaultKind{
		sandbox.FaultOperationLimit, sandbox.FaultCommandError, sandbox.FaultQueryLimit, sandbox.FaultExpiredToken, sandbox.FaultOverload,
		sandbox.FaultErrorBefore, sandbox.FaultResetBefore, sandbox.FaultHTML, sandbox.FaultRedirect, sandbox.FaultErrorAfter,
		sandbox.FaultResetAfter, sandbox.FaultHTMLAfter, sandbox.FaultSlow, sandbox.FaultSlowAfter, sandbox.FaultTruncated, sandbox.FaultWrongLength,
	} {
		t.Run(string(kind), func(t *testing.T) {
			if kind == sandbox.FaultOperationLimit {
				t.Parallel()
			}
			p := newPortal(t, exe, users)
			plan := makePlan(t, p, t.TempDir())
			fault := sandbox.Fault{Kind: kind, Probability: 0.05}
			switch kind {
			case sandbox.FaultOperationLimit:
				fault.Count = 30
			case sandbox.FaultSlow, sandbox.FaultSlowAfter:
				fault.Delay = 200 * time.Millisecond
			case sandbox.FaultRedirect:
				fault.Location = "http://" + p.addr
			}
			p.setFaults(fault)
			finish(t, p, plan)
			p.setFaults()
			exactlyOnce(t, p)
			complete(t, p, plan)
		})
	}
}

// TestTwoAtOnce starts a second apply of a plan that is being applied.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	p := newPortal(t, build(t), users)
	plan := makePlan(t, p, t.TempDir())
	p.setFaults(sandbox.Fault{Kind: sandbox.FaultSlow, Method: "batch", Delay: 3 * time.Second, Count: 1})
	before := p.requests()
	first := p.command("apply", plan, "--yes")
	var out bytes.Buffer
	first.Stderr = &out
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	for p.requests() == before { // the first has its journal before it asks anything
		time.Sleep(10 * time.Millisecond)
	}
	if code, text := p.oint("apply", plan, "--yes"); code != 2 || !bytes.Contains([]byte(text), []byte("another apply of this plan is running")) {
		t.Errorf("the second ends with %d: %s", code, text)
	}
	if err := first.Wait(); err != nil {
		t.Errorf("the first: %v\n%s", err, out.String())
	}
	exactlyOnce(t, p)
	complete(t, p, plan)
}

// TestFullDisk applies a plan on a disk that is full after a while, again and
// again with a little more room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Fatalf("a small disk needs root on Linux: %v\n%s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", dir).Run() })
	p := newPortal(t, build(t), users)
	plan := makePlan(t, p, dir)
	filler := filepath.Join(dir, "filler")
	full := 0
	for left := 0; ; left += 40 << 10 {
		fill(t, filler, left)
		code, out := p.oint("apply", plan, "--yes", "--settle", settle)
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
		if code == 0 {
			break
		}
		if code != 3 {
			t.Fatalf("exit code %d\n%s", code, out)
		}
		full++
		p.idle()
	}
	if full < 3 {
		t.Errorf("the disk was full %d times only", full)
	}
	exactlyOnce(t, p)
	complete(t, p, plan)
}

// fill leaves so many bytes of the disk.
func fill(t *testing.T, filler string, left int) {
	t.Helper()
	f, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	size := int64(0)
	for block := make([]byte, 4096); ; {
		n, err := f.Write(block)
		size += int64(n)
		if err != nil {
			break
		}
	}
	if err := f.Truncate(max(0, size-int64(left))); err != nil {
		t.Fatal(fmt.Errorf("filler: %w", err))
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
