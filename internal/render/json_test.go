package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// printed is what Write prints.
func printed(t *testing.T, raw string, o Options) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, []byte(raw), o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestParseFormat(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Format{"json": JSON, "JSON\n": JSON, "Compact": Compact, "yaml": YAML, "TABLE": Table, "csv": CSV} {
		got, err := ParseFormat(name)
		if err != nil || got != want {
			t.Errorf("ParseFormat(%q) = %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "xml", "js on", "yml", "jsonl"} {
		got, err := ParseFormat(name)
		if err == nil || !strings.Contains(err.Error(), "use json, compact, yaml, table or csv") || got != "" {
			t.Errorf("ParseFormat(%q) = %q, %v", name, got, err)
		}
	}
}

func TestWriteJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, in      string
		json, compact string
	}{
		{"order", `{"z":1,"a":{"y":2,"b":3}}`, "{\n  \"z\": 1,\n  \"a\": {\n    \"y\": 2,\n    \"b\": 3\n  }\n}\n", `{"z":1,"a":{"y":2,"b":3}}`},
		{"digits", `[1.10,12345678901234567890,1e400,-0,1E+2]`, "[\n  1.10,\n  12345678901234567890,\n  1e400,\n  -0,\n  1E+2\n]\n", `[1.10,12345678901234567890,1e400,-0,1E+2]`},
		{"empty", `{"a":{},"b":[ ]}`, "{\n  \"a\": {},\n  \"b\": []\n}\n", `{"a":{},"b":[]}`},
		{"blanks", " \r\n[ 1 ]\n\n", "[\n  1\n]\n", "[1]"},
		{"repeated keys", `{"a":1,"a":2}`, "{\n  \"a\": 1,\n  \"a\": 2\n}\n", `{"a":1,"a":2}`},
		{"a value alone", "true", "true\n", "true"},
		{"letters", `"\u041e\u043b\u044f"`, "\"Оля\"\n", `"Оля"`},
		{"pair", `"\ud83d\ude00\uD83D\uDE00"`, "\"😀😀\"\n", `"😀😀"`},
		{"half a pair", `"\ud83d \ude00 \ud83d\u0041\ud83d"`, "\"\\ud83d \\ude00 \\ud83dA\\ud83d\"\n", `"\ud83d \ude00 \ud83dA\ud83d"`},
		{"two first halves", `"\ud83d\ud83d\ude00"`, "\"\\ud83d😀\"\n", `"\ud83d😀"`},
		{"slash", `"http:\/\/b24-otto01.example\/"`, "\"http://b24-otto01.example/\"\n", `"http://b24-otto01.example/"`},
		{"marks of HTML", `"\u003cb\u003e\u0026<&>"`, "\"<b>&<&>\"\n", `"<b>&<&>"`},
		{"control characters", `"\u0000\u001b[31m\u007f\u0085\n\t"`, "\"\\u0000\\u001b[31m\\u007f\\u0085\\n\\t\"\n", `"\u0000\u001b[31m\u007f\u0085\n\t"`},
		{"what is not seen", `"\u00a0\u202e\u2028\ufeff\u200b\ufffd\ue000"`, "\"\\u00a0\\u202e\\u2028\\ufeff\\u200b\\ufffd\\ue000\"\n", `"\u00a0\u202e\u2028\ufeff\u200b\ufffd\ue000"`},
		{"what JSON needs", `"\u0022\u005c\u0027\u0020"`, "\"\\u0022\\u005c' \"\n", `"\u0022\u005c' "`},
		{"escaped backslash", `"\\u0041\\\u0041\\\\u0041"`, "\"\\\\u0041\\\\A\\\\\\\\u0041\"\n", `"\\u0041\\A\\\\u0041"`},
		{"keys", `{"\u0438\u043c\u044f":1}`, "{\n  \"имя\": 1\n}\n", `{"имя":1}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.json, printed(t, test.in, Options{Format: JSON})); diff != "" {
				t.Errorf("json (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.json, printed(t, test.in, Options{})); diff != "" {
				t.Errorf("no format (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.compact+"\n", printed(t, test.in, Options{Format: Compact})); diff != "" {
				t.Errorf("compact (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWriteTextThatIsNoJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{"", "\n"},
		{"\r\n\n", "\n"},
		{"<html>\n</html>\r\n", "<html>\n</html>\n"},
		{"  a\\u0041  ", "  a\\u0041  \n"},
		{`{"a":1`, "{\"a\":1\n"},
		{"{} {}", "{} {}\n"},
		{"\x00\xff", "\x00\xff\n"},
	} {
		for _, format := range []Format{JSON, Compact, YAML, Table, CSV} {
			if diff := cmp.Diff(test.want, printed(t, test.in, Options{Format: format, Color: true, Width: 3})); diff != "" {
				t.Errorf("%s of %q (-want +got):\n%s", format, test.in, diff)
			}
		}
	}
}

func TestColour(t *testing.T) {
	t.Parallel()
	// k, s and v paint a key, a text and any other value.
	paint := func(code string) func(string) string {
		return func(text string) string { return "\x1b[" + code + "m" + text + "\x1b[0m" }
	}
	k, s, v := paint("34"), paint("32"), paint("33")
	for _, test := range []struct {
		name, in string
		format   Format
		want     string
	}{
		{"indented", `{"a":["x",1.10,true,null],"b":{}}`, JSON, "{\n  " + k(`"a"`) + ": [\n    " + s(`"x"`) + ",\n    " + v("1.10") + ",\n    " + v("true") + ",\n    " + v("null") + "\n  ],\n  " + k(`"b"`) + ": {}\n}\n"},
		{"one line", `{"a":["x",-1],"b":false}`, Compact, "{" + k(`"a"`) + ":[" + s(`"x"`) + "," + v("-1") + "]," + k(`"b"`) + ":" + v("false") + "}\n"},
		{"text alone", `"x"`, JSON, s(`"x"`) + "\n"},
		{"number alone", `12`, Compact, v("12") + "\n"},
		{"nothing inside", `[]`, JSON, "[]\n"},
		{"marks inside a text", `["a\": [1, {\\"]`, Compact, "[" + s(`"a\": [1, {\\"`) + "]\n"},
		{"quote at the end of a key", `{"a\"":1}`, Compact, "{" + k(`"a\""`) + ":" + v("1") + "}\n"},
		{"escape code in a text", `["\u001b[31m"]`, Compact, "[" + s(`"\u001b[31m"`) + "]\n"},
		{"other scripts", `{"\u0438":"я"}`, Compact, "{" + k(`"и"`) + ":" + s(`"я"`) + "}\n"},
		{"no colour in YAML", `{"a":1}`, YAML, "a: 1\n"},
		{"no colour in a table", `[{"a":1}]`, Table, "a\n1\n"},
		{"no colour in CSV", `[{"a":1}]`, CSV, "a\n1\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, printed(t, test.in, Options{Format: test.format, Color: true})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// errFull is the error of a writer that takes nothing.
var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteTellsFailure(t *testing.T) {
	t.Parallel()
	for _, format := range []Format{JSON, Compact, YAML, Table, CSV} {
		for _, raw := range []string{`[{"a":1}]`, `[]`, "text", `[""]`} {
			err := Write(full{}, []byte(raw), Options{Format: format})
			// An answer without columns has no CSV, so nothing is written there.
			if empty := format == CSV && raw == "[]"; (err == nil) != empty {
				t.Errorf("%s of %s: err = %v", format, raw, err)
			}
		}
	}
}

// FuzzJSON prints arbitrary bytes in every way there is.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`{"result":{"items":[{"ID":"1","NAME":"\u041e\u043b\u044f"},5]},"total":1}`, `["\ud83d\ude00\ud83d","\/","\\u0041","<<","1:30","a\nb\n","\u001b[31m\u202e漢"]`,
		`{"a\n":{"":[[],{}]},"a":1e400}`, "[\"\xff\"]", "\"\\ud83d\\", "", " null ", "<html>", `{"result":[{"a":null},{"b":""}]}`,
	} {
		f.Add([]byte(seed), 10)
	}
	f.Fuzz(func(t *testing.T, raw []byte, width int) {
		for _, format := range []Format{JSON, Compact, YAML, Table, CSV} {
			for _, color := range []bool{false, true} {
				// What it prints is looked at below; here it must not panic.
				var b bytes.Buffer
				if err := Write(&b, raw, Options{Format: format, Color: color, Width: width % 300}); err != nil {
					t.Fatalf("%s of %q: %v", format, raw, err)
				}
			}
		}
		if !json.Valid(raw) {
			return
		}
		for _, format := range []Format{JSON, Compact} {
			out := printed(t, string(raw), Options{Format: format})
			if diff := cmp.Diff(decoded(t, raw), decoded(t, []byte(out))); diff != "" {
				t.Fatalf("%s of %q is %q:\n%s", format, raw, out, diff)
			}
			if again := printed(t, out, Options{Format: format}); again != out {
				t.Fatalf("%s of %q is %q, and of that %q", format, raw, out, again)
			}
		}
	})
}

func decoded(t *testing.T, raw []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}
