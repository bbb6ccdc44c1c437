package bind

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/catalog"
)

// wired is a value as a call writes it.
type wired struct{ value any }

func wire(value any) wired { return wired{value} }

// MarshalJSON writes the value the way a request does.
func (w wired) MarshalJSON() ([]byte, error) {
	raw, err := bitrix24.NewObject("v", w.value).MarshalJSON()
	if err != nil {
		return nil, err
	}
	return raw[len(`{"v":`) : len(raw)-1], nil
}

func TestValue(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		as   catalog.Convert
		text string
		want string
	}{
		{catalog.AsString, "Otto", `"Otto"`},
		{catalog.AsString, " Otto ", `" Otto "`},
		{catalog.AsString, `one\ntwo`, `"one\ntwo"`},
		{catalog.AsString, `one\\ntwo`, `"one\\ntwo"`},
		{catalog.AsString, `{'a':'\n'}`, `"{'a':'\\n'}"`},
		{catalog.AsID, " 007 ", `"007"`},
		{catalog.AsID, "2 9", `"2 9" is no id`},
		{catalog.AsID, "chat7", `"chat7" is no id`},
		{catalog.AsToken, "t0ken", `"t0ken"`},
		{catalog.AsURL, "b24-otto01.example", `"b24-otto01.example"`},
		{catalog.AsNumber, "1 250,50", `1250.50`},
		{catalog.AsNumber, "12345678901234567890", `12345678901234567890`},
		{catalog.AsNumber, "many", `"many" is no number`},
		{catalog.AsBool, "да", `true`},
		{catalog.AsBool, "0", `false`},
		{catalog.AsBool, "maybe", `"maybe" is neither true nor false`},
		{catalog.AsYN, "yes", `"Y"`},
		{catalog.AsYN, "нет", `"N"`},
		{catalog.AsYN, "maybe", `"maybe" is neither true nor false`},
		{catalog.AsNotYN, "true", `"N"`},
		{catalog.AsNotYN, "false", `"Y"`},
		{catalog.AsNotYN, "maybe", `"maybe" is neither true nor false`},
		{catalog.AsDate, "2026-05-26T23:15:40-08:00", `"2026-05-26"`},
		{catalog.AsDate, "20260526141540", `"2026-05-26"`},
		{catalog.AsDate, "2026-02-30", `"2026-02-30" is no date`},
		{catalog.AsTime, "2026-05-26", `"2026-05-26T00:00:00"`},
		{catalog.AsTime, "2026-05-26T14:15:40.9+03:00", `"2026-05-26T14:15:40"`},
		{catalog.AsTimeZ, "2026-05-26 14:15", `"2026-05-26T14:15:00Z"`},
		{catalog.AsTimeZ, "2026-05-26T14:15+03", `"2026-05-26T14:15:00+03:00"`},
		{catalog.AsTimeZ, "2026-05-26T14:15:40+00:00", `"2026-05-26T14:15:40Z"`},
		{catalog.AsUnix, "1970-01-02", `86400`},
		{catalog.AsUnix, "1970-01-01T03:00:01+03:00", `1`},
		{catalog.AsUnix, "1969-12-31T23:59:59", `-1`},
		{catalog.AsUnix, "soon", `"soon" is no date`},
		{catalog.AsObject, "{b:1.10,a:{}, c:[]}", `{"b":1.10,"a":{},"c":[]}`},
		{catalog.AsObject, "{}", `{}`},
		{catalog.AsObject, "[]", `expected a structure, got an array`},
		{catalog.AsObject, "'x'", `expected a structure, got a text`},
		{catalog.AsObject, "5", `expected a structure, got a number`},
		{catalog.AsObject, "-5", `expected a structure, got a number`},
		{catalog.AsObject, "true", `expected a structure, got a boolean`},
		{catalog.AsObject, "false", `expected a structure, got a boolean`},
		{catalog.AsObject, "null", `expected a structure, got null`},
		{catalog.AsObject, "{a:1", `broken JSON`},
		{catalog.AsObject, "NAME=Otto", `no JSON, no existing file and no http(s) address`},
		{catalog.AsMerge, "{'a':1,a:2}", `{"a":2}`},
		{catalog.AsMerge, "[1]", `expected a structure, got an array`},
		{catalog.AsJSON, "[1.10,]", `[1.10]`},
		{catalog.AsJSON, "{a:1}", `{"a":1}`},
		{catalog.AsJSON, "{}", `{}`},
		{catalog.AsJSON, "7", `expected an array or a structure, got a number`},
		{catalog.AsJSON, "'text'", `expected an array or a structure, got a text`},
		{catalog.AsJSON, "some text", `no JSON, no existing file and no http(s) address`},
		{catalog.AsArray, "[1,2]", `[1,2]`},
		{catalog.AsArray, "[]", `[]`},
		{catalog.AsArray, "{a:1}", `[{"a":1}]`},
		{catalog.AsArray, "{}", `[{}]`},
		{catalog.AsArray, "10,20", `["10,20"]`},
		{catalog.AsArray, "5", `["5"]`},
		{catalog.AsArray, "'5'", `["'5'"]`},
		{catalog.AsArray, `a\nb`, `["a\nb"]`},
		{catalog.AsArray, "[1,2", `broken JSON`},
		{catalog.AsBase64, "aGVsbG8=", `"aGVsbG8="`},
		{catalog.AsBase64, " aGVs\n bG8= ", `"aGVsbG8="`},
		{catalog.AsBase64, "no base64!", `"no base64!" is no existing file, no address and no base64`},
		{catalog.AsBase64, "aGVsbG8", `"aGVsbG8" is no existing file, no address and no base64`},
		{catalog.AsBase64, strings.Repeat("!", 50), `"` + strings.Repeat("!", 40) + `…" is no existing file, no address and no base64`},
		{catalog.AsFiles, "{'b.txt':'aGk=',a:'aG8='}", `[["b.txt","aGk="],["a","aG8="]]`},
		{catalog.AsFiles, "{}", `[]`},
		{catalog.AsFiles, "['x']", `expected a map of file names to sources, got an array`},
		{catalog.AsFiles, "{'b.txt':5}", `the source of "b.txt" is no text`},
		{catalog.AsFiles, "{'b.txt':''}", `"b.txt": "" is no existing file, no address and no base64`},
		{catalog.AsFiles, "{'b.txt':'!'}", `"b.txt": "!" is no existing file, no address and no base64`},
		{catalog.AsContent, `one\ntwo`, `"one\ntwo"`},
		{catalog.AsContent, "{'a':1}", `"{'a':1}"`},
	} {
		value, err := Value(t.Context(), NewSource(nil), &catalog.Option{Name: "o", As: test.as}, test.text)
		if diff := cmp.Diff(test.want, outcome(t, wire(value), err)); diff != "" {
			t.Errorf("Value of %s %q (-want +got):\n%s", test.as, test.text, diff)
		}
	}
}

