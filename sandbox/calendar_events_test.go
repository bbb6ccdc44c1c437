package sandbox

import (
	"strings"
	"testing"
)

// event reads an event.
func (p *portal) event(id any) map[string]any {
	p.tb.Helper()
	return p.ok("calendar.event.getbyid", "id", id).(map[string]any)
}

// addEvent creates an event of user 1 that may be said more about.
func (p *portal) addEvent(kv ...any) any {
	p.tb.Helper()
	return p.ok("calendar.event.add", append([]any{"type", "user", "ownerId", p.who.userID, "name", "Event"}, kv...)...)
}

// happenings are the beginnings of a user's events between two days.
func (p *portal) happenings(owner int, from, to string) []string {
	p.tb.Helper()
	var list []string
	for _, v := range p.ok("calendar.event.get", "type", "user", "ownerId", owner, "from", from, "to", to).([]any) {
		e := v.(map[string]any)
		list = append(list, e["NAME"].(string)+" "+e["DATE_FROM"].(string))
	}
	return list
}

func wantFields(tb testing.TB, what string, want, got map[string]any) {
	tb.Helper()
	for field, v := range want {
		diff(tb, what+": "+field, v, got[field])
	}
}

func TestCalendarEventShape(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	keys := strings.Fields(`ID PARENT_ID DELETED CAL_TYPE OWNER_ID NAME DATE_FROM DATE_TO ORIGINAL_DATE_FROM TZ_FROM TZ_TO TZ_OFFSET_FROM TZ_OFFSET_TO
		DATE_FROM_TS_UTC DATE_TO_TS_UTC DT_SKIP_TIME DT_LENGTH EVENT_TYPE CREATED_BY DATE_CREATE TIMESTAMP_X DESCRIPTION PRIVATE_EVENT ACCESSIBILITY
		IMPORTANCE IS_MEETING MEETING_STATUS MEETING_HOST MEETING LOCATION REMIND COLOR RRULE EXDATE DAV_XML_ID G_EVENT_ID DAV_EXCH_LABEL
		CAL_DAV_LABEL VERSION ATTENDEES_CODES RECURRENCE_ID RELATIONS SECTION_ID SYNC_STATUS UF_CRM_CAL_EVENT UF_WEBDAV_CAL_EVENT SECTION_DAV_XML_ID
		DATE_FROM_FORMATTED DATE_TO_FORMATTED SECT_ID ATTENDEE_LIST COLLAB_ID ~RRULE_DESCRIPTION attendeesEntityList ~DESCRIPTION ~USER_OFFSET_FROM
		~USER_OFFSET_TO`)
	diff(t, "keys", keys, keysIn(p.first("calendar.event.get", "type", "user", "ownerId", 1, "from", "2026-01-16", "to", "2026-01-31")))
	want := []any{
		map[string]any{"id": number(2), "entryId": "1", "status": "H"}, map[string]any{"id": number(1), "entryId": "2", "status": "Q"},
	}
	diff(t, "attendees", any(want), p.event(1)["ATTENDEE_LIST"])
	wantFields(t, "meeting", map[string]any{
		"ID": "1", "PARENT_ID": "1", "DELETED": "N", "OWNER_ID": "2", "IS_MEETING": true, "MEETING_STATUS": "H", "MEETING_HOST": "2",
		"ATTENDEES_CODES": []any{"U2", "U1"}, "RRULE": "", "RELATIONS": "", "RECURRENCE_ID": nil, "UF_CRM_CAL_EVENT": false, "DT_LENGTH": int64(3600),
		"attendeesEntityList": []any{map[string]any{"entityId": "user", "id": number(2)}, map[string]any{"entityId": "user", "id": number(1)}},
	}, p.event(1))
	wantFields(t, "copy", map[string]any{"ID": "2", "PARENT_ID": "1", "OWNER_ID": "1", "SECTION_ID": "2", "MEETING_STATUS": "Q", "ATTENDEE_LIST": want}, p.event(2))
	wantFields(t, "whole day", map[string]any{
		"DATE_FROM": "15.01.2026 00:00:00", "DATE_FROM_FORMATTED": "Thu Jan 15 2026", "DT_SKIP_TIME": "Y", "DT_LENGTH": int64(86400),
		"IS_MEETING": false, "MEETING_STATUS": "Y", "MEETING_HOST": "0", "MEETING": nil, "ACCESSIBILITY": "free",
	}, p.event(4))
}

