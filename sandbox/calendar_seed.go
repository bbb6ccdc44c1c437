package sandbox

import (
	"context"
	"database/sql"
	"maps"
	"time"
)

// seededCalendars are those of a new portal; the id of each is its place.
var seededCalendars = []struct {
	of   calendar
	name string
}{
	{calendar{companyCalendar, 0}, "Company calendar"},
	{calendar{userCalendar, adminID}, "My calendar"},
	{calendar{userCalendar, 2}, "My calendar"},
	{calendar{locationCalendar, 0}, "Meeting room"},
}

// eventSeed is an event of a new portal.
type eventSeed struct {
	section int64
	by      int64
	fields  document
	span    span
	rule    *recurrence
	guests  []guest
}

// eventSeeds are a meeting to which the administrator is invited, an event of
// every week and a whole day. The meeting's copy comes right after it, so their
// ids are 1, 3 and 4.
func eventSeeds() []eventSeed {
	day := companyStart.AddDate(1, 0, 0)
	monday := day.AddDate(0, 0, 4)
	host := map[string]any{"HOST_NAME": "", "NOTIFY": true, "REINVITE": false, "ALLOW_INVITE": false, "HIDE_GUESTS": false, "MEETING_CREATOR": number(2)}
	return []eventSeed{
		{
			section: 3, by: 2,
			fields: document{
				"NAME": "Sales review", "DESCRIPTION": "Figures of the quarter", "LOCATION": "Meeting room",
				"IS_MEETING": true, "MEETING_HOST": number(2), "meeting": host,
			},
			span:   span{from: day.Add(time.Hour), to: day.Add(2 * time.Hour)},
			guests: []guest{{user: 2, status: hosting}, {user: adminID, status: "Q"}},
		},
		{
			section: 2, by: adminID, fields: document{"NAME": "Weekly planning"},
			span: span{from: monday, to: monday.Add(30 * time.Minute)},
			rule: &recurrence{freq: "WEEKLY", interval: 1, days: []time.Weekday{time.Monday}},
		},
		{
			section: 1, by: adminID, fields: document{"NAME": "Founding day", "ACCESSIBILITY": "free"},
			span: span{from: dayOf(day), to: dayOf(day), whole: true},
		},
	}
}

// seedCalendars gives a new portal its calendars and events.
func seedCalendars(ctx context.Context, tx *sql.Tx, now time.Time) error {
	for _, s := range seededCalendars {
		doc := s.of.newSection(max(s.of.owner, adminID), now)
		doc["NAME"] = s.name
		if _, err := calendarSectionEntity.insert(ctx, tx, doc); err != nil {
			return err
		}
	}
	c := &call{ctx: ctx}
	for _, e := range eventSeeds() {
		doc := seededCalendars[e.section-1].of.newEvent(e.section, e.by, now)
		maps.Copy(doc, e.fields)
		doc["TZ_FROM"], doc["TZ_TO"], doc["rule"] = time.UTC.String(), time.UTC.String(), e.rule.store()
		e.span.store(doc)
		doc["DAV_XML_ID"] = davID(doc)
		storeGuests(doc, e.guests)
		if meeting, ok := doc["meeting"].(map[string]any); ok {
			name, err := userName(c, tx, e.by)
			if err != nil {
				return err
			}
			meeting["HOST_NAME"] = name
		}
		if _, err := storeEvent(c, tx, 0, nil, doc); err != nil {
			return err
		}
	}
	return nil
}
