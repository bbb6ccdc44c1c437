package phpquery

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		"null": nil, "true": true, `"a\u0041"`: "aA", "1.50": json.Number("1.50"), "[]": List(), "{}": build(),
		`[1,[null]]`:                     List(json.Number("1"), List(nil)),
		`{"z":1,"a":{"0":"x","-1":"y"}}`: build("z", json.Number("1"), "a", build("0", "x", "-1", "y")),
	} {
		got, err := Decode([]byte(text))
		if err != nil {
			t.Errorf("Decode(%s): %v", text, err)
		}
		if diff := cmp.Diff(want, got, elements); diff != "" {
			t.Errorf("Decode(%s) (-want +got):\n%s", text, diff)
		}
	}
}

func TestAppendJSON(t *testing.T) {
	t.Parallel()
	type other struct {
		Name string `json:"name"`
	}
	for _, tt := range []struct {
		value any
		want  string
	}{
		{nil, "null"},
		{true, "true"},
		{-7, "-7"},
		{int64(math.MaxInt64), "9223372036854775807"},
		{json.Number("1.50"), "1.50"},
		{json.Number(""), "0"},
		{1.5, "1.5"},
		{"/я<>&'", `"/я<>&'"`},
		{"\"\\\b\f\n\r\t\x00\x1f\u2028", `"\"\\\b\f\n\r\t\u0000\u001f\u2028"`},
		{(*Array)(nil), "[]"},
		{List(), "[]"},
		{List("a", List()), `["a",[]]`},
		{build("b", 1, "a", 2), `{"b":1,"a":2}`},
		{Object{}, "{}"},
		{Object{List()}, "{}"},
		{Object{List("a", List("b"))}, `{"0":"a","1":["b"]}`},
		{[]any{}, "[]"},
		{[]any{1, "a", List(), Object{}}, `[1,"a",[],{}]`},
		{other{"<"}, `{"name":"<"}`},
		{[]other{{"я"}}, `[{"name":"я"}]`},
		{map[string]any{"b": List(), "a": Object{List("x")}}, `{"a":{"0":"x"},"b":[]}`},
	} {
		b, err := AppendJSON([]byte("before "), tt.value)
		if err != nil {
			t.Errorf("AppendJSON(%#v): %v", tt.value, err)
		}
		if diff := cmp.Diff("before "+tt.want, string(b)); diff != "" {
			t.Errorf("AppendJSON(%#v) (-want +got):\n%s", tt.value, diff)
		}
	}
}

func TestAppendJSONFails(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]any{
		"alone": math.NaN(), "in a list": List(math.NaN()), "in an array": build("a", math.NaN()), "in a slice": []any{math.Inf(1)},
	} {
		if b, err := AppendJSON(nil, value); err == nil {
			t.Errorf("%s: got %s, want an error", name, b)
		}
	}
}