// Whoever adds a conversion to the catalog without teaching it to this package
// must hear of it.
func TestValueOfUnknownConversion(t *testing.T) {
	t.Parallel()
	_, err := Value(t.Context(), NewSource(nil), &catalog.Option{Name: "colour", As: "paint"}, "red")
	if err == nil || err.Error() != `option colour: unknown conversion "paint"` {
		t.Errorf("err = %v", err)
	}
}

func TestEnum(t *testing.T) {
	t.Parallel()
	for _, as := range []catalog.Convert{catalog.AsString, catalog.AsID} {
		o := &catalog.Option{Name: "sort", As: as, Enum: []string{"NAME", "DATE_REGISTER", "имя"}}
		for text, want := range map[string]string{
			"NAME":            `"NAME"`,
			"date_Register\n": `"DATE_REGISTER"`,
			"ИМЯ":             `"имя"`,
			"NAM":             `"NAM" is none of the known values`,
			"NAME,имя":        `"NAME,имя" is none of the known values`,
		} {
			value, err := Value(t.Context(), NewSource(nil), o, text)
			if diff := cmp.Diff(want, outcome(t, wire(value), err)); diff != "" {
				t.Errorf("%s %q (-want +got):\n%s", as, text, diff)
			}
		}
	}
	_, err := Value(t.Context(), NewSource(nil), &catalog.Option{Name: "sort", As: catalog.AsString, Enum: []string{"A", "B"}}, "C")
	if want := "--sort: \"C\" is none of the known values\nUse one of A, B."; named("sort", err).Error() != want {
		t.Errorf("err = %v, want %s", err, want)
	}
}

// Whatever the text, a value can be written, and a refusal is an *Error.
func FuzzValue(f *testing.F) {
	conversions := []catalog.Convert{
		catalog.AsString, catalog.AsID, catalog.AsToken, catalog.AsURL, catalog.AsNumber, catalog.AsBool, catalog.AsYN, catalog.AsNotYN, catalog.AsDate, catalog.AsTime,
		catalog.AsTimeZ, catalog.AsUnix, catalog.AsMerge, catalog.AsObject, catalog.AsJSON, catalog.AsArray,
	}
	for i := range conversions {
		f.Add(uint8(i), "{'a':[1,2,],}")
		f.Add(uint8(i), `2026-05-26T14:15\n`)
	}
	f.Fuzz(func(t *testing.T, n uint8, text string) {
		if isAddress(text) || isFile(text) {
			return
		}
		o := &catalog.Option{Name: "o", As: conversions[int(n)%len(conversions)]}
		value, err := Value(t.Context(), NewSource(nil), o, text)
		if got := outcome(t, wire(value), err); err == nil && !json.Valid([]byte(got)) {
			t.Fatalf("Value of %s %q is no JSON: %s", o.As, text, got)
		}
	})
}
