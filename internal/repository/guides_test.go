package repository_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// unindented is a text without the blanks that its lines begin and end with.
func unindented(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// TestGuidesRun finds every Go block of the guides in the tests that run it.
func TestGuidesRun(t *testing.T) {
	t.Parallel()
	var run strings.Builder
	examples, err := filepath.Glob(root + "/bitrix24/example*_test.go")
	if err != nil || len(examples) == 0 {
		t.Fatal("no examples", err)
	}
	for _, path := range examples {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		run.WriteString(unindented(string(content)) + "\n")
	}
	block := regexp.MustCompile("(?s)```go\n(.*?)```")
	guides, err := filepath.Glob(root + "/docs/guides/*.md")
	if err != nil || len(guides) == 0 {
		t.Fatal("no guides", err)
	}
	for _, path := range guides {
		for _, m := range block.FindAllStringSubmatch(read(t, path), -1) {
			if !strings.Contains(run.String(), unindented(m[1])) {
				t.Errorf("%s: no example runs\n%s", path, m[1])
			}
		}
	}
}
