package sandbox

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/oint-go/oint/internal/phpquery"
)

// at reads a beginning in a zone.
func at(tb testing.TB, text, zone string) time.Time {
	tb.Helper()
	where, _ := zoneNamed(zone)
	t, _, ok := readTime(text, where)
	if !ok {
		tb.Fatalf("%q is no time", text)
	}
	return t
}

func TestRecurrenceStarts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		first, zone string
		rule        *phpquery.Array
		want        string // days of the first occurrences
	}{
		{"2026-01-30T10:00:00", "", arr("FREQ", "DAILY", "COUNT", 3), "2026-01-30 2026-01-31 2026-02-01"},
		{"2026-01-30T10:00:00", "", arr("FREQ", "DAILY", "INTERVAL", 10, "UNTIL", "20.02.2026"), "2026-01-30 2026-02-09 2026-02-19"},
		{"2026-01-30T10:00:00", "", arr("FREQ", "daily", "INTERVAL", 0, "COUNT", 2), "2026-01-30 2026-01-31"},
		// Friday; the days begin with the next one among them.
		{"2026-01-30T10:00:00", "", arr("FREQ", "WEEKLY", "BYDAY", list("WE", "MO"), "COUNT", 4), "2026-02-02 2026-02-04 2026-02-09 2026-02-11"},
		{"2026-01-30T10:00:00", "", arr("FREQ", "WEEKLY", "BYDAY", "SU,FR", "INTERVAL", 2, "COUNT", 4), "2026-01-30 2026-02-01 2026-02-13 2026-02-15"},
		{"2026-01-30T10:00:00", "", arr("FREQ", "WEEKLY", "BYDAY", arr("MO", "MO"), "UNTIL", "2026-02-09"), "2026-02-02 2026-02-09"},
		{"2026-01-30T10:00:00", "", arr("FREQ", "WEEKLY", "COUNT", 2), "2026-01-30 2026-02-06"},
		{"2026-01-31T10:00:00", "", arr("FREQ", "MONTHLY", "COUNT", 3), "2026-01-31 2026-03-31 2026-05-31"},
		{"2026-01-15T10:00:00", "", arr("FREQ", "MONTHLY", "INTERVAL", 5, "COUNT", 3), "2026-01-15 2026-06-15 2026-11-15"},
		{"2024-02-29T10:00:00", "", arr("FREQ", "YEARLY", "COUNT", 3), "2024-02-29 2028-02-29 2032-02-29"},
		{"2036-07-01T10:00:00", "", arr("FREQ", "YEARLY"), "2036-07-01 2037-07-01"},
		{"2040-07-01T10:00:00", "", arr("FREQ", "DAILY"), "2040-07-01"},
		{"2026-03-28T10:00:00", "Europe/Berlin", arr("FREQ", "DAILY", "COUNT", 3), "2026-03-28 2026-03-29 2026-03-30"},
	}
	for _, tt := range tests {
		first := at(t, tt.first, tt.zone)
		rule, ok := takeRecurrence(tt.rule, first)
		if !ok || rule == nil {
			t.Fatalf("%s is no rule", describe(tt.rule))
		}
		var days []string
		for start := range rule.starts(first) {
			if start.Hour() != first.Hour() || start.Minute() != first.Minute() {
				t.Errorf("%s: at %s", describe(tt.rule), start)
			}
			days = append(days, start.Format(time.DateOnly))
		}
		diff(t, describe(tt.rule), strings.Fields(tt.want), days)
	}
}

