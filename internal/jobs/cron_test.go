package jobs

import (
	"strings"
	"testing"
	"time"
)

func TestCronNext(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ cron, after, want string }{
		{"0 2 * * *", "2026-11-25 01:59", "2026-11-25 02:00"},
		{"0 2 * * *", "2026-11-25 02:00", "2026-11-26 02:00"},
		{"*/15 * * * *", "2026-11-25 23:46", "2026-11-26 00:00"},
		{"5,10-12 3 * * *", "2026-11-25 03:05", "2026-11-25 03:10"},
		{"0 0 31 * *", "2026-11-25 00:00", "2026-12-31 00:00"},
		{"0 0 29 2 *", "2026-11-25 00:00", "2028-02-29 00:00"},
		{"0 9 * * mon-fri", "2026-11-27 09:00", "2026-11-30 09:00"},
		{"0 9 * * 7", "2026-11-25 00:00", "2026-11-29 09:00"},
		{"0 9 13 * fri", "2026-11-25 00:00", "2026-11-27 09:00"}, // either of the two
		{"0 9 */2 * fri", "2026-11-25 00:00", "2026-11-27 09:00"},
		{"30 4 1 jan,JUL *", "2026-11-25 00:00", "2027-01-01 04:30"},
		{"50/5 * * * *", "2026-11-25 00:51", "2026-11-25 00:55"},
		{"30 2 * * *", "2026-03-28 12:00", "2026-03-29 03:30"}, // there is no half past two
		{"30 2 * * *", "2026-10-24 12:00", "2026-10-25 02:30"}, // there are two
	} {
		c, err := parseCron(test.cron)
		if err != nil {
			t.Error(err)
			continue
		}
		after, err := time.ParseInLocation("2006-01-02 15:04", test.after, berlin)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.next(after).Format("2006-01-02 15:04"); got != test.want {
			t.Errorf("%s after %s: %s, want %s", test.cron, test.after, got, test.want)
		}
	}
}

func TestCronWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":               "five fields",
		"0 2 * *":        "4 were given",
		"60 2 * * *":     `"60" is no minute`,
		"0 24 * * *":     `"24" is no hour`,
		"0 2 0 * *":      `"0" is no day of the month`,
		"0 2 * 13 *":     `"13" is no month`,
		"0 2 * * fry":    `"fry" is no day of the week`,
		"5-2 * * * *":    `"5-2" is no minute`,
		"*/0 * * * *":    `"*/0" is no minute`,
		"*/x * * * *":    `"*/x" is no minute`,
		"0 0 31 feb *":   "never comes",
		"@daily a b c d": "is no minute",
	} {
		if err := CheckCron(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
