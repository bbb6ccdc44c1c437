package render

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWriteTable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		width int
		in    string
		want  []string
	}{
		{"list", 0, `[{"ID":"1","NAME":"Otto"},{"ID":"12","NAME":"Al"}]`, []string{"ID  NAME", "1   Otto", "12  Al"}},
		{"columns in the order they come up", 0, `[{"b":1},{"a":2,"b":3},{"c":4}]`, []string{"b  a  c", "1", "3  2", "      4"}},
		{"result", 0, `{"result":[{"ID":1}],"time":{"start":1}}`, []string{"ID", "1"}},
		{"list inside the result", 0, `{"result":{"items":[{"ID":1}],"total":9,"next":50},"time":{}}`, []string{"ID", "1"}},
		{"object inside the result", 0, `{"result":{"item":{"ID":1,"N":null}}}`, []string{"key  value", "ID   1", "N"}},
		{"result of two keys", 0, `{"result":{"a":[1],"b":2}}`, []string{"key  value", "a    [1]", "b    2"}},
		{"result under a field", 0, `{"result":{"UF_LIST":[1]}}`, []string{"key      value", "UF_LIST  [1]"}},
		{"result under an id", 0, `{"result":{"7":[1]}}`, []string{"key  value", "7    [1]"}},
		{"result under no name", 0, `{"result":{"":[1]}}`, []string{"key  value", "     [1]"}},
		{"result is a value", 0, `{"result":true}`, []string{"value", "true"}},
		{"object without a result", 0, `{"error":"NO","error_description":"Why"}`, []string{"key                value", "error              NO", "error_description  Why"}},
		{"list of values", 0, `[1.10,"x",null,true]`, []string{"value", "1.10", "x", "", "true"}},
		{"list of both", 0, `[{"a":1},5]`, []string{"a  value", "1", "   5"}},
		{"lists in cells", 0, `[{"a":[1, {"b" : "\u0438"}],"c":{}}]`, []string{"a              c", `[1,{"b":"и"}]  {}`}},
		{"no rows", 0, `{"result":[]}`, []string{"(no rows)"}},
		{"no columns", 0, `[{}]`, []string{"(no rows)"}},
		{"no keys", 0, `{}`, []string{"(no rows)"}},
		{"empty columns stay in a file", 0, `[{"a":"","b":1}]`, []string{"a  b", "   1"}},
		{"empty columns go on a terminal", 80, `[{"a":"","b":1,"c":null},{"b":2}]`, []string{"b", "1", "2"}},
		{"all columns empty", 80, `[{"a":"","b":null}]`, []string{"a  b", ""}},
		{"fits", 11, `[{"a":"12345","b":"6789"}]`, []string{"a      b", "12345  6789"}},
		{"wide cells are cut", 30, `[{"ID":1,"TEXT":"abcdefghijklmnopqrstuvwxyz","N":"0123456789"}]`, []string{"ID  TEXT            N", "1   abcdefghijklm…  0123456789"}},
		{"only the widest is cut", 24, `[{"ID":1,"TEXT":"abcdefghijklmnopqrstuvwxyz","N":"0123"}]`, []string{"ID  TEXT            N", "1   abcdefghijklm…  0123"}},
		{"too narrow for all columns", 12, `[{"a":"0123456789","b":"0123456789"}]`, []string{"a         b", "0123456…  0…"}},
		{"narrower than a cell", 5, `[{"a":"0123456789"}]`, []string{"a", "0123…"}},
		{"one column wide", 1, `[{"ab":"x"}]`, []string{"…", "x"}},
		{"long names are cut", 20, `[{"A_VERY_LONG_NAME_OF_A_FIELD":1,"B":2}]`, []string{"A_VERY_LONG_NAME…  B", "1                  2"}},
		{"wide characters", 0, `[{"a":"漢字","b":1},{"a":"한","b":2},{"a":"ｆ","b":3},{"a":"😀","b":4},{"a":"abcd","b":5}]`, []string{"a     b", "漢字  1", "한    2", "ｆ    3", "😀    4", "abcd  5"}},
		{"wide characters are cut whole", 8, `[{"a":"漢字漢字漢字"}]`, []string{"a", "漢字漢…"}},
		{"marks take no room", 0, `[{"a":"e\u0301","b":1},{"a":"x","b":2}]`, []string{"a  b", "e\u0301  1", "x  2"}},
		{"Cyrillic", 0, `[{"a":"Оля","b":1}]`, []string{"a    b", "Оля  1"}},
		{"lines become one", 0, `[{"a":"x\r\ny\tz\u2028w\u2029"}]`, []string{"a", "x  y z w"}},
		{"terminals are not steered", 0, `[{"a\u001b":"\u001b[31mred\u009b0m\u0007"}]`, []string{"a", " [31mred 0m"}},
		{"direction is not turned", 0, `[{"a":"a\u202eb\u2066c\u200ed\u061c"}]`, []string{"a", "abcd"}},
		{"lists in cells do not steer either", 0, `[["\u001b[31m\u202e"]]`, []string{"value", `["\u001b[31m\u202e"]`}},
		{"bare marks in cells are dropped", 0, "[[\"\u202e\u009b\"]]", []string{"value", `[" "]`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := strings.Join(test.want, "\n") + "\n"
			if diff := cmp.Diff(want, printed(t, test.in, Options{Format: Table, Width: test.width})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 0, "abc": 3, "Оля": 3, "漢": 2, "한": 2, "ᄀ": 2, "ｆ": 2, "￥": 2, "！": 2, "﹏": 2, "豈": 2, "😀": 2, "𠀀": 2, "〿": 1, "…": 1, "e\u0301": 1, "a\u200bb": 2, "a\ufe0f": 1,
	} {
		if got := columns(text); got != want {
			t.Errorf("columns(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestWriteCSV(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"list", `[{"ID":"1","NAME":"Otto"},{"ID":"2"}]`, "ID,NAME\n1,Otto\n2,\n"},
		{"one object is one row", `{"result":{"ID":1,"N":1.10}}`, "ID,N\n1,1.10\n"},
		{"list inside the result", `{"result":{"items":[{"ID":1}],"total":1}}`, "ID\n1\n"},
		{"error", `{"error":"NO","error_description":"Why"}`, "error,error_description\nNO,Why\n"},
		{"quotes", `[{"a":"x,y","b":"say \"hi\"","c":"one\ntwo","d":" e"}]`, "a,b,c,d\n\"x,y\",\"say \"\"hi\"\"\",\"one\ntwo\",\" e\"\n"},
		{"line breaks stay as they are", `[{"a":"x\r\ny"}]`, "a\n\"x\r\ny\"\n"},
		{"formulas stay as they are", `[{"a":"=1+1","b":"+1","c":"-1","d":"@x"}]`, "a,b,c,d\n=1+1,+1,-1,@x\n"},
		{"control characters stay as they are", `[{"a":"\u001b[31m","b":"\u202e"}]`, "a,b\n\x1b[31m,\u202e\n"},
		{"empty columns stay", `[{"a":null,"b":""}]`, "a,b\n,\n"},
		{"empty rows of one column", `["",null,"x"]`, "value\n\"\"\n\"\"\nx\n"},
		{"empty name", `[{"":1}]`, "\"\"\n1\n"},
		{"lists in cells", `[{"a":[1, 2],"b":{"c":"я"}}]`, "a,b\n\"[1,2]\",\"{\"\"c\"\":\"\"я\"\"}\"\n"},
		{"no rows", `{"result":[]}`, ""},
		{"no columns", `[{}]`, ""},
		{"value", `{"result":true}`, "value\ntrue\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, printed(t, test.in, Options{Format: CSV, Width: 3})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzCSV reads back what was printed. The same rows as a table stay inside its
// edge.
func FuzzCSV(f *testing.F) {
	f.Add("a", "b,\"c\"\n", "")
	f.Add("", "", " ")
	f.Add("漢字漢字漢字", "\u202e\x1b[31m", "\\.")
	f.Fuzz(func(t *testing.T, name, first, second string) {
		name, first, second = strings.ToValidUTF8(name, "?"), strings.ToValidUTF8(first, "?"), strings.ToValidUTF8(second, "?")
		raw := encoded(t, []map[string]string{{name: first}, {name: second}})
		got, err := csv.NewReader(strings.NewReader(printed(t, raw, Options{Format: CSV}))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		// The reader of Go takes every CRLF for LF.
		lf := func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
		if diff := cmp.Diff([][]string{{lf(name)}, {lf(first)}, {lf(second)}}, got); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", raw, diff)
		}
		lines := strings.Split(strings.TrimSuffix(printed(t, raw, Options{Format: Table, Width: 10}), "\n"), "\n")
		if len(lines) != 3 {
			t.Fatalf("%s is %d lines: %q", raw, len(lines), lines)
		}
		for _, line := range lines {
			if columns(line) > 10 || strings.ContainsAny(line, "\x1b\r\u202e") {
				t.Fatalf("%s: line %q", raw, line)
			}
		}
	})
}
