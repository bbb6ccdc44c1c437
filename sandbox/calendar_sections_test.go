package sandbox

import (
	"slices"
	"strings"
	"testing"

	"github.com/oint-go/oint/internal/phpquery"
)

// employee calls as somebody without special rights.
func (p *portal) employee(id int64) *portal {
	return p.as(principal{userID: id, scopes: fullScopes})
}

// first is the first row of a list as the portal wrote it.
func (p *portal) first(name string, kv ...any) *phpquery.Array {
	p.tb.Helper()
	r, err := p.run(name, arr(kv...))
	if err != nil {
		p.tb.Fatalf("%s %v: %v", name, kv, err)
	}
	row, _ := r.value.(*phpquery.Array).Get("0")
	return row.(*phpquery.Array)
}

// sections are the calendars of an owner by id.
func (p *portal) sections(kind string, owner int) map[string]map[string]any {
	p.tb.Helper()
	byID := map[string]map[string]any{}
	for _, v := range p.ok("calendar.section.get", "type", kind, "ownerId", owner).([]any) {
		section := v.(map[string]any)
		byID[section["ID"].(string)] = section
	}
	return byID
}

func TestCalendarSectionShape(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	diff(t, "keys", strings.Fields(`ID NAME GAPI_CALENDAR_ID DESCRIPTION COLOR TEXT_COLOR EXPORT CAL_TYPE OWNER_ID CREATED_BY DATE_CREATE
		TIMESTAMP_X CAL_DAV_CON SYNC_TOKEN PAGE_TOKEN EXTERNAL_TYPE ACCESS IS_COLLAB PERM`), keysIn(p.first("calendar.section.get", "type", "user")))
	company := p.sections(companyCalendar, 0)["1"]
	diff(t, "owner", any("0"), company["OWNER_ID"])
	diff(t, "export", any(map[string]any{"ALLOW": true}), company["EXPORT"])
	diff(t, "no synchronization", any(nil), company["SYNC_TOKEN"])
	all := map[string]any{"view_time": true, "view_title": true, "view_full": true, "add": true, "edit": true, "edit_section": true, "access": true}
	diff(t, "an administrator's rights", any(all), company["PERM"])
	reads := map[string]any{"view_time": true, "view_title": true, "view_full": true, "add": false, "edit": false, "edit_section": false, "access": false}
	diff(t, "an employee's rights", any(reads), p.employee(7).sections(companyCalendar, 0)["1"]["PERM"])
	glimpses := map[string]any{"view_time": true, "view_title": true, "view_full": false, "add": false, "edit": false, "edit_section": false, "access": false}
	diff(t, "a colleague's rights", any(glimpses), p.employee(7).sections(userCalendar, 1)["2"]["PERM"])
}

// TestCalendarSectionOnDemand makes the first calendar when it is asked for, for
// owners that exist.
func TestCalendarSectionOnDemand(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	own := p.employee(7).ok("calendar.section.get", "type", "user").([]any)[0].(map[string]any)
	user := p.user(7)
	diff(t, "its name", any(user["NAME"].(string)+" "+user["LAST_NAME"].(string)), own["NAME"])
	diff(t, "its owner", any("7"), own["OWNER_ID"])
	diff(t, "once", p.sections(userCalendar, 7), p.sections(userCalendar, 7))
	diff(t, "a group's", any("Partners"), p.sections(groupCalendar, 1)["6"]["NAME"])
	for _, tt := range []struct {
		kind  string
		owner int
	}{{"user", 99}, {"group", 99}, {"company_calendar", 5}, {"resource", 0}} {
		if got := p.sections(tt.kind, tt.owner); len(got) != 0 {
			t.Errorf("%s %d: %v", tt.kind, tt.owner, got)
		}
	}
}

func TestCalendarSectionLife(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	diff(t, "add", any(number(5)), p.ok("calendar.section.add", "type", "user", "ownerId", 3, "name", " Travel ", "description", "Far away",
		"color", "#9CBEEE", "text_color", "%23283000", "export", arr("ALLOW", "False", "SET", "3_9")))
	section := p.sections(userCalendar, 3)["5"]
	for field, want := range map[string]any{
		"NAME": " Travel ", "DESCRIPTION": "Far away", "COLOR": "#9CBEEE", "TEXT_COLOR": "#232830",
		"EXPORT": map[string]any{"ALLOW": false, "SET": "3_9"}, "CAL_TYPE": "user", "OWNER_ID": "3", "CREATED_BY": "1",
	} {
		diff(t, field, want, section[field])
	}
	diff(t, "update", any(number(5)), p.employee(3).ok("calendar.section.update", "type", "user", "id", "5", "name", "Trips", "color", "#fff"))
	section = p.sections(userCalendar, 3)["5"]
	for field, want := range map[string]any{"NAME": "Trips", "DESCRIPTION": "Far away", "COLOR": "#fff", "TEXT_COLOR": "#232830"} {
		diff(t, "updated "+field, want, section[field])
	}
	event := p.ok("calendar.event.add", "type", "user", "ownerId", 3, "section", 5, "name", "Trip", "from", "2026-05-01", "to", "2026-05-02")
	diff(t, "delete", any(true), p.employee(3).ok("calendar.section.delete", "type", "user", "ownerId", 3, "id", 5))
	diff(t, "its events go too", "400 : Access denied", p.refused("calendar.event.getbyid", "id", event))
	if got := p.sections(userCalendar, 3); len(got) != 1 || got["5"] != nil {
		t.Errorf("after the deletion: %v", got)
	}
}

