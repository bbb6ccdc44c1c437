package sandbox

import (
	"cmp"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// eventWords are the sentences with which a method refuses an event.
type eventWords struct{ name, description, section, links, failed string }

var (
	addingWords = eventWords{
		name:        `Invalid value for the parameter "name"`,
		description: `Invalid value for the parameter "description"`,
		section:     "You specified an invalid calendar section ID or the user does not have access to it",
		links:       "The list of event links to CRM must be an array",
		failed:      "An error occurred while creating the event",
	}
	changingWords = eventWords{
		name:        `Invalid value for the "name" parameter.`,
		description: `Invalid value for the "description" parameter.`,
		section:     "You specified an invalid calendar section ID or the user does not have access to it.",
		links:       "The event's CRM links list must be an array.",
		failed:      "An error occurred while changing the event.",
	}
)

// calendarEventAdd creates an event. Whoever calls is its organizer.
//
// https://apidocs.bitrix24.com/api-reference/calendar/calendar-event/calendar-event-add.html
func calendarEventAdd(c *call) (result, error) {
	of, err := c.calendarOf(false)
	if err != nil {
		return result{}, err
	}
	if err := checkEventTexts(c, addingWords); err != nil {
		return result{}, err
	}
	switch {
	case c.text("name") == "":
		return result{}, c.notSet("name")
	case !c.hasTime("from"):
		return result{}, c.notSet("from")
	case !c.hasTime("to"):
		return result{}, c.notSet("to")
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		if err := c.inside(tx); err != nil {
			return result{}, err
		}
		section, err := eventSection(c, tx, of)
		if err != nil {
			return result{}, err
		}
		doc := of.newEvent(section, c.who.userID, c.sb.now())
		if err := takeEvent(c, tx, doc, addingWords); err != nil {
			return result{}, err
		}
		doc["DAV_XML_ID"] = davID(doc)
		id, err := storeEvent(c, tx, 0, nil, doc)
		return result{value: number(id), record: id}, err
	})
}

// newEvent is an event before anything is said about it.
func (of calendar) newEvent(section, creator int64, now time.Time) document {
	at := storedTime(now)
	return document{
		"CAL_TYPE": of.kind, "OWNER_ID": number(of.owner), "SECTION_ID": number(section),
		"CREATED_BY": number(creator), "DATE_CREATE": at, "TIMESTAMP_X": at, "VERSION": number(1),
		"ACCESSIBILITY": "busy", "IMPORTANCE": "normal", "IS_MEETING": false, "MEETING_HOST": number(0),
		"REMIND": noReminders(),
	}
}

// checkEventTexts refuses a name or description that is no text.
func checkEventTexts(c *call, words eventWords) error {
	name, _ := c.passed("name")
	description, _ := c.passed("description")
	if _, nested := name.(*phpquery.Array); nested {
		return errCalendar(words.name)
	}
	if _, nested := description.(*phpquery.Array); nested {
		return errCalendar(words.description)
	}
	return nil
}

// eventSection is the calendar for a new event: the one given, else what the
// caller's settings name, else the first of the owner.
func eventSection(c *call, tx *sql.Tx, of calendar) (int64, error) {
	may, err := of.rights(c, tx)
	if err != nil {
		return 0, err
	}
	first, err := of.firstSection(c, tx)
	if err != nil {
		return 0, err
	}
	if first == 0 || !may.edit {
		return 0, c.calendarDenied()
	}
	if id := c.id("section"); id != 0 {
		return id, of.holds(c, tx, id, addingWords)
	}
	if auto, given := c.passed("auto_detect_section"); given && phpquery.Text(auto) != "Y" {
		return 0, c.notSet("section")
	}
	return of.preferred(c, tx, first)
}

// holds refuses a calendar that does not exist or belongs to somebody else.
func (of calendar) holds(c *call, tx *sql.Tx, section int64, words eventWords) error {
	doc, err := calendarSectionEntity.found(c.ctx, tx, section, errCalendar(words.section))
	if err == nil && calendarHolding(doc) != of {
		err = errCalendar(words.section)
	}
	return err
}

// takeEvent writes the parameters into the document.
func takeEvent(c *call, tx *sql.Tx, doc document, words eventWords) error {
	if err := calendarEventEntity.assign(c.ctx, tx, doc, c.params); err != nil {
		return err
	}
	ok, err := takeTimes(c, tx, doc)
	if err != nil {
		return err
	}
	if v, given := c.passed("rrule"); given && ok {
		var rule *recurrence
		rule, ok = takeRecurrence(v, spanOf(doc).from)
		doc["rule"] = rule.store()
	}
	if !ok {
		return errCalendar(words.failed)
	}
	if v, given := c.passed("crm_fields"); given {
		if _, list := v.(*phpquery.Array); !list {
			return errCalendar(words.links)
		}
		links := []any{}
		for _, link := range elements(v) {
			links = append(links, clean(phpquery.Text(link)))
		}
		doc["links"] = links
	}
	err = takeMeeting(c, tx, doc)
	if errors.Is(err, errGuest) {
		return errCalendar(words.failed)
	}
	return err
}

