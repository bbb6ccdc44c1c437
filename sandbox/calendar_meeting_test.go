package sandbox

import (
	"strings"
	"testing"

	"github.com/oint-go/oint/internal/phpquery"
)

// statuses are the guests of an event and their answers.
func (p *portal) statuses(id any) string {
	p.tb.Helper()
	var list []string
	for _, v := range p.event(id)["ATTENDEE_LIST"].([]any) {
		g := v.(map[string]any)
		list = append(list, phpquery.Text(g["id"])+g["status"].(string))
	}
	return strings.Join(list, " ")
}

// meet makes a meeting of user 2 with others.
func (p *portal) meet(kv ...any) any {
	p.tb.Helper()
	return p.employee(2).addEvent(append([]any{"from", "2026-05-04T10:00:00", "to", "2026-05-04T11:00:00", "is_meeting", "Y"}, kv...)...)
}

func TestCalendarMeeting(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	host := p.employee(2)
	id := p.meet("attendees", list("3", 4, 2, 3), "meeting", arr("notify", true, "allow_invite", "Y", "hide_guests", "maybe"))
	diff(t, "guests", "2H 3Q 4Q", p.statuses(id))
	user := p.user(2)
	wantFields(t, "terms", map[string]any{
		"HOST_NAME": user["NAME"].(string) + " " + user["LAST_NAME"].(string), "NOTIFY": true, "REINVITE": false, "ALLOW_INVITE": true,
		"HIDE_GUESTS": false, "MEETING_CREATOR": number(2), "LANGUAGE_ID": "en", "MAIL_FROM": "",
	}, p.event(id)["MEETING"].(map[string]any))
	for _, guest := range []int{2, 3, 4} {
		diff(t, "everybody has it", []string{"Event 04.05.2026 10:00:00"}, p.happenings(guest, "2026-05-04", "2026-05-04"))
	}
	answer := func(who int64, event any, status string) {
		t.Helper()
		diff(t, "set", any(true), p.employee(who).ok("calendar.meeting.status.set", "eventId", event, "status", status))
		diff(t, "get", any(strings.ToUpper(status)), p.employee(who).ok("calendar.meeting.status.get", "eventId", event))
	}
	answer(3, id, "y")
	copied := p.first("calendar.event.get", "type", "user", "ownerId", 4, "from", "2026-05-04", "to", "2026-05-04")
	entry, _ := copied.Get("ID")
	answer(4, entry, "N")
	diff(t, "answers", "2H 3Y 4N", p.statuses(id))
	diff(t, "in the copy", "2H 3Y 4N", p.statuses(entry))
	diff(t, "own answer", any("N"), p.event(entry)["MEETING_STATUS"])
	diff(t, "the host", any("H"), host.ok("calendar.meeting.status.get", "eventId", id))
	diff(t, "the host stays", any(true), host.ok("calendar.meeting.status.set", "eventId", id, "status", "N"))
	diff(t, "still", any("H"), host.ok("calendar.meeting.status.get", "eventId", id))
	diff(t, "no guest", "400 : Access denied", p.employee(9).refused("calendar.meeting.status.set", "eventId", id, "status", "Y"))

	change := []any{"id", id, "type", "user", "ownerId", 2}
	host.ok("calendar.event.update", append(change, "name", "Moved", "from", "2026-05-05T10:00:00", "to", "2026-05-05T11:00:00")...)
	diff(t, "guests stay", "2H 3Y 4N", p.statuses(id))
	diff(t, "copies follow", []string{"Moved 05.05.2026 10:00:00"}, p.happenings(3, "2026-05-05", "2026-05-05"))
	host.ok("calendar.event.update", append(change, "is_meeting", "Y", "attendees", list(3, 5))...)
	diff(t, "others", "2H 3Y 5Q", p.statuses(id))
	diff(t, "who left has it no more", []string(nil), p.happenings(4, "2026-05-05", "2026-05-05"))
	host.ok("calendar.event.update", append(change, "meeting", arr("reinvite", true))...)
	diff(t, "asked anew", "2H 3Q 5Q", p.statuses(id))
	host.ok("calendar.event.update", append(change, "is_meeting", "Y")...)
	diff(t, "cleared", "2H", p.statuses(id))
	host.ok("calendar.event.update", append(change, "is_meeting", "N")...)
	wantFields(t, "no meeting", map[string]any{"IS_MEETING": false, "MEETING": nil, "MEETING_HOST": "0", "ATTENDEE_LIST": []any{}}, p.event(id))
	host.ok("calendar.event.update", append(change, "is_meeting", "Y")...)
	diff(t, "with the host alone", "2H", p.statuses(id))
}

