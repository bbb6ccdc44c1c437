package cli

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/oint-go/oint/catalog"
)

// TestHelpFits renders the page of every function for a terminal of 80 columns.
func TestHelpFits(t *testing.T) {
	t.Parallel()
	index, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, fn := range index.Functions() {
		page := outputOf(t, "bitrix24", fn.Name, "--help")
		for number, line := range strings.Split(page, "\n") {
			if n := utf8.RuneCountInString(line); n > 80 {
				t.Errorf("%s: line %d has %d columns: %s", fn.Name, number+1, n, line)
			}
		}
		for _, needed := range []string{fn.Name + " — ", "\nUsage\n", "\nExample\n", "\nAnswer\n", "\nDocumentation\n"} {
			if !strings.Contains(page, needed) {
				t.Errorf("%s: the page has no %q", fn.Name, strings.TrimSpace(needed))
			}
		}
	}
}

// TestListFits renders the list of functions.
func TestListFits(t *testing.T) {
	t.Parallel()
	index, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	page := outputOf(t, "bitrix24")
	for number, line := range strings.Split(page, "\n") {
		if n := utf8.RuneCountInString(line); n > 80 {
			t.Errorf("line %d has %d columns: %s", number+1, n, line)
		}
	}
	if want := fmt.Sprintf("Bitrix24: %d functions.\n", len(index.Functions())); !strings.HasPrefix(page, want) {
		t.Errorf("the list begins with %.40q, want %q", page, want)
	}
}

// outputOf is what a command prints on stdout.
func outputOf(t *testing.T, words ...string) string {
	t.Helper()
	var out, errors strings.Builder
	code := Main(words, System{Out: &out, Err: &errors, Getenv: func(string) string { return "" }})
	if code != 0 {
		t.Fatalf("oint %s: exit code %d: %s", strings.Join(words, " "), code, errors.String())
	}
	return out.String()
}
