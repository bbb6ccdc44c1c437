package sandbox

import (
	"strconv"
	"strings"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// calendarEventEntity is an event, in the order of [calendar.event.get]. Every
// guest of a meeting has a copy in a calendar of their own; PARENT_ID leads to
// the event itself, and ATTENDEE_LIST is the same in all of them.
// What is not shown as it is kept has keys in lower case.
//
// [calendar.event.get]: https://apidocs.bitrix24.com/api-reference/calendar/calendar-event/calendar-event-get.html
var calendarEventEntity = &entity{
	name: "calendar_event",
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "PARENT_ID", kind: idKind, readOnly: true, always: true, indexed: true},
		{name: "DELETED", compute: constant("N"), readOnly: true},
		{name: "CAL_TYPE", kind: textKind, readOnly: true, always: true},
		{name: "OWNER_ID", kind: idKind, readOnly: true, always: true, indexed: true},
		{name: "NAME", kind: textKind, max: 255, always: true},
		{name: "DATE_FROM", compute: showFrom(siteDateTime, siteDateTime), readOnly: true},
		{name: "DATE_TO", compute: showTo(siteDateTime, siteDateTime), readOnly: true},
		{name: "ORIGINAL_DATE_FROM", compute: showOriginalDate, readOnly: true},
		{name: "TZ_FROM", kind: textKind, readOnly: true, always: true},
		{name: "TZ_TO", kind: textKind, readOnly: true, always: true},
		{name: "TZ_OFFSET_FROM", compute: func(_ showing, doc document) any { return offsetText(doc, "TZ_FROM", "FROM_TS") }, readOnly: true},
		{name: "TZ_OFFSET_TO", compute: func(_ showing, doc document) any { return offsetText(doc, "TZ_TO", "TO_TS") }, readOnly: true},
		{name: "DATE_FROM_TS_UTC", compute: func(_ showing, doc document) any { return phpquery.Text(doc["FROM_TS"]) }, readOnly: true},
		{name: "DATE_TO_TS_UTC", compute: func(_ showing, doc document) any { return phpquery.Text(doc["TO_TS"]) }, readOnly: true},
		{name: "DT_SKIP_TIME", kind: letterKind, readOnly: true, always: true},
		{name: "DT_LENGTH", compute: func(_ showing, doc document) any { return spanOf(doc).length() }, readOnly: true},
		{name: "EVENT_TYPE", compute: constant(nil), readOnly: true},
		{name: "CREATED_BY", kind: idKind, readOnly: true, always: true},
		{name: "DATE_CREATE", kind: siteMomentKind, readOnly: true, always: true},
		{name: "TIMESTAMP_X", kind: siteMomentKind, readOnly: true, always: true},
		{name: "DESCRIPTION", kind: textKind, always: true},
		{name: "PRIVATE_EVENT", kind: privateKind, always: true},
		{name: "ACCESSIBILITY", kind: choiceKind("busy", "quest", "free", "absent"), always: true},
		{name: "IMPORTANCE", kind: choiceKind("normal", "high", "low"), always: true},
		{name: "IS_MEETING", kind: flagKind, readOnly: true, always: true},
		{name: "MEETING_STATUS", compute: showOwnStatus, readOnly: true},
		{name: "MEETING_HOST", kind: idKind, readOnly: true, always: true},
		{name: "MEETING", compute: showMeeting, readOnly: true},
		{name: "LOCATION", kind: textKind, max: 255, always: true},
		{name: "REMIND", kind: remindKind, always: true},
		{name: "COLOR", kind: colorKind, always: true},
		{name: "TEXT_COLOR", kind: colorKind},
		{name: "RRULE", compute: showRecurrence, readOnly: true},
		{name: "EXDATE", compute: showExceptions, readOnly: true},
		{name: "DAV_XML_ID", kind: textKind, readOnly: true, always: true},
		{name: "G_EVENT_ID", compute: constant(""), readOnly: true},
		{name: "DAV_EXCH_LABEL", compute: constant(""), readOnly: true},
		{name: "CAL_DAV_LABEL", compute: constant(""), readOnly: true},
		{name: "VERSION", kind: idKind, readOnly: true, always: true},
		{name: "ATTENDEES_CODES", compute: showGuestCodes, readOnly: true},
		{name: "RECURRENCE_ID", kind: integerKind, readOnly: true, always: true, null: true},
		{name: "RELATIONS", compute: showRelations, readOnly: true},
		{name: "SECTION_ID", kind: idKind, readOnly: true, always: true, indexed: true},
		{name: "SYNC_STATUS", compute: constant(nil), readOnly: true},
		{name: "UF_CRM_CAL_EVENT", compute: showLinks, readOnly: true},
		{name: "UF_WEBDAV_CAL_EVENT", compute: constant(false), readOnly: true},
		{name: "SECTION_DAV_XML_ID", compute: constant(nil), readOnly: true},
		{name: "DATE_FROM_FORMATTED", compute: showFrom(longDateTime, longDate), readOnly: true},
		{name: "DATE_TO_FORMATTED", compute: showTo(longDateTime, longDate), readOnly: true},
		{name: "SECT_ID", compute: func(_ showing, doc document) any { return phpquery.Text(doc["SECTION_ID"]) }, readOnly: true},
		{name: "ATTENDEE_LIST", compute: showGuests, readOnly: true},
		{name: "COLLAB_ID", compute: constant(nil), readOnly: true},
		{name: "FROM_TS", kind: integerKind, readOnly: true, hidden: true, indexed: true},
		{name: "TO_TS", kind: integerKind, readOnly: true, hidden: true},
		{name: "LAST_TS", kind: integerKind, readOnly: true, hidden: true, indexed: true},
	},
}

