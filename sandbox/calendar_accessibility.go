package sandbox

import (
	"database/sql"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// calendarAccessibilityGet answers by user what they are busy with between two
// days. Invitations that were declined do not count; private events keep their
// names to themselves.
//
// https://apidocs.bitrix24.com/api-reference/calendar/calendar-event/calendar-accessibility-get.html
func calendarAccessibilityGet(c *call) (result, error) {
	for _, name := range []string{"from", "to", "users"} {
		if v, _ := c.passed(name); len(elements(v)) == 0 {
			return result{}, c.notSet(name)
		}
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		if err := c.inside(tx); err != nil {
			return result{}, err
		}
		zone, err := userZone(c, tx)
		if err != nil {
			return result{}, err
		}
		w, ok := c.windowOf(window{from: time.Time{}.In(zone)})
		if !ok {
			return result{}, errCalendar("The dates from and to must be in the form YYYY-MM-DD")
		}
		busy := phpquery.NewArray()
		users, _ := c.passed("users")
		for _, v := range elements(users) {
			of := calendar{userCalendar, intval(phpquery.Text(v))}
			rows, err := eventsOf(c, tx, of, w, nil)
			if err != nil {
				return result{}, err
			}
			list := phpquery.NewArray()
			for _, r := range rows {
				if showOwnStatus(showing{}, r.doc) != "N" {
					list.Append(showBusy(c, r, zone))
				}
			}
			busy.Set(phpquery.Text(number(of.owner)), list)
		}
		return result{value: busy}, nil
	})
}

// showBusy is the part of an event that says when somebody has no time.
func showBusy(c *call, r row, zone *time.Location) *phpquery.Array {
	seen := row{r.id, r.doc.clone()}
	if r.doc["PRIVATE_EVENT"] == true {
		seen.doc["NAME"] = titleOf(r.doc)
	}
	event := calendarEventEntity.show(c, seen, fieldsNamed(calendarEventEntity, "ID", "NAME", "DATE_FROM", "DATE_TO", "DATE_FROM_TS_UTC", "DATE_TO_TS_UTC"))
	setUserOffsets(event, r.doc, zone)
	for name, v := range calendarEventEntity.show(c, seen, fieldsNamed(calendarEventEntity, "DT_SKIP_TIME", "TZ_FROM", "TZ_TO", "ACCESSIBILITY", "IMPORTANCE", "EVENT_TYPE")).All() {
		event.Set(name, v)
	}
	return event
}
