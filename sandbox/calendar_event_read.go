package sandbox

import (
	"cmp"
	"database/sql"
	"slices"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// maxOccurrences is how many events a method answers at most: a window of a
// thousand years on a daily event is a mistake.
const maxOccurrences = 5000

// The keys of an event's first and last moment.
const (
	startKey = "json_extract(keys, '$.FROM_TS')"
	lastKey  = "json_extract(keys, '$.LAST_TS')"
)

// eventsOf reads what happens in somebody's calendars in a window, the earliest
// first; with sections only in these.
func eventsOf(c *call, tx *sql.Tx, of calendar, w window, sections []any) ([]row, error) {
	where := and(of.where(calendarEventEntity), condition{
		startKey + " < ? AND " + lastKey + " >= ?",
		[]any{w.to.Unix() + daySeconds, w.from.Unix() - daySeconds},
	})
	if sections != nil {
		section, _ := calendarEventEntity.field("SECTION_ID")
		where = and(where, oneOf(section.expression(), sections))
	}
	rows, err := calendarEventEntity.all(c.ctx, tx, where)
	if err != nil {
		return nil, err
	}
	var events []row
	for _, r := range rows {
		for _, doc := range occurrences(r.doc, w) {
			events = append(events, row{r.id, doc})
		}
	}
	slices.SortStableFunc(events, func(a, b row) int { return cmp.Compare(intOf(a.doc["FROM_TS"]), intOf(b.doc["FROM_TS"])) })
	return events[:min(len(events), maxOccurrences)], nil
}

// accessibilityTitles stand for the names of private events.
var accessibilityTitles = map[string]string{"busy": "[Busy]", "quest": "[Tentative]", "free": "[Free]", "absent": "[Away]"}

func titleOf(doc document) string {
	accessibility, _ := doc["ACCESSIBILITY"].(string)
	return accessibilityTitles[accessibility]
}

// visible is what the caller sees of an event: everything of the own ones and of
// those it is invited to, else the time and the title, and of a private one not
// even that.
func (may calendarRights) visible(c *call, doc document) document {
	if may.full || intOf(doc["CREATED_BY"]) == c.who.userID || guestPlace(guestsOf(doc), c.who.userID) >= 0 {
		return doc
	}
	seen := doc.clone()
	for _, key := range []string{"DESCRIPTION", "LOCATION", "links", "guests"} {
		delete(seen, key)
	}
	seen["REMIND"] = noReminders()
	if doc["PRIVATE_EVENT"] == true {
		seen["NAME"] = titleOf(doc)
	}
	return seen
}

// showEvent answers an event as the caller sees it.
func showEvent(c *call, r row, may calendarRights, zone *time.Location) *phpquery.Array {
	seen := row{r.id, may.visible(c, r.doc)}
	event := calendarEventEntity.show(c, seen, listing{entity: calendarEventEntity}.selected(phpquery.NewArray()))
	if rule := recurrenceOf(seen.doc); rule != nil {
		event.Set("~RRULE_DESCRIPTION", rule.describe(seriesStart(seen.doc)))
	}
	event.Set("attendeesEntityList", showGuestEntities(c, seen.doc))
	description, _ := event.Get("DESCRIPTION")
	event.Set("~DESCRIPTION", description)
	setUserOffsets(event, r.doc, zone)
	return event
}

// setUserOffsets says how far the event's time zones are from the caller's, in
// seconds.
func setUserOffsets(event *phpquery.Array, doc document, zone *time.Location) {
	from, to := intOf(doc["FROM_TS"]), intOf(doc["TO_TS"])
	event.Set("~USER_OFFSET_FROM", offsetAt(storedZone(doc, "TZ_FROM"), from)-offsetAt(zone, from))
	event.Set("~USER_OFFSET_TO", offsetAt(storedZone(doc, "TZ_TO"), to)-offsetAt(zone, to))
}

// calendarEventGetByID answers one event, of a recurring one the first time.
//
// https://apidocs.bitrix24.com/api-reference/calendar/calendar-event/calendar-event-get-by-id.html
func calendarEventGetByID(c *call) (result, error) {
	if c.text("id") == "" {
		return result{}, c.notSet("id")
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		if err := c.inside(tx); err != nil {
			return result{}, err
		}
		id := c.id("id")
		doc, err := calendarEventEntity.found(c.ctx, tx, id, c.calendarDenied())
		if err != nil {
			return result{}, err
		}
		may, err := calendarHolding(doc).rights(c, tx)
		if err != nil {
			return result{}, err
		}
		zone, err := userZone(c, tx)
		if err != nil {
			return result{}, err
		}
		return result{value: showEvent(c, row{id, doc}, may, zone)}, nil
	})
}

// calendarEventGet lists what happens between two days, a month back and three
// ahead when they are not given. A recurring event comes once for every time.
//
// https://apidocs.bitrix24.com/api-reference/calendar/calendar-event/calendar-event-get.html
func calendarEventGet(c *call) (result, error) {
	of, err := c.calendarOf(false)
	if err != nil {
		return result{}, err
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		zone, err := userZone(c, tx)
		if err != nil {
			return result{}, err
		}
		now := c.sb.now().In(zone)
		today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone)
		w, ok := c.windowOf(window{today.AddDate(0, -1, 0), today.AddDate(0, 3, 0)})
		if !ok {
			return result{}, errCalendar("The dates from and to must be in the form YYYY-MM-DD")
		}
		var sections []any
		given, _ := c.passed("section")
		for _, v := range elements(given) {
			sections = append(sections, intval(phpquery.Text(v)))
		}
		return listEvents(c, tx, of, w, sections, maxOccurrences)
	})
}

// calendarEventGetNearest lists what is still to come: 60 days of the caller's
// own events unless the parameters say otherwise.
//
// https://apidocs.bitrix24.com/api-reference/calendar/calendar-event/calendar-event-get-nearest.html
func calendarEventGetNearest(c *call) (result, error) {
	const days = 60
	of := calendar{userCalendar, c.who.userID}
	if !c.flag("forCurrentUser", true) {
		var err error
		if of, err = c.calendarOf(true); err != nil {
			return result{}, err
		}
	}
	ahead, limit := int64(days), int64(maxOccurrences)
	if n := c.id("days"); n > 0 {
		ahead = min(n, maxInterval)
	}
	if n := c.id("maxEventsCount"); n > 0 {
		limit = min(n, limit)
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		zone, err := userZone(c, tx)
		if err != nil {
			return result{}, err
		}
		now := c.sb.now().In(zone)
		return listEvents(c, tx, of, window{now, now.AddDate(0, 0, int(ahead))}, nil, int(limit))
	})
}

func listEvents(c *call, tx *sql.Tx, of calendar, w window, sections []any, limit int) (result, error) {
	if err := c.inside(tx); err != nil {
		return result{}, err
	}
	may, err := of.rights(c, tx)
	if err != nil {
		return result{}, err
	}
	rows, err := eventsOf(c, tx, of, w, sections)
	if err != nil {
		return result{}, err
	}
	events := phpquery.NewArray()
	for _, r := range rows[:min(len(rows), limit)] {
		events.Append(showEvent(c, r, may, w.from.Location()))
	}
	return result{value: events}, nil
}
