package phpquery

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pair is an input and what PHP writes after reading it, "error" when it
// refuses.
type pair struct{ input, want string }

func readPairs(tb testing.TB, path string) []pair {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	var pairs []pair
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		tab := strings.LastIndexByte(line, '\t') // JSON has none outside its input
		if tab < 0 {
			tb.Fatalf("%s: no tab in %q", path, line)
		}
		pairs = append(pairs, pair{line[:tab], line[tab+1:]})
	}
	return pairs
}

// written is the JSON of a value.
func written(tb testing.TB, v any) string {
	tb.Helper()
	b, err := AppendJSON(nil, v)
	if err != nil {
		tb.Fatalf("AppendJSON(%v): %v", v, err)
	}
	return string(b)
}

// rewritten is JSON after reading and writing, "error" when it is refused.
func rewritten(tb testing.TB, text string) string {
	tb.Helper()
	v, err := Decode([]byte(text))
	if err != nil {
		return "error"
	}
	return written(tb, v)
}

func TestParseAsPHP(t *testing.T) {
	t.Parallel()
	for _, p := range readPairs(t, "testdata/parse_str.txt") {
		if diff := cmp.Diff(p.want, written(t, Parse(p.input))); diff != "" {
			t.Errorf("Parse(%q) (-PHP +got):\n%s", p.input, diff)
		}
	}
}

func TestDecodeAsPHP(t *testing.T) {
	t.Parallel()
	for _, p := range readPairs(t, "testdata/json.txt") {
		if diff := cmp.Diff(p.want, rewritten(t, p.input)); diff != "" {
			t.Errorf("Decode(%q) (-PHP +got):\n%s", p.input, diff)
		}
	}
}

func TestNestingOfNames(t *testing.T) {
	t.Parallel()
	nested := func(n int) string {
		return `{"a":` + strings.Repeat(`{"b":`, n) + `"1"` + strings.Repeat("}", n) + "}"
	}
	name := func(n int) string { return "a" + strings.Repeat("[b]", n) }
	for query, want := range map[string]string{
		name(63) + "=1":                 nested(63),
		name(64) + "=1":                 nested(64),
		name(65) + "=1":                 "[]",
		name(1000) + "=1&c=2":           `{"c":"2"}`,
		"x=1&a=2&" + name(65) + "=1":    `{"x":"1"}`,
		"x=1&" + name(65) + "=1&a[d]=2": `{"x":"1","a":{"d":"2"}}`,
		"a" + strings.Repeat("[]", 64):  `{"a":` + strings.Repeat("[", 64) + `""` + strings.Repeat("]", 64) + "}",
		"a" + strings.Repeat("[]", 65):  "[]",
	} {
		if diff := cmp.Diff(want, written(t, Parse(query))); diff != "" {
			t.Errorf("Parse(%q) (-PHP +got):\n%s", query, diff)
		}
	}
}

func TestNestingOfJSON(t *testing.T) {
	t.Parallel()
	list := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	object := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	for text, want := range map[string]string{
		list(511): list(511), list(512): "error", list(100_000): "error",
		object(511): object(511), object(512): "error",
	} {
		if diff := cmp.Diff(want, rewritten(t, text)); diff != "" {
			t.Errorf("Decode of %d bytes (-PHP +got):\n%s", len(text), diff)
		}
	}
}

func TestParseUnlikePHP(t *testing.T) {
	t.Parallel()
	deep := "a" + strings.Repeat("[b]", maxNesting)
	many := strings.Repeat("a[]=1&", 1001)
	for _, tt := range []struct{ why, query, php, want string }{
		{
			"how many fields a server takes is its setting (max_input_vars), 1000 where nobody changed it", many,
			`{"a":["1"` + strings.Repeat(`,"1"`, 999) + "]}", `{"a":["1"` + strings.Repeat(`,"1"`, 1000) + "]}",
		},
		{
			"a bracket that is never closed is cut off before the brackets are counted", deep + "[c=1&a[d]=2",
			`{"a":{"d":"2"}}`, written(t, Parse(deep+"=1&a[d]=2")),
		},
		{"PHP keeps the bytes and refuses to write them, encoding/json writes U+FFFD", "a=%FF", "error", `{"a":"\ufffd"}`},
	} {
		got := written(t, Parse(tt.query))
		if diff := cmp.Diff(tt.want, got); diff != "" || got == tt.php {
			t.Errorf("Parse(%.20q), unlike PHP because %s (-want +got):\n%s", tt.query, tt.why, diff)
		}
	}
}

func TestDecodeUnlikePHP(t *testing.T) {
	t.Parallel()
	const (
		text    = "the text of a number is kept, PHP rounds it to an int or a float"
		unicode = "encoding/json reads broken Unicode as U+FFFD, PHP refuses it"
	)
	for _, tt := range []struct{ why, json, php, want string }{
		{text, "-0", "0", "-0"},
		{text, "-0.0", "-0", "-0.0"},
		{text, "1.0", "1", "1.0"},
		{text, "1.10", "1.1", "1.10"},
		{text, "1e3", "1000", "1e3"},
		{text, "1E3", "1000", "1E3"},
		{text, "9223372036854775808", "9.223372036854776e+18", "9223372036854775808"},
		{text, "12345678901234567890123", "1.2345678901234568e+22", "12345678901234567890123"},
		{text, "1e400", "error", "1e400"},
		{unicode, `"\ud83d"`, "error", "\"\ufffd\""},
		{unicode, `"\ude00"`, "error", "\"\ufffd\""},
		{unicode, "\"\xff\"", "error", "\"\ufffd\""},
		{unicode, "{\"\xff\":1}", "error", "{\"\ufffd\":1}"},
		{unicode, "\"\xed\xa0\x80\"", "error", "\"\ufffd\ufffd\ufffd\""},
	} {
		got := rewritten(t, tt.json)
		if diff := cmp.Diff(tt.want, got); diff != "" || got == tt.php {
			t.Errorf("Decode(%q), unlike PHP because %s (-want +got):\n%s", tt.json, tt.why, diff)
		}
	}
}
