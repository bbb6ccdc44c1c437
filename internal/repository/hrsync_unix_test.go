//go:build unix

package repository_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestHRSyncGuide runs the commands of docs/guides/hr-sync.md as they stand.
func TestHRSyncGuide(t *testing.T) {
	t.Parallel()
	bin, dir := t.TempDir(), t.TempDir()
	if out, err := exec.Command("go", "build", "-o", filepath.Join(bin, "oint"), "github.com/oint-go/oint/cmd/oint").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	script := "set -e\ntrap 'kill $portal 2>/dev/null || true' EXIT\n"
	for _, m := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(read(t, root+"/docs/guides/hr-sync.md"), -1) {
		script += m[1]
	}
	cmd := exec.Command("bash", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+dir, "OINT_DATA_DIR="+dir, "OINT_NO_WORKER=1")
	out, err := cmd.CombinedOutput()
	text := string(out)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, want := range []string{
		"\n303\n", // the report: 300 changed people, two new ones, a department
		"nothing is left to do: 303 of 303 rows are done",
		"users: 0 create, 0 update, 0 dismiss, 0 reactivate, 303 unchanged, 0 conflict",
		"oint: 300 of 300 rows are done", // the night after all was undone
		"oint: nothing is to be changed", // the log of the job
		"scheduled", "0 2 * * *, next ", `"state": "cancelled"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("not printed: %q\n%s", want, text)
		}
	}
	page, err := os.ReadFile(filepath.Join(dir, "plan.html"))
	if err != nil || !strings.Contains(string(page), "nora.lund@b24-xxxxxx.example") || strings.Contains(string(page), "<script") {
		t.Errorf("plan.html: %v", err)
	}
}
