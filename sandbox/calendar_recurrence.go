package sandbox

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// recurrence is the rule by which an event repeats, a part of iCalendar's RRULE.
type recurrence struct {
	freq     string
	interval int            // every how many days, weeks …
	count    int            // number of occurrences; 0 for no limit
	days     []time.Weekday // of weekly events, Monday first
	until    time.Time      // last day, in UTC; zero for none
}

// weekdays are the names of days, in the order of the week.
var weekdays = []struct {
	code, short string
	day         time.Weekday
}{
	{"MO", "Mon", time.Monday},
	{"TU", "Tue", time.Tuesday},
	{"WE", "Wed", time.Wednesday},
	{"TH", "Thu", time.Thursday},
	{"FR", "Fri", time.Friday},
	{"SA", "Sat", time.Saturday},
	{"SU", "Sun", time.Sunday},
}

// frequencies name the period of each kind of rule.
var frequencies = map[string]string{"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}

// maxInterval and maxCount keep what nobody means out of the arithmetic.
const (
	maxInterval = 1000
	maxCount    = 10_000
)

// endOfTime is the last day of rules that have none.
var endOfTime = time.Date(2038, time.January, 1, 0, 0, 0, 0, time.UTC)

// takeRecurrence reads the parameter rrule: nil without a frequency, false when
// it is no rule. Days belong to weekly rules only and are that of the first
// occurrence when none are given.
func takeRecurrence(v any, first time.Time) (*recurrence, bool) {
	a, ok := v.(*phpquery.Array)
	if !ok {
		return nil, phpquery.Text(v) == ""
	}
	text := func(name string) string {
		value, _ := a.GetFold(name)
		return strings.TrimSpace(phpquery.Text(value))
	}
	r := &recurrence{freq: strings.ToUpper(text("FREQ"))}
	if r.freq == "" || r.freq == "NONE" {
		return nil, true
	}
	if frequencies[r.freq] == "" {
		return nil, false
	}
	r.interval = int(min(max(intval(text("INTERVAL")), 1), maxInterval))
	r.count = int(min(max(intval(text("COUNT")), 0), maxCount))
	if s := text("UNTIL"); s != "" {
		until, _, ok := readTime(s, time.UTC)
		if !ok {
			return nil, false
		}
		r.until = dayOf(until)
	}
	if r.freq == "WEEKLY" {
		given, _ := a.GetFold("BYDAY")
		if r.days, ok = takeDays(given); !ok {
			return nil, false
		}
		if len(r.days) == 0 {
			r.days = []time.Weekday{first.Weekday()}
		}
	}
	return r, true
}

// takeDays reads a list of days, or a text with commas between them.
func takeDays(v any) ([]time.Weekday, bool) {
	named := map[string]bool{}
	for _, element := range elements(v) {
		for name := range strings.SplitSeq(phpquery.Text(element), ",") {
			named[strings.ToUpper(strings.TrimSpace(name))] = true
		}
	}
	var days []time.Weekday
	for _, w := range weekdays {
		if named[w.code] {
			days = append(days, w.day)
			delete(named, w.code)
		}
	}
	return days, len(named) == 0
}

// store is the rule as a document keeps it.
func (r *recurrence) store() any {
	if r == nil {
		return nil
	}
	stored := map[string]any{"FREQ": r.freq, "INTERVAL": number(int64(r.interval))}
	if r.count > 0 {
		stored["COUNT"] = number(int64(r.count))
	}
	if len(r.days) > 0 {
		days := []any{}
		for _, d := range r.days {
			days = append(days, number(int64(d)))
		}
		stored["BYDAY"] = days
	}
	if !r.until.IsZero() {
		stored["UNTIL"] = r.until.Format(time.DateOnly)
	}
	return stored
}

// recurrenceOf reads the rule of a document; nil for a single event.
func recurrenceOf(doc document) *recurrence {
	stored, ok := doc["rule"].(map[string]any)
	if !ok {
		return nil
	}
	r := &recurrence{interval: int(intOf(stored["INTERVAL"])), count: int(intOf(stored["COUNT"]))}
	r.freq, _ = stored["FREQ"].(string)
	for _, d := range ints(stored["BYDAY"]) {
		r.days = append(r.days, time.Weekday(d))
	}
	if until, ok := stored["UNTIL"].(string); ok {
		r.until, _ = time.Parse(time.DateOnly, until)
	}
	return r
}

// end is the last day on which the event may happen.
func (r *recurrence) end(first time.Time) time.Time {
	if !r.until.IsZero() {
		return r.until
	}
	if day := dayOf(first); day.After(endOfTime) {
		return day
	}
	return endOfTime
}

// starts yields the beginnings of all occurrences, at the same time of day in
// the zone of the first.
func (r *recurrence) starts(first time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		end := r.end(first)
		done := 0
		for step := 0; !dayOf(r.period(first, step)).After(end); step++ {
			for _, at := range r.inPeriod(first, step) {
				if at.Before(first) {
					continue
				}
				if dayOf(at).After(end) || r.count > 0 && done == r.count || !yield(at) {
					return
				}
				done++
			}
			if r.count > 0 && done == r.count {
				return
			}
		}
	}
}

