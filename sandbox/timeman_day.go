package sandbox

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// changingWorkday makes a method of a change. The change answers the day as it
// shall be, with the id 0 for a new one, or no document when nothing happens.
func changingWorkday(change func(*call, worker) (row, error)) func(*call) (result, error) {
	return func(c *call) (result, error) {
		return c.writing(func(tx *sql.Tx) (result, error) {
			w, err := c.worker(tx)
			if err != nil {
				return result{}, err
			}
			day, err := change(c, w)
			switch {
			case err != nil:
			case day.doc == nil:
				day = w.day
			case day.id == 0:
				day.id, err = workdayEntity.insert(c.ctx, tx, day.doc)
			default:
				err = workdayEntity.update(c.ctx, tx, day.id, w.day.doc, day.doc)
			}
			if err != nil {
				return result{}, err
			}
			return result{value: showWorkday(day, c.sb.now()), record: day.id}, nil
		})
	}
}

// openWorkday begins the day, or continues it after a pause or its end. TIME is
// for a day that begins only.
//
// https://apidocs.bitrix24.com/api-reference/timeman/base/timeman-open.html
func openWorkday(c *call, w worker) (row, error) {
	now := c.sb.now()
	state := workdayState(w.day, now)
	if w.day.id == 0 || state == dayClosed && !isSameDay(w.day, now) {
		return beginWorkday(c, w, now)
	}
	if c.text("TIME") != "" {
		return row{}, badRequest("TIME", "Unable to set time, work day is paused")
	}
	if state == dayOpened || state == dayExpired {
		return row{}, nil
	}
	after := w.day.doc.clone()
	addLeak(after, now)
	delete(after, "FINISHED")
	delete(after, "IP_CLOSE")
	after["PAUSED"] = false
	return row{w.day.id, after}, nil
}

func beginWorkday(c *call, w worker, now time.Time) (row, error) {
	start, offset := now, w.offset(now)
	given, err := c.givenTime()
	if err != nil {
		return row{}, err
	}
	if !given.IsZero() {
		if given.Format(time.DateOnly) != now.In(given.Location()).Format(time.DateOnly) {
			return row{}, badRequest("WRONG_DATETIME", "Day open date should correspond to the current date")
		}
		if err := c.checkReason(w); err != nil {
			return row{}, err
		}
		_, seconds := given.Zone()
		start, offset = given, int64(seconds)
	}
	doc := document{
		"USER_ID": number(w.id), "STARTED": storedTime(start), "OFFSET": number(offset), "LEAKS": number(0),
		"CONFIRMED": w.flexible() || isNear(start, now), "REPORT_OPEN": c.text("REPORT"), "IP_OPEN": c.address,
	}
	c.setPlace(doc, "OPEN")
	return row{0, doc}, nil
}

// pauseWorkday stops the clock. A day that has ended today goes on until now
// and pauses then.
//
// https://apidocs.bitrix24.com/api-reference/timeman/base/timeman-pause.html
func pauseWorkday(c *call, w worker) (row, error) {
	now := c.sb.now()
	switch workdayState(w.day, now) {
	case dayOpened:
	case dayClosed:
		if w.day.id == 0 || !isSameDay(w.day, now) {
			return row{}, nil
		}
	default:
		return row{}, nil
	}
	after := w.day.doc.clone()
	after["FINISHED"], after["PAUSED"] = storedTime(now), true
	return row{w.day.id, after}, nil
}

// closeWorkday ends the day. An expired one needs TIME, on the day it began.
//
// https://apidocs.bitrix24.com/api-reference/timeman/base/timeman-close.html
func closeWorkday(c *call, w worker) (row, error) {
	now := c.sb.now()
	state := workdayState(w.day, now)
	given, err := c.givenTime()
	if err != nil {
		return row{}, err
	}
	switch {
	case state == dayClosed:
		return row{}, timemanError("WD_NOT_OPEN")
	case !given.IsZero() && !isSameDay(w.day, given):
		return row{}, badRequest("WRONG_DATETIME", "Day close date should correspond to the day open date")
	case !given.IsZero():
		if err := c.checkReason(w); err != nil {
			return row{}, err
		}
	case state == dayExpired:
		return row{}, badRequest("WD_EXPIRED", "Workday is expired")
	}
	end := given
	if end.IsZero() {
		end = now
	}
	if started, _ := timeOf(w.day.doc["STARTED"]); end.Before(started) {
		return row{}, nil // as on a portal, the day stays as it is
	}
	after := w.day.doc.clone()
	if after["PAUSED"] == true {
		addLeak(after, end)
	}
	after["FINISHED"], after["PAUSED"] = storedTime(end), false
	after["CONFIRMED"] = after["CONFIRMED"] == true && (w.flexible() || isNear(end, now))
	after["REPORT_CLOSE"], after["IP_CLOSE"] = c.text("REPORT"), c.address
	c.setPlace(after, "CLOSE")
	return row{w.day.id, after}, nil
}

// addLeak counts the time since the day was paused or ended as a break.
func addLeak(doc document, until time.Time) {
	since, _ := timeOf(doc["FINISHED"])
	leak := max(0, until.Truncate(time.Second).Sub(since))
	doc["LEAKS"] = number(intOf(doc["LEAKS"]) + int64(leak/time.Second))
}

// givenTime is TIME, which must have a time zone; zero when it is missing.
func (c *call) givenTime() (time.Time, error) {
	text := c.text("TIME")
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, badRequest("WRONG_DATETIME_FORMAT", "Wrong datetime format")
	}
	return t, nil
}

// checkReason wants REPORT beside TIME, unless the hours are flexible.
func (c *call) checkReason(w worker) error {
	if w.flexible() || strings.TrimSpace(c.text("REPORT")) != "" {
		return nil
	}
	return badRequest("REPORT_NEEDED", "Time was changed manually")
}

// isNear tells whether a time needs no confirmation.
func isNear(at, now time.Time) bool { return at.Sub(now).Abs() <= allowedDelta }

// setPlace keeps LAT and LON of the beginning or the end.
func (c *call) setPlace(doc document, end string) {
	for _, name := range []string{"LAT", "LON"} {
		given, ok := c.params.GetFold(name)
		if !ok {
			continue
		}
		// What is no number counts as 0 in PHP.
		stored, err := takeDouble(phpquery.Text(given))
		if err != nil || stored == nil {
			stored = number(0)
		}
		doc[name+"_"+end] = stored
	}
}

// seedWorkdays lets the head of sales be at work.
func seedWorkdays(ctx context.Context, tx *sql.Tx, now time.Time) error {
	_, err := workdayEntity.insert(ctx, tx, document{
		"USER_ID": number(2), "STARTED": storedTime(now), "OFFSET": number(0), "LEAKS": number(0), "CONFIRMED": true,
		"REPORT_OPEN": "", "IP_OPEN": "",
	})
	return err
}
