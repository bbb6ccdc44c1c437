package bitrix24

import (
	"bytes"
	"encoding/json"
)

// CalendarEvent is an event as calendar.event.get and calendar.event.getbyid
// answer (https://apidocs.bitrix24.com/api-reference/calendar/calendar-event/calendar-event-get.html).
// Dates are in the portal's own format and in the time zone beside them. Fields
// holds every key as it came.
type CalendarEvent struct {
	ID            ID                         `json:"ID"`
	ParentID      ID                         `json:"PARENT_ID"` // the meeting that this one stands for in a guest's calendar
	Type          Text                       `json:"CAL_TYPE"`
	OwnerID       ID                         `json:"OWNER_ID"`
	SectionID     ID                         `json:"SECTION_ID"`
	Name          Text                       `json:"NAME"`
	Description   Text                       `json:"DESCRIPTION"`
	DateFrom      Text                       `json:"DATE_FROM"`
	DateTo        Text                       `json:"DATE_TO"`
	ZoneFrom      Text                       `json:"TZ_FROM"`
	ZoneTo        Text                       `json:"TZ_TO"`
	FromUnix      ID                         `json:"DATE_FROM_TS_UTC"` // seconds since 1970
	ToUnix        ID                         `json:"DATE_TO_TS_UTC"`   // seconds since 1970
	WholeDays     Bool                       `json:"DT_SKIP_TIME"`
	Seconds       ID                         `json:"DT_LENGTH"`
	CreatedBy     ID                         `json:"CREATED_BY"`
	DateCreate    Text                       `json:"DATE_CREATE"`
	TimestampX    Text                       `json:"TIMESTAMP_X"`
	Private       Bool                       `json:"PRIVATE_EVENT"`
	Accessibility Text                       `json:"ACCESSIBILITY"` // busy, quest, free or absent
	Importance    Text                       `json:"IMPORTANCE"`    // high, normal or low
	IsMeeting     Bool                       `json:"IS_MEETING"`
	MeetingStatus Text                       `json:"MEETING_STATUS"` // H, Y, N or Q: the answer of the calendar's owner
	MeetingHost   ID                         `json:"MEETING_HOST"`
	Location      Text                       `json:"LOCATION"`
	Color         Text                       `json:"COLOR"`
	Recurrence    Recurrence                 `json:"RRULE"`
	Exceptions    Text                       `json:"EXDATE"`        // days on which a recurring event does not happen, with semicolons
	RecurrenceID  ID                         `json:"RECURRENCE_ID"` // the recurring event that this one was part of
	AttendeeList  Attendees                  `json:"ATTENDEE_LIST"`
	Fields        map[string]json.RawMessage `json:"-"`
}

// Attendee is somebody who takes part in a meeting.
type Attendee struct {
	ID      ID   `json:"id"`
	EntryID ID   `json:"entryId"` // the event in the attendee's calendar
	Status  Text `json:"status"`  // H for the organizer, else Y, N or Q
}

// Attendees are those who take part in a meeting, the organizer among them.
type Attendees []Attendee

// UnmarshalJSON reads a list, or one of the portal's forms of "none".
func (a *Attendees) UnmarshalJSON(data []byte) error {
	*a = nil
	if data = bytes.TrimSpace(data); len(data) == 0 || data[0] != '[' {
		return nil
	}
	return json.Unmarshal(data, (*[]Attendee)(a))
}

// Recurrence is how an event repeats; without a Frequency it does not.
type Recurrence struct {
	Frequency Text `json:"FREQ"` // DAILY, WEEKLY, MONTHLY or YEARLY
	Interval  ID   `json:"INTERVAL"`
	Count     ID   `json:"COUNT"`
	Until     Text `json:"UNTIL"`
	UntilUnix ID   `json:"UNTIL_TS"`
}

// UnmarshalJSON reads a rule, or one of the portal's forms of "none".
func (r *Recurrence) UnmarshalJSON(data []byte) error {
	*r = Recurrence{}
	if data = bytes.TrimSpace(data); len(data) == 0 || data[0] != '{' {
		return nil
	}
	type plain Recurrence
	return json.Unmarshal(data, (*plain)(r))
}

// UnmarshalJSON reads the known fields and keeps all of them in Fields.
func (e *CalendarEvent) UnmarshalJSON(data []byte) error {
	type plain CalendarEvent
	if err := json.Unmarshal(data, (*plain)(e)); err != nil {
		return err
	}
	return json.Unmarshal(data, &e.Fields)
}

// UpdatedEvent is what calendar.event.update answers: the id of the event, or
// what became of a recurring event of which a part was changed
// (https://apidocs.bitrix24.com/api-reference/calendar/calendar-event/calendar-event-update.html).
type UpdatedEvent struct {
	ID           ID   `json:"id"`
	PartID       ID   `json:"recEventId"`   // the part; 0 when all was changed
	OriginalDate Text `json:"originalDate"` // when the part was to begin
	Zone         Text `json:"instanceTz"`
}

// UnmarshalJSON reads an id or the object of a part.
func (u *UpdatedEvent) UnmarshalJSON(data []byte) error {
	*u = UpdatedEvent{}
	if data = bytes.TrimSpace(data); len(data) > 0 && data[0] == '{' {
		type plain UpdatedEvent
		return json.Unmarshal(data, (*plain)(u))
	}
	return u.ID.UnmarshalJSON(data)
}
