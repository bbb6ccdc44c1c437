package sandbox

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// workdayEntity is a working day of an employee. FINISHED is its end or, with
// PAUSED, the beginning of the pause; OFFSET is the time zone in which the day
// began, in seconds east of UTC.
//
// https://apidocs.bitrix24.com/api-reference/timeman/base/index.html
var workdayEntity = &entity{
	name: "workday",
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "USER_ID", kind: refKind, ref: "user", readOnly: true, indexed: true},
		{name: "STARTED", kind: momentKind, readOnly: true},
		{name: "FINISHED", kind: momentKind, readOnly: true},
		{name: "PAUSED", kind: flagKind, readOnly: true},
		{name: "LEAKS", kind: integerKind, readOnly: true},
		{name: "OFFSET", kind: integerKind, readOnly: true},
		{name: "CONFIRMED", kind: flagKind, readOnly: true},
		{name: "REPORT_OPEN", kind: textKind, readOnly: true},
		{name: "REPORT_CLOSE", kind: textKind, readOnly: true},
		{name: "IP_OPEN", kind: textKind, readOnly: true},
		{name: "IP_CLOSE", kind: textKind, readOnly: true},
		{name: "LAT_OPEN", kind: doubleKind, readOnly: true},
		{name: "LON_OPEN", kind: doubleKind, readOnly: true},
		{name: "LAT_CLOSE", kind: doubleKind, readOnly: true},
		{name: "LON_CLOSE", kind: doubleKind, readOnly: true},
	},
}

// The working hours of the company, the same for everybody.
const (
	latestStart    = 9*time.Hour + 15*time.Minute
	earliestFinish = 17*time.Hour + 45*time.Minute
	shortestDay    = 8 * time.Hour
	usualFinish    = 18 * time.Hour

	// allowedDelta is how far a time given by hand may be from the clock before
	// the supervisor has to confirm it.
	allowedDelta = 15 * time.Minute

	// flexibleDepartment is the one whose people come and go as they like.
	flexibleDepartment = 7
)

func timemanMethods() []method {
	scope := []string{"timeman"}
	return []method{
		{name: "timeman.settings", scopes: scope, run: timemanSettings},
		{name: "timeman.status", scopes: scope, run: timemanStatus},
		{name: "timeman.open", scopes: scope, run: changingWorkday(openWorkday)},
		{name: "timeman.pause", scopes: scope, run: changingWorkday(pauseWorkday)},
		{name: "timeman.close", scopes: scope, run: changingWorkday(closeWorkday)},
	}
}

// timemanError is how the methods refuse what has no code of its own.
func timemanError(description string) error { return badRequest("", description) }

// worker is the employee whose day a call is about.
type worker struct {
	id      int64
	profile document
	day     row // the latest one; its id is 0 when there was none
}

// flexible employees need neither a reason nor a confirmation.
func (w worker) flexible() bool {
	return slices.Contains(ints(w.profile["UF_DEPARTMENT"]), flexibleDepartment)
}

// offset is the time zone of the profile, or the portal's.
func (w worker) offset(at time.Time) int64 {
	name, _ := w.profile["TIME_ZONE"].(string)
	zone, err := time.LoadLocation(name)
	if err != nil {
		zone = time.UTC
	}
	_, seconds := at.In(zone).Zone()
	return int64(seconds)
}

// worker finds the employee that USER_ID names, the caller when it is missing.
// Only administrators see and change the days of others.
func (c *call) worker(tx *sql.Tx) (worker, error) {
	w := worker{id: c.who.userID}
	if given, ok := c.params.GetFold("USER_ID"); ok {
		w.id = intval(phpquery.Text(given))
	}
	if w.id != c.who.userID && !c.who.admin {
		return w, timemanError("User does not have access to managing other users work time")
	}
	var err error
	if w.profile, err = userEntity.found(c.ctx, tx, w.id, timemanError("User not found")); err != nil {
		return w, err
	}
	days, err := workdayEntity.all(c.ctx, tx, condition{
		fmt.Sprintf("id = (SELECT max(id) FROM %s WHERE %s = ?)", workdayEntity.table(), workdayEntity.named("USER_ID").expression()), []any{w.id},
	})
	if err == nil && len(days) > 0 {
		w.day = days[0]
	}
	return w, err
}

