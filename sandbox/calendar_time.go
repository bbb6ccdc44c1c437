package sandbox

import (
	"database/sql"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // machines without time zones run the sandbox too
)

// The forms in which the calendar writes times: the portal's own date format,
// and a long one.
const (
	siteDate     = "02.01.2006"
	siteDateTime = "02.01.2006 15:04:05"
	longDate     = "Mon Jan 02 2006"
	longDateTime = "Mon Jan 02 2006 15:04:05"
)

// zonedLayouts are moments that need no time zone beside them.
var zonedLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05Z07:00"}

// localLayouts are times of day somewhere: ISO 8601, the portal's own format and
// the American one, whose slashes cannot be mistaken.
var localLayouts = []string{
	"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02",
	siteDateTime, "02.01.2006 15:04", siteDate,
	"1/2/2006 15:04:05", "1/2/2006 15:04", "1/2/2006 3:04:05 pm", "1/2/2006 3:04:05 PM", "1/2/2006",
}

const daySeconds = 24 * 60 * 60

// readTime reads a time. A text without a zone is meant in the given one; zoned
// tells that it had one of its own.
func readTime(text string, zone *time.Location) (at time.Time, zoned, ok bool) {
	text = strings.TrimSpace(text)
	for _, layout := range zonedLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true, isYear(t)
		}
	}
	for _, layout := range localLayouts {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, false, isYear(t)
		}
	}
	return time.Time{}, false, false
}

func isYear(t time.Time) bool { return t.Year() >= 1 && t.Year() <= 9999 }

// dayOf is the beginning of a day in UTC, which is how whole days are kept.
func dayOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// zoneNamed finds a time zone; an empty name is no zone.
func zoneNamed(name string) (*time.Location, bool) {
	if name == "" || name == "Local" {
		return time.UTC, false
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC, false
	}
	return zone, true
}

// userZone is the time zone of a user, UTC when the profile names none.
func userZone(c *call, tx *sql.Tx) (*time.Location, error) {
	me, err := userEntity.find(c.ctx, tx, c.who.userID)
	if err != nil {
		return nil, err
	}
	name, _ := me["TIME_ZONE"].(string)
	zone, _ := zoneNamed(name)
	return zone, nil
}

// span is when an event begins and ends. That of whole days counts from the
// beginning of the first to that of the last one, in UTC.
type span struct {
	from, to time.Time
	whole    bool
}

// spanOf reads the stored time of an event.
func spanOf(doc document) span {
	s := span{whole: doc["DT_SKIP_TIME"] == true}
	s.from, s.to = time.Unix(intOf(doc["FROM_TS"]), 0), time.Unix(intOf(doc["TO_TS"]), 0)
	if s.whole {
		s.from, s.to = s.from.UTC(), s.to.UTC()
		return s
	}
	s.from, s.to = s.from.In(storedZone(doc, "TZ_FROM")), s.to.In(storedZone(doc, "TZ_TO"))
	return s
}

func storedZone(doc document, field string) *time.Location {
	name, _ := doc[field].(string)
	zone, _ := zoneNamed(name)
	return zone
}

// store writes the time into the document.
func (s span) store(doc document) {
	doc["FROM_TS"], doc["TO_TS"] = number(s.from.Unix()), number(s.to.Unix())
	doc["DT_SKIP_TIME"] = s.whole
}

// end is the moment after which the event is over.
func (s span) end() time.Time {
	if s.whole {
		return s.to.Add(daySeconds * time.Second)
	}
	return s.to
}

// length is how long the event lasts, in seconds.
func (s span) length() int64 { return s.end().Unix() - s.from.Unix() }

// moved is the same event at another beginning.
func (s span) moved(from time.Time) span {
	if s.whole {
		return span{from, from.Add(s.to.Sub(s.from)), true}
	}
	return span{from, from.Add(s.to.Sub(s.from)).In(s.to.Location()), false}
}

// window is the stretch of time that a method asks about.
type window struct{ from, to time.Time }

// meets tells whether the event happens inside the window. Whole days are those
// of the caller.
func (w window) meets(s span) bool {
	from, to := s.from, s.end()
	if s.whole {
		zone := w.from.Location()
		from, to = inZone(from, zone), inZone(to, zone)
	}
	return from.Before(w.to) && (to.After(w.from) || to.Equal(from) && to.Equal(w.from))
}

// inZone is the same time of day in another zone.
func inZone(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, zone)
}

// windowOf reads from and to. A day without a time ends at its midnight; what is
// not given stays as it is in the default.
func (c *call) windowOf(w window) (window, bool) {
	zone := w.from.Location()
	if text := c.text("from"); text != "" {
		t, _, ok := readTime(text, zone)
		if !ok {
			return w, false
		}
		w.from = t.In(zone)
	}
	if text := c.text("to"); text != "" {
		t, _, ok := readTime(text, zone)
		if !ok {
			return w, false
		}
		w.to = t.In(zone)
	}
	if w.to.Hour() == 0 && w.to.Minute() == 0 && w.to.Second() == 0 {
		w.to = w.to.AddDate(0, 0, 1)
	}
	return w, true
}

// timeParam is the time under a name, or under NAME_ts in seconds since 1970.
func (c *call) timeParam(name string, zone *time.Location) (at time.Time, zoned, ok bool) {
	if text := c.text(name); text != "" {
		return readTime(text, zone)
	}
	seconds, err := strconv.ParseInt(c.text(name+"_ts"), 10, 64)
	at = time.Unix(seconds, 0).In(zone)
	return at, false, err == nil && isYear(at)
}

// hasTime tells whether a time was given in either form.
func (c *call) hasTime(name string) bool {
	return c.text(name) != "" || c.text(name+"_ts") != ""
}