func TestCalendarEventFields(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	id := p.addEvent("section", 2, "from", "2026-05-04 10:00:00", "to", "2026-05-04 11:30:00", "timezone_from", "Europe/Riga", "description", "About it",
		"color", "#9dcf00", "text_color", "#283033", "accessibility", "quest", "importance", "high", "private_event", "Y", "location", "Room 5",
		"remind", list(arr("type", "min", "count", "50"), arr("type", "week", "count", 1)), "crm_fields", list("CO_1", "L_5"))
	diff(t, "id", any(number(5)), id)
	wantFields(t, "created", map[string]any{
		"CAL_TYPE": "user", "OWNER_ID": "1", "NAME": "Event", "DATE_FROM": "04.05.2026 10:00:00", "DATE_TO": "04.05.2026 11:30:00",
		"TZ_FROM": "Europe/Riga", "TZ_TO": "Europe/Riga", "TZ_OFFSET_FROM": "10800", "DATE_FROM_TS_UTC": "1777878000", "DATE_TO_TS_UTC": "1777883400",
		"DT_SKIP_TIME": "N", "DT_LENGTH": int64(5400), "CREATED_BY": "1", "DESCRIPTION": "About it", "~DESCRIPTION": "About it", "PRIVATE_EVENT": "1",
		"ACCESSIBILITY": "quest", "IMPORTANCE": "high", "LOCATION": "Room 5", "COLOR": "#9dcf00", "TEXT_COLOR": "#283033", "VERSION": "1",
		"REMIND": []any{map[string]any{"type": "min", "count": number(50)}}, "UF_CRM_CAL_EVENT": []any{"CO_1", "L_5"}, "SECT_ID": "2",
		"DATE_FROM_FORMATTED": "Mon May 04 2026 10:00:00", "DATE_TO_FORMATTED": "Mon May 04 2026 11:30:00", "~USER_OFFSET_FROM": 10800,
	}, p.event(id))
	diff(t, "update", id, p.ok("calendar.event.update", "id", id, "type", "user", "ownerId", 1, "name", "Changed", "private_event", "N", "importance", "urgent",
		"description", "", "crm_fields", list(), "remind", list()))
	wantFields(t, "changed", map[string]any{
		"NAME": "Changed", "PRIVATE_EVENT": "", "IMPORTANCE": "normal", "DESCRIPTION": "", "UF_CRM_CAL_EVENT": false, "REMIND": []any{},
		"LOCATION": "Room 5", "DATE_FROM": "04.05.2026 10:00:00", "VERSION": "2",
	}, p.event(id))
	p.ok("calendar.event.update", "id", id, "type", "company_calendar", "ownerId", 0, "section", 1)
	wantFields(t, "moved", map[string]any{"CAL_TYPE": "company_calendar", "OWNER_ID": "0", "SECTION_ID": "1"}, p.event(id))
	diff(t, "delete", any(true), p.ok("calendar.event.delete", "id", id))
	diff(t, "gone", "400 : Access denied", p.refused("calendar.event.getbyid", "id", id))
}

