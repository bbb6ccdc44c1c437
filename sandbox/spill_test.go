package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// TestSpill takes long texts out of a JSON body and leaves everything else.
func TestSpill(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("QUJD+/", spillSize/6+1)
	for name, test := range map[string]struct {
		body string
		want string // with <n> for the nth long text
		kept []string
	}{
		"short texts":      {`{"a":"b\"c","d":["\\"]}`, `{"a":"b\"c","d":["\\"]}`, nil},
		"just short":       {`["` + long[:spillSize-1] + `"]`, `["` + long[:spillSize-1] + `"]`, nil},
		"just long":        {`["` + long[:spillSize] + `"]`, `["<1>"]`, []string{long[:spillSize]}},
		"two long":         {`{"a":"` + long + `","b":1,"c":"` + long + `x"}`, `{"a":"<1>","b":1,"c":"<2>"}`, []string{long, long + "x"}},
		"escapes":          {`["` + strings.ReplaceAll(long, "/", `\/`) + `"]`, `["<1>"]`, []string{long}},
		"codes":            {`["` + strings.ReplaceAll(long, "+", `\u002b`) + `"]`, `["<1>"]`, []string{long}},
		"cut at an escape": {`["` + long[:spillSize-1] + `\/\nQ\u20ac\b"]`, `["<1>"]`, []string{long[:spillSize-1] + "/ Q??"}},
		"no JSON":          {`long=` + long, `long=` + long, nil},
		"no end":           {`{"a":"b`, `{"a":"b`, nil},
	} {
		var kept []string
		keep := func(content io.Reader) (string, error) {
			text, err := io.ReadAll(content)
			kept = append(kept, string(text))
			return fmt.Sprintf("<%d>", len(kept)), err
		}
		got, err := spill(iotest.HalfReader(strings.NewReader(test.body)), keep)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if string(got) != test.want {
			t.Errorf("%s: got %.60q, want %.60q", name, got, test.want)
		}
		if len(kept) != len(test.kept) {
			t.Errorf("%s: %d texts, want %d", name, len(kept), len(test.kept))
			continue
		}
		for i := range kept {
			if kept[i] != test.kept[i] {
				t.Errorf("%s: text %d has %d characters, want %d", name, i, len(kept[i]), len(test.kept[i]))
			}
		}
	}
}

// TestSpillFails passes on what goes wrong, and reads on when a text is not
// wanted to its end.
func TestSpillFails(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("A", 2*spillSize)
	whole := func(content io.Reader) (string, error) { _, err := io.ReadAll(content); return "", err }
	if _, err := spill(strings.NewReader(`["`+long), whole); !errors.Is(err, errTextCutOff) {
		t.Errorf("a long text without an end: %v", err)
	}
	broken := errors.New("broken")
	for _, begin := range []string{`[`, `["a`, `["` + long} {
		body := io.MultiReader(strings.NewReader(begin), iotest.ErrReader(broken))
		if _, err := spill(body, whole); err == nil {
			t.Errorf("a body that breaks off after %d characters is read", len(begin))
		}
	}
	none := func(io.Reader) (string, error) { return "", broken }
	if _, err := spill(strings.NewReader(`["`+long+`"]`), none); !errors.Is(err, broken) {
		t.Errorf("what keeping a text ended with: %v", err)
	}
	some := func(io.Reader) (string, error) { return "mark", nil }
	got, err := spill(strings.NewReader(`["`+long+`",2]`), some)
	if err != nil || !json.Valid(got) || !bytes.Equal(got, []byte(`["mark",2]`)) {
		t.Errorf("a text that is not read: %.60q, %v", got, err)
	}
}