// timemanSettings answers the working hours of an employee.
//
// https://apidocs.bitrix24.com/api-reference/timeman/base/timeman-settings.html
func timemanSettings(c *call) (result, error) {
	return c.reading(func(tx *sql.Tx) (result, error) {
		w, err := c.worker(tx)
		if err != nil {
			return result{}, err
		}
		a := phpquery.NewArray()
		a.Set("UF_TIMEMAN", w.profile["USER_TYPE"] == "employee")
		a.Set("UF_TM_FREE", w.flexible())
		a.Set("UF_TM_MAX_START", clockText(latestStart))
		a.Set("UF_TM_MIN_FINISH", clockText(earliestFinish))
		a.Set("UF_TM_MIN_DURATION", clockText(shortestDay))
		a.Set("UF_TM_ALLOWED_DELTA", clockText(allowedDelta))
		if w.id == c.who.userID {
			a.Set("ADMIN", c.who.admin)
		}
		return result{value: a}, nil
	})
}

// timemanStatus answers the latest day of an employee.
//
// https://apidocs.bitrix24.com/api-reference/timeman/base/timeman-status.html
func timemanStatus(c *call) (result, error) {
	return c.reading(func(tx *sql.Tx) (result, error) {
		w, err := c.worker(tx)
		if err != nil {
			return result{}, err
		}
		return result{value: showWorkday(w.day, c.sb.now())}, nil
	})
}

// The states of a working day.
const (
	dayOpened  = "OPENED"
	dayClosed  = "CLOSED"
	dayPaused  = "PAUSED"
	dayExpired = "EXPIRED" // begun on an earlier day and never closed
)

func workdayState(day row, now time.Time) string {
	finished := day.doc["FINISHED"] != nil
	paused := day.doc["PAUSED"] == true
	switch {
	case day.id == 0, finished && !paused:
		return dayClosed
	case !isSameDay(day, now):
		return dayExpired
	case paused:
		return dayPaused
	default:
		return dayOpened
	}
}

// zoneOfDay is the time zone in which a day began.
func zoneOfDay(day row) *time.Location {
	return time.FixedZone("", int(intOf(day.doc["OFFSET"])))
}

// isSameDay tells whether a moment is on the calendar day of a working day.
func isSameDay(day row, at time.Time) bool {
	started, _ := timeOf(day.doc["STARTED"])
	zone := zoneOfDay(day)
	return started.In(zone).Format(time.DateOnly) == at.In(zone).Format(time.DateOnly)
}

// showWorkday answers a day. What an unfinished day will come to is not counted
// before its end.
func showWorkday(day row, now time.Time) *phpquery.Array {
	a := phpquery.NewArray()
	state := workdayState(day, now)
	a.Set("STATUS", state)
	if day.id == 0 {
		return a
	}
	zone := zoneOfDay(day)
	started, _ := timeOf(day.doc["STARTED"])
	leaks := time.Duration(intOf(day.doc["LEAKS"])) * time.Second
	a.Set("TIME_START", started.In(zone).Format(isoLayout))
	a.Set("TIME_FINISH", nil)
	a.Set("DURATION", clockText(0))
	if finished, ok := timeOf(day.doc["FINISHED"]); ok && state == dayClosed {
		a.Set("TIME_FINISH", finished.In(zone).Format(isoLayout))
		a.Set("DURATION", clockText(finished.Sub(started)-leaks))
	}
	a.Set("TIME_LEAKS", clockText(leaks))
	a.Set("ACTIVE", day.doc["CONFIRMED"] == true)
	for _, name := range []string{"IP_OPEN", "IP_CLOSE"} {
		a.Set(name, phpquery.Text(day.doc[name]))
	}
	for _, name := range []string{"LAT_OPEN", "LON_OPEN", "LAT_CLOSE", "LON_CLOSE"} {
		a.Set(name, orZero(day.doc[name]))
	}
	a.Set("TZ_OFFSET", day.doc["OFFSET"])
	if state == dayExpired {
		a.Set("TIME_FINISH_DEFAULT", usualEnd(started.In(zone), leaks).Format(isoLayout))
	}
	return a
}

// usualEnd is what the portal proposes as the end of a day that was forgotten.
func usualEnd(started time.Time, leaks time.Duration) time.Time {
	midnight := time.Date(started.Year(), started.Month(), started.Day(), 0, 0, 0, 0, started.Location())
	if end := midnight.Add(usualFinish); end.After(started) {
		return end
	}
	return started.Add(leaks + 5*time.Minute)
}

func orZero(stored any) any {
	if n, ok := stored.(json.Number); ok {
		return n
	}
	return number(0)
}

// clockText writes a duration as hours, minutes and seconds.
func clockText(d time.Duration) string {
	s := int64(max(0, d) / time.Second)
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}
