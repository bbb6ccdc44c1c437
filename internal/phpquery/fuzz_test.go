package phpquery

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func FuzzParse(f *testing.F) {
	for _, p := range readPairs(f, "testdata/parse_str.txt") {
		f.Add(p.input)
	}
	f.Fuzz(func(t *testing.T, query string) {
		first := Parse(query)
		again := Parse(strings.Join(pairs(nil, "", first), "&"))
		if diff := cmp.Diff(first, again, elements); diff != "" {
			t.Errorf("Parse(%q), encoded and parsed again (-first +again):\n%s", query, diff)
		}
	})
}

// pairs writes an array as the parts of a query.
func pairs(parts []string, prefix string, a *Array) []string {
	for key, value := range a.All() {
		name := url.QueryEscape(key)
		if prefix != "" {
			name = prefix + "%5B" + name + "%5D"
		}
		if inner, ok := value.(*Array); ok {
			parts = pairs(parts, name, inner)
		} else {
			parts = append(parts, name+"="+url.QueryEscape(Text(value)))
		}
	}
	return parts
}

func FuzzDecode(f *testing.F) {
	for _, p := range readPairs(f, "testdata/json.txt") {
		f.Add([]byte(p.input))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := Decode(data)
		if err != nil {
			return
		}
		if !json.Valid(data) {
			t.Errorf("Decode takes %q, which is no JSON", data)
		}
		text := written(t, first)
		if !json.Valid([]byte(text)) {
			t.Fatalf("AppendJSON writes %q, which is no JSON", text)
		}
		again, err := Decode([]byte(text))
		if err != nil {
			t.Fatalf("Decode(%q): %v", text, err)
		}
		if diff := cmp.Diff(first, again, elements); diff != "" {
			t.Errorf("Decode(%q), written and decoded again (-first +again):\n%s", data, diff)
		}
	})
}
