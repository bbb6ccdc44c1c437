package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/oint-go/oint/catalog"
)

// TestReferenceIsComplete looks for everything a reader has to know of every
// function in the committed pages.
func TestReferenceIsComplete(t *testing.T) {
	t.Parallel()
	index, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	contents := readPage(t, "README.md")
	for _, region := range index.Regions() {
		page := readPage(t, region.Name+".md")
		for _, fn := range region.Functions {
			link := fmt.Sprintf("[%s](%s.md#%s)", fn.Name, region.Name, strings.ToLower(fn.Name))
			if !strings.Contains(contents, link) {
				t.Errorf("README.md does not link %s", fn.Name)
			}
			_, section, found := strings.Cut(page, "\n## "+fn.Name+"\n")
			if !found {
				t.Errorf("%s.md has no section %s", region.Name, fn.Name)
				continue
			}
			section, _, _ = strings.Cut(section, "\n## ")
			needed := []string{fn.Summary, fn.Doc, "oint bitrix24 " + fn.Name, newMethod(fn).Signature()}
			for i := range fn.Options {
				o := &fn.Options[i]
				needed = append(needed, fmt.Sprintf("| `--%s` | `-%s` | %s |", o.Name, o.Short, o.Type), o.Summary, o.See)
				if fn.Kind != catalog.Local {
					needed = append(needed, o.Wire)
				}
			}
			for _, field := range fn.Template {
				needed = append(needed, fmt.Sprintf("| `%s` | %s |", field.Name, field.Summary))
			}
			for _, text := range needed {
				if !strings.Contains(section, text) {
					t.Errorf("%s.md, %s: %q is missing", region.Name, fn.Name, text)
				}
			}
		}
	}
}

func TestReferenceOfEveryConversion(t *testing.T) {
	t.Parallel()
	compareGolden(t, "testdata/every.md.golden", referencePage(every(t)))
}

func TestShellCommand(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		word, want string
	}{
		{"--url", "--url"},
		{"", `""`},
		{"Night shift", `"Night shift"`},
		{"{'NAME':'Oleg'}", `"{'NAME':'Oleg'}"`},
		{`{"NAME":"Oleg"}`, `'{"NAME":"Oleg"}'`},
		{`$HOME isn't "it"`, `'$HOME isn'\''t "it"'`},
		{"a|b", `"a|b"`},
		{"привет", "привет"},
	} {
		if got := shellCommand([]string{test.word}); got != test.want {
			t.Errorf("shellCommand(%q) = %s, want %s", test.word, got, test.want)
		}
	}
}

func TestCell(t *testing.T) {
	t.Parallel()
	if got := cell("a|b"); got != `a\|b` {
		t.Errorf("cell = %s", got)
	}
}

func readPage(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("../../docs/reference/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