// TestCalendarEventTimes reads times by the documented priority: a zone in the
// text, the zone parameters, the caller's own zone.
func TestCalendarEventTimes(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.ok("user.update", "ID", 1, "TIME_ZONE", "Asia/Tokyo")
	tests := []struct {
		name   string
		params []any
		from   string
		to     string
		zone   string
	}{
		{"own zone", []any{"from", "2026-05-04T10:00:00", "to", "2026-05-04 11:00"}, "04.05.2026 10:00:00", "04.05.2026 11:00:00", "Asia/Tokyo"},
		{"offset", []any{"from", "2026-05-04T10:00:00+02:00", "to", "2026-05-04T09:00:00Z", "timezone_from", "Europe/Riga"}, "04.05.2026 17:00:00", "04.05.2026 18:00:00", "Asia/Tokyo"},
		{"zones", []any{"from", "04.05.2026 10:00:00", "to", "04.05.2026 11:00:00", "timezone_from", "Europe/Riga", "timezone_to", "Europe/Berlin"}, "04.05.2026 10:00:00", "04.05.2026 11:00:00", "Europe/Riga"},
		{"American", []any{"from", "05/04/2026 10:00:00", "to", "5/4/2026 1:30:00 PM"}, "04.05.2026 10:00:00", "04.05.2026 13:30:00", "Asia/Tokyo"},
		{"seconds", []any{"from_ts", 1777885200, "to_ts", "1777888800"}, "04.05.2026 18:00:00", "04.05.2026 19:00:00", "Asia/Tokyo"},
		{"whole days", []any{"from", "2026-05-04", "to", "2026-05-05", "skip_time", "Y"}, "04.05.2026 00:00:00", "05.05.2026 00:00:00", "Asia/Tokyo"},
		{"midnights", []any{"from", "2026-05-04", "to", "2026-05-05"}, "04.05.2026 00:00:00", "05.05.2026 00:00:00", "Asia/Tokyo"},
	}
	for _, tt := range tests {
		e := p.event(p.addEvent(tt.params...))
		wantFields(t, tt.name, map[string]any{"DATE_FROM": tt.from, "DATE_TO": tt.to, "TZ_FROM": tt.zone}, e)
	}
	whole := p.addEvent("from", "2026-06-01", "to", "2026-06-02", "skip_time", "Y")
	wantFields(t, "two days", map[string]any{"DT_LENGTH": int64(2 * 86400), "DATE_FROM_TS_UTC": "1780272000", "DATE_TO_FORMATTED": "Tue Jun 02 2026"}, p.event(whole))
	p.ok("calendar.event.update", "id", whole, "type", "user", "ownerId", 1, "skip_time", "N")
	wantFields(t, "from days to times", map[string]any{"DATE_FROM": "01.06.2026 00:00:00", "DATE_FROM_TS_UTC": "1780239600", "DT_SKIP_TIME": "N"}, p.event(whole))
	p.ok("calendar.event.update", "id", whole, "type", "user", "ownerId", 1, "to", "2026-06-03 12:00:00", "skip_time", "Y")
	wantFields(t, "and back", map[string]any{"DATE_FROM": "01.06.2026 00:00:00", "DATE_TO": "03.06.2026 00:00:00", "DT_SKIP_TIME": "Y"}, p.event(whole))
}

