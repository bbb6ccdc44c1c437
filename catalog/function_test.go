package catalog_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/catalog"
)

// TestFunctions compares the functions with those of the original, which
// scripts depend on: names, REST methods, options in their order, aliases,
// types, what is required and defaults. The list holds all 179 of them, so that
// a new entry is compared as soon as it is written.
func TestFunctions(t *testing.T) {
	t.Parallel()
	golden, err := os.ReadFile("testdata/functions.golden")
	if err != nil {
		t.Fatal(err)
	}
	original := map[string]string{}
	name := ""
	for line := range strings.Lines(string(golden)) {
		if !strings.HasPrefix(line, "\t") {
			name, _, _ = strings.Cut(line, "\t")
		}
		original[name] += line
	}
	if len(original) != 179 {
		t.Errorf("testdata/functions.golden lists %d functions, want 179", len(original))
	}
	for _, fn := range load(t).Functions() {
		if diff := cmp.Diff(original[fn.Name], describe(fn)); diff != "" {
			t.Errorf("%s differs from the original (-original +catalog):\n%s", fn.Name, diff)
		}
	}
}

// describe writes a function as the golden list does.
func describe(fn *catalog.Function) string {
	var b strings.Builder
	verbs := dash(fn.HTTP)
	if slices.ContainsFunc(fn.Options, func(o catalog.Option) bool { return o.As == catalog.AsUpload }) {
		verbs += " POST" // of the file
	}
	fmt.Fprintf(&b, "%s\t%s\t%s\n", fn.Name, dash(fn.Method), verbs)
	for i := range fn.Options {
		o := &fn.Options[i]
		need := "optional"
		switch {
		case o.Required:
			need = "required"
		case o.Default != "":
			need = "default " + o.Default
		}
		fmt.Fprintf(&b, "\t--%s\t-%s\t%s\t%s\t%s\n", o.Name, o.Short, o.Param, o.Type, need)
	}
	return b.String()
}

// TestEveryFunctionIsThere counts: scripts may call any of them, also by its
// Russian name.
func TestEveryFunctionIsThere(t *testing.T) {
	t.Parallel()
	want := map[string]int{
		"settings": 4, "users": 8, "departments": 4, "feed": 7, "tasks": 27, "taskfields": 5, "checklists": 7, "comments": 9,
		"kanban": 5, "timekeeping": 10, "storages": 6, "folders": 11, "files": 10, "chats": 21, "messages": 9,
		"notifications": 3, "leads": 7, "deals": 7, "calendars": 10, "events": 9,
	}
	got := map[string]int{}
	for _, region := range load(t).Regions() {
		got[region.Name] = len(region.Functions)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("functions by region (-want +got):\n%s", diff)
	}
	if n := len(load(t).Functions()); n != 179 {
		t.Errorf("%d functions, want 179", n)
	}
	for _, fn := range load(t).Functions() {
		if fn.Summary == "" || fn.Doc == "" || fn.Example == nil {
			t.Errorf("%s has no summary, page or example", fn.Name)
		}
		cyrillic := func(name string) bool {
			return strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
		}
		if !slices.ContainsFunc(fn.Aliases, cyrillic) {
			t.Errorf("%s has no Russian name", fn.Name)
		}
	}
}

func TestSent(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"ServerTime":       "",
		"GetToken":         "client_id client_secret code",
		"RefreshToken":     "client_id client_secret refresh_token",
		"GetUser":          "ID",
		"CreateUser":       "*",
		"UpdateUser":       "* ID",
		"ChangeUserStatus": "ACTIVE ID",
		"FindUsers":        "FILTER",
		"CreateDepartment": "NAME PARENT UF_HEAD",
		"UpdateDepartment": "ID NAME PARENT UF_HEAD",
		"GetDepartments":   "ID NAME PARENT UF_HEAD",
		"DeleteDepartment": "ID",
	}
	for name, want := range tests {
		fn, ok := load(t).Find(name)
		if !ok {
			t.Errorf("%s is not in the catalog", name)
			continue
		}
		var keys []string
		for _, o := range fn.Sent() {
			if o.As == catalog.AsMerge {
				keys = append(keys, "*")
				continue
			}
			keys = append(keys, o.Wire)
		}
		if got := strings.Join(keys, " "); got != want {
			t.Errorf("%s sends %q, want %q", name, got, want)
		}
	}
}

func TestOption(t *testing.T) {
	t.Parallel()
	fn, ok := load(t).Find("UpdateUser")
	if !ok {
		t.Fatal("UpdateUser is not in the catalog")
	}
	if o, ok := fn.Option("fields"); !ok || o.See != "GetUserFieldsStructure" {
		t.Errorf("Option(fields) = %+v, %v", o, ok)
	}
	if o, ok := fn.Option("FIELDS"); ok {
		t.Errorf("Option(FIELDS) = %+v; option names are case-sensitive", o)
	}
	if o, ok := fn.Option("token"); !ok || !o.Secret {
		t.Errorf("Option(token) = %+v, %v; the token is a secret", o, ok)
	}
}

func load(t testing.TB) *catalog.Index {
	t.Helper()
	index, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return index
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
