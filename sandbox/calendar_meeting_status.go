package sandbox

import (
	"database/sql"
	"strings"
)

// calendarMeetingStatusGet answers the caller's status: H for the host.
//
// https://apidocs.bitrix24.com/api-reference/calendar/calendar-event/calendar-meeting-status-get.html
func calendarMeetingStatusGet(c *call) (result, error) {
	if c.text("eventId") == "" {
		return result{}, c.notSet("eventId")
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		absent := errCalendar("An error occurred while retrieving the status")
		doc, err := calendarEventEntity.found(c.ctx, tx, c.id("eventId"), absent)
		if err != nil {
			return result{}, err
		}
		guests := guestsOf(doc)
		i := guestPlace(guests, c.who.userID)
		if i < 0 {
			return result{}, absent
		}
		return result{value: guests[i].status}, nil
	})
}

// calendarMeetingStatusSet answers an invitation, by the id of the meeting or of
// the copy in the caller's calendar. The host stays the host.
//
// https://apidocs.bitrix24.com/api-reference/calendar/calendar-event/calendar-meeting-status-set.html
func calendarMeetingStatusSet(c *call) (result, error) {
	for _, name := range []string{"eventId", "status"} {
		if c.text(name) == "" {
			return result{}, c.notSet(name)
		}
	}
	status := strings.ToUpper(c.text("status"))
	if status != "Y" && status != "N" && status != "Q" {
		return result{}, errCalendar(`Invalid value for the parameter "status"`)
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		entry, err := calendarEventEntity.found(c.ctx, tx, c.id("eventId"), c.calendarDenied())
		if err != nil {
			return result{}, err
		}
		id := intOf(entry["PARENT_ID"])
		return result{value: true, record: id}, answerInvitation(c, tx, id, status)
	})
}

// answerInvitation sets the caller's status in a meeting.
func answerInvitation(c *call, tx *sql.Tx, id int64, status string) error {
	before, err := calendarEventEntity.found(c.ctx, tx, id, c.calendarDenied())
	if err != nil {
		return err
	}
	guests := guestsOf(before)
	i := guestPlace(guests, c.who.userID)
	if i < 0 {
		return c.calendarDenied()
	}
	if guests[i].status == hosting {
		return nil
	}
	guests[i].status = status
	after := before.clone()
	storeGuests(after, guests)
	_, err = storeEvent(c, tx, id, before, after)
	return err
}
