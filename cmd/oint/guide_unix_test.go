//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fence is a block of code in a page: its kind, the file it is the content of,
// and its text.
var fence = regexp.MustCompile("(?ms)^```(\\w+)(?: (\\S+))?\n(.*?)^```$")

// TestRowsGuide runs docs/guides/rows.md: its files are written, its commands
// run by a shell, and what they print is compared with the block after them.
func TestRowsGuide(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/guides/rows.md")
	if err != nil {
		t.Fatal(err)
	}
	exe, err := exec.LookPath("oint")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	script := "set -u\nexport OINT_URL=sandbox\n"
	got, ran := "", 0
	for _, block := range fence.FindAllStringSubmatch(string(page), -1) {
		kind, name, text := block[1], block[2], block[3]
		switch {
		case name != "":
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		case kind == "sh":
			cmd := exec.CommandContext(t.Context(), "sh", "-c", script+text)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "HOME="+dir, "GORACE=atexit_sleep_ms=0", "PATH="+filepath.Dir(exe)+string(filepath.ListSeparator)+os.Getenv("PATH"))
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Run(); err != nil {
				t.Fatalf("%s%v\n%s", text, err, stderr.String())
			}
			got = stdout.String()
			ran++
		default:
			if diff := cmp.Diff(text, got); diff != "" {
				t.Errorf("command %d (-page +run):\n%s", ran, diff)
			}
		}
	}
	if ran < 5 || strings.Count(string(page), "```sh") != ran {
		t.Errorf("%d commands were run", ran)
	}
}