// TestCalendarEventWindow finds events by days, calendars and owners.
func TestCalendarEventWindow(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.ok("calendar.section.add", "type", "user", "name", "Second") // 5
	for _, e := range [][]any{
		{"name", "late", "from", "2026-05-04T23:00:00", "to", "2026-05-05T01:00:00", "section", 5},
		{"name", "whole", "from", "2026-05-06", "to", "2026-05-07", "skip_time", "Y", "section", 5},
		{"name", "moment", "from", "2026-05-08T00:00:00", "to", "2026-05-08T00:00:00", "section", 2},
	} {
		p.addEvent(e...)
	}
	const late, whole, moment = "late 04.05.2026 23:00:00", "whole 06.05.2026 00:00:00", "moment 08.05.2026 00:00:00"
	const planning = "Weekly planning 04.05.2026 09:00:00"
	for _, tt := range []struct {
		from, to string
		want     []string
	}{
		{"2026-05-01", "2026-05-03", nil},
		{"2026-05-04", "2026-05-04", []string{planning, late}},
		{"2026-05-05", "2026-05-05", []string{late}},
		{"2026-05-07", "2026-05-07", []string{whole}},
		{"2026-05-08", "2026-05-10", []string{moment}},
		{"2026-05-04T10:00:00", "2026-05-07", []string{late, whole}},
		{"05.05.2026", "5/8/2026", []string{late, whole, moment}},
		{"2026-05-10", "2026-05-04", nil},
	} {
		diff(t, tt.from+" to "+tt.to, tt.want, p.happenings(1, tt.from, tt.to))
	}
	in := func(section any) int {
		return len(p.ok("calendar.event.get", "type", "user", "ownerId", 1, "from", "2026-05-04", "to", "2026-05-08", "section", section).([]any))
	}
	diff(t, "in one calendar", 2, in(list(5)))
	diff(t, "in two", 4, in(list("5", 2)))
	diff(t, "in none", 0, in(list(99)))
	diff(t, "company", 1, len(p.ok("calendar.event.get", "type", "company_calendar", "ownerId", "", "from", "2026-01-01", "to", "2026-01-31").([]any)))
	diff(t, "no such type", 0, len(p.ok("calendar.event.get", "type", "resource", "ownerId", 0).([]any)))
	// Without days: a month back and three ahead, so thirteen weeks or more of a weekly event.
	if n := len(p.ok("calendar.event.get", "type", "user", "ownerId", 1).([]any)); n < 13 || n > 19 {
		t.Errorf("%d events around now", n)
	}
}

func TestCalendarEventNearest(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	count := func(kv ...any) int { return len(p.ok("calendar.event.get.nearest", kv...).([]any)) }
	if n := count(); n < 8 || n > 9 {
		t.Errorf("%d events in 60 days", n)
	}
	diff(t, "at most", 3, count("maxEventsCount", 3))
	if n := count("days", 14); n < 2 || n > 3 {
		t.Errorf("%d events in 14 days", n)
	}
	diff(t, "of the company", 0, count("forCurrentUser", false, "type", "company_calendar", "ownerId", 0))
	diff(t, "external", "400 : Access denied", p.employee(extranetID).refused("calendar.event.get.nearest"))
}

