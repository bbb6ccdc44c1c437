package sandbox

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// portalAt is a portal whose clock the test sets.
func portalAt(t *testing.T, at string) (p *portal, set func(string)) {
	p = newPortal(t, companyUsers)
	set = func(at string) {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		p.sb.now = func() time.Time { return now }
	}
	set(at)
	return p, set
}

// workday is what matters of an answer about a working day.
func (p *portal) workday(name string, kv ...any) string {
	p.tb.Helper()
	d := p.ok("timeman."+name, kv...).(map[string]any)
	return phpquery.Text(d["STATUS"]) + " " + phpquery.Text(d["TIME_START"]) + " " + phpquery.Text(d["TIME_FINISH"]) + " " +
		phpquery.Text(d["DURATION"]) + " " + phpquery.Text(d["TIME_LEAKS"])
}

// TestWorkday goes through a day with a break, an end and a second thought.
func TestWorkday(t *testing.T) {
	t.Parallel()
	p, at := portalAt(t, "2026-03-02T08:00:00Z")
	diff(t, "before the first day", map[string]any{"STATUS": "CLOSED"}, p.ok("timeman.status"))
	diff(t, "open", "OPENED 2026-03-02T08:00:00+00:00  00:00:00 00:00:00", p.workday("open"))
	at("2026-03-02T12:00:00Z")
	diff(t, "open again", "OPENED 2026-03-02T08:00:00+00:00  00:00:00 00:00:00", p.workday("open"))
	diff(t, "pause", "PAUSED 2026-03-02T08:00:00+00:00  00:00:00 00:00:00", p.workday("pause"))
	at("2026-03-02T12:40:00Z")
	diff(t, "pause again", "PAUSED 2026-03-02T08:00:00+00:00  00:00:00 00:00:00", p.workday("pause"))
	diff(t, "TIME in a pause", "400 TIME: Unable to set time, work day is paused",
		p.refused("timeman.open", "TIME", "2026-03-02T12:40:00+00:00", "REPORT", "late"))
	diff(t, "continue", "OPENED 2026-03-02T08:00:00+00:00  00:00:00 00:40:00", p.workday("open"))
	at("2026-03-02T17:00:00Z")
	diff(t, "close", "CLOSED 2026-03-02T08:00:00+00:00 2026-03-02T17:00:00+00:00 08:20:00 00:40:00", p.workday("close"))
	diff(t, "close twice", "400 : WD_NOT_OPEN", p.refused("timeman.close"))
	at("2026-03-02T17:30:00Z")
	diff(t, "reopen", "OPENED 2026-03-02T08:00:00+00:00  00:00:00 01:10:00", p.workday("open"))
	at("2026-03-02T18:00:00Z")
	p.workday("close")
	at("2026-03-02T18:30:00Z")
	diff(t, "pause of an ended day", "PAUSED 2026-03-02T08:00:00+00:00  00:00:00 01:10:00", p.workday("pause"))
	at("2026-03-02T18:40:00Z")
	diff(t, "close of a paused day", "CLOSED 2026-03-02T08:00:00+00:00 2026-03-02T18:40:00+00:00 09:20:00 01:20:00", p.workday("close"))
	at("2026-03-03T07:00:00Z")
	diff(t, "yesterday's day", "CLOSED 2026-03-02T08:00:00+00:00 2026-03-02T18:40:00+00:00 09:20:00 01:20:00", p.workday("status"))
	diff(t, "pause of yesterday's day", "CLOSED 2026-03-02T08:00:00+00:00 2026-03-02T18:40:00+00:00 09:20:00 01:20:00", p.workday("pause"))
	diff(t, "the next day", "OPENED 2026-03-03T07:00:00+00:00  00:00:00 00:00:00", p.workday("open"))
}

