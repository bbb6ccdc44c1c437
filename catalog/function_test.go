package catalog_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/catalog"
)

// TestFunctions compares the functions with the original's, which scripts
// depend on: names, options, aliases, types, what is required and defaults.
func TestFunctions(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, fn := range load(t).Functions() {
		fmt.Fprintf(&b, "%s\t%s\t%s\n", fn.Name, dash(fn.Method), dash(fn.HTTP))
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
	}
	golden, err := os.ReadFile("testdata/functions.golden")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), b.String()); diff != "" {
		t.Errorf("the functions differ from testdata/functions.golden (-golden +catalog):\n%s", diff)
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