// TestCalendarSectionInvitations keeps a meeting when the guest deletes the
// calendar in which it stands.
func TestCalendarSectionInvitations(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.ok("calendar.section.delete", "type", "user", "ownerId", 1, "id", 2)
	events := p.ok("calendar.event.get", "type", "user", "ownerId", 1, "from", "2026-01-01", "to", "2026-01-31").([]any)
	var names []string
	for _, v := range events {
		e := v.(map[string]any)
		names = append(names, e["NAME"].(string))
		diff(t, "its new calendar", any("5"), e["SECTION_ID"])
	}
	diff(t, "what is left", []string{"Sales review"}, names)
}

func TestCalendarSectionErrors(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	add, get, update, remove := "calendar.section.add", "calendar.section.get", "calendar.section.update", "calendar.section.delete"
	tests := []struct {
		method string
		params []any
		want   string
	}{
		{get, []any{}, `400 : The required parameter "type" for the method "calendar.section.get" is not set`},
		{get, []any{"type", "group"}, `400 : The required parameter "ownerId" for the method "calendar.section.get" is not set`},
		{add, []any{"name", "x"}, `400 : The required parameter "type" for the method "calendar.section.add" is not set.`},
		{add, []any{"type", "group", "name", "x"}, `400 : The required parameter "ownerId" for the method "calendar.section.add" is not set.`},
		{add, []any{"type", "user"}, `400 : Invalid value for the "name" parameter`},
		{add, []any{"type", "user", "name", " "}, `400 : Invalid value for the "name" parameter`},
		{add, []any{"type", "user", "name", list("x")}, `400 : Invalid value for the "name" parameter`},
		{add, []any{"type", "user", "name", "x", "description", list("x")}, `400 : Invalid value for the "description" parameter`},
		{add, []any{"type", "user", "ownerId", 99, "name", "x"}, "400 : Access denied"},
		{add, []any{"type", "group", "ownerId", 99, "name", "x"}, "400 : Access denied"},
		{add, []any{"type", "resource", "ownerId", 0, "name", "x"}, "400 : Access denied"},
		{update, []any{"id", 2}, `400 : The required parameter "type" for the method "calendar.section.update" is not set`},
		{update, []any{"type", "user"}, "400 : Section ID is not set"},
		{update, []any{"type", "user", "id", 99}, "400 : Access denied"},
		{update, []any{"type", "user", "id", 3, "name", "x"}, "400 : Access denied"},
		{update, []any{"type", "user", "id", 2, "name", ""}, `400 : Invalid value for the "name" parameter`},
		{remove, []any{"id", 2}, `400 : The required parameter "type" for the method "calendar.section.delete" is not set.`},
		{remove, []any{"type", "group", "id", 2}, `400 : The required parameter "ownerId" for the method "calendar.section.delete" is not set.`},
		{remove, []any{"type", "user"}, "400 : Section ID is not set."},
		{remove, []any{"type", "user", "id", 99}, "400 : Access denied."},
	}
	for _, tt := range tests {
		diff(t, tt.method+" "+describe(list(tt.params...)), tt.want, p.refused(tt.method, tt.params...))
	}
	employee, extranet := p.employee(7), p.employee(extranetID)
	diff(t, "another's calendar", "400 : Access denied", employee.refused(add, "type", "user", "ownerId", 2, "name", "x"))
	diff(t, "the company's calendar", "400 : Access denied", employee.refused(add, "type", "company_calendar", "ownerId", 0, "name", "x"))
	diff(t, "another's deleted", "400 : Access denied.", employee.refused(remove, "type", "user", "ownerId", 2, "id", 3))
	diff(t, "an external user", "400 : Access denied", extranet.refused(get, "type", "user"))
	diff(t, "an external user adds", "400 : Access denied", extranet.refused(add, "type", "user", "name", "x"))
	blind := p.as(principal{userID: 1, admin: true, scopes: []string{"user"}})
	for _, m := range calendarMethods() {
		if got := blind.refused(m.name); !strings.HasPrefix(got, "403 insufficient_scope") {
			t.Errorf("%s without its scope: %s", m.name, got)
		}
	}
}

// TestCalendarRefusalsInLog counts refusals without a code as failures.
func TestCalendarRefusalsInLog(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	c := &call{ctx: t.Context(), sb: p.sb, params: arr(), who: p.who}
	if _, err := p.sb.run(c, "calendar.section.get"); err == nil {
		t.Fatal("not refused")
	}
	if failed := p.sb.Stats().Failed; failed != 1 {
		t.Errorf("%d failures", failed)
	}
	if !slices.ContainsFunc(p.sb.Log(), func(c Command) bool { return c.Code == "Bad Request" }) {
		t.Errorf("log %v", p.sb.Log())
	}
}
