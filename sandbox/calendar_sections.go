package sandbox

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// calendarSectionEntity is a calendar, in the order of [calendar.section.get].
//
// [calendar.section.get]: https://apidocs.bitrix24.com/api-reference/calendar/calendar-section-get.html
var calendarSectionEntity = &entity{
	name: "calendar_section",
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "NAME", kind: textKind, max: 255, always: true},
		{name: "GAPI_CALENDAR_ID", kind: textKind, readOnly: true, always: true, null: true},
		{name: "DESCRIPTION", kind: textKind, always: true},
		{name: "COLOR", kind: colorKind, always: true},
		{name: "TEXT_COLOR", kind: colorKind, always: true},
		{name: "EXPORT", compute: showExport, readOnly: true},
		{name: "CAL_TYPE", kind: textKind, readOnly: true, always: true},
		{name: "OWNER_ID", kind: idKind, readOnly: true, always: true, indexed: true},
		{name: "CREATED_BY", kind: idKind, readOnly: true, always: true},
		{name: "DATE_CREATE", kind: activityKind, readOnly: true, always: true},
		{name: "TIMESTAMP_X", kind: activityKind, readOnly: true, always: true},
		{name: "CAL_DAV_CON", kind: textKind, readOnly: true, always: true, null: true},
		{name: "SYNC_TOKEN", kind: textKind, readOnly: true, always: true, null: true},
		{name: "PAGE_TOKEN", kind: textKind, readOnly: true, always: true, null: true},
		{name: "EXTERNAL_TYPE", compute: constant("local"), readOnly: true},
		{name: "ACCESS", compute: showSectionAccess, readOnly: true},
		{name: "IS_COLLAB", compute: constant(false), readOnly: true},
		{name: "EXPORT_ALLOW", kind: flagKind, readOnly: true, hidden: true},
		{name: "EXPORT_SET", kind: textKind, readOnly: true, hidden: true},
	},
}

// defaultColor is the background of a calendar that was given none.
const defaultColor = "#9dcf00"

// colorKind keeps the first six hexadecimal digits of a text, as the portal
// does: a "%23" that was not decoded on the way costs two of them.
var colorKind = kind{take: takeColor, show: showAsIs, key: keyText, parse: parseText}

func takeColor(v any) (any, error) {
	s, err := scalar(v)
	if err != nil {
		return nil, errIgnored
	}
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune("0123456789abcdefABCDEF", r) {
			return r
		}
		return -1
	}, s)
	if digits == "" {
		return nil, nil
	}
	return "#" + digits[:min(6, len(digits))], nil
}

// constant answers the same for every row.
func constant(v any) func(showing, document) any {
	return func(showing, document) any { return v }
}

func showExport(_ showing, doc document) any {
	export := phpquery.NewArray()
	export.Set("ALLOW", doc["EXPORT_ALLOW"] == true)
	if period, _ := doc["EXPORT_SET"].(string); period != "" {
		export.Set("SET", period)
	}
	return export
}

// The levels of access in the ACCESS of a calendar. Their numbers are different
// on every portal.
const (
	levelTitle = 13
	levelFull  = 15
	levelEdit  = 17
	levelOwner = 19
)

// showSectionAccess names who may do how much: the owner, employees (G2), or the
// members of the group, as rights decides.
func showSectionAccess(_ showing, doc document) any {
	access := phpquery.NewArray()
	of := calendarHolding(doc)
	switch of.kind {
	case userCalendar:
		access.Set("G2", levelTitle)
		access.Set(fmt.Sprintf("U%d", of.owner), levelOwner)
	case groupCalendar:
		access.Set("G2", levelTitle)
		access.Set(fmt.Sprintf("SG%d_K", of.owner), levelEdit)
	case locationCalendar:
		access.Set("G2", levelEdit)
	default:
		access.Set("G2", levelFull)
	}
	return access
}