// siteMomentKind is a point in time in the portal's own date format.
var siteMomentKind = kind{take: takeMoment, show: showMoment(siteDateTime), key: keyMoment, parse: parseMoment, dated: true}

// privateKind is a yes or no that answers show as 1 or an empty text.
var privateKind = kind{take: takeFlag, show: showPrivate, key: keyFlag, parse: parseFlag}

func showPrivate(_ showing, stored any) any {
	if stored == true {
		return "1"
	}
	return ""
}

// choiceKind is one of some words; anything else becomes the first.
func choiceKind(words ...string) kind {
	k := wordKind(words...)
	known := k.take
	k.take = func(v any) (any, error) {
		if word, err := known(v); err == nil {
			return word, nil
		}
		return words[0], nil
	}
	return k
}

// remindKind is a list of reminders: so many minutes, hours or days before.
var remindKind = kind{take: takeReminders, show: showTree, key: func(any) any { return nil }, parse: parseText}

func takeReminders(v any) (any, error) {
	list := phpquery.NewArray()
	for _, element := range elements(v) {
		given, ok := element.(*phpquery.Array)
		if !ok {
			continue
		}
		unit, _ := given.GetFold("type")
		count, _ := given.GetFold("count")
		switch phpquery.Text(unit) {
		case "min", "hour", "day":
			reminder := phpquery.NewArray()
			reminder.Set("type", phpquery.Text(unit))
			reminder.Set("count", number(intval(phpquery.Text(count))))
			list.Append(reminder)
		}
	}
	return plain(list), nil
}

// noReminders is the stored form of an empty list.
func noReminders() any { return plain(phpquery.NewArray()) }

func showFrom(timed, whole string) func(showing, document) any {
	return func(_ showing, doc document) any {
		s := spanOf(doc)
		return s.from.Format(s.layout(timed, whole))
	}
}

func showTo(timed, whole string) func(showing, document) any {
	return func(_ showing, doc document) any {
		s := spanOf(doc)
		return s.to.Format(s.layout(timed, whole))
	}
}

func (s span) layout(timed, whole string) string {
	if s.whole {
		return whole
	}
	return timed
}

func showOriginalDate(_ showing, doc document) any {
	if doc["original"] == nil {
		return nil
	}
	s := spanOf(doc)
	return time.Unix(intOf(doc["original"]), 0).In(s.from.Location()).Format(siteDateTime)
}

// offsetText is how far a time zone is from UTC at the event, in seconds.
func offsetText(doc document, zone, at string) string {
	return strconv.Itoa(offsetAt(storedZone(doc, zone), intOf(doc[at])))
}

func offsetAt(zone *time.Location, at int64) int {
	_, offset := time.Unix(at, 0).In(zone).Zone()
	return offset
}

func showRecurrence(_ showing, doc document) any {
	r := recurrenceOf(doc)
	if r == nil {
		return ""
	}
	return r.show(seriesStart(doc))
}

// seriesStart is the beginning of the first occurrence, also of a document that
// stands for a later one.
func seriesStart(doc document) time.Time {
	if doc["series"] == nil {
		return spanOf(doc).from
	}
	return time.Unix(intOf(doc["series"]), 0).In(spanOf(doc).from.Location())
}

// showExceptions lists the days on which a recurring event does not happen.
func showExceptions(_ showing, doc document) any {
	var days []string
	for _, day := range exceptions(doc) {
		if t, err := time.Parse(time.DateOnly, day); err == nil {
			days = append(days, t.Format(siteDate))
		}
	}
	return strings.Join(days, ";")
}

func exceptions(doc document) []string {
	list, _ := doc["except"].([]any)
	days := make([]string, 0, len(list))
	for _, v := range list {
		days = append(days, phpquery.Text(v))
	}
	return days
}

// showRelations tells where a part of a recurring event came from.
func showRelations(_ showing, doc document) any {
	relations := phpquery.NewArray()
	if doc["recursion"] != nil {
		relations.Set("ORIGINAL_RECURSION_ID", doc["recursion"])
	}
	if doc["comment"] != nil {
		relations.Set("COMMENT_XML_ID", doc["comment"])
	}
	if relations.Len() == 0 {
		return ""
	}
	return relations
}

// showLinks lists the CRM objects of the event; without any it is false.
func showLinks(_ showing, doc document) any {
	links, _ := doc["links"].([]any)
	if len(links) == 0 {
		return false
	}
	return phpquery.List(links...)
}
