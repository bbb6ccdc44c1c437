package sandbox

import (
	"database/sql"
	"fmt"
	"slices"
)

// The calendars of the portal and their events
// (https://apidocs.bitrix24.com/api-reference/calendar/index.html). The methods
// call a calendar a section; its owner is a user, a group or, with id 0, the
// company.

func calendarMethods() []method {
	scope := []string{"calendar"}
	return []method{
		{name: "calendar.section.get", scopes: scope, run: calendarSectionGet},
		{name: "calendar.section.add", scopes: scope, run: calendarSectionAdd},
		{name: "calendar.section.update", scopes: scope, run: calendarSectionUpdate},
		{name: "calendar.section.delete", scopes: scope, run: calendarSectionDelete},
		{name: "calendar.settings.get", scopes: scope, run: calendarSettingsGet},
		{name: "calendar.user.settings.get", scopes: scope, run: calendarUserSettingsGet},
		{name: "calendar.user.settings.set", scopes: scope, run: calendarUserSettingsSet},
		{name: "calendar.accessibility.get", scopes: scope, run: calendarAccessibilityGet},
		{name: "calendar.event.add", scopes: scope, run: calendarEventAdd},
		{name: "calendar.event.update", scopes: scope, run: calendarEventUpdate},
		{name: "calendar.event.delete", scopes: scope, run: calendarEventDelete},
		{name: "calendar.event.getbyid", scopes: scope, run: calendarEventGetByID},
		{name: "calendar.event.get", scopes: scope, run: calendarEventGet},
		{name: "calendar.event.get.nearest", scopes: scope, run: calendarEventGetNearest},
		{name: "calendar.meeting.status.get", scopes: scope, run: calendarMeetingStatusGet},
		{name: "calendar.meeting.status.set", scopes: scope, run: calendarMeetingStatusSet},
	}
}

// errCalendar is an error of a calendar method: none of them has a code.
func errCalendar(text string) error { return badRequest("", text) }

// notSet names a missing parameter in the words of the method. They differ by a
// full stop, one has a sentence of its own, and one names its sister.
func (c *call) notSet(parameter string) error {
	name, stop := c.method.name, ""
	switch name {
	case "calendar.event.get":
		return errCalendar(fmt.Sprintf("Required parameter %q is not specified for method %q", parameter, name))
	case "calendar.meeting.status.get":
		name = "calendar.meeting.status.set"
	case "calendar.section.add", "calendar.section.delete", "calendar.accessibility.get", "calendar.event.update":
		stop = "."
	}
	return errCalendar(fmt.Sprintf("The required parameter %q for the method %q is not set%s", parameter, name, stop))
}

// calendarDenied refuses for want of rights. An id that does not exist is
// refused in the same words.
func (c *call) calendarDenied() error {
	switch c.method.name {
	case "calendar.section.delete", "calendar.event.update":
		return errCalendar("Access denied.")
	}
	return errCalendar("Access denied")
}

// passed is a parameter by its name in any case; null counts as missing.
func (c *call) passed(name string) (any, bool) {
	v, ok := c.params.GetFold(name)
	return v, ok && v != nil
}

// flag is a yes or no among the parameters; otherwise when it is neither.
func (c *call) flag(name string, otherwise bool) bool {
	v, ok := c.passed(name)
	if !ok {
		return otherwise
	}
	yes, err := takeFlag(v)
	if err != nil {
		return otherwise
	}
	return yes == true
}

// calendar is whose calendars are meant.
type calendar struct {
	kind  string // user, group, company_calendar or location
	owner int64
}

const (
	userCalendar     = "user"
	groupCalendar    = "group"
	companyCalendar  = "company_calendar"
	locationCalendar = "location"
)

// calendarOf reads type and ownerId. The section methods take the caller for the
// owner of user calendars that is not given.
func (c *call) calendarOf(selfByDefault bool) (calendar, error) {
	of := calendar{kind: c.text("type")}
	if of.kind == "" {
		return of, c.notSet("type")
	}
	_, given := c.passed("ownerId")
	of.owner = c.id("ownerId")
	switch {
	case of.kind == userCalendar && selfByDefault && of.owner == 0:
		of.owner = c.who.userID
	case !given:
		return of, c.notSet("ownerId")
	}
	return of, nil
}

// where finds the calendars or events of an owner.
func (of calendar) where(e *entity) condition {
	kind, _ := e.field("CAL_TYPE")
	owner, _ := e.field("OWNER_ID")
	return condition{kind.expression() + " = ? AND " + owner.expression() + " = ?", []any{fold(of.kind), of.owner}}
}

// calendarHolding is whose calendar a section or an event belongs to.
func calendarHolding(doc document) calendar {
	kind, _ := doc["CAL_TYPE"].(string)
	return calendar{kind, intOf(doc["OWNER_ID"])}
}

// ownerName is the name of an existing owner; empty when there is none.
func (of calendar) ownerName(c *call, tx *sql.Tx) (string, error) {
	switch of.kind {
	case userCalendar:
		return userName(c, tx, of.owner)
	case groupCalendar:
		group, err := groupEntity.find(c.ctx, tx, of.owner)
		name, _ := group["NAME"].(string)
		return name, err
	}
	if of.owner != 0 {
		return "", nil
	}
	return map[string]string{companyCalendar: "Company calendar", locationCalendar: "Meeting room"}[of.kind], nil
}

// calendarRights is what the caller may do in somebody's calendars. Everybody
// inside the company sees the times and titles of all events.
type calendarRights struct {
	full   bool // sees everything about the events
	edit   bool // adds and changes events
	manage bool // changes and deletes the calendars themselves
}

func (of calendar) rights(c *call, tx *sql.Tx) (calendarRights, error) {
	switch {
	case c.who.admin, of.kind == userCalendar && of.owner == c.who.userID:
		return calendarRights{true, true, true}, nil
	case of.kind == companyCalendar:
		return calendarRights{full: true}, nil
	case of.kind == locationCalendar:
		return calendarRights{full: true, edit: true}, nil
	case of.kind == groupCalendar:
		me, err := userEntity.find(c.ctx, tx, c.who.userID)
		member := slices.Contains(ints(me["SONET_GROUP_ID"]), of.owner)
		return calendarRights{full: member, edit: member}, err
	}
	return calendarRights{}, nil
}

// inside refuses external users, who have no calendar.
func (c *call) inside(tx *sql.Tx) error {
	me, err := userEntity.find(c.ctx, tx, c.who.userID)
	if err != nil {
		return err
	}
	if !c.who.admin && me["USER_TYPE"] == "extranet" {
		return c.calendarDenied()
	}
	return nil
}