func TestCalendarEventErrors(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	add, update := "calendar.event.add", "calendar.event.update"
	with := func(kv ...any) []any {
		return append([]any{"type", "user", "ownerId", 1, "name", "x", "from", "2026-05-04", "to", "2026-05-05"}, kv...)
	}
	change := func(kv ...any) []any { return append([]any{"id", 3, "type", "user", "ownerId", 1}, kv...) }
	section := "400 : You specified an invalid calendar section ID or the user does not have access to it"
	failed := "400 : An error occurred while creating the event"
	tests := []struct {
		method string
		params []any
		want   string
	}{
		{add, []any{}, `400 : The required parameter "type" for the method "calendar.event.add" is not set`},
		{add, []any{"type", "user"}, `400 : The required parameter "ownerId" for the method "calendar.event.add" is not set`},
		{add, []any{"type", "user", "ownerId", 1}, `400 : The required parameter "name" for the method "calendar.event.add" is not set`},
		{add, []any{"type", "user", "ownerId", 1, "name", "x"}, `400 : The required parameter "from" for the method "calendar.event.add" is not set`},
		{add, []any{"type", "user", "ownerId", 1, "name", "x", "from_ts", 1}, `400 : The required parameter "to" for the method "calendar.event.add" is not set`},
		{add, with("auto_detect_section", "N"), `400 : The required parameter "section" for the method "calendar.event.add" is not set`},
		{add, with("name", list("x")), `400 : Invalid value for the parameter "name"`},
		{add, with("description", list("x")), `400 : Invalid value for the parameter "description"`},
		{add, with("ownerId", 99), "400 : Access denied"},
		{add, with("section", 99), section},
		{add, with("section", 3), section},
		{add, with("crm_fields", "L_5"), "400 : The list of event links to CRM must be an array"},
		{add, with("from", "soon"), failed},
		{add, with("to", "2026-05-03"), failed},
		{add, with("timezone_from", "Europe/Nowhere"), failed},
		{add, with("rrule", arr("FREQ", "HOURLY")), failed},
		{add, with("rrule", arr("FREQ", "WEEKLY", "BYDAY", list("XX"))), failed},
		{add, with("rrule", arr("FREQ", "DAILY", "UNTIL", "never")), failed},
		{add, with("rrule", "FREQ=DAILY"), failed},
		{add, with("is_meeting", "Y", "attendees", list(99)), failed},
		{update, []any{}, `400 : The required parameter "id" for the method "calendar.event.update" is not set.`},
		{update, []any{"id", 3}, `400 : The required parameter "type" for the method "calendar.event.update" is not set.`},
		{update, []any{"id", 3, "type", "user"}, `400 : The required parameter "ownerId" for the method "calendar.event.update" is not set.`},
		{update, change("name", list("x")), `400 : Invalid value for the "name" parameter.`},
		{update, change("description", list("x")), `400 : Invalid value for the "description" parameter.`},
		{update, change("id", 99), "400 : Access denied."},
		{update, change("ownerId", 2), "400 : Access denied."},
		{update, change("section", 99), section + "."},
		{update, change("crm_fields", "L_5"), "400 : The event's CRM links list must be an array."},
		{update, change("recurrence_mode", "some"), "400 : An invalid editing type for the recurring event is specified."},
		{update, change("recurrence_mode", "this"), "400 : An error occurred while changing the event."},
		{update, change("recurrence_mode", "next", "current_date_from", "2026-01-20"), "400 : An error occurred while changing the event."},
		{update, change("to", "2020-01-01"), "400 : An error occurred while changing the event."},
		{"calendar.event.getbyid", []any{}, `400 : The required parameter "id" for the method "calendar.event.getbyid" is not set`},
		{"calendar.event.getbyid", []any{"id", 99}, "400 : Access denied"},
		{"calendar.event.get", []any{}, `400 : Required parameter "type" is not specified for method "calendar.event.get"`},
		{"calendar.event.get", []any{"type", "user"}, `400 : Required parameter "ownerId" is not specified for method "calendar.event.get"`},
		{"calendar.event.delete", []any{}, "400 : Event id not specified"},
		{"calendar.event.delete", []any{"id", 99}, "400 : An error occurred while deleting the event"},
		{"calendar.meeting.status.get", []any{}, `400 : The required parameter "eventId" for the method "calendar.meeting.status.set" is not set`},
		{"calendar.meeting.status.get", []any{"eventId", 3}, "400 : An error occurred while retrieving the status"},
		{"calendar.meeting.status.get", []any{"eventId", 99}, "400 : An error occurred while retrieving the status"},
		{"calendar.meeting.status.set", []any{"status", "Y"}, `400 : The required parameter "eventId" for the method "calendar.meeting.status.set" is not set`},
		{"calendar.meeting.status.set", []any{"eventId", 1}, `400 : The required parameter "status" for the method "calendar.meeting.status.set" is not set`},
		{"calendar.meeting.status.set", []any{"eventId", 1, "status", "H"}, `400 : Invalid value for the parameter "status"`},
		{"calendar.meeting.status.set", []any{"eventId", 99, "status", "Y"}, "400 : Access denied"},
		{"calendar.accessibility.get", []any{"to", "x", "users", 1}, `400 : The required parameter "from" for the method "calendar.accessibility.get" is not set.`},
		{"calendar.accessibility.get", []any{"from", "x", "users", 1}, `400 : The required parameter "to" for the method "calendar.accessibility.get" is not set.`},
		{"calendar.accessibility.get", []any{"from", "x", "to", "x", "users", list()}, `400 : The required parameter "users" for the method "calendar.accessibility.get" is not set.`},
	}
	before := []any{p.happenings(1, "2026-01-01", "2026-03-01"), p.event(1), p.event(3)}
	for _, tt := range tests {
		diff(t, tt.method+" "+describe(list(tt.params...)), tt.want, p.refused(tt.method, tt.params...))
	}
	diff(t, "events after refusals", before, []any{p.happenings(1, "2026-01-01", "2026-03-01"), p.event(1), p.event(3)})
}

