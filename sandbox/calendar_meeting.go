package sandbox

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// guest is one of those who take part in a meeting.
type guest struct {
	user   int64
	entry  int64  // the event in the guest's calendar
	status string // H for the host; Y, N or Q
}

const hosting = "H"

// guestsOf reads the guests of an event, the host first; none when it is no
// meeting.
func guestsOf(doc document) []guest {
	list, _ := doc["guests"].([]any)
	guests := make([]guest, 0, len(list))
	for _, v := range list {
		m, _ := v.(map[string]any)
		g := guest{user: intOf(m["user"]), entry: intOf(m["entry"])}
		g.status, _ = m["status"].(string)
		guests = append(guests, g)
	}
	return guests
}

func storeGuests(doc document, guests []guest) {
	list := make([]any, 0, len(guests))
	for _, g := range guests {
		list = append(list, map[string]any{"user": number(g.user), "entry": number(g.entry), "status": g.status})
	}
	doc["guests"] = list
}

// guestPlace is where a user stands among the guests; -1 for nowhere.
func guestPlace(guests []guest, user int64) int {
	return slices.IndexFunc(guests, func(g guest) bool { return g.user == user })
}

// shownGuests are the guests that the caller sees: with HIDE_GUESTS all but the
// host and administrators see the host and themselves only.
func shownGuests(c *call, doc document) []guest {
	guests := guestsOf(doc)
	meeting, _ := doc["meeting"].(map[string]any)
	if meeting["HIDE_GUESTS"] != true || c.who.admin || intOf(doc["MEETING_HOST"]) == c.who.userID {
		return guests
	}
	return slices.DeleteFunc(guests, func(g guest) bool { return g.status != hosting && g.user != c.who.userID })
}

func showGuests(s showing, doc document) any {
	list := phpquery.NewArray()
	for _, g := range shownGuests(s.call, doc) {
		shown := phpquery.NewArray()
		shown.Set("id", number(g.user))
		shown.Set("entryId", fmt.Sprint(g.entry))
		shown.Set("status", g.status)
		list.Append(shown)
	}
	return list
}

func showGuestCodes(s showing, doc document) any {
	list := phpquery.NewArray()
	for _, g := range shownGuests(s.call, doc) {
		list.Append(fmt.Sprintf("U%d", g.user))
	}
	return list
}

func showGuestEntities(c *call, doc document) *phpquery.Array {
	list := phpquery.NewArray()
	for _, g := range shownGuests(c, doc) {
		shown := phpquery.NewArray()
		shown.Set("entityId", "user")
		shown.Set("id", number(g.user))
		list.Append(shown)
	}
	return list
}

// showOwnStatus is the answer of the one in whose calendar the event stands;
// what is no invitation counts as accepted.
func showOwnStatus(_ showing, doc document) any {
	guests := guestsOf(doc)
	if of := calendarHolding(doc); of.kind == userCalendar {
		if i := guestPlace(guests, of.owner); i >= 0 {
			return guests[i].status
		}
	}
	if len(guests) > 0 {
		return hosting
	}
	return "Y"
}

func showMeeting(_ showing, doc document) any {
	m, ok := doc["meeting"].(map[string]any)
	if !ok {
		return nil
	}
	shown := phpquery.NewArray()
	for _, key := range []string{"HOST_NAME", "NOTIFY", "REINVITE", "ALLOW_INVITE", "HIDE_GUESTS", "MEETING_CREATOR"} {
		shown.Set(key, m[key])
	}
	shown.Set("LANGUAGE_ID", "en")
	shown.Set("MAIL_FROM", "")
	return shown
}

// errGuest is a guest who does not exist or cannot be invited.
var errGuest = errors.New("no such guest")

// takeMeeting reads is_meeting, attendees and meeting. Without is_meeting the
// guests stay as they are; a meeting always has its host.
func takeMeeting(c *call, tx *sql.Tx, doc document) error {
	if _, given := c.passed("is_meeting"); given {
		doc["IS_MEETING"] = c.flag("is_meeting", false)
		if err := takeGuests(c, tx, doc); err != nil {
			return err
		}
	}
	if doc["IS_MEETING"] != true {
		doc["MEETING_HOST"], doc["guests"] = number(0), nil
		delete(doc, "meeting")
		return nil
	}
	name, err := userName(c, tx, intOf(doc["MEETING_HOST"]))
	if err != nil {
		return err
	}
	before, _ := doc["meeting"].(map[string]any)
	meeting := map[string]any{"HOST_NAME": name, "MEETING_CREATOR": doc["MEETING_HOST"]}
	v, _ := c.passed("meeting")
	given, _ := v.(*phpquery.Array)
	for _, key := range []string{"NOTIFY", "REINVITE", "ALLOW_INVITE", "HIDE_GUESTS"} {
		meeting[key] = before[key] == true
		if flag, ok := given.GetFold(key); ok {
			yes, err := takeFlag(flag)
			meeting[key] = err == nil && yes == true
		}
	}
	doc["meeting"] = meeting
	return nil
}

// takeGuests makes the list of guests; those who stay keep their answers.
func takeGuests(c *call, tx *sql.Tx, doc document) error {
	host := intOf(doc["MEETING_HOST"])
	if host == 0 {
		host = c.who.userID
	}
	doc["MEETING_HOST"] = number(host)
	before := guestsOf(doc)
	guests := []guest{{user: host, status: hosting}}
	v, _ := c.passed("attendees")
	for _, element := range elements(v) {
		id := intval(strings.TrimPrefix(phpquery.Text(element), "U"))
		if guestPlace(guests, id) >= 0 {
			continue
		}
		name, err := userName(c, tx, id)
		if err != nil {
			return err
		}
		if name == "" {
			return errGuest
		}
		invited := guest{user: id, status: "Q"}
		if i := guestPlace(before, id); i >= 0 {
			if before[i].status != hosting {
				invited.status = before[i].status
			}
		} else if busy, err := unavailable(c, tx, id, spanOf(doc)); busy || err != nil {
			return cmp.Or(err, errGuest)
		}
		guests = append(guests, invited)
	}
	storeGuests(doc, guests)
	return nil
}

// unavailable tells whether a user takes no invitations for a time that is taken.
func unavailable(c *call, tx *sql.Tx, user int64, s span) (bool, error) {
	settings, err := userSettings(c, tx, user)
	if err != nil || settings["DENY_BUSY_INVITATION"] != true {
		return false, err
	}
	events, err := eventsOf(c, tx, calendar{userCalendar, user}, window{s.from, s.end()}, nil)
	return slices.ContainsFunc(events, func(r row) bool {
		return r.doc["ACCESSIBILITY"] != "free" && showOwnStatus(showing{}, r.doc) != "N"
	}), err
}

// reinvite asks the guests anew.
func reinvite(doc document) {
	guests := guestsOf(doc)
	for i := range guests {
		if guests[i].status != hosting {
			guests[i].status = "Q"
		}
	}
	storeGuests(doc, guests)
}

// userName is the name of a user; empty when there is none.
func userName(c *call, tx *sql.Tx, id int64) (string, error) {
	user, err := userEntity.find(c.ctx, tx, id)
	if user == nil || err != nil {
		return "", err
	}
	first, _ := user["NAME"].(string)
	last, _ := user["LAST_NAME"].(string)
	if name := strings.TrimSpace(first + " " + last); name != "" {
		return name, nil
	}
	return fmt.Sprintf("User %d", id), nil
}
