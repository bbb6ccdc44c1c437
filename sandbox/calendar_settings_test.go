package sandbox

import (
	"strings"
	"testing"

	"github.com/oint-go/oint/internal/phpquery"
)

func TestCalendarUserSettings(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	r, err := p.run("calendar.user.settings.get", arr())
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "keys", strings.Fields(`view meetSection crmSection showDeclined denyBusyInvitation collapseOffHours showWeekNumbers showTasks syncTasks
		showCompletedTasks lastUsedSection sendFromEmail defaultSections syncPeriodPast syncPeriodFuture defaultReminders timezoneName
		timezoneOffsetUTC timezoneDefaultName work_time_start work_time_end`), keysIn(r.value.(*phpquery.Array)))
	begin := p.ok("calendar.user.settings.get").(map[string]any)
	for key, want := range map[string]any{
		"view": "month", "meetSection": "2", "showDeclined": true, "collapseOffHours": "N", "showTasks": "Y", "lastUsedSection": "false",
		"timezoneName": "", "timezoneOffsetUTC": 0, "timezoneDefaultName": "UTC",
	} {
		diff(t, key, want, begin[key])
	}
	diff(t, "set", any(true), p.ok("calendar.user.settings.set", "settings", arr("view", "week", "showDeclined", "N", "collapseOffHours", "Y",
		"syncPeriodPast", 6, "defaultSections", arr("user2", "3"), "unknown", "x", "work_time_start", "1.00")))
	diff(t, "nonsense", any(true), p.ok("calendar.user.settings.set", "settings", arr("view", "decade", "showTasks", "maybe")))
	p.ok("user.update", "ID", 1, "TIME_ZONE", "Asia/Tokyo")
	set := p.ok("calendar.user.settings.get").(map[string]any)
	for key, want := range map[string]any{
		"view": "week", "showDeclined": false, "collapseOffHours": "Y", "syncPeriodPast": "6", "showTasks": "Y",
		"defaultSections": map[string]any{"user2": "3"}, "work_time_start": "9.00",
		"timezoneName": "Asia/Tokyo", "timezoneOffsetUTC": 9 * 60 * 60, "timezoneDefaultName": "",
	} {
		diff(t, "after setting "+key, want, set[key])
	}
	if _, unknown := set["unknown"]; unknown {
		t.Error("an unknown setting was kept")
	}
	diff(t, "of another user", any("month"), p.employee(2).ok("calendar.user.settings.get").(map[string]any)["view"])
	missing := `400 : The required parameter "settings" for the method "calendar.user.settings.set" is not set`
	diff(t, "missing", missing, p.refused("calendar.user.settings.set"))
	diff(t, "no structure", missing, p.refused("calendar.user.settings.set", "settings", "week"))
}

// TestCalendarPreferredSection follows the settings when an event names no
// calendar.
func TestCalendarPreferredSection(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.ok("calendar.section.add", "type", "user", "name", "Second") // 5
	p.ok("calendar.section.add", "type", "user", "name", "Third")  // 6
	section := func(kv ...any) any {
		id := p.ok("calendar.event.add", append([]any{"type", "user", "ownerId", 1, "name", "x", "from", "2026-03-02", "to", "2026-03-02"}, kv...)...)
		return p.ok("calendar.event.getbyid", "id", id).(map[string]any)["SECTION_ID"]
	}
	diff(t, "the first", any("2"), section())
	p.ok("calendar.user.settings.set", "settings", arr("lastUsedSection", "5"))
	diff(t, "the last used", any("5"), section("auto_detect_section", "Y"))
	p.ok("calendar.user.settings.set", "settings", arr("defaultSections", arr("user1", "6")))
	diff(t, "that of the owner", any("6"), section())
	p.ok("calendar.user.settings.set", "settings", arr("defaultSections", arr("user1", "3"), "lastUsedSection", "99"))
	diff(t, "not another's", any("2"), section())
	diff(t, "the given one", any("5"), section("section", 5))
	p.ok("calendar.user.settings.set", "settings", arr("meetSection", "6"))
	p.employee(2).ok("calendar.event.add", "type", "user", "ownerId", 2, "name", "Invitation", "from", "2026-07-01", "to", "2026-07-01", "is_meeting", "Y", "attendees", list(1))
	invited := p.ok("calendar.event.get", "type", "user", "ownerId", 1, "from", "2026-07-01", "to", "2026-07-02").([]any)
	for _, v := range invited {
		if e := v.(map[string]any); e["NAME"] == "Invitation" {
			diff(t, "invitations", any("6"), e["SECTION_ID"])
			return
		}
	}
	t.Errorf("no invitation in %v", invited)
}

func TestCalendarSettings(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	r, err := p.run("calendar.settings.get", arr())
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "keys", strings.Fields(`work_time_start work_time_end year_holidays year_workdays week_holidays week_start user_name_template sync_by_push
		user_show_login path_to_user path_to_user_calendar path_to_group path_to_group_calendar path_to_vr path_to_rm rm_iblock_type rm_iblock_id
		dep_manager_sub denied_superpose_types pathes_for_sites forum_id rm_for_sites path_to_type_company_calendar path_to_type_location
		path_to_type_open_event`), keysIn(r.value.(*phpquery.Array)))
	settings := p.ok("calendar.settings.get").(map[string]any)
	diff(t, "weekend", any([]any{"SA", "SU"}), settings["week_holidays"])
	diff(t, "begin of work", any("9"), settings["work_time_start"])
}