// showPermissions is what the caller may do in the calendar.
func (may calendarRights) showPermissions() *phpquery.Array {
	perm := phpquery.NewArray()
	perm.Set("view_time", true)
	perm.Set("view_title", true)
	perm.Set("view_full", may.full)
	perm.Set("add", may.edit)
	perm.Set("edit", may.edit)
	perm.Set("edit_section", may.manage)
	perm.Set("access", may.manage)
	return perm
}

// calendarSectionGet lists the calendars of an owner. An owner who has none gets
// the first one now, as a portal makes it when the calendar is first opened.
//
// https://apidocs.bitrix24.com/api-reference/calendar/calendar-section-get.html
func calendarSectionGet(c *call) (result, error) {
	of, err := c.calendarOf(true)
	if err != nil {
		return result{}, err
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		if err := c.inside(tx); err != nil {
			return result{}, err
		}
		if _, err := of.firstSection(c, tx); err != nil {
			return result{}, err
		}
		rows, err := calendarSectionEntity.all(c.ctx, tx, of.where(calendarSectionEntity))
		if err != nil {
			return result{}, err
		}
		may, err := of.rights(c, tx)
		if err != nil {
			return result{}, err
		}
		sections := phpquery.NewArray()
		fields := listing{entity: calendarSectionEntity}.selected(phpquery.NewArray())
		for _, r := range rows {
			section := calendarSectionEntity.show(c, r, fields)
			section.Set("PERM", may.showPermissions())
			sections.Append(section)
		}
		return result{value: sections}, nil
	})
}

// firstSection is the id of an owner's first calendar, which is made when there
// is none; 0 when there is no such owner.
func (of calendar) firstSection(c *call, tx *sql.Tx) (int64, error) {
	var id int64
	where := of.where(calendarSectionEntity)
	err := tx.QueryRowContext(c.ctx, "SELECT id FROM "+calendarSectionEntity.table()+" WHERE "+where.sql+" ORDER BY id LIMIT 1", where.args...).Scan(&id)
	if !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	name, err := of.ownerName(c, tx)
	if err != nil || name == "" {
		return 0, err
	}
	creator := c.who.userID
	if of.kind == userCalendar {
		creator = of.owner
	}
	doc := of.newSection(creator, c.sb.now())
	doc["NAME"] = name
	return calendarSectionEntity.insert(c.ctx, tx, doc)
}

// newSection is a calendar before anything is said about it.
func (of calendar) newSection(creator int64, now time.Time) document {
	at := storedTime(now)
	return document{
		"CAL_TYPE": of.kind, "OWNER_ID": number(of.owner), "CREATED_BY": number(creator), "COLOR": defaultColor,
		"EXPORT_ALLOW": true, "DATE_CREATE": at, "TIMESTAMP_X": at,
	}
}

// calendarSectionAdd creates a calendar of the caller, or as an administrator of
// anybody.
//
// https://apidocs.bitrix24.com/api-reference/calendar/calendar-section-add.html
func calendarSectionAdd(c *call) (result, error) {
	of, err := c.calendarOf(true)
	if err != nil {
		return result{}, err
	}
	if _, given := c.passed("name"); !given {
		return result{}, errCalendar(`Invalid value for the "name" parameter`)
	}
	if err := checkSectionTexts(c); err != nil {
		return result{}, err
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		if err := c.inside(tx); err != nil {
			return result{}, err
		}
		owner, err := of.ownerName(c, tx)
		if err != nil {
			return result{}, err
		}
		may, err := of.rights(c, tx)
		if err != nil {
			return result{}, err
		}
		if owner == "" || !may.manage {
			return result{}, c.calendarDenied()
		}
		doc := of.newSection(c.who.userID, c.sb.now())
		if err := writeSection(c, tx, doc); err != nil {
			return result{}, err
		}
		id, err := calendarSectionEntity.insert(c.ctx, tx, doc)
		return result{value: number(id), record: id}, err
	})
}

