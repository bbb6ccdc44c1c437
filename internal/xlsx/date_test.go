package xlsx

import (
	"strconv"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

func TestDates(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		stored string
		format format
		from04 bool
		want   string // "" when it stays a number
	}{
		{"1", day, false, "1900-01-01"},
		{"59", day, false, "1900-02-28"},
		{"60", day, false, ""},
		{"61", day, false, "1900-03-01"},
		{"31505", day, false, "1986-04-03"},
		{"3.1505E4", day, false, "1986-04-03"},
		{"31505.5", day, false, "1986-04-03T12:00:00"},
		{"31505.0625", day | clock, false, "1986-04-03T01:30:00"},
		{"31505", day | clock, false, "1986-04-03"},
		{"31504.999999999996", day | clock, false, "1986-04-03"},
		{"45438.594212962963", day | clock, false, "2024-05-26T14:15:40"},
		{"31505.5", clock, false, "1986-04-03T12:00:00"},
		{"0.594212962962963", clock, false, "14:15:40"},
		{"0.5", day | clock, false, "12:00:00"},
		{"0.9999999", clock, false, "00:00:00"},
		{"0", clock, false, "00:00:00"},
		{"0", day, false, ""},
		{"0.5", day, false, ""},
		{"-1", day, false, ""},
		{"-0.5", clock, false, ""},
		{"2958465", day, false, "9999-12-31"},
		{"2958466", day, false, ""},
		{"1e300", day, false, ""},
		{"NaN", day, false, ""},
		{"x", day, false, ""},
		{"1.5", clock | elapsed, false, "36:00:00"},
		{"100.00001157407407", clock | elapsed, false, "2400:00:01"},
		{"0.25", clock | elapsed, false, "06:00:00"},
		{"0", day, true, "1904-01-01"},
		{"0.5", day | clock, true, "1904-01-01T12:00:00"},
		{"0.5", clock, true, "12:00:00"},
		{"30043", day, true, "1986-04-03"},
	} {
		got, ok := appendDate(nil, []byte(test.stored), test.format, test.from04)
		if ok != (test.want != "") || ok && string(got) != test.want {
			t.Errorf("%s as %03b: %q, %v, want %q", test.stored, test.format, got, ok, test.want)
		}
	}
	for stored, want := range map[string]string{
		"2026-05-26":                "2026-05-26",
		"2026-05-26T00:00:00Z":      "2026-05-26",
		"2026-05-26T14:15":          "2026-05-26T14:15:00",
		"2026-05-26T14:15:40.6":     "2026-05-26T14:15:41",
		"2026-05-26T14:15:40+02:00": "2026-05-26T14:15:40+02:00",
		"14:15:40":                  "14:15:40",
	} {
		if got := string(appendISO(nil, []byte(stored))); got != want {
			t.Errorf("%s: %s, want %s", stored, got, want)
		}
	}
}

// TestSerials compares days and seconds with another reader.
func TestSerials(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		from04 := rapid.Bool().Draw(rt, "from 1904")
		days, seconds := rapid.IntRange(61, lastDay-days1904).Draw(rt, "days"), rapid.IntRange(1, daySeconds-1).Draw(rt, "seconds")
		stored := strconv.FormatFloat(float64(days)+float64(seconds)/daySeconds, 'g', -1, 64)
		serial, err := strconv.ParseFloat(stored, 64)
		if err != nil {
			rt.Fatal(err)
		}
		want, err := excelize.ExcelDateToTime(serial, from04)
		if err != nil {
			rt.Fatal(err)
		}
		got, ok := appendDate(nil, []byte(stored), day|clock, from04)
		if text := want.Round(time.Second).Format(dateTime); !ok || string(got) != text {
			rt.Fatalf("%s: %s, want %s", stored, got, text)
		}
	})
}
