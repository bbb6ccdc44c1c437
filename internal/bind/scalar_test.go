package bind

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBool(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"true": "true", "TRUE": "true", " True\n": "true", "yes": "true", "Y": "true", "1": "true", "да": "true", "ДА": "true", "Истина": "true",
		"false": "false", "False": "false", "no": "false", "n": "false", "0": "false", "нет": "false", "НЕТ": "false", "ложь": "false", "ЛОЖЬ": "false",
		"": `"" is neither true nor false`, "2": `"2" is neither true nor false`, "t": `"t" is neither true nor false`,
		"on": `"on" is neither true nor false`, "yes no": `"yes no" is neither true nor false`,
		strings.Repeat("y", 30): `"yyyyyyyyyyyyyyyyyyyy…" is neither true nor false`,
	} {
		got, err := Bool(text)
		if diff := cmp.Diff(want, outcome(t, got, err)); diff != "" {
			t.Errorf("Bool(%q) (-want +got):\n%s", text, diff)
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0": "0", "1250": "1250", "-5": "-5", "12.50": "12.50", "12,50": "12.50", "1 250,5": "1250.5", "1\u00a0250\u202f000": "1250000",
		" 7\n": "7", "- 7": "-7", "12345678901234567890": "12345678901234567890", "1e3": "1e3", "1,5E-7": "1.5E-7", "1,250": "1.250",
		"": `"" is no number`, "1,250.5": `"1,250.5" is no number`, "1.2.3": `"1.2.3" is no number`, "abc": `"abc" is no number`, "0x1f": `"0x1f" is no number`,
		"+5": `"+5" is no number`, ".5": `".5" is no number`, "5.": `"5." is no number`, "007": `"007" is no number`, "--5": `"--5" is no number`, "-": `"-" is no number`,
		"1\n2": `"1" is no number`, "true": `"true" is no number`, `"5"`: `"\"5\"" is no number`, "[5]": `"[5]" is no number`, "NaN": `"NaN" is no number`, "1e": `"1e" is no number`,
		"٣": `"٣" is no number`,
	} {
		got, err := Number(text)
		if diff := cmp.Diff(want, outcome(t, got, err)); diff != "" {
			t.Errorf("Number(%q) (-want +got):\n%s", text, diff)
		}
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	type date struct {
		wall  string
		zoned bool
	}
	for text, want := range map[string]date{
		"2026-05-26":                           {"2026-05-26T00:00:00Z", false},
		" 2026-05-26\n":                        {"2026-05-26T00:00:00Z", false},
		"2024-02-29":                           {"2024-02-29T00:00:00Z", false},
		"5/26/2026 2:15:40 PM":                 {"2026-05-26T14:15:40Z", false},
		"10/31/2025 8:25 am":                   {"2025-10-31T08:25:00Z", false},
		"20260526":                             {"2026-05-26T00:00:00Z", false},
		"20260526141540":                       {"2026-05-26T14:15:40Z", false},
		"20260526T141540":                      {"2026-05-26T14:15:40Z", false},
		"20260526T141540Z":                     {"2026-05-26T14:15:40Z", true},
		"20260526T141540+0530":                 {"2026-05-26T14:15:40+05:30", true},
		"2026-05-26T14:15":                     {"2026-05-26T14:15:00Z", false},
		"2026-05-26T14:15:40":                  {"2026-05-26T14:15:40Z", false},
		"2026-05-26 14:15:40":                  {"2026-05-26T14:15:40Z", false},
		"2026-05-26   14:15":                   {"2026-05-26T14:15:00Z", false},
		"2026-05-26t14:15:40z":                 {"2026-05-26T14:15:40Z", true},
		"2026-05-26T14:15:40.5":                {"2026-05-26T14:15:40.5Z", false},
		"2026-05-26T14:15:40,123456789Z":       {"2026-05-26T14:15:40.123456789Z", true},
		"2026-05-26T14:15:40+03:00":            {"2026-05-26T14:15:40+03:00", true},
		"2026-05-26T14:15:40.25-08:00":         {"2026-05-26T14:15:40.25-08:00", true},
		"2026-05-26T14:15:40+0300":             {"2026-05-26T14:15:40+03:00", true},
		"2026-05-26T14:15:40+03":               {"2026-05-26T14:15:40+03:00", true},
		"2026-05-26T14:15+05:45":               {"2026-05-26T14:15:00+05:45", true},
		"2026-05-26T14:15+0545":                {"2026-05-26T14:15:00+05:45", true},
		"2026-05-26T14:15-11":                  {"2026-05-26T14:15:00-11:00", true},
		"2026-05-26T14:15Z":                    {"2026-05-26T14:15:00Z", true},
		"2026-05-26T00:00:00+14:00":            {"2026-05-26T00:00:00+14:00", true},
		"2026-05-26T23:59:59.999999999-14:00":  {"2026-05-26T23:59:59.999999999-14:00", true},
		"1969-07-20T20:17:40Z":                 {"1969-07-20T20:17:40Z", true},
		"9999-12-31":                           {"9999-12-31T00:00:00Z", false},
		"  2026-05-26 14:15:40+03:00  ":        {"2026-05-26T14:15:40+03:00", true},
		"2026-05-26T14:15:40.1234567891111111": {"2026-05-26T14:15:40.123456789Z", false},
	} {
		got, zoned, err := Date(text)
		if err != nil {
			t.Errorf("Date(%q): %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, date{got.Format(time.RFC3339Nano), zoned}, cmp.AllowUnexported(date{})); diff != "" {
			t.Errorf("Date(%q) (-want +got):\n%s", text, diff)
		}
	}
}

func TestDateRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "today", "2026", "2026-05", "26.05.2026", "05/26/2026", "26/5/2026 2:15:40 PM", "5/26/2026 14:15:40", "2026-5-26", "2026/05/26", "1779804940",
		"2026-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-05-00", "2026-05-32", "20260230", "20261301120000",
		"2026-05-26T24:00:00", "2026-05-26T25:00", "2026-05-26T14:60", "2026-05-26T14:15:60", "2026-05-26T", "2026-05-26T14",
		"2026-05-26T14:15:40+15:00", "2026-05-26T14:15:40-14:01", "2026-05-26T14:15:40+99:99", "2026-05-26T14:15:40 MSK", "2026-05-26T14:15:40+3",
		"2026-05-26T14:15:40ZZ", "2026-05-26 x", "2026-05-26T14:15:40 +03:00", "-2026-05-26", "２０２６-05-26", "2026052614154", "20260526T1415",
	} {
		got, zoned, err := Date(text)
		if err == nil || !strings.HasSuffix(outcome(t, nil, err), " is no date") {
			t.Errorf("Date(%q) = %v, %v, %v; want an error", text, got, zoned, err)
		}
	}
}

