package xlsx

import (
	"strings"
	"testing"
)

func TestFormats(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]format{
		"":                                  0,
		"General":                           0,
		"GENERAL;-GENERAL":                  0,
		"Standard":                          0,
		"0":                                 0,
		"#,##0.00":                          0,
		`#,##0.00 "руб."`:                   0,
		`0"д."`:                             0,
		`0\d`:                               0,
		"#,##0 USD":                         0,
		"0.00E+00":                          0,
		"# ?/?":                             0,
		"@":                                 0,
		`"day"`:                             0,
		`"day`:                              0,
		`[Red]#,##0_d;[Red]-#,##0*d`:        0,
		`[$руб-419]\ 0`:                     0,
		`_-* #,##0.00\ _₽_-;-* "-"??\ _₽_-`: 0,
		"000-000-0000":                      0,
		"00:00":                             0,
		"dd.mm.yyyy":                        day,
		"DD/MM/YYYY":                        day,
		"dd.mm.yyyy;@":                      day,
		`yyyy"г."`:                          day,
		`dd\.mm\.yyyy\ \г\.`:                day,
		"mmmm":                              day,
		"[$-F800]dddd, mmmm dd, yyyy":       day,
		"[$-419]d mmm;@":                    day,
		"[$-411]ge.m.d":                     day,
		"yyyy-mm-dd hh:mm:ss":               day | clock,
		"m/d/yy h:mm AM/PM":                 day | clock,
		"h:mm":                              clock,
		"hh:mm:ss.000":                      clock,
		"mm:ss,0":                           clock,
		"h A/P":                             clock,
		"AM/PM":                             clock,
		"[h]:mm:ss":                         clock | elapsed,
		"[HH]:MM":                           clock | elapsed,
		"[mm]:ss.00":                        clock | elapsed,
		"[ss].000":                          clock | elapsed,
		"[hm]":                              0,
		"[":                                 0,
		`\`:                                 0,
	} {
		if got := formatOf(code); got != want {
			t.Errorf("%q: %03b, want %03b", code, got, want)
		}
	}
	for id, want := range map[int]format{0: 0, 2: 0, 13: 0, 14: day, 17: day, 18: clock, 21: clock, 22: day | clock, 23: 0, 26: 0, 27: day | clock, 36: day | clock, 37: 0, 44: 0, 45: clock, 46: clock | elapsed, 47: clock, 48: 0, 49: 0, 50: day | clock, 58: day | clock, 59: 0} {
		if got := builtIn(id); got != want {
			t.Errorf("%d: %03b, want %03b", id, got, want)
		}
	}
}

// FuzzFormat wants what is no part of a format to change nothing.
func FuzzFormat(f *testing.F) {
	for _, code := range []string{"dd.mm.yyyy", "[h]:mm", `0"d"`, `\`, `"`, "[$-419]d;@", "m*", "ss.0_"} {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		want := formatOf(code)
		for _, front := range []string{`"day 0"`, "[Red]", "[$-409]", `\0`, "_d", "General"} {
			if got := formatOf(front + code); got != want {
				t.Errorf("%q: %03b, with %q %03b", code, want, front, got)
			}
		}
		if got := formatOf(strings.Split(code, ";")[0]); !strings.ContainsAny(code, `"\[_*`) && got != want {
			t.Errorf("%q: %03b, its first section %03b", code, want, got)
		}
	})
}
