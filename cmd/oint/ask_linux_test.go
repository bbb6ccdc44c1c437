package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// pseudoTerminal makes a terminal: what is typed goes in at one end, and a program
// has the other.
func pseudoTerminal(t *testing.T) (typed, program *os.File) {
	t.Helper()
	typed, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = typed.Close() })
	if err := unix.IoctlSetPointerInt(int(typed.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(typed.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = program.Close() })
	return typed, program
}

// awaited tells when a text has come by.
type awaited struct {
	text string
	came context.CancelFunc
	mu   sync.Mutex
	seen bytes.Buffer
}

func (a *awaited) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen.Write(p)
	if strings.Contains(a.seen.String(), a.text) {
		a.came()
	}
	return len(p), nil
}

func (a *awaited) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.seen.String()
}

// TestInterruptedQuestion presses Ctrl-C at the question of an apply, on a
// terminal, and sends SIGTERM. Either ends it at once; nothing is applied, and the
// plan can be applied by the next.
func TestInterruptedQuestion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "hr.csv"), []byte("ID,NAME\n2,Asked\n3,Asked\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	exe, err := exec.LookPath("oint")
	if err != nil {
		t.Fatal(err)
	}
	oint := func(args ...string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), exe, append([]string{"bitrix24"}, args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "HOME="+dir, "OINT_DATA_DIR="+dir, "OINT_URL=sandbox", "TERM=dumb", "GORACE=atexit_sleep_ms=0")
		return cmd
	}
	if text, err := oint("plan", "users", "--from", "hr.csv", "--key", "ID", "--out", "plan.jsonl").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for name, args := range map[string][]string{"a plan": {"apply", "plan.jsonl"}, "a table": {"apply", "users", "--from", "hr.csv", "--key", "ID"}} {
		for _, interrupt := range []func(typed *os.File, p *os.Process) error{
			func(typed *os.File, _ *os.Process) error { _, err := typed.WriteString("\x03"); return err },
			func(_ *os.File, p *os.Process) error { return p.Signal(syscall.SIGTERM) },
		} {
			typed, program := pseudoTerminal(t)
			cmd := oint(args...)
			cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, program
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
			asked, came := context.WithCancel(t.Context())
			shown := &awaited{text: "Apply 2 rows? [y/N] ", came: came}
			ended := make(chan error, 1)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			go func() { ended <- cmd.Wait() }()
			go func() { _, _ = io.Copy(shown, typed) }() // until the terminal is closed
			select {
			case <-asked.Done():
			case err := <-ended:
				t.Fatalf("%s: nothing was asked: %v\n%s", name, err, shown)
			}
			if err := interrupt(typed, cmd.Process); err != nil {
				t.Fatal(err)
			}
			if err := <-ended; cmd.ProcessState.ExitCode() != 130 {
				t.Errorf("%s: %v\n%s", name, err, shown)
			}
		}
	}
	// Nobody holds the journal, and both rows are left.
	text, err := oint("apply", "plan.jsonl", "--yes").CombinedOutput()
	if err != nil || !strings.Contains(string(text), "2 of 2 rows are done") {
		t.Errorf("%v\n%s", err, text)
	}
}
