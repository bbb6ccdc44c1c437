package sandbox

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// calendarSettingsEntity is what a user has set up for the own calendar; the id
// is that of the user.
//
// https://apidocs.bitrix24.com/api-reference/calendar/calendar-user-settings-set.html
var calendarSettingsEntity = &entity{
	name:  "calendar_settings",
	camel: true,
	fields: []field{
		{name: "VIEW", kind: wordKind("day", "week", "month", "list"), always: true},
		{name: "MEET_SECTION", kind: textKind, always: true},
		{name: "CRM_SECTION", kind: textKind, always: true},
		{name: "SHOW_DECLINED", kind: flagKind, always: true},
		{name: "DENY_BUSY_INVITATION", kind: flagKind, always: true},
		{name: "COLLAPSE_OFF_HOURS", kind: letterKind, always: true},
		{name: "SHOW_WEEK_NUMBERS", kind: letterKind, always: true},
		{name: "SHOW_TASKS", kind: letterKind, always: true},
		{name: "SYNC_TASKS", kind: letterKind, always: true},
		{name: "SHOW_COMPLETED_TASKS", kind: letterKind, always: true},
		{name: "LAST_USED_SECTION", kind: textKind, always: true},
		{name: "SEND_FROM_EMAIL", kind: textKind, always: true},
		{name: "DEFAULT_SECTIONS", kind: treeKind, always: true},
		{name: "SYNC_PERIOD_PAST", kind: textKind, always: true},
		{name: "SYNC_PERIOD_FUTURE", kind: textKind, always: true},
		{name: "DEFAULT_REMINDERS", kind: treeKind, always: true},
	},
}

// wordKind is one of some words; anything else is passed over.
func wordKind(words ...string) kind {
	take := func(v any) (any, error) {
		if given := strings.ToLower(phpquery.Text(v)); slices.Contains(words, given) {
			return given, nil
		}
		return nil, errIgnored
	}
	return kind{take: take, show: showAsIs, key: keyText, parse: parseText}
}

// userSettings reads the settings of a user, over those that everybody begins
// with.
func userSettings(c *call, tx *sql.Tx, user int64) (document, error) {
	reminder := phpquery.NewArray()
	reminder.Set("type", "min")
	reminder.Set("count", number(15))
	reminders := phpquery.NewArray()
	reminders.Set("fullDay", phpquery.List(reminder))
	reminders.Set("withTime", phpquery.List(reminder))
	settings := document{
		"VIEW": "month", "MEET_SECTION": "", "CRM_SECTION": "", "SHOW_DECLINED": true, "DENY_BUSY_INVITATION": false,
		"COLLAPSE_OFF_HOURS": false, "SHOW_WEEK_NUMBERS": false, "SHOW_TASKS": true, "SYNC_TASKS": false,
		"SHOW_COMPLETED_TASKS": false, "LAST_USED_SECTION": "false", "SEND_FROM_EMAIL": "",
		"DEFAULT_SECTIONS": plain(phpquery.NewArray()), "SYNC_PERIOD_PAST": "3", "SYNC_PERIOD_FUTURE": "12",
		"DEFAULT_REMINDERS": plain(reminders),
	}
	own, err := calendarSettingsEntity.find(c.ctx, tx, user)
	for key, v := range own {
		settings[key] = v
	}
	return settings, err
}

// calendarUserSettingsGet answers the caller's settings. Until they name other
// ones, invitations and CRM events go to the caller's first calendar.
//
// https://apidocs.bitrix24.com/api-reference/calendar/calendar-user-settings-get.html
func calendarUserSettingsGet(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		settings, err := userSettings(c, tx, c.who.userID)
		if err != nil {
			return result{}, err
		}
		first, err := calendar{userCalendar, c.who.userID}.firstSection(c, tx)
		if err != nil {
			return result{}, err
		}
		for _, key := range []string{"MEET_SECTION", "CRM_SECTION"} {
			if settings[key] == "" {
				settings[key] = fmt.Sprint(first)
			}
		}
		shown := calendarSettingsEntity.show(c, row{c.who.userID, settings}, listing{entity: calendarSettingsEntity}.selected(phpquery.NewArray()))
		me, err := userEntity.find(c.ctx, tx, c.who.userID)
		if err != nil {
			return result{}, err
		}
		name, _ := me["TIME_ZONE"].(string)
		zone, known := zoneNamed(name)
		shown.Set("timezoneName", "")
		shown.Set("timezoneOffsetUTC", offsetAt(zone, c.sb.now().Unix()))
		shown.Set("timezoneDefaultName", zone.String())
		if known {
			shown.Set("timezoneName", name)
			shown.Set("timezoneDefaultName", "")
		}
		shown.Set("work_time_start", "9.00")
		shown.Set("work_time_end", "19.00")
		return result{value: shown}, nil
	})
}

