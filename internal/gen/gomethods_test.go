package main

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/catalog"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

// every is a region that uses every conversion.
func every(t *testing.T) *catalog.Region {
	t.Helper()
	data, err := os.ReadFile("testdata/every.yaml")
	if err != nil {
		t.Fatal(err)
	}
	regions, err := readSource(fstest.MapFS{"every.yaml": {Data: data}})
	if err != nil {
		t.Fatal(err)
	}
	used := map[catalog.Convert]bool{}
	for _, fn := range regions[0].Functions {
		for i := range fn.Options {
			used[fn.Options[i].As] = true
		}
	}
	for as, conv := range conversions {
		if conv.goType != "" && !used[as] {
			t.Errorf("testdata/every.yaml does not use the conversion %s", as)
		}
	}
	return regions[0]
}

func TestGoMethodsOfEveryConversion(t *testing.T) {
	t.Parallel()
	source, err := goMethods(every(t))
	if err != nil {
		t.Fatal(err)
	}
	compareGolden(t, "testdata/every_gen.go.golden", source)
}

// TestGoMethodsCompile builds the SDK with the methods of every conversion in it.
func TestGoMethodsCompile(t *testing.T) {
	t.Parallel()
	source, err := goMethods(every(t))
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, overlay := filepath.Join(dir, "every_gen.go"), filepath.Join(dir, "overlay.json")
	replace, err := json.Marshal(map[string]map[string]string{
		"Replace": {filepath.Join(root, "bitrix24", "every_gen.go"): file},
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string][]byte{file: source, overlay: replace} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "./bitrix24")
	command.Dir = root
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestRegionByHandHasNoMethods(t *testing.T) {
	t.Parallel()
	r := &catalog.Region{Name: "x", Functions: []*catalog.Function{{Name: "Compute", Kind: catalog.Local}}}
	source, err := goMethods(r)
	if err != nil || source != nil {
		t.Errorf("goMethods = %q, %v", source, err)
	}
}

func TestArgumentName(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ param, option, want string }{
		{"UserID", "userid", "userID"},
		{"URL", "url", "url"},
		{"ID", "id", "id"},
		{"ClientSecret", "clientsecret", "clientSecret"},
		{"FieldsStructure", "fields", "fields"},
		{"Clear", "empty", "empty"},   // clear is a builtin
		{"Type", "type", "typeValue"}, // type is a keyword
		{"Time", "time", "timeValue"}, // time is a package
		{"String", "text", "text"},    // string is a type
		{"Structure", "x", "structure"},
		{"AsMap", "map", "asMap"},
		{"Text", "text", "text"},
	} {
		got := argumentName(&catalog.Option{Name: test.option, Param: test.param})
		if got != test.want {
			t.Errorf("argumentName(%s, --%s) = %s, want %s", test.param, test.option, got, test.want)
		}
	}
}

func TestLowerSentence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"Reads a user.": "reads a user.", "OAuth it.": "OAuth it.", "Ведёт.": "ведёт.", "A.": "a."} {
		if got := lowerSentence(text); got != want {
			t.Errorf("lowerSentence(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestReferenceSignaturesExist looks for the Go declarations that the reference
// shows, the hand-written ones included.
func TestReferenceSignaturesExist(t *testing.T) {
	t.Parallel()
	index, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob("../../bitrix24/*.go")
	if err != nil || len(paths) == 0 {
		t.Fatal("no source of the SDK", err)
	}
	var source strings.Builder
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(data)
	}
	for _, fn := range index.Functions() {
		m := newMethod(fn)
		signatures := []string{m.Signature()}
		if fn.Bulk != "" {
			signatures = append(signatures, m.bulkSignature())
		}
		if fn.Rows != "" {
			signatures = append(signatures, m.rowsSignature())
		}
		for _, signature := range signatures {
			if !strings.Contains(source.String(), "\n"+signature+" {\n") {
				t.Errorf("package bitrix24 does not declare %s", signature)
			}
		}
	}
}

func compareGolden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", path, diff)
	}
}
