package jobs

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// cron is a schedule in the five fields of crontab(5): minute, hour, day of the
// month, month, day of the week. Each is a set of numbers as bits.
type cron struct {
	minute, hour, day, month, weekday uint64
	anyDay, anyWeekday                bool
}

type cronField struct {
	name     string
	min, max int
	names    []string // of the numbers from min on
}

var cronFields = []cronField{
	{name: "minute", max: 59},
	{name: "hour", max: 23},
	{name: "day of the month", min: 1, max: 31},
	{name: "month", min: 1, max: 12, names: []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
	{name: "day of the week", max: 7, names: []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
}

// CheckCron tells what is wrong with a schedule.
func CheckCron(text string) error {
	_, err := parseCron(text)
	return err
}

func parseCron(text string) (*cron, error) {
	words := strings.Fields(text)
	if len(words) != len(cronFields) {
		return nil, fmt.Errorf("a schedule has five fields (minute, hour, day of the month, month, day of the week), e.g. \"0 2 * * *\" for two o'clock every night; %d were given", len(words))
	}
	sets := make([]uint64, len(words))
	for i, word := range words {
		var err error
		if sets[i], err = cronFields[i].parse(word); err != nil {
			return nil, err
		}
	}
	if sets[4]&(1<<7) != 0 { // Sunday is 0 and 7
		sets[4] |= 1
	}
	c := &cron{minute: sets[0], hour: sets[1], day: sets[2], month: sets[3], weekday: sets[4]}
	c.anyDay, c.anyWeekday = strings.HasPrefix(words[2], "*"), strings.HasPrefix(words[4], "*")
	if c.next(time.Now()).IsZero() {
		return nil, fmt.Errorf("%q never comes", text)
	}
	return c, nil
}

// parse reads a field: lists of *, N, N-M, each with /STEP.
func (f *cronField) parse(word string) (set uint64, err error) {
	for part := range strings.SplitSeq(word, ",") {
		span, stepText, hasStep := strings.Cut(part, "/")
		step := 1
		if hasStep {
			if step, err = strconv.Atoi(stepText); err != nil || step < 1 {
				return 0, f.wrong(part)
			}
		}
		from, to := f.min, f.max
		if span != "*" {
			first, last, isRange := strings.Cut(span, "-")
			var ok bool
			if from, ok = f.number(first); !ok {
				return 0, f.wrong(part)
			}
			switch {
			case isRange:
				if to, ok = f.number(last); !ok || to < from {
					return 0, f.wrong(part)
				}
			case !hasStep:
				to = from
			}
		}
		for n := from; n <= to; n += step {
			set |= 1 << n
		}
	}
	return set, nil
}

func (f *cronField) number(text string) (int, bool) {
	for i, name := range f.names {
		if strings.EqualFold(text, name) {
			return f.min + i, true
		}
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= f.min && n <= f.max
}

func (f *cronField) wrong(part string) error {
	return fmt.Errorf("%q is no %s: it is *, a number from %d to %d, a range such as %d-%d or a list, with /N for every Nth", part, f.name, f.min, f.max, f.min, f.min+1)
}

// next returns the first time after t, in the zone of t; zero when there is none
// within five years. A time that a change of the clock leaves out comes an hour
// later, and one that it brings twice comes once.
func (c *cron) next(t time.Time) time.Time {
	year, month, day := t.Date()
	for i := range 5 * 366 {
		date := time.Date(year, month, day+i, 12, 0, 0, 0, t.Location())
		if !c.onDay(date) {
			continue
		}
		for hour := range 24 {
			for minute := range 60 {
				if c.hour&(1<<hour) == 0 || c.minute&(1<<minute) == 0 {
					continue
				}
				at := time.Date(date.Year(), date.Month(), date.Day(), hour, minute, 0, 0, t.Location())
				if at.After(t) {
					return at
				}
			}
		}
	}
	return time.Time{}
}

// onDay follows crontab(5): when both fields for days are limited, either will
// do.
func (c *cron) onDay(date time.Time) bool {
	if c.month&(1<<int(date.Month())) == 0 {
		return false
	}
	day := c.day&(1<<date.Day()) != 0
	weekday := c.weekday&(1<<int(date.Weekday())) != 0
	if c.anyDay || c.anyWeekday {
		return day && weekday
	}
	return day || weekday
}