func TestUnescape(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                "",
		"plain":           "plain",
		`a\nb`:            "a\nb",
		`\r\n\f\v`:        "\r\n\f\v",
		`a\\nb\\r\\f\\v`:  `a\nb\r\f\v`,
		`\\\n`:            `\\n`,
		`a\tb\x\`:         `a\tb\x\`,
		`\\server\share`:  `\\server\share`,
		`{'a':'x\ny'}`:    `{'a':'x\ny'}`,
		` [ 'x\ny' ]`:     ` [ 'x\ny' ]`,
		"\n{\\n":          "\n{\\n",
		`(\n)`:            "(\n)",
		`a {\n}`:          "a {\n}",
		"already\nbroken": "already\nbroken",
		"\xff\\n":         "\xff\n",
	} {
		if diff := cmp.Diff(want, Unescape(text)); diff != "" {
			t.Errorf("Unescape(%q) (-want +got):\n%s", text, diff)
		}
	}
}

// outcome is a value, or the problem of the error that came instead of it.
func outcome(t *testing.T, value any, err error) string {
	t.Helper()
	if err == nil {
		raw, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%T is no *Error: %v", err, err)
	}
	if e.Remedy == "" {
		t.Errorf("%v has no remedy", err)
	}
	return e.Problem
}

func FuzzBool(f *testing.F) {
	for _, seed := range []string{"true", "НЕТ", " Y ", "1", "", "maybe", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Bool(text)
		again, errAgain := Bool(" " + strings.ToUpper(text) + "\n")
		if err == nil && (errAgain != nil || got != again) {
			t.Fatalf("Bool(%q) = %v, but in capitals %v, %v", text, got, again, errAgain)
		}
	})
}

func FuzzNumber(f *testing.F) {
	for _, seed := range []string{"1 250,50", "-0", "1e5", "", "1.2.3", "5\u00a0", "\u202f7\t"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Number(text)
		if err != nil {
			return
		}
		var number json.Number
		if err := json.Unmarshal([]byte(got), &number); err != nil || number != got {
			t.Fatalf("Number(%q) = %q, which JSON reads as %q, %v", text, got, number, err)
		}
		if again, err := Number(string(got)); err != nil || again != got {
			t.Fatalf("Number(%q) = %q, and of that %q, %v", text, got, again, err)
		}
	})
}

func FuzzDate(f *testing.F) {
	for _, seed := range []string{"2026-05-26", "20260526141540", "2026-05-26 14:15:40,5+03:00", "2026-02-30", "", "2026-05-26T14:15z", "0000-01-01", "2026-05-26T14:15:40\u017f"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, zoned, err := Date(text)
		if err != nil {
			if !got.IsZero() || zoned {
				t.Fatalf("Date(%q) = %v, %v with %v", text, got, zoned, err)
			}
			return
		}
		if _, offset := got.Zone(); !zoned && offset != 0 {
			t.Fatalf("Date(%q) = %v without a zone", text, got)
		}
		written := got.Format(time.RFC3339Nano)
		again, _, err := Date(written)
		if err != nil || !again.Equal(got) {
			t.Fatalf("Date(%q) = %s, and of that %v, %v", text, written, again, err)
		}
	})
}

func FuzzUnescape(f *testing.F) {
	for _, seed := range []string{`a\nb`, `\\n`, ` {\n`, `\`, "\xff\\r"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Unescape(text)
		switch {
		case looksLikeJSON(text) && got != text:
			t.Fatalf("Unescape(%q) = %q", text, got)
		case !strings.Contains(text, `\`) && got != text:
			t.Fatalf("Unescape(%q) = %q", text, got)
		case len(got) > len(text):
			t.Fatalf("Unescape(%q) = %q, which is longer", text, got)
		}
	})
}
