package bitrix24_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

// TestCalendars runs through the typed methods of calendars and events.
func TestCalendars(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{})
	ctx := t.Context()
	created, err := client.CreateCalendar(ctx, bitrix24.Fields{"type": "user", "ownerId": 1, "name": "Travel", "color": "#9cbeee"})
	if err != nil {
		t.Fatal(err)
	}
	calendars, err := client.GetCalendarList(ctx, 1, "user")
	if err != nil {
		t.Fatal(err)
	}
	last := calendars.Result[len(calendars.Result)-1]
	if last.ID != created.Result || last.Name != "Travel" || last.OwnerID != 1 || !last.Permissions.EditSection || len(last.Fields) < 19 {
		t.Errorf("calendar %+v", last)
	}
	event, err := client.CreateCalendarEvent(ctx, bitrix24.Fields{
		"type": "user", "ownerId": 1, "section": created.Result, "name": "Trip", "from": "2026-05-04T10:00:00", "to": "2026-05-04T11:00:00",
		"rrule": bitrix24.Fields{"FREQ": "DAILY", "COUNT": 3}, "is_meeting": "Y", "attendees": []int{2},
	})
	if err != nil {
		t.Fatal(err)
	}
	part, err := client.UpdateCalendarEvent(ctx, event.Result, bitrix24.Fields{
		"type": "user", "ownerId": 1, "recurrence_mode": "this", "current_date_from": "2026-05-05", "name": "Change",
	})
	if err != nil || part.Result.ID != event.Result || part.Result.PartID == 0 || part.Result.Zone != "UTC" {
		t.Errorf("part %+v, %v", part, err)
	}
	day := time.Date(2026, time.May, 4, 0, 0, 0, 0, time.UTC)
	events, err := client.GetCalendarEvents(ctx, 1, "user", &bitrix24.GetCalendarEventsOptions{
		Filter: bitrix24.Fields{"from": "2026-05-04", "to": "2026-05-06", "section": []bitrix24.ID{created.Result}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range events.Result {
		names = append(names, string(e.Name+" "+e.DateFrom))
	}
	if diff := cmp.Diff([]string{"Trip 04.05.2026 10:00:00", "Change 05.05.2026 10:00:00", "Trip 06.05.2026 10:00:00"}, names); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	first := events.Result[0]
	if first.FromUnix != bitrix24.ID(day.Unix()+10*3600) || first.Recurrence.Frequency != "DAILY" || first.Recurrence.Count != 3 || first.Exceptions != "05.05.2026" ||
		len(first.AttendeeList) != 2 || first.AttendeeList[1].Status != "Q" || first.WholeDays || !first.IsMeeting || events.Result[1].RecurrenceID != event.Result {
		t.Errorf("event %+v", first)
	}
	busy, err := client.GetUserBusy(ctx, []bitrix24.ID{2, 3}, day, day.AddDate(0, 0, 2))
	if err != nil || len(busy.Result[2]) != 3 || len(busy.Result[3]) != 0 || busy.Result[2][0].Accessibility != "busy" {
		t.Errorf("busy %+v, %v", busy, err)
	}
	status, err := client.GetUserParticipationStatus(ctx, event.Result)
	if err != nil || status.Result != "H" {
		t.Errorf("status %+v, %v", status, err)
	}
}

// TestCalendarBulk tells a refusal without a code from a success.
func TestCalendarBulk(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{})
	var states []string
	for o := range client.DeleteCalendarEvents(t.Context(), slices.Values([]bitrix24.DeleteCalendarEventArgs{{EventID: 3}, {EventID: 99}, {EventID: 4}})) {
		states = append(states, fmt.Sprint(o.State, " ", o.Value))
	}
	want := []string{fmt.Sprint(bitrix24.Done, " true"), fmt.Sprint(bitrix24.Refused, " false"), fmt.Sprint(bitrix24.Done, " true")}
	if diff := cmp.Diff(want, states); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

// TestCalendarForms reads the forms in which portals say "none".
func TestCalendarForms(t *testing.T) {
	t.Parallel()
	for _, none := range []string{`null`, `""`, `false`, `[]`} {
		var event bitrix24.CalendarEvent
		text := fmt.Sprintf(`{"ID":"7","RRULE":%s,"ATTENDEE_LIST":%s,"NAME":%s,"PRIVATE_EVENT":%s,"RECURRENCE_ID":%s}`, none, none, none, none, none)
		if err := json.Unmarshal([]byte(text), &event); err != nil || event.ID != 7 || event.Recurrence.Frequency != "" || len(event.AttendeeList) != 0 {
			t.Errorf("%s: %+v, %v", none, event, err)
		}
	}
	var busy bitrix24.BusyTimes
	if err := json.Unmarshal([]byte(` [ ] `), &busy); err != nil || len(busy) != 0 {
		t.Errorf("busy %v, %v", busy, err)
	}
	if err := json.Unmarshal([]byte(`{"7":[{"ID":1}],"8":[]}`), &busy); err != nil || busy[7][0].ID != 1 {
		t.Errorf("busy %v, %v", busy, err)
	}
	for text, want := range map[string]bitrix24.UpdatedEvent{
		`12`: {ID: 12}, `"12"`: {ID: 12}, `{"id":"12","recEventId":13,"originalDate":"x","instanceTz":null}`: {ID: 12, PartID: 13, OriginalDate: "x"},
	} {
		var got bitrix24.UpdatedEvent
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	var event bitrix24.CalendarEvent
	if err := json.Unmarshal([]byte(`{"ID":[1]}`), &event); err == nil {
		t.Error("a list was read as an id")
	}
}