// TestWorkdayByHand gives the times: in the caller's zone, on the right day and
// with a reason, and the supervisor has to confirm what is far from the clock.
func TestWorkdayByHand(t *testing.T) {
	t.Parallel()
	p, at := portalAt(t, "2026-03-02T06:30:00Z")
	diff(t, "yesterday", "400 WRONG_DATETIME: Day open date should correspond to the current date",
		p.refused("timeman.open", "TIME", "2026-03-01T08:00:00+02:00", "REPORT", "forgot"))
	diff(t, "no zone", "400 WRONG_DATETIME_FORMAT: Wrong datetime format",
		p.refused("timeman.open", "TIME", "2026-03-02T08:00:00", "REPORT", "forgot"))
	diff(t, "no reason", "400 REPORT_NEEDED: Time was changed manually", p.refused("timeman.open", "TIME", "2026-03-02T08:00:00+02:00"))
	diff(t, "nothing happened", map[string]any{"STATUS": "CLOSED"}, p.ok("timeman.status"))
	want := map[string]any{
		"STATUS": "OPENED", "TIME_START": "2026-03-02T08:00:00+02:00", "TIME_FINISH": nil, "DURATION": "00:00:00", "TIME_LEAKS": "00:00:00",
		"ACTIVE": false, "IP_OPEN": "", "IP_CLOSE": "", "LAT_OPEN": json.Number("53.548841"), "LON_OPEN": json.Number("9.987274"),
		"LAT_CLOSE": json.Number("0"), "LON_CLOSE": json.Number("0"), "TZ_OFFSET": json.Number("7200"),
	}
	got := p.ok("timeman.open", "time", "2026-03-02T08:00:00+02:00", "report", "forgot", "lat", json.Number("53.548841"), "lon", "9.987274")
	diff(t, "open", want, got)
	at("2026-03-02T23:30:00Z") // the next day in the zone of the day
	d := p.ok("timeman.status").(map[string]any)
	if d["STATUS"] != "EXPIRED" || d["TIME_FINISH_DEFAULT"] != "2026-03-02T18:00:00+02:00" {
		t.Errorf("expired: %v", d)
	}
	diff(t, "open an expired day", "EXPIRED 2026-03-02T08:00:00+02:00  00:00:00 00:00:00", p.workday("open"))
	diff(t, "pause an expired day", "EXPIRED 2026-03-02T08:00:00+02:00  00:00:00 00:00:00", p.workday("pause"))
	diff(t, "close an expired day", "400 WD_EXPIRED: Workday is expired", p.refused("timeman.close"))
	diff(t, "close on another day", "400 WRONG_DATETIME: Day close date should correspond to the day open date",
		p.refused("timeman.close", "TIME", "2026-03-02T23:00:00+00:00", "REPORT", "forgot"))
	diff(t, "close without a reason", "400 REPORT_NEEDED: Time was changed manually",
		p.refused("timeman.close", "TIME", "2026-03-02T17:00:00+01:00"))
	diff(t, "close before the beginning", "EXPIRED 2026-03-02T08:00:00+02:00  00:00:00 00:00:00",
		p.workday("close", "TIME", "2026-03-02T07:00:00+02:00", "REPORT", "forgot"))
	diff(t, "close from another zone", "CLOSED 2026-03-02T08:00:00+02:00 2026-03-02T18:00:00+02:00 10:00:00 00:00:00",
		p.workday("close", "TIME", "2026-03-02T17:00:00+01:00", "REPORT", "forgot"))
}

// TestWorkdayOfOthers is for administrators; everybody else has a day of their own.
func TestWorkdayOfOthers(t *testing.T) {
	t.Parallel()
	p, _ := portalAt(t, "2026-07-01T22:30:00Z")
	p.ok("user.update", "ID", 7, "TIME_ZONE", "Asia/Tokyo")
	seven := p.as(principal{userID: 7, scopes: fullScopes})
	for _, name := range []string{"settings", "status", "open", "pause", "close"} {
		diff(t, name+" of another user", "400 : User does not have access to managing other users work time",
			seven.refused("timeman."+name, "USER_ID", 2))
		diff(t, name+" of nobody", "400 : User not found", p.refused("timeman."+name, "USER_ID", 9999))
	}
	diff(t, "zone of the profile", "OPENED 2026-07-02T07:30:00+09:00  00:00:00 00:00:00", p.workday("open", "USER_ID", 7))
	diff(t, "the user's own view", "OPENED 2026-07-02T07:30:00+09:00  00:00:00 00:00:00", seven.workday("status"))
	diff(t, "the administrator has not begun", map[string]any{"STATUS": "CLOSED"}, p.ok("timeman.status"))
	// Flexible hours need no reason and no confirmation.
	d := seven.ok("timeman.close", "TIME", "2026-07-02T20:00:00+09:00").(map[string]any)
	if d["ACTIVE"] != true || d["DURATION"] != "12:30:00" {
		t.Errorf("flexible: %v", d)
	}
}

func TestWorkdaySettings(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	want := map[string]any{
		"UF_TIMEMAN": true, "UF_TM_FREE": false, "UF_TM_MAX_START": "09:15:00", "UF_TM_MIN_FINISH": "17:45:00",
		"UF_TM_MIN_DURATION": "08:00:00", "UF_TM_ALLOWED_DELTA": "00:15:00", "ADMIN": true,
	}
	diff(t, "own", want, p.ok("timeman.settings"))
	delete(want, "ADMIN")
	want["UF_TM_FREE"] = true
	diff(t, "of user 7", want, p.ok("timeman.settings", "USER_ID", "7"))
	want["UF_TIMEMAN"], want["UF_TM_FREE"], want["ADMIN"] = false, false, false
	diff(t, "of a guest", want, p.as(principal{userID: extranetID, scopes: fullScopes}).ok("timeman.settings"))
	diff(t, "scope", "403 insufficient_scope: The request requires higher privileges than provided by the access token",
		p.as(principal{userID: 2, scopes: []string{"user"}}).refused("timeman.status"))
}

// TestWorkdayAddress keeps the address a day was opened from, also in a batch.
func TestWorkdayAddress(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	from := &call{ctx: t.Context(), sb: p.sb, who: p.who, address: "192.0.2.7", params: arr("cmd", list("timeman.open", "timeman.close"))}
	if _, err := p.sb.run(from, "batch"); err != nil {
		t.Fatal(err)
	}
	d := p.ok("timeman.status").(map[string]any)
	if d["IP_OPEN"] != "192.0.2.7" || d["IP_CLOSE"] != "192.0.2.7" {
		t.Errorf("addresses: %v", d)
	}
}
