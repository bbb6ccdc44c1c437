package repository_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// startMemory bounds what packages allocate before main, in bytes. Everybody
// pays for it at every call: what only some need is to be made on first use.
const startMemory = 700_000

// TestStartIsLight reads from the runtime's own trace what the packages of the
// program allocate when it starts. Unlike the time, that is the same everywhere.
func TestStartIsLight(t *testing.T) {
	t.Parallel()
	exe := filepath.Join(t.TempDir(), "oint.exe")
	if out, err := exec.Command("go", "build", "-o", exe, "github.com/oint-go/oint/cmd/oint").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(exe, "version")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	var trace bytes.Buffer
	cmd.Stderr = &trace
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^init (\S+) @.*?, (\d+) bytes`).FindAllStringSubmatch(trace.String(), -1)
	total, ours := 0, 0
	for _, line := range lines {
		size, err := strconv.Atoi(line[2])
		if err != nil {
			t.Fatal(err)
		}
		if total += size; strings.Contains(line[1], "/oint/") {
			ours++
		}
		if size > startMemory/2 {
			t.Errorf("%s allocates %d bytes", line[1], size)
		}
	}
	if ours == 0 {
		t.Fatalf("no package of the program in the trace:\n%s", trace.String())
	}
	if total > startMemory {
		t.Errorf("the packages allocate %d bytes, at most %d are allowed\n%s", total, startMemory, trace.String())
	}
}
