// Package repository_test checks what no compiler does: that the documentation
// names what exists, and the rules that keep the repository readable.
package repository_test

import (
	"bufio"
	"bytes"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// longest is how many lines a hand-written file of Go may have.
const longest = 500

// files lists the repository's files with an extension, without what tools put
// there.
func files(t *testing.T, extension string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || slices.Contains([]string{"node_modules", "bin", "dist"}, entry.Name())) {
			return filepath.SkipDir
		}
		if filepath.Ext(path) == extension {
			found = append(found, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatalf("no %s files", extension)
	}
	return found
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// TestDocumentedFiles checks every relative link and every path in backquotes
// that begins with a folder of the repository.
func TestDocumentedFiles(t *testing.T) {
	t.Parallel()
	block := regexp.MustCompile("(?s)```.*?```")
	link := regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	path := regexp.MustCompile("`((?:bench|bitrix24|catalog|cmd|docs|internal|otel|sandbox|test|tools)/[\\w./-]+)`")
	checked := 0
	for _, file := range files(t, ".md") {
		text := read(t, file)
		for _, m := range link.FindAllStringSubmatch(block.ReplaceAllString(text, ""), -1) {
			checked++
			if !exists(filepath.Join(filepath.Dir(file), m[1])) {
				t.Errorf("%s links to %s, which does not exist", file, m[1])
			}
		}
		for _, m := range path.FindAllStringSubmatch(text, -1) {
			checked++
			if strings.HasPrefix(m[1], "catalog/") && strings.HasPrefix(filepath.Base(file), "adding") {
				continue // its example is a new file
			}
			if !exists(filepath.Join(root, m[1])) {
				t.Errorf("%s names %s, which does not exist", file, m[1])
			}
		}
	}
	if checked < 30 {
		t.Errorf("only %d names were checked", checked)
	}
}

func TestGoFiles(t *testing.T) {
	t.Parallel()
	comments := map[string]int{}
	for _, file := range files(t, ".go") {
		text := read(t, file)
		if n := strings.Count(text, "\n"); n > longest && !strings.HasSuffix(file, "_gen.go") {
			t.Errorf("%s has %d lines; split it", file, n)
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), file, text, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Fatal(err)
		}
		room := filepath.Dir(file) + " " + syntax.Name.Name
		if !strings.HasSuffix(syntax.Name.Name, "_test") {
			comments[room] += 0
		}
		if syntax.Doc != nil {
			comments[room]++
		}
	}
	for room, n := range comments {
		if n != 1 {
			t.Errorf("package %s has %d package comments, want one", room, n)
		}
	}
}

// TestSDKImports keeps an importer of the SDK from compiling anything else.
func TestSDKImports(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "github.com/oint-go/oint/bitrix24").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(string(out)); got != "github.com/oint-go/oint/bitrix24" {
		t.Errorf("bitrix24 depends on %q", got)
	}
}

// TestSQLiteLibc checks that libc is the version SQLite was made with: its
// translation does not work with another.
func TestSQLiteLibc(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.GoMod}}", "modernc.org/sqlite").Output()
	if err != nil {
		t.Fatal(err)
	}
	want := required(t, strings.TrimSpace(string(out)), "modernc.org/libc")
	if got := required(t, filepath.Join(root, "go.mod"), "modernc.org/libc"); got != want {
		t.Errorf("go.mod has modernc.org/libc %s, modernc.org/sqlite needs %s", got, want)
	}
}

func required(t *testing.T, file, module string) string {
	t.Helper()
	for lines := bufio.NewScanner(bytes.NewReader([]byte(read(t, file)))); lines.Scan(); {
		words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(lines.Text()), "require "))
		if len(words) >= 2 && words[0] == module {
			return words[1]
		}
	}
	t.Fatalf("%s does not require %s", file, module)
	return ""
}

// TestReadmeExample checks that the README's Go example is the one that is run.
func TestReadmeExample(t *testing.T) {
	t.Parallel()
	_, section, ok := strings.Cut(read(t, filepath.Join(root, "README.md")), "## In Go")
	if !ok {
		t.Fatal("the README has no Go example")
	}
	_, block, _ := strings.Cut(section, "```go\n")
	block, _, _ = strings.Cut(block, "```")
	_, call, _ := strings.Cut(block, "answer, err :=")
	call, _, ok = strings.Cut(call, "})")
	if !ok {
		t.Fatalf("no call in %q", block)
	}
	flat := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	if !strings.Contains(flat(read(t, filepath.Join(root, "bitrix24", "example_test.go"))), flat(call)) {
		t.Errorf("bitrix24/example_test.go does not run %s", call)
	}
}
