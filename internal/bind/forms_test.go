package bind

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/catalog"
)

func TestForms(t *testing.T) {
	t.Parallel()
	dialog := &catalog.Option{Name: "chat", As: catalog.AsString, Enum: []string{"#", "chat#"}}
	audience := &catalog.Option{Name: "vision", As: catalog.AsArray, Enum: []string{"UA", "SG#"}}
	title := &catalog.Option{Name: "title", As: catalog.AsString, Max: 5}
	filter := &catalog.Option{Name: "filter", As: catalog.AsPick, Pick: []catalog.Picked{
		{Key: "section", As: catalog.AsArray}, {Key: "from", As: catalog.AsDate}, {Key: "name", As: catalog.AsString},
	}}
	for _, test := range []struct {
		option     *catalog.Option
		text, want string
	}{
		{dialog, " 12 ", `"12"`},
		{dialog, "CHAT7", `"chat7"`},
		{dialog, "chat", `"chat" is none of the known values`},
		{dialog, "chat7x", `"chat7x" is none of the known values`},
		{dialog, "-1", `"-1" is none of the known values`},
		{audience, "ua", `["UA"]`},
		{audience, "['ua','sg5',]", `["UA","SG5"]`},
		{audience, "['UA','U5']", `"U5" is none of the known values`},
		{audience, "UA,SG5", `"UA,SG5" is none of the known values`},
		{&catalog.Option{Name: "blocks", As: catalog.AsArray, Type: "Array of Structure"}, ".", `expected a list of structures, got a text`},
		{&catalog.Option{Name: "blocks", As: catalog.AsArray, Type: "Array of Structure"}, "{A:1}", `[{"A":1}]`},
		{title, "пятёр", `"пятёр"`},
		{title, "шестой", `6 characters are too long`},
		{filter, "{from:'20260526',section:3,name:'x'}", `{"from":"2026-05-26","section":[3],"name":"x"}`},
		{filter, "{section:[1,2]}", `{"section":[1,2]}`},
		{filter, "{till:1}", `the key "till" is unknown`},
		{filter, "{from:'soon'}", `"from": "soon" is no date`},
		{filter, "[]", `expected a structure, got an array`},
		{&catalog.Option{Name: "time", As: catalog.AsZoned}, "2026-05-26T14:15:40+03:00", `"2026-05-26T14:15:40+03:00"`},
		{&catalog.Option{Name: "time", As: catalog.AsZoned}, "2026-05-26T14:15:40Z", `"2026-05-26T14:15:40Z"`},
		{
			&catalog.Option{Name: "time", As: catalog.AsZoned}, "2026-05-26 14:15:40",
			`"` + time.Date(2026, 5, 26, 14, 15, 40, 0, time.Local).Format(time.RFC3339) + `"`,
		},
	} {
		value, err := Value(t.Context(), NewSource(nil), test.option, test.text)
		if diff := cmp.Diff(test.want, outcome(t, wire(value), err)); diff != "" {
			t.Errorf("--%s %q (-want +got):\n%s", test.option.Name, test.text, diff)
		}
	}
}

func TestRemedyNamesTheForms(t *testing.T) {
	t.Parallel()
	_, err := Value(t.Context(), NewSource(nil), &catalog.Option{As: catalog.AsString, Enum: []string{"#", "chat#"}}, "x")
	if err == nil || !strings.HasSuffix(err.Error(), "\nUse one of N, chatN, where N is a number.") {
		t.Errorf("err = %v", err)
	}
}

// store is a function with everything that Params treats apart.
func store() *catalog.Function {
	return &catalog.Function{
		Name:      "StoreFile",
		Constants: []catalog.Constant{{Wire: "MUTE", Value: "Y"}},
		Options: []catalog.Option{
			{Name: "title", As: catalog.AsString, Wire: "data.NAME", Required: true},
			{Name: "file", As: catalog.AsPair, Wire: "content", Named: "title"},
			{Name: "note", As: catalog.AsString, Wire: "data.NOTE"},
			{Name: "before", As: catalog.AsID, Wire: "before"},
			{Name: "after", As: catalog.AsID, Wire: "after", Default: "0", Unless: "before"},
			{Name: "more", As: catalog.AsUpload, Named: "title"},
		},
	}
}

func TestNestedParams(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		given map[string]string
		want  string
	}{
		{map[string]string{"title": "a"}, `{"data":{"NAME":"a"},"after":"0","MUTE":"Y"}`},
		{map[string]string{"title": "a", "before": "4"}, `{"data":{"NAME":"a"},"before":"4","MUTE":"Y"}`},
		{
			map[string]string{"title": "a", "file": "aGk=", "note": "n", "after": "3"},
			`{"data":{"NAME":"a","NOTE":"n"},"content":["a","aGk="],"after":"3","MUTE":"Y"}`,
		},
	} {
		params, err := Params(t.Context(), NewSource(nil), store(), test.given)
		if diff := cmp.Diff(test.want, outcome(t, params, err)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.given, diff)
		}
	}
}

// TestFilesAreReadWhenTheyAreSent looks for a file that is only opened to see
// that it can be read.
func TestFilesAreReadWhenTheyAreSent(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "report.txt")
	if err := os.WriteFile(path, []byte("hi"), 0o600); err != nil {
		t.Fatal(err)
	}
	var begun []string
	read := 0
	source := NewSource(nil)
	source.Sending = func(path string, _ int64) func(int) {
		begun = append(begun, filepath.Base(path))
		return func(n int) { read += n }
	}
	file, err := Upload(t.Context(), source, store(), map[string]string{"title": "a.txt", "more": path})
	if err != nil {
		t.Fatal(err)
	}
	if file.Name != "a.txt" || file.Content.Size() != 2 || read != 0 || len(begun) != 1 {
		t.Errorf("%q, %d bytes, %d read, begun %q", file.Name, file.Content.Size(), read, begun)
	}
	raw, err := bitrix24.NewObject("f", file).MarshalJSON()
	if err != nil || string(raw) != `{"f":["a.txt","aGk="]}` || read != 2 {
		t.Errorf("%s, %v after %d bytes", raw, err, read)
	}
	for source, want := range map[string]string{
		filepath.Dir(path):   "is a folder",
		path + "/none.txt":   "--more: ",
		"no base64 at all!":  "is no existing file, no address and no base64",
		"/nonexistent/a.bin": "is no existing file",
	} {
		_, err := Upload(t.Context(), NewSource(nil), store(), map[string]string{"title": "a", "more": source})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", source, err, want)
		}
	}
}
