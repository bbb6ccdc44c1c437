package sandbox

import (
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// changeEvent changes an event whole, or with recurrence_mode this or next a
// part of a series. It answers the id, or what became of the series.
func changeEvent(c *call, tx *sql.Tx, given, id int64, before, after document) (any, error) {
	mode := c.text("recurrence_mode")
	switch mode {
	case "", "all", "this", "next":
	default:
		return nil, errCalendar("An invalid editing type for the recurring event is specified.")
	}
	if (mode == "this" || mode == "next") && recurrenceOf(before) != nil {
		at, place, ok := occurrenceOn(before, c.text("current_date_from"))
		if !ok {
			return nil, errCalendar(changingWords.failed)
		}
		// All that follow the first occurrence are the whole series.
		if mode == "this" || place > 0 {
			cut := occurrence{id: id, series: before, at: at, place: place}
			return cut.takeOut(c, tx, after, mode == "next")
		}
	}
	if err := takeEvent(c, tx, after, changingWords); err != nil {
		return nil, err
	}
	touch(c, after)
	_, err := storeEvent(c, tx, id, before, after)
	return number(given), err
}

// touch counts a change, and asks the guests anew where the meeting says so.
func touch(c *call, doc document) {
	doc["VERSION"] = number(intOf(doc["VERSION"]) + 1)
	doc["TIMESTAMP_X"] = storedTime(c.sb.now())
	if meeting, _ := doc["meeting"].(map[string]any); meeting["REINVITE"] == true {
		reinvite(doc)
	}
}

// occurrence is one time of a series.
type occurrence struct {
	id     int64 // of the series
	series document
	at     time.Time
	place  int // how many come before it
}

// takeOut makes an event of its own of the occurrence, or with the following a
// series of them all, and makes the changes there.
func (o occurrence) takeOut(c *call, tx *sql.Tx, part document, following bool) (any, error) {
	series := o.series.clone()
	spanOf(series).moved(o.at).store(part)
	part["except"] = nil
	if following {
		part["recursion"] = number(o.id)
		o.cut(series, part)
	} else {
		days, _ := series["except"].([]any)
		series["except"] = append(slices.Clone(days), o.at.Format(time.DateOnly))
		part["RECURRENCE_ID"], part["original"] = number(o.id), number(o.at.Unix())
		part["comment"] = fmt.Sprintf("EVENT_%d_%s", o.id, o.at.Format(siteDate))
	}
	if err := takeEvent(c, tx, part, changingWords); err != nil {
		return nil, err
	}
	if !following {
		part["rule"] = nil
	}
	touch(c, part)
	part["CREATED_BY"], part["DATE_CREATE"], part["VERSION"] = number(c.who.userID), part["TIMESTAMP_X"], number(1)
	part["DAV_XML_ID"] = davID(part)
	id, err := storeEvent(c, tx, 0, nil, part)
	if err != nil {
		return nil, err
	}
	series["VERSION"], series["TIMESTAMP_X"] = number(intOf(series["VERSION"])+1), part["TIMESTAMP_X"]
	if _, err := storeEvent(c, tx, o.id, o.series, series); err != nil {
		return nil, err
	}
	answer := phpquery.NewArray()
	answer.Set("originalDate", o.at.Format(siteDateTime))
	answer.Set("originalDavXmlId", series["DAV_XML_ID"])
	answer.Set("instanceTz", series["TZ_FROM"])
	answer.Set("recEventId", number(id))
	answer.Set("id", number(o.id))
	return answer, nil
}

// occurrenceOn finds the occurrence of a day and how many come before it.
func occurrenceOn(doc document, day string) (at time.Time, place int, ok bool) {
	first := spanOf(doc).from
	wanted, _, ok := readTime(day, first.Location())
	if !ok {
		return time.Time{}, 0, false
	}
	wanted = wanted.In(first.Location())
	date := wanted.Format(time.DateOnly)
	if slices.Contains(exceptions(doc), date) {
		return time.Time{}, 0, false
	}
	for start := range recurrenceOf(doc).starts(first) {
		switch found := start.Format(time.DateOnly); {
		case found == date:
			return start, place, true
		case dayOf(start).After(dayOf(wanted)):
			return time.Time{}, 0, false
		}
		place++
	}
	return time.Time{}, 0, false
}

// cut ends the series before the occurrence, with which the rest begins. The
// numbers of both parts add up to that of the whole.
func (o occurrence) cut(series, rest document) {
	head, tail := recurrenceOf(series), recurrenceOf(series)
	head.until = dayOf(o.at).AddDate(0, 0, -1)
	if tail.count > 0 {
		head.count, tail.count = 0, tail.count-o.place
	}
	series["rule"], rest["rule"] = head.store(), tail.store()
}
