package render

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func TestWriteYAML(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"order", `{"z":1,"a":{"y":[1,{"b":2,"a":3}],"x":null}}`, "z: 1\na:\n  \"y\":\n    - 1\n    - b: 2\n      a: 3\n  x: null\n"},
		{"digits", `[1.10,12345678901234567890123,1e400,-0]`, "- 1.10\n- 12345678901234567890123\n- 1e400\n- -0\n"},
		{"booleans", `[true,false,"true"]`, "- true\n- false\n- \"true\"\n"},
		{"nothing inside", `{"a":{},"b":[],"c":[[]],"d":""}`, "a: {}\nb: []\nc:\n  - []\nd: \"\"\n"},
		{"nothing at all", `[]`, "[]\n"},
		{"a value alone", `"\u041e\u043b\u044f"`, "Оля\n"},
		{"several lines", `{"a":"one\ntwo\n"}`, "a: |\n  one\n  two\n"},
		{"lines that blocks cannot hold", `["a\nb"," a\n","a \n","a\n\nb\n","\n","a\u00a0b\n","a\u2028b\n","\ta\n","a\r\n"]`, "- \"a\\nb\"\n- \" a\\n\"\n- \"a \\n\"\n- \"a\\n\\nb\\n\"\n- \"\\n\"\n- \"a\u00a0b\\n\"\n- \"a\\Lb\\n\"\n- \"\\ta\\n\"\n- \"a\\r\\n\"\n"},
		{"control characters", `["\u0000\u001b[31m\u0085"]`, "- \"\\0\\e[31m\\N\"\n"},
		{"dates", `["2026-05-26T14:15:40","2026-05-26","2026-02-30","2026-5-6 1:02","x2026-05-26"]`, "- \"2026-05-26T14:15:40\"\n- \"2026-05-26\"\n- \"2026-02-30\"\n- \"2026-5-6 1:02\"\n- x2026-05-26\n"},
		{"signs", `["=","<<","==","<"]`, "- \"=\"\n- \"<<\"\n- ==\n- <\n"},
		{"keys that look like something else", `{"yes":1,"<<":2,"1":3,"":4,"null":5}`, "\"yes\": 1\n\"<<\": 2\n\"1\": 3\n\"\": 4\n\"null\": 5\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, printed(t, test.in, Options{Format: YAML})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Readers of YAML 1.1, which is most of them, read a plain text of these as
// something else, so each stands in quotes.
func TestYAMLQuotes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"y", "N", "yes", "No", "ON", "off", "true", "False", "null", "~", "", "1:30", "190:20:30.15", "-1:30", "0x1f", "0b1", "0o17", "017", "1_000", "1,000",
		"+1", "-1.5", ".5", "1e5", "1.", ".inf", "-.INF", ".NaN", "2026-05-26", "2026-05-26 14:15:40", "=", "<<", "12345678901234567890123",
	} {
		out := printed(t, encoded(t, text), Options{Format: YAML})
		if want := `"` + text + "\"\n"; out != want {
			t.Errorf("%q is %q, want %q", text, out, want)
		}
	}
}

// tricky are texts that a printer of YAML can get wrong.
func tricky() []string {
	texts := []string{
		"yes", "no", "1:30", "0x1f", "plain text", " leading", "trailing ", "  two\n lines", "one\ntwo", "one\ntwo\n", "one\n\ntwo\n", "one\n", "\n", "\n\n", "\none", "a\r\nb", "\ttab", "a\tb",
		"# comment", "a # b", "a: b", "a:", ": a", "- a", "-", "---", "...", "--- a", "---\n", "...\n", "# a\nb\n", "a: |\n b\n", "? a", "[a", "{a", "]", "}", ",", "&a", "*a", "!a", "!!str a", "|", ">", "%a", "@a", "`a",
		"'", "''", `"`, `"a"`, `\`, `\n`, `a\`, "\x00", "\x1b[31m", "\x7f", "\u0085", "\u00a0", "a\u00a0b\n", "\u2028", "a\u2028b\n", "\ufeff", "\ufeffa\n", "\u202ea", "a\u200bb", "😀", "😀\n", "漢字", "Оля\n", "\ufffd",
		"=", "<<", "null", "~", "", "2026-05-26T14:15:40", "2026-05-26T14:15:40+03:00", "1_000", "1e5", ".nan", "https://b24-otto01.example/?a=1&b=#c",
	}
	return append(texts, strings.Repeat("long words ", 40), strings.Repeat("x", 2000), strings.Repeat("a b\n", 100))
}

func TestYAMLRoundTrip(t *testing.T) {
	t.Parallel()
	for _, text := range tricky() {
		for _, value := range []any{text, []any{text, []any{text}}, map[string]any{"k": text}, map[string]any{text + "!": map[string]any{text: "v"}}} {
			out := printed(t, encoded(t, value), Options{Format: YAML})
			var got any
			if err := yaml.Unmarshal([]byte(out), &got); err != nil {
				t.Errorf("%q is %q: %v", value, out, err)
				continue
			}
			if diff := cmp.Diff(value, got); diff != "" {
				t.Errorf("%q is %q (-want +got):\n%s", value, out, diff)
			}
		}
	}
}

func encoded(t *testing.T, value any) string {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func FuzzYAMLText(f *testing.F) {
	for _, text := range tricky() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "\ufffd")
		value := map[string]any{text: []any{text, text + "\n"}}
		out := printed(t, encoded(t, value), Options{Format: YAML})
		var got any
		if err := yaml.Unmarshal([]byte(out), &got); err != nil {
			t.Fatalf("%q is %q: %v", text, out, err)
		}
		if diff := cmp.Diff(any(value), got); diff != "" {
			t.Fatalf("%q is %q (-want +got):\n%s", text, out, diff)
		}
	})
}