// period is the beginning of the day, week, month or year of a step.
func (r *recurrence) period(first time.Time, step int) time.Time {
	n := step * r.interval
	switch r.freq {
	case "WEEKLY":
		return first.AddDate(0, 0, 7*n-mondayFirst(first.Weekday()))
	case "MONTHLY":
		return first.AddDate(0, 0, 1-first.Day()).AddDate(0, n, 0)
	case "YEARLY":
		return first.AddDate(0, 0, 1-first.YearDay()).AddDate(n, 0, 0)
	}
	return first.AddDate(0, 0, n)
}

// inPeriod are the occurrences of a step. A month or year without the day has
// none.
func (r *recurrence) inPeriod(first time.Time, step int) []time.Time {
	begin := r.period(first, step)
	switch r.freq {
	case "WEEKLY":
		var list []time.Time
		for _, d := range r.days {
			list = append(list, begin.AddDate(0, 0, mondayFirst(d)))
		}
		return list
	case "MONTHLY":
		if at := begin.AddDate(0, 0, first.Day()-1); at.Month() == begin.Month() {
			return []time.Time{at}
		}
		return nil
	case "YEARLY":
		at := begin.AddDate(0, int(first.Month())-1, first.Day()-1)
		if at.Month() == first.Month() {
			return []time.Time{at}
		}
		return nil
	}
	return []time.Time{begin}
}

func mondayFirst(d time.Weekday) int { return (int(d) + 6) % 7 }

// show answers the rule. One without a last day has that of the end of time
// under UNTIL, and none under ~UNTIL.
func (r *recurrence) show(first time.Time) *phpquery.Array {
	a := phpquery.NewArray()
	a.Set("FREQ", r.freq)
	if r.count > 0 {
		a.Set("COUNT", int64(r.count))
	}
	if len(r.days) > 0 {
		days := phpquery.NewArray()
		for _, w := range weekdays {
			if slices.Contains(r.days, w.day) {
				days.Set(w.code, w.code)
			}
		}
		a.Set("BYDAY", days)
	}
	a.Set("INTERVAL", int64(r.interval))
	end, given := r.end(first), ""
	if !r.until.IsZero() {
		given = end.Format(siteDate)
	}
	a.Set("UNTIL", end.Format(siteDate))
	a.Set("~UNTIL", given)
	a.Set("UNTIL_TS", end.Unix())
	return a
}

// describe says the rule in words.
func (r *recurrence) describe(first time.Time) string {
	text := "every "
	if r.interval > 1 {
		text += ordinal(r.interval) + " "
	}
	text += frequencies[r.freq]
	if len(r.days) > 0 {
		var names []string
		for _, w := range weekdays {
			if slices.Contains(r.days, w.day) {
				names = append(names, w.short)
			}
		}
		text += " on: " + strings.Join(names, ", ")
	}
	text += ", from " + first.Format(siteDate)
	if !r.until.IsZero() {
		text += " to " + r.until.Format(siteDate)
	} else if r.count > 0 {
		text += fmt.Sprintf(", %d time(s)", r.count)
	}
	return text
}

func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}
