package bitrix24_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/bitrix24"
)

func TestObjectKeepsOrderAndNumbers(t *testing.T) {
	t.Parallel()
	const text = `{"TASKID":12345678901234567890,"B":1.10,"A":{"z":1,"a":[{"y":1e5,"x":null}]},"<&>":"</\"\u2028"}`
	var o bitrix24.Object
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatal(err)
	}
	got, err := o.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"TASKID":12345678901234567890,"B":1.10,"A":{"z":1,"a":[{"y":1e5,"x":null}]},"<&>":"</\"` + "\u2028" + `"}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestObjectSetGetDelete(t *testing.T) {
	t.Parallel()
	o := bitrix24.NewObject("a", 1, "b", 2, "c")
	o.Set("a", "one")
	o.Delete("b")
	o.Delete("missing")
	if _, ok := o.Get("b"); ok || o.Len() != 2 {
		t.Errorf("b is still there: %d keys", o.Len())
	}
	var names []string
	for name, value := range o.All() {
		names = append(names, name)
		if name == "a" && value != "one" {
			t.Errorf("a is %v", value)
		}
	}
	if diff := cmp.Diff([]string{"a", "c"}, names); diff != "" {
		t.Error(diff)
	}
	var none *bitrix24.Object
	if none.Len() != 0 {
		t.Error("a nil object has keys")
	}
}

func TestObjectRefusesOtherJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`[]`, `1`, `"x"`, `null`} {
		var o bitrix24.Object
		if err := json.Unmarshal([]byte(text), &o); err == nil && text != "null" {
			t.Errorf("%s was read", text)
		}
	}
}

func TestScalars(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bitrix24.ID{`12`: 12, `"12"`: 12, `""`: 0, `null`: 0, `false`: 0, `[]`: 0} {
		var id bitrix24.ID = 99
		if err := id.UnmarshalJSON([]byte(text)); err != nil || id != want {
			t.Errorf("%s: %d, %v", text, id, err)
		}
	}
	for text, want := range map[string]bitrix24.Bool{`true`: true, `"Y"`: true, `1`: true, `"1"`: true, `"N"`: false, `0`: false, `""`: false, `null`: false, `false`: false} {
		b := !want
		if err := b.UnmarshalJSON([]byte(text)); err != nil || b != want {
			t.Errorf("%s: %v, %v", text, b, err)
		}
	}
	for text, want := range map[string]bitrix24.Text{`"a"`: "a", `12`: "12", `false`: "", `"false"`: "false", `null`: "", `[]`: ""} {
		got := bitrix24.Text("old")
		if err := got.UnmarshalJSON([]byte(text)); err != nil || got != want {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	for text, want := range map[string]bitrix24.IDs{`[1,"2"]`: {1, 2}, `"3"`: {3}, `4`: {4}, `false`: nil, `""`: nil, `[]`: {}} {
		var ids bitrix24.IDs
		if err := ids.UnmarshalJSON([]byte(text)); err != nil || !cmp.Equal(ids, want) {
			t.Errorf("%s: %v, %v", text, ids, err)
		}
	}
	var (
		id bitrix24.ID
		b  bitrix24.Bool
	)
	if id.UnmarshalJSON([]byte(`"x"`)) == nil || id.UnmarshalJSON([]byte(`{"a":1}`)) == nil || b.UnmarshalJSON([]byte(`"maybe"`)) == nil {
		t.Error("nonsense was read")
	}
}

// FuzzObject checks that whatever an object read is written again as JSON of
// the same meaning.
func FuzzObject(f *testing.F) {
	f.Add(`{"a":1,"b":[{"c":"d"}],"e":"\u00e9\ud83d\ude00\u0000"}`)
	f.Add(`{"n":-0.0,"m":1E400,"x":"<>&"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var o bitrix24.Object
		if json.Unmarshal([]byte(text), &o) != nil {
			return
		}
		got, err := o.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(meaning(t, []byte(text)), meaning(t, got)) {
			t.Errorf("%s became %s", text, got)
		}
	})
}

// meaning is JSON with sorted keys and its numbers as written.
func meaning(t *testing.T, text []byte) []byte {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