// takeTimes reads when the event is. A time with a zone of its own is kept in
// the caller's, one without is meant in timezone_from and timezone_to, or else
// in the caller's. It answers false for what is no time or ends before it
// begins.
func takeTimes(c *call, tx *sql.Tx, doc document) (bool, error) {
	mine, err := userZone(c, tx)
	if err != nil {
		return false, err
	}
	s := spanOf(doc)
	if whole := c.flag("skip_time", s.whole); whole != s.whole {
		s = s.turned(whole, doc)
	}
	named := c.text("timezone_from")
	for _, end := range []struct {
		name, field, zone string
		at                *time.Time
	}{
		{"from", "TZ_FROM", named, &s.from},
		{"to", "TZ_TO", cmp.Or(c.text("timezone_to"), named), &s.to},
	} {
		if !c.hasTime(end.name) {
			continue
		}
		zone, known := zoneNamed(end.zone)
		if end.zone == "" {
			zone = mine
		} else if !known {
			return false, nil
		}
		at, zoned, ok := c.timeParam(end.name, zone)
		if !ok {
			return false, nil
		}
		if s.whole {
			at = dayOf(at)
		}
		if zoned {
			zone = mine
		}
		*end.at, doc[end.field] = at, zone.String()
	}
	s.store(doc)
	return !s.to.Before(s.from), nil
}

// turned makes whole days of an event, or times of day of whole days.
func (s span) turned(whole bool, doc document) span {
	if whole {
		return span{dayOf(s.from), dayOf(s.to), true}
	}
	return span{inZone(s.from, storedZone(doc, "TZ_FROM")), inZone(s.to, storedZone(doc, "TZ_TO")), false}
}

// davID names the event for calendars outside the portal.
func davID(doc document) string {
	sum := sha256.Sum256(fmt.Append(nil, doc["DATE_CREATE"], doc["OWNER_ID"], doc["NAME"], doc["FROM_TS"]))
	return spanOf(doc).from.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(sum[:16]) + "@" + companyDomain
}

// calendarEventUpdate changes an event. A meeting is its organizer's; others who
// may change the calendar must name the organizer as host.
//
// https://apidocs.bitrix24.com/api-reference/calendar/calendar-event/calendar-event-update.html
func calendarEventUpdate(c *call) (result, error) {
	given := c.id("id")
	if given == 0 {
		return result{}, c.notSet("id")
	}
	of, err := c.calendarOf(false)
	if err != nil {
		return result{}, err
	}
	if err := checkEventTexts(c, changingWords); err != nil {
		return result{}, err
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		if err := c.inside(tx); err != nil {
			return result{}, err
		}
		entry, err := calendarEventEntity.found(c.ctx, tx, given, c.calendarDenied())
		if err != nil {
			return result{}, err
		}
		id := intOf(entry["PARENT_ID"])
		before, err := calendarEventEntity.found(c.ctx, tx, id, c.calendarDenied())
		if err != nil {
			return result{}, err
		}
		after := before.clone()
		if err := eventPlace(c, tx, of, row{given, entry}, after); err != nil {
			return result{}, err
		}
		value, err := changeEvent(c, tx, given, id, before, after)
		return result{value: value, record: id}, err
	})
}

// eventPlace checks who changes the event, and moves it when section names a
// calendar of the owner that the parameters name.
func eventPlace(c *call, tx *sql.Tx, of calendar, entry row, doc document) error {
	if host := intOf(doc["MEETING_HOST"]); doc["IS_MEETING"] == true && host != c.who.userID && host != c.id("host") {
		return c.calendarDenied()
	}
	for _, place := range []calendar{calendarHolding(doc), of} {
		may, err := place.rights(c, tx)
		if err != nil {
			return err
		}
		if !may.edit {
			return c.calendarDenied()
		}
	}
	section := c.id("section")
	if section == 0 || intOf(entry.doc["PARENT_ID"]) != entry.id {
		if calendarHolding(entry.doc) != of {
			return c.calendarDenied()
		}
		return nil
	}
	if err := of.holds(c, tx, section, changingWords); err != nil {
		return err
	}
	doc["SECTION_ID"], doc["CAL_TYPE"], doc["OWNER_ID"] = number(section), of.kind, number(of.owner)
	return nil
}

// calendarEventDelete deletes an event with its copies. A guest who deletes a
// meeting declines it.
//
// https://apidocs.bitrix24.com/api-reference/calendar/calendar-event/calendar-event-delete.html
func calendarEventDelete(c *call) (result, error) {
	given := c.id("id")
	if given == 0 {
		return result{}, errCalendar("Event id not specified")
	}
	failed := errCalendar("An error occurred while deleting the event")
	return c.writing(func(tx *sql.Tx) (result, error) {
		entry, err := calendarEventEntity.found(c.ctx, tx, given, failed)
		if err != nil {
			return result{}, err
		}
		id := intOf(entry["PARENT_ID"])
		doc, err := calendarEventEntity.found(c.ctx, tx, id, failed)
		if err != nil {
			return result{}, err
		}
		may, err := calendarHolding(doc).rights(c, tx)
		if err != nil {
			return result{}, err
		}
		me := c.who.userID
		invited := guestPlace(guestsOf(doc), me) >= 0 && intOf(doc["MEETING_HOST"]) != me
		switch own := id != given && intOf(entry["OWNER_ID"]) == me; {
		case invited && (own || !may.edit):
			err = answerInvitation(c, tx, id, "N")
		case may.edit, intOf(doc["CREATED_BY"]) == me:
			err = removeEvent(c, tx, id)
		default:
			err = failed
		}
		return result{value: true, record: id}, err
	})
}

// removeEvent removes an event, its copies and the single events that were taken
// out of its series.
func removeEvent(c *call, tx *sql.Tx, id int64) error {
	parent, _ := calendarEventEntity.field("PARENT_ID")
	series, _ := calendarEventEntity.field("RECURRENCE_ID")
	rows, err := calendarEventEntity.all(c.ctx, tx, or(
		condition{parent.expression() + " = ?", []any{id}},
		condition{series.expression() + " = ?", []any{id}},
	))
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := calendarEventEntity.remove(c.ctx, tx, r.id); err != nil {
			return err
		}
	}
	return nil
}
