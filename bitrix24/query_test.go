package bitrix24

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/oint-go/oint/internal/phpquery"
)

// drawValue makes any JSON value.
func drawValue(t *rapid.T, depth int) any {
	kinds := 6
	if depth == 0 {
		kinds = 4
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return rapid.String().Draw(t, "text")
	case 1:
		return rapid.Int64().Draw(t, "number")
	case 2:
		return rapid.Bool().Draw(t, "bool")
	case 3:
		return nil
	case 4:
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "elements") {
			list = append(list, drawValue(t, depth-1))
		}
		return list
	}
	o := NewObject()
	for range rapid.IntRange(0, 3).Draw(t, "members") {
		o.Set(rapid.StringMatching(`[A-Za-z_%=!<>@][A-Za-z0-9_ .]{0,5}`).Draw(t, "key"), drawValue(t, depth-1))
	}
	return o
}

// asForm is what PHP makes of a value that travels as a form.
func asForm(v any) any {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		if v {
			return "1"
		}
		return "0"
	case []any:
		if len(v) == 0 {
			return ""
		}
		a := phpquery.NewArray()
		for _, e := range v {
			a.Append(asForm(e))
		}
		return a
	case *Object:
		if v.Len() == 0 {
			return ""
		}
		a := phpquery.NewArray()
		for name, e := range v.All() {
			a.Set(name, asForm(e))
		}
		return a
	case string:
		return v
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// TestBatchQuery takes any parameters through the text of a batch command and
// reads them as the portal does.
func TestBatchQuery(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		params := NewObject()
		for range rapid.IntRange(0, 4).Draw(t, "parameters") {
			params.Set(rapid.StringMatching(`[A-Za-z][A-Za-z0-9]{0,5}`).Draw(t, "name"), drawValue(t, 3))
		}
		query, err := batchQuery(params)
		if err != nil {
			t.Fatal(err)
		}
		want := phpquery.NewArray()
		for name, v := range params.All() {
			want.Set(name, asForm(v))
		}
		got, err1 := json.Marshal(phpquery.Parse(query))
		expected, err2 := json.Marshal(want)
		if err1 != nil || err2 != nil || string(got) != string(expected) {
			t.Fatalf("%s\n got %s\nwant %s (%v, %v)", query, got, expected, err1, err2)
		}
	})
}

// TestFileInQuery writes a file like the list that it stands for.
func TestFileInQuery(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SliceOfN(rapid.Byte(), 0, 4<<10).Draw(t, "content")
		name := rapid.String().Draw(t, "name")
		got, err := batchQuery(NewObject("A", 1, "P", File{name, Bytes(content)}, "Z", "z"))
		if err != nil {
			t.Fatal(err)
		}
		want, err := batchQuery(NewObject("A", 1, "P", []any{name, content}, "Z", "z"))
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Fatalf("%q instead of %q", got, want)
		}
	})
}