// calendarUserSettingsSet changes those of the caller's settings that are given.
//
// https://apidocs.bitrix24.com/api-reference/calendar/calendar-user-settings-set.html
func calendarUserSettingsSet(c *call) (result, error) {
	v, _ := c.passed("settings")
	given, ok := v.(*phpquery.Array)
	if !ok {
		return result{}, c.notSet("settings")
	}
	return c.writing(func(tx *sql.Tx) (answer result, err error) {
		id := c.who.userID
		before, err := calendarSettingsEntity.find(c.ctx, tx, id)
		if err != nil {
			return result{}, err
		}
		after := before.clone()
		if err := calendarSettingsEntity.assign(c.ctx, tx, after, given); err != nil {
			return result{}, err
		}
		answer = result{value: true}
		if before != nil {
			return answer, calendarSettingsEntity.update(c.ctx, tx, id, before, after)
		}
		in, err := calendarSettingsEntity.inserter(c.ctx, tx)
		if err != nil {
			return result{}, err
		}
		_, err = in.add(c.ctx, id, after)
		return answer, errors.Join(err, in.close())
	})
}

// preferred is the calendar for an event of an owner that names none: the one
// that the caller's settings keep for the owner, the one last used, or the first.
func (of calendar) preferred(c *call, tx *sql.Tx, first int64) (int64, error) {
	settings, err := userSettings(c, tx, c.who.userID)
	if err != nil {
		return 0, err
	}
	preset, _ := wire(settings["DEFAULT_SECTIONS"]).(*phpquery.Array)
	own, _ := preset.Get(fmt.Sprintf("%s%d", of.kind, of.owner))
	return of.firstOf(c, tx, first, phpquery.Text(own), phpquery.Text(settings["LAST_USED_SECTION"]))
}

// invitations is the calendar in which a user keeps the meetings of others.
func (of calendar) invitations(c *call, tx *sql.Tx) (int64, error) {
	first, err := of.firstSection(c, tx)
	if err != nil {
		return 0, err
	}
	settings, err := userSettings(c, tx, of.owner)
	if err != nil {
		return 0, err
	}
	return of.firstOf(c, tx, first, phpquery.Text(settings["MEET_SECTION"]))
}

// firstOf is the first of the named calendars that the owner has.
func (of calendar) firstOf(c *call, tx *sql.Tx, otherwise int64, names ...string) (int64, error) {
	for _, name := range names {
		doc, err := calendarSectionEntity.find(c.ctx, tx, intval(name))
		if err != nil {
			return 0, err
		}
		if doc != nil && calendarHolding(doc) == of {
			return intval(name), nil
		}
	}
	return otherwise, nil
}

// calendarSettingsGet answers the settings of the whole portal, which no method
// changes.
//
// https://apidocs.bitrix24.com/api-reference/calendar/calendar-settings-get.html
func calendarSettingsGet(*call) (result, error) {
	settings := phpquery.NewArray()
	for _, s := range []struct {
		name  string
		value any
	}{
		{"work_time_start", "9"},
		{"work_time_end", "19"},
		{"year_holidays", "1.01,2.01,7.01,8.03,1.05,25.12"},
		{"year_workdays", "31.12"},
		{"week_holidays", phpquery.List("SA", "SU")},
		{"week_start", "MO"},
		{"user_name_template", "#NAME# #LAST_NAME#"},
		{"sync_by_push", false},
		{"user_show_login", true},
		{"path_to_user", "/company/personal/user/#user_id#/"},
		{"path_to_user_calendar", "/company/personal/user/#user_id#/calendar/"},
		{"path_to_group", "/workgroups/group/#group_id#/"},
		{"path_to_group_calendar", "/workgroups/group/#group_id#/calendar/"},
		{"path_to_vr", ""},
		{"path_to_rm", ""},
		{"rm_iblock_type", ""},
		{"rm_iblock_id", ""},
		{"dep_manager_sub", true},
		{"denied_superpose_types", phpquery.NewArray()},
		{"pathes_for_sites", ""},
		{"forum_id", "8"},
		{"rm_for_sites", true},
		{"path_to_type_company_calendar", ""},
		{"path_to_type_location", ""},
		{"path_to_type_open_event", ""},
	} {
		settings.Set(s.name, s.value)
	}
	return result{value: settings}, nil
}
