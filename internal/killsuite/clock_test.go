//go:build killsuite

package killsuite

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestClock applies the plan, with kills, by a program whose clock is one to
// three hours ahead and is set forward or back every second.
func TestClock(t *testing.T) {
	t.Parallel()
	p := newPortal(t, build(t), users)
	p.exe = buildWithClock(t)
	plan := makePlan(t, p, t.TempDir())
	if ahead := time.Until(created(t, plan)); ahead < 50*time.Minute {
		t.Fatalf("the program's clock is ahead by %v", ahead)
	}
	p.limit = "2/20"
	within := 0
	for range 6 {
		cmd := p.command("apply", plan, "--yes", "--settle", settle)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(150+rand.Int64N(300)) * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		p.idle()
		if cmd.ProcessState.ExitCode() != 0 {
			within++
		}
	}
	if within < 3 {
		t.Errorf("%d of 6 kills came before the end", within)
	}
	finish(t, p, plan)
	exactlyOnce(t, p)
	complete(t, p, plan)
}

// created is when the program says that it made the plan.
func created(t *testing.T, plan string) time.Time {
	t.Helper()
	text, err := os.ReadFile(plan)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := bytes.Cut(text, []byte("\n"))
	var header struct {
		Created time.Time `json:"created_at"`
	}
	if err := json.Unmarshal(head, &header); err != nil {
		t.Fatal(err)
	}
	return header.Created
}

// buildWithClock makes a program that reads a wrong time of day. The time that
// has passed stays right, as it does when a clock is set.
func buildWithClock(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(string(bytes.TrimSpace(root)), "src", "time", "time.go")
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	read := []byte("\tsec, nsec, mono := runtimeNow()\n\tif mono == 0 {\n\t\treturn Time{uint64(nsec), ")
	if bytes.Count(source, read) != 1 {
		t.Fatalf("%s reads the clock in another way than this test knows", file)
	}
	line, rest, _ := bytes.Cut(read, []byte("\n"))
	wrong := bytes.Join([][]byte{line, []byte("\tsec += 3600 * ((mono/1e9)%3 + 1)"), rest}, []byte("\n"))
	changed := filepath.Join(dir, "time.go")
	if err := os.WriteFile(changed, bytes.Replace(source, read, wrong, 1), 0o600); err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{file: changed}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(dir, "oint")
	if out, err := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", exe, "github.com/oint-go/oint/cmd/oint").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return exe
}