// TestCalendarEventRights lets colleagues see when somebody is busy, and nothing
// of what is private.
func TestCalendarEventRights(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	open := p.addEvent("from", "2026-05-04T10:00:00", "to", "2026-05-04T11:00:00", "description", "Secret", "location", "Room 5", "crm_fields", list("L_5"))
	private := p.addEvent("from", "2026-05-04T12:00:00", "to", "2026-05-04T13:00:00", "private_event", "Y", "accessibility", "absent")
	colleague := p.employee(7)
	wantFields(t, "a colleague", map[string]any{"NAME": "Event", "DESCRIPTION": "", "LOCATION": "", "UF_CRM_CAL_EVENT": false, "REMIND": []any{}}, colleague.event(open))
	wantFields(t, "private", map[string]any{"NAME": "[Away]", "DATE_FROM": "04.05.2026 12:00:00"}, colleague.event(private))
	diff(t, "in the list", []string{"Event 04.05.2026 10:00:00", "[Away] 04.05.2026 12:00:00"}, colleague.happenings(1, "2026-05-04T10:00:00", "2026-05-04"))
	diff(t, "own", []string{"Event 04.05.2026 10:00:00", "Event 04.05.2026 12:00:00"}, p.happenings(1, "2026-05-04T10:00:00", "2026-05-04"))
	wantFields(t, "a guest", map[string]any{"DESCRIPTION": "Figures of the quarter"}, p.event(1))
	wantFields(t, "no guest", map[string]any{"DESCRIPTION": "", "ATTENDEE_LIST": []any{}}, colleague.event(1))
	wantFields(t, "the company's", map[string]any{"NAME": "Founding day"}, colleague.event(4))
	diff(t, "adds for another", "400 : Access denied", colleague.refused("calendar.event.add", "type", "user", "ownerId", 1, "name", "x", "from", "2026-05-04", "to", "2026-05-04"))
	diff(t, "adds for the company", "400 : Access denied", colleague.refused("calendar.event.add", "type", "company_calendar", "ownerId", 0, "name", "x", "from", "2026-05-04", "to", "2026-05-04"))
	booked := colleague.ok("calendar.event.add", "type", "location", "ownerId", 0, "section", 4, "name", "Booked", "from", "2026-05-04T10:00:00", "to", "2026-05-04T11:00:00")
	wantFields(t, "books a room", map[string]any{"CAL_TYPE": "location", "CREATED_BY": "7"}, p.event(booked))
	diff(t, "changes another's", "400 : Access denied.", colleague.refused("calendar.event.update", "id", open, "type", "user", "ownerId", 1, "name", "x"))
	diff(t, "deletes another's", "400 : An error occurred while deleting the event", colleague.refused("calendar.event.delete", "id", open))
	for _, name := range []string{"calendar.event.add", "calendar.event.get", "calendar.event.getbyid", "calendar.event.update", "calendar.accessibility.get"} {
		got := p.employee(extranetID).refused(name, "id", open, "type", "user", "ownerId", 1, "name", "x", "from", "2026-05-04", "to", "2026-05-04", "users", 1)
		diff(t, name+" from outside", "400 : Access denied", strings.TrimSuffix(got, "."))
	}
}