// TestCalendarMeetingHost lets others change a meeting who know its organizer.
func TestCalendarMeetingHost(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	id := p.meet("attendees", list(3), "meeting", arr("hide_guests", "Y"))
	change := []any{"id", id, "type", "user", "ownerId", 2, "name", "Changed"}
	diff(t, "without host", "400 : Access denied.", p.refused("calendar.event.update", change...))
	diff(t, "another host", "400 : Access denied.", p.refused("calendar.event.update", append(change, "host", 1)...))
	diff(t, "a guest", "400 : Access denied.", p.employee(3).refused("calendar.event.update", append(change, "host", 2)...))
	diff(t, "the administrator", id, p.ok("calendar.event.update", append(change, "host", 2)...))
	diff(t, "the host stays", any("2"), p.event(id)["MEETING_HOST"])
	p.ok("calendar.event.update", append(change, "host", 2, "is_meeting", "Y", "attendees", list(3, 4))...)
	diff(t, "all guests", "2H 3Q 4Q", p.statuses(id))
	diff(t, "hidden ones", "2H 3Q", p.employee(3).statuses(id))
}

// TestCalendarMeetingElsewhere keeps the meetings of groups and companies in the
// calendars of all guests.
func TestCalendarMeetingElsewhere(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	id := p.ok("calendar.event.add", "type", "company_calendar", "ownerId", 0, "section", 1, "name", "All hands", "from", "2026-05-04T15:00:00", "to", "2026-05-04T16:00:00",
		"is_meeting", "Y", "attendees", list(2))
	diff(t, "guests", "1H 2Q", p.statuses(id))
	diff(t, "of the host", []string{"All hands 04.05.2026 15:00:00"}, p.happenings(1, "2026-05-04T14:00:00", "2026-05-04"))
	diff(t, "of the guest", []string{"All hands 04.05.2026 15:00:00"}, p.happenings(2, "2026-05-04", "2026-05-04"))
	p.ok("calendar.event.delete", "id", id)
	diff(t, "gone", []string(nil), p.happenings(2, "2026-05-04", "2026-05-04"))
	mine := p.ok("calendar.event.add", "type", "user", "ownerId", 2, "name", "For you", "from", "2026-05-04", "to", "2026-05-04", "is_meeting", "Y", "attendees", list(2))
	wantFields(t, "for another", map[string]any{"MEETING_STATUS": "Q", "MEETING_HOST": "1", "OWNER_ID": "2"}, p.event(mine))
	diff(t, "once", 1, len(p.happenings(2, "2026-05-04", "2026-05-04")))
}

// TestCalendarMeetingDelete ends a meeting for all when its organizer deletes
// it; a guest only declines.
func TestCalendarMeetingDelete(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	diff(t, "a guest", any(true), p.ok("calendar.event.delete", "id", 2))
	diff(t, "declined", "2H 1N", p.statuses(1))
	diff(t, "the organizer", any(true), p.employee(2).ok("calendar.event.delete", "id", 1))
	for _, id := range []int{1, 2} {
		diff(t, "gone", "400 : Access denied", p.refused("calendar.event.getbyid", "id", id))
	}
}

func TestCalendarAccessibility(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	id := p.meet("attendees", list(3, 4), "private_event", "Y", "accessibility", "quest", "timezone_from", "America/Managua")
	p.employee(4).ok("calendar.meeting.status.set", "eventId", id, "status", "N")
	busy := p.ok("calendar.accessibility.get", "users", list(3, "4", 99), "from", "2026-05-01", "to", "2026-05-31").(map[string]any)
	diff(t, "who declined and who is not there", map[string]any{"4": []any{}, "99": []any{}}, map[string]any{"4": busy["4"], "99": busy["99"]})
	want := map[string]any{
		"ID": busy["3"].([]any)[0].(map[string]any)["ID"], "NAME": "[Tentative]", "DATE_FROM": "04.05.2026 10:00:00", "DATE_TO": "04.05.2026 11:00:00",
		"DATE_FROM_TS_UTC": "1777910400", "DATE_TO_TS_UTC": "1777914000", "~USER_OFFSET_FROM": -21600, "~USER_OFFSET_TO": -21600,
		"DT_SKIP_TIME": "N", "TZ_FROM": "America/Managua", "TZ_TO": "America/Managua", "ACCESSIBILITY": "quest", "IMPORTANCE": "normal", "EVENT_TYPE": nil,
	}
	diff(t, "who is busy", any([]any{want}), busy["3"])
	r, err := p.run("calendar.accessibility.get", arr("users", 1, "from", "2026-01-19", "to", "2026-01-25"))
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "one user", any(map[string]any{"1": 1}), any(map[string]any{"1": len(plainValue(r.value).(map[string]any)["1"].([]any))}))
}

// TestCalendarBusyInvitation refuses to invite who takes no invitations at taken
// times.
func TestCalendarBusyInvitation(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.ok("calendar.user.settings.set", "settings", arr("denyBusyInvitation", true))
	p.addEvent("from", "2026-05-04T10:30:00", "to", "2026-05-04T10:45:00")
	invite := []any{"type", "user", "ownerId", 2, "name", "x", "from", "2026-05-04T10:00:00", "to", "2026-05-04T11:00:00", "is_meeting", "Y", "attendees", list(1)}
	diff(t, "taken", "400 : An error occurred while creating the event", p.employee(2).refused("calendar.event.add", invite...))
	p.employee(2).ok("calendar.event.add", append(invite, "from", "2026-05-04T10:45:00")...)
}
