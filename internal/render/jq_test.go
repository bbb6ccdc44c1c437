package render

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWriteFiltered(t *testing.T) {
	t.Parallel()
	const users = `{"result":[{"ID":"1","NAME":"\u041e\u043b\u044f","N":1.10},{"ID":"2","NAME":"Otto","N":12345678901234567890}],"total":2}`
	for _, test := range []struct {
		name, in, expression string
		format               Format
		want                 string
	}{
		{"one result", users, ".result[0].NAME", JSON, "\"Оля\"\n"},
		{"several results", users, ".result[].NAME", JSON, "\"Оля\"\n\"Otto\"\n"},
		{"several structures", users, ".result[]|{ID}", JSON, "{\n  \"ID\": \"1\"\n}\n{\n  \"ID\": \"2\"\n}\n"},
		{"keys are sorted", users, ".result[0]", Compact, "{\"ID\":\"1\",\"N\":1.10,\"NAME\":\"Оля\"}\n"},
		{"digits kept", users, "[.result[].N]", Compact, "[1.10,12345678901234567890]\n"},
		{"no result", users, ".result[]|select(.ID==\"3\")", JSON, ""},
		{"null is a result", users, ".nothing", JSON, "null\n"},
		{"no result as a table", users, "empty", Table, ""},
		{"documents", users, ".result[].ID", YAML, "\"1\"\n---\n\"2\"\n"},
		{"rows of a table", users, ".result[]|{ID,NAME}", Table, "ID  NAME\n1   Оля\n2   Otto\n"},
		{"one structure as a table", users, ".result[1]|{ID}", Table, "key  value\nID   2\n"},
		{"rows of CSV", users, ".result[]|{ID,NAME}", CSV, "ID,NAME\n1,Оля\n2,Otto\n"},
		{"one structure as CSV", users, ".result[1]|{ID,NAME}", CSV, "ID,NAME\n2,Otto\n"},
		{"values as CSV", users, ".result[].NAME", CSV, "value\nОля\nOtto\n"},
		{"text that is no JSON", "<b>\xff&\n", ".", Compact, "\"<b>\ufffd&\"\n"},
		{"length of such a text", "gateway\r\n", "length", JSON, "7\n"},
		{"nothing is a text too", "", "type", JSON, "\"string\"\n"},
		{"halt", users, "1,halt,2", JSON, "1\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, printed(t, test.in, Options{Format: test.format, JQ: test.expression})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Should an expression fail, nothing of what went before is printed.
func TestJQFails(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ expression, want string }{
		{".a.b", "--jq: expected an object but got: number (1)"},
		{"1, error(\"no\")", "--jq: error: no"},
		{"1, (\"bye\"|halt_error)", "--jq: halt error: bye"},
		{".a[", "the expression cannot be read at character 4: unexpected EOF"},
		{".a | | .b", "the expression cannot be read at character 6: unexpected token \"|\""},
		{"\"я\" }", "the expression cannot be read at character 5: unexpected token \"}\""},
		{" ", "the expression cannot be used: missing query"},
		{"nofunction(1)", "the expression cannot be used: function not defined: nofunction/1"},
		{"$nothing", "the expression cannot be used: variable not defined: $nothing"},
	} {
		var b bytes.Buffer
		err := Write(&b, []byte(`{"a":1}`), Options{JQ: test.expression})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: err = %v, want %s", test.expression, err, test.want)
		}
		if b.Len() > 0 {
			t.Errorf("%q: printed %q", test.expression, b.String())
		}
	}
}

func TestCheckJQ(t *testing.T) {
	t.Parallel()
	for expression, ok := range map[string]bool{
		"": true, ".": true, ".result[] | {ID}": true, "error": true, ".[": false, "nothing": false, "$x": false, "{": false, "\xff": false,
	} {
		if err := CheckJQ(expression); (err == nil) != ok {
			t.Errorf("CheckJQ(%q) = %v", expression, err)
		}
	}
}

// FuzzJQ compiles any expression, but runs only some: others may never end.
func FuzzJQ(f *testing.F) {
	for _, seed := range []string{".a", ".[]|", "\"\\(1", "def f: .; f", "я}", "reduce .[] as $x (0; . + $x)"} {
		f.Add(seed, []byte(`{"a":[1.10,"x"]}`))
	}
	f.Fuzz(func(t *testing.T, expression string, raw []byte) {
		if err := CheckJQ(expression); err != nil && !strings.HasPrefix(err.Error(), "the expression cannot be ") {
			t.Fatal(err)
		}
		for _, expression := range []string{".", ".[]?", "keys?", "tostring", "[..]"} {
			var b bytes.Buffer
			if err := Write(&b, raw, Options{Format: Compact, JQ: expression}); err != nil {
				t.Fatalf("%s of %q: %v", expression, raw, err)
			}
		}
	})
}