// calendarSectionUpdate changes the named fields of a calendar.
//
// https://apidocs.bitrix24.com/api-reference/calendar/calendar-section-update.html
func calendarSectionUpdate(c *call) (result, error) {
	return c.changingSection("Section ID is not set", func(tx *sql.Tx, id int64, before document) (any, error) {
		if err := checkSectionTexts(c); err != nil {
			return nil, err
		}
		after := before.clone()
		if err := writeSection(c, tx, after); err != nil {
			return nil, err
		}
		after["TIMESTAMP_X"] = storedTime(c.sb.now())
		return number(id), calendarSectionEntity.update(c.ctx, tx, id, before, after)
	})
}

// calendarSectionDelete deletes a calendar with its events. Meetings that others
// have invited its owner to move to the owner's first calendar.
//
// https://apidocs.bitrix24.com/api-reference/calendar/calendar-section-delete.html
func calendarSectionDelete(c *call) (result, error) {
	return c.changingSection("Section ID is not set.", func(tx *sql.Tx, id int64, doc document) (any, error) {
		if err := calendarSectionEntity.remove(c.ctx, tx, id); err != nil {
			return nil, err
		}
		section, _ := calendarEventEntity.field("SECTION_ID")
		rows, err := calendarEventEntity.all(c.ctx, tx, condition{section.expression() + " = ?", []any{id}})
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if intOf(r.doc["PARENT_ID"]) == r.id {
				err = removeEvent(c, tx, r.id)
			} else {
				err = moveInvitation(c, tx, r, calendarHolding(doc))
			}
			if err != nil {
				return nil, err
			}
		}
		return true, nil
	})
}

func moveInvitation(c *call, tx *sql.Tx, r row, to calendar) error {
	section, err := to.firstSection(c, tx)
	if err != nil {
		return err
	}
	after := r.doc.clone()
	after["SECTION_ID"] = number(section)
	return calendarEventEntity.update(c.ctx, tx, r.id, r.doc, after)
}

// changingSection runs a change of the calendar that type, ownerId and id name.
func (c *call) changingSection(noID string, change func(*sql.Tx, int64, document) (any, error)) (result, error) {
	of, err := c.calendarOf(true)
	if err != nil {
		return result{}, err
	}
	id := c.id("id")
	if id == 0 {
		return result{}, errCalendar(noID)
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		if err := c.inside(tx); err != nil {
			return result{}, err
		}
		doc, err := calendarSectionEntity.found(c.ctx, tx, id, c.calendarDenied())
		if err != nil {
			return result{}, err
		}
		may, err := of.rights(c, tx)
		if err != nil {
			return result{}, err
		}
		if !may.manage || calendarHolding(doc) != of {
			return result{}, c.calendarDenied()
		}
		value, err := change(tx, id, doc)
		return result{value: value, record: id}, err
	})
}

// checkSectionTexts refuses a name or description that is no text, and a name
// without letters.
func checkSectionTexts(c *call) error {
	for _, name := range []string{"name", "description"} {
		v, given := c.passed(name)
		_, nested := v.(*phpquery.Array)
		if given && (nested || name == "name" && strings.TrimSpace(phpquery.Text(v)) == "") {
			return errCalendar(fmt.Sprintf("Invalid value for the %q parameter", name))
		}
	}
	return nil
}

// writeSection writes the parameters into the document.
func writeSection(c *call, tx *sql.Tx, doc document) error {
	if err := calendarSectionEntity.assign(c.ctx, tx, doc, c.params); err != nil {
		return err
	}
	v, _ := c.passed("export")
	export, ok := v.(*phpquery.Array)
	if !ok {
		return nil
	}
	if allow, given := export.GetFold("ALLOW"); given {
		if yes, err := takeFlag(allow); err == nil {
			doc["EXPORT_ALLOW"] = yes
		}
	}
	period, _ := export.GetFold("SET")
	switch s := phpquery.Text(period); s {
	case "all", "3_9", "6_12":
		doc["EXPORT_SET"] = s
	}
	return nil
}
