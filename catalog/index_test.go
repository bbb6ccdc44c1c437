package catalog

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLoadReadsEveryEntry(t *testing.T) {
	t.Parallel()
	var want []*Region
	if err := json.Unmarshal(indexJSON, &want); err != nil {
		t.Fatalf("index.json is no JSON: %v", err)
	}
	x, err := parse(indexJSON)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range x.entries {
		if _, err := e.decode(); err != nil {
			t.Errorf("%s: %v", e.names[0], err)
		}
	}
	if diff := cmp.Diff(want, x.Regions()); diff != "" {
		t.Errorf("the lines differ from the document (-document +lines):\n%s", diff)
	}
	headings := x.Headings()
	for i, fn := range x.Functions() {
		if h := headings[i]; h.Name != fn.Name || h.Summary != fn.Summary || h.Region.Name != fn.Region {
			t.Errorf("heading %+v of %s, %q", h, fn.Name, fn.Summary)
		}
	}
	total := 0
	for _, r := range want {
		total += len(r.Functions)
	}
	if got := len(x.Functions()); got != total {
		t.Errorf("%d functions, want %d", got, total)
	}
}

const small = `[
{"name":"users","title":"Users","functions":[
{"name":"UpdateUser","aliases":["ИзменитьПользователя"],"summary":"One.","options":[]},
{"name":"GetUser","summary":"Two.","options":[]}
]},
{"name":"tasks","title":"Tasks","functions":[
{"name":"GetTask","summary":"Three.","options":[]}
]}
]
`

func TestFind(t *testing.T) {
	t.Parallel()
	x, err := parse([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]string{
		"UpdateUser": "UpdateUser", "updateuser": "UpdateUser", "UPDATEUSER": "UpdateUser",
		"ИзменитьПользователя": "UpdateUser", "изменитьпользователя": "UpdateUser",
		"gettask": "GetTask", "Update": "", "": "", "users": "",
	} {
		fn, ok := x.Find(word)
		switch {
		case ok != (want != ""):
			t.Errorf("Find(%q) found = %v", word, ok)
		case ok && fn.Name != want:
			t.Errorf("Find(%q) = %s, want %s", word, fn.Name, want)
		}
	}
	first, _ := x.Find("getuser")
	if x.Functions()[1] != first || x.Regions()[0].Functions[1] != first {
		t.Error("Find, Functions and Regions do not return the same function")
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"empty":                   "",
		"no functions":            "[\n]\n",
		"function without region": "[\n{\"name\":\"GetUser\"}\n]\n",
		"broken region":           "[\n{\"name\":1,\"functions\":[\n]}\n]\n",
		"broken name":             strings.Replace(small, `"GetUser"`, `7`, 1),
		"broken alias":            strings.Replace(small, `["Изм`, `[7,"Изм`, 1),
	} {
		if _, err := parse([]byte(data)); err == nil {
			t.Errorf("%s: parsed", name)
		}
	}
}

func TestUnreadableEntryIsNotFound(t *testing.T) {
	t.Parallel()
	x, err := parse([]byte(strings.Replace(small, `"Two."`, `2`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if fn, ok := x.Find("GetUser"); ok {
		t.Errorf("Find = %+v", fn)
	}
	if got := len(x.Functions()); got != 2 {
		t.Errorf("%d functions, want the other 2", got)
	}
}

func TestIndexIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	x, err := parse(indexJSON)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if fn, ok := x.Find("updateuser"); !ok || fn.Method != "user.update" {
				t.Errorf("Find = %+v, %v", fn, ok)
			}
			if x.Regions()[0].Functions[0] != x.Functions()[0] {
				t.Error("Regions and Functions differ")
			}
		})
	}
	wg.Wait()
}

func TestNearest(t *testing.T) {
	t.Parallel()
	x, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string][]string{
		"UpdateUsr":     {"UpdateUser"},
		"udpateuser":    {"UpdateUser"},
		"FindUser":      {"FindUsers"},
		"CreateDep":     {"CreateDepartment"},
		"GetDepartment": {"GetDepartments"},
		"zzz":           nil,
		"":              nil,
	} {
		if diff := cmp.Diff(want, first(x.Nearest(word))); diff != "" {
			t.Errorf("Nearest(%q) (-want +got):\n%s", word, diff)
		}
	}
	if got := x.Nearest("get"); len(got) > 3 {
		t.Errorf("Nearest(get) = %v, want three at most", got)
	}
}

// first keeps the best word only.
func first(words []string) []string { return words[:min(len(words), 1)] }

// BenchmarkLoad finds one function, as every start of the program does.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		x, err := parse(indexJSON)
		if err != nil {
			b.Fatal(err)
		}
		if _, ok := x.Find("updateuser"); !ok {
			b.Fatal("not found")
		}
	}
}

// BenchmarkHeadings reads what the list of functions shows.
func BenchmarkHeadings(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		x, err := parse(indexJSON)
		if err != nil {
			b.Fatal(err)
		}
		if len(x.Headings()) == 0 {
			b.Fatal("no functions")
		}
	}
}