// TestRecurrenceLaws holds for any rule: occurrences come in order, at the time
// of day of the first, not before it, not after the last day and not more than
// the count; and a stored rule is the same rule.
func TestRecurrenceLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone, _ := zoneNamed(rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/Managua", "Asia/Tokyo"}).Draw(t, "zone"))
		first := time.Date(2026, 1, 1, rapid.IntRange(4, 23).Draw(t, "hour"), 0, 0, 0, zone).AddDate(0, 0, rapid.IntRange(0, 800).Draw(t, "day"))
		until := first.AddDate(0, 0, rapid.IntRange(0, 900).Draw(t, "days"))
		count := rapid.IntRange(0, 40).Draw(t, "count")
		days := list()
		for _, w := range weekdays {
			if rapid.Bool().Draw(t, w.code) {
				days.Append(w.code)
			}
		}
		rule, ok := takeRecurrence(arr("FREQ", rapid.SampledFrom([]string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}).Draw(t, "freq"),
			"INTERVAL", rapid.IntRange(1, 9).Draw(t, "interval"), "COUNT", count, "BYDAY", days, "UNTIL", until.Format(time.DateOnly)), first)
		if !ok {
			t.Fatal("no rule")
		}
		text, _, err := calendarEventEntity.encode(document{"rule": rule.store()})
		if err != nil {
			t.Fatal(err)
		}
		doc, err := decode(text)
		if err != nil {
			t.Fatal(err)
		}
		again := recurrenceOf(doc)
		if again.describe(first) != rule.describe(first) {
			t.Fatalf("stored %q, was %q", again.describe(first), rule.describe(first))
		}
		n := 0
		for last := first.AddDate(0, 0, -1); ; n++ {
			next, found := nth(rule, first, n)
			if !found {
				break
			}
			if !next.After(last) || next.Before(first) || next.Format(time.DateOnly) > until.Format(time.DateOnly) || next.Hour() != first.Hour() {
				t.Fatalf("%s: %s after %s", rule.describe(first), next, last)
			}
			last = next
		}
		if count > 0 && n > count {
			t.Fatalf("%d occurrences of %d", n, count)
		}
	})
}

func nth(r *recurrence, first time.Time, n int) (time.Time, bool) {
	for start := range r.starts(first) {
		if n == 0 {
			return start, true
		}
		n--
	}
	return time.Time{}, false
}

func TestRecurrenceWords(t *testing.T) {
	t.Parallel()
	first := at(t, "2026-05-04T10:00:00", "")
	for want, rule := range map[string]*phpquery.Array{
		"every day, from 04.05.2026":                                 arr("FREQ", "DAILY"),
		"every 10th day, from 04.05.2026, 3 time(s)":                 arr("FREQ", "DAILY", "INTERVAL", 10, "COUNT", 3),
		"every 2nd week on: Mon, Sun, from 04.05.2026 to 31.05.2026": arr("FREQ", "WEEKLY", "INTERVAL", 2, "BYDAY", list("SU", "MO"), "UNTIL", "2026-05-31"),
		"every 3rd month, from 04.05.2026":                           arr("FREQ", "MONTHLY", "INTERVAL", 3),
		"every 11th year, from 04.05.2026":                           arr("FREQ", "YEARLY", "INTERVAL", 11),
		"every 21st year, from 04.05.2026":                           arr("FREQ", "YEARLY", "INTERVAL", 21),
	} {
		r, _ := takeRecurrence(rule, first)
		diff(t, describe(rule), want, r.describe(first))
	}
}

func TestCalendarRecurringEvent(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	id := p.addEvent("from", "2027-05-05T10:00:00", "to", "2027-05-05T11:00:00", "timezone_from", "Europe/Berlin",
		"rrule", arr("FREQ", "WEEKLY", "BYDAY", list("MO", "WE"), "COUNT", "5", "INTERVAL", 1))
	wantFields(t, "rule", map[string]any{
		"RRULE": map[string]any{
			"FREQ": "WEEKLY", "COUNT": int64(5), "BYDAY": map[string]any{"MO": "MO", "WE": "WE"}, "INTERVAL": int64(1),
			"UNTIL": "01.01.2038", "~UNTIL": "", "UNTIL_TS": int64(2145916800),
		},
		"~RRULE_DESCRIPTION": "every week on: Mon, Wed, from 05.05.2027, 5 time(s)",
	}, p.event(id))
	days := func() (list []string) {
		for _, s := range p.happenings(1, "2027-05-01", "2027-06-30") {
			if !strings.HasPrefix(s, "Weekly planning") {
				list = append(list, strings.TrimSuffix(s, " 10:00:00"))
			}
		}
		return list
	}
	diff(t, "occurrences", strings.Split("Event 05.05.2027,Event 10.05.2027,Event 12.05.2027,Event 17.05.2027,Event 19.05.2027", ","), days())
	later := p.ok("calendar.event.get", "type", "user", "ownerId", 1, "from", "2027-05-12", "to", "2027-05-12").([]any)[0].(map[string]any)
	wantFields(t, "one of them", map[string]any{
		"ID": "5", "DATE_FROM_TS_UTC": "1810108800", "DATE_TO": "12.05.2027 11:00:00", "~RRULE_DESCRIPTION": "every week on: Mon, Wed, from 05.05.2027, 5 time(s)",
	}, later)

	change := []any{"id", id, "type", "user", "ownerId", 1}
	part := p.ok("calendar.event.update", append(change, "recurrence_mode", "this", "current_date_from", "2027-05-12", "name", "Single", "from", "2027-05-13T10:00:00",
		"to", "2027-05-13T12:00:00", "timezone_from", "Europe/Berlin")...).(map[string]any)
	wantFields(t, "the part", map[string]any{"originalDate": "12.05.2027 10:00:00", "instanceTz": "Europe/Berlin", "recEventId": number(6), "id": number(5)}, part)
	diff(t, "its series", p.event(5)["DAV_XML_ID"], part["originalDavXmlId"])
	wantFields(t, "the single event", map[string]any{
		"RRULE": "", "RECURRENCE_ID": number(5), "ORIGINAL_DATE_FROM": "12.05.2027 10:00:00", "RELATIONS": map[string]any{"COMMENT_XML_ID": "EVENT_5_12.05.2027"}, "VERSION": "1",
	}, p.event(6))
	wantFields(t, "the series", map[string]any{"EXDATE": "12.05.2027", "VERSION": "2", "NAME": "Event"}, p.event(5))
	diff(t, "with an exception", strings.Split("Event 05.05.2027,Event 10.05.2027,Single 13.05.2027,Event 17.05.2027,Event 19.05.2027", ","), days())
	diff(t, "not twice", "400 : An error occurred while changing the event.",
		p.refused("calendar.event.update", append(change, "recurrence_mode", "this", "current_date_from", "2027-05-12")...))

	rest := p.ok("calendar.event.update", append(change, "recurrence_mode", "next", "current_date_from", "17.05.2027", "name", "Rest")...).(map[string]any)
	diff(t, "the rest", any(number(7)), rest["recEventId"])
	wantFields(t, "the rest", map[string]any{"RELATIONS": map[string]any{"ORIGINAL_RECURSION_ID": number(5)}, "~RRULE_DESCRIPTION": "every week on: Mon, Wed, from 17.05.2027, 2 time(s)", "EXDATE": ""}, p.event(7))
	diff(t, "in two parts", strings.Split("Event 05.05.2027,Event 10.05.2027,Single 13.05.2027,Rest 17.05.2027,Rest 19.05.2027", ","), days())
	diff(t, "from the first on", id, p.ok("calendar.event.update", append(change, "recurrence_mode", "next", "current_date_from", "2027-05-05", "name", "All")...))
	diff(t, "all", id, p.ok("calendar.event.update", append(change, "recurrence_mode", "all", "importance", "high")...))
	diff(t, "the whole of the first part", strings.Split("All 05.05.2027,All 10.05.2027,Single 13.05.2027,Rest 17.05.2027,Rest 19.05.2027", ","), days())
	p.ok("calendar.event.delete", "id", id)
	diff(t, "the single event belongs to its series", strings.Split("Rest 17.05.2027,Rest 19.05.2027", ","), days())
	p.ok("calendar.event.update", "id", 7, "type", "user", "ownerId", 1, "rrule", "")
	diff(t, "no series any more", []string{"Rest 17.05.2027"}, days())
}

// TestCalendarRecurringMeeting gives the guests the parts of a series too.
func TestCalendarRecurringMeeting(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	id := p.meet("attendees", list(3), "rrule", arr("FREQ", "DAILY", "COUNT", 3))
	p.employee(3).ok("calendar.meeting.status.set", "eventId", id, "status", "Y")
	p.employee(2).ok("calendar.event.update", "id", id, "type", "user", "ownerId", 2, "recurrence_mode", "this", "current_date_from", "2026-05-05", "name", "Part")
	diff(t, "guest", strings.Split("Event 04.05.2026 10:00:00,Part 05.05.2026 10:00:00,Event 06.05.2026 10:00:00", ","), p.happenings(3, "2026-05-01", "2026-05-31"))
	diff(t, "answers", "2H 3Y", p.statuses(7))
	busy := p.ok("calendar.accessibility.get", "users", list(3), "from", "2026-05-01", "to", "2026-05-31").(map[string]any)
	diff(t, "busy", 3, len(busy["3"].([]any)))
	p.employee(2).ok("calendar.event.delete", "id", id)
	diff(t, "gone", []string(nil), p.happenings(3, "2026-05-01", "2026-05-31"))
}

// TestCalendarEndless answers an endless series in reasonable time and size.
func TestCalendarEndless(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.addEvent("from", "0001-01-01", "to", "0001-01-01", "rrule", arr("FREQ", "DAILY"))
	events := p.ok("calendar.event.get", "type", "user", "ownerId", 1, "from", "0001-01-01", "to", "9999-12-30").([]any)
	diff(t, "events", maxOccurrences, len(events))
}
