package sandbox

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

func TestUserGetShape(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	r, err := p.run("user.get", arr("ID", "2"))
	if err != nil {
		t.Fatal(err)
	}
	first, _ := r.value.(*phpquery.Array).Get("0")
	diff(t, "keys", []string{
		"ID", "ACTIVE", "NAME", "LAST_NAME", "EMAIL", "LAST_LOGIN", "DATE_REGISTER", "IS_ONLINE", "TIMESTAMP_X",
		"LAST_ACTIVITY_DATE", "PERSONAL_GENDER", "PERSONAL_BIRTHDAY", "PERSONAL_MOBILE", "PERSONAL_CITY", "WORK_PHONE",
		"WORK_POSITION", "UF_EMPLOYMENT_DATE", "UF_DEPARTMENT", "UF_PHONE_INNER", "USER_TYPE",
	}, keysIn(first.(*phpquery.Array)))
	u := plainValue(first).(map[string]any)
	for name, want := range map[string]any{
		"ID": "2", "ACTIVE": true, "IS_ONLINE": "N", "UF_DEPARTMENT": []any{json.Number("2")}, "USER_TYPE": "employee",
		"TIMESTAMP_X": "2025-01-15T09:00:00+00:00",
	} {
		diff(t, name, want, u[name])
	}
	if _, err := time.Parse("2006-01-02 15:04:05", u["LAST_ACTIVITY_DATE"].(string)); err != nil {
		t.Errorf("LAST_ACTIVITY_DATE: %v", err)
	}
	if s := u["PERSONAL_BIRTHDAY"].(string); !strings.HasSuffix(s, "T00:00:00+00:00") {
		t.Errorf("PERSONAL_BIRTHDAY %q", s)
	}
}

func TestUserCurrent(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers).as(principal{userID: 7, scopes: fullScopes})
	u := p.ok("user.current").(map[string]any)
	diff(t, "ID", any("7"), u["ID"])
	diff(t, "IS_ONLINE", any("Y"), u["IS_ONLINE"])
	if got := p.as(principal{userID: 999, scopes: fullScopes}).refused("user.current"); got != "400 ERROR_CORE: access_denied" {
		t.Error(got)
	}
}

// TestUserScopes lists what each scope shows, as the documentation has it.
func TestUserScopes(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.ok("user.userfield.add", "fields", arr("FIELD_NAME", "BADGE", "USER_TYPE_ID", "string"))
	p.ok("user.update", "ID", 2, "PERSONAL_WWW", "https://example.org", "PERSONAL_STREET", "Elm Street 1", "UF_SKILLS", "chess", "UF_USR_BADGE", "B-2")
	tests := []struct {
		scopes  string
		shows   string
		hides   string
		inField string
	}{
		{"user", "EMAIL PERSONAL_WWW PERSONAL_STREET LAST_LOGIN USER_TYPE UF_SKILLS UF_USR_BADGE", "ADMIN SONET_GROUP_ID", "USER_TYPE"},
		{"user_basic", "ID NAME EMAIL WORK_PHONE PERSONAL_STREET UF_SKILLS UF_DEPARTMENT", "PERSONAL_WWW LAST_LOGIN USER_TYPE UF_USR_BADGE ADMIN", "EMAIL"},
		{"user_brief", "ID NAME PERSONAL_CITY UF_SKILLS UF_PHONE_INNER UF_DEPARTMENT", "EMAIL WORK_PHONE PERSONAL_STREET PERSONAL_MOBILE LAST_LOGIN UF_USR_BADGE", "WORK_CITY"},
		{"user_brief user.userfield", "NAME UF_USR_BADGE", "EMAIL", "WORK_CITY"},
		{"user_brief user_basic", "EMAIL UF_SKILLS", "PERSONAL_WWW", "EMAIL"},
	}
	for _, tt := range tests {
		p := p.as(principal{userID: 2, scopes: strings.Fields(tt.scopes)})
		for _, name := range []string{"user.get", "user.search"} {
			rows := p.ok(name, "ID", 2).([]any)
			checkKeys(t, tt.scopes+" "+name, rows[0].(map[string]any), tt.shows, tt.hides)
		}
		checkKeys(t, tt.scopes+" user.current", p.ok("user.current").(map[string]any), tt.shows, tt.hides)
		checkKeys(t, tt.scopes+" user.fields", p.ok("user.fields").(map[string]any), tt.inField, "UF_USR_BADGE ADMIN "+tt.hides)
		rows := p.ok("user.get", "ID", 2, "select", list("*", "EMAIL", "ADMIN")).([]any)
		checkKeys(t, tt.scopes+" select", rows[0].(map[string]any), tt.shows, tt.hides)
	}
}

func checkKeys(t *testing.T, what string, got map[string]any, shows, hides string) {
	t.Helper()
	for _, k := range strings.Fields(shows) {
		if _, ok := got[k]; !ok {
			t.Errorf("%s: no %s in %v", what, k, slices.Sorted(maps.Keys(got)))
		}
	}
	for _, k := range strings.Fields(hides) {
		if _, ok := got[k]; ok {
			t.Errorf("%s: shows %s", what, k)
		}
	}
}

func TestUserFields(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	r, err := p.run("user.fields", arr())
	if err != nil {
		t.Fatal(err)
	}
	a := r.value.(*phpquery.Array)
	diff(t, "order", strings.Fields(`ID XML_ID ACTIVE NAME LAST_NAME SECOND_NAME TITLE EMAIL LAST_LOGIN DATE_REGISTER TIME_ZONE IS_ONLINE
		TIMESTAMP_X LAST_ACTIVITY_DATE PERSONAL_GENDER PERSONAL_PROFESSION PERSONAL_WWW PERSONAL_BIRTHDAY PERSONAL_PHOTO PERSONAL_ICQ
		PERSONAL_PHONE PERSONAL_FAX PERSONAL_MOBILE PERSONAL_PAGER PERSONAL_STREET PERSONAL_CITY PERSONAL_STATE PERSONAL_ZIP
		PERSONAL_COUNTRY PERSONAL_MAILBOX PERSONAL_NOTES WORK_PHONE WORK_COMPANY WORK_POSITION WORK_DEPARTMENT WORK_WWW WORK_FAX
		WORK_PAGER WORK_STREET WORK_MAILBOX WORK_CITY WORK_STATE WORK_ZIP WORK_COUNTRY WORK_PROFILE WORK_LOGO WORK_NOTES UF_SKYPE_LINK
		UF_ZOOM UF_EMPLOYMENT_DATE UF_TIMEMAN UF_DEPARTMENT UF_INTERESTS UF_SKILLS UF_WEB_SITES UF_XING UF_LINKEDIN UF_TWITTER UF_SKYPE
		UF_DISTRICT UF_PHONE_INNER USER_TYPE`), keysIn(a))
	for k, want := range map[string]string{"XML_ID": "External code", "PERSONAL_ZIP": "Zip Code", "UF_DEPARTMENT": "Units"} {
		v, _ := a.Get(k)
		diff(t, k, any(want), v)
	}
}

func TestUserSelect(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.ok("user.userfield.add", "fields", arr("FIELD_NAME", "BADGE", "USER_TYPE_ID", "string"))
	tests := []struct {
		mask any
		want string
	}{
		{list("ID", "NAME"), "ID NAME"},
		{list("NAME", "ID"), "ID NAME"},
		{list("name"), "NAME"},
		{"EMAIL", "EMAIL"},
		{list("UF_*"), "UF_EMPLOYMENT_DATE UF_DEPARTMENT UF_PHONE_INNER UF_USR_BADGE"},
		{list("ID", "UF_*"), "ID UF_EMPLOYMENT_DATE UF_DEPARTMENT UF_PHONE_INNER UF_USR_BADGE"},
		{list("ID", "NO_SUCH", "ADMIN"), "ID"},
	}
	for _, tt := range tests {
		r, err := p.run("user.get", arr("ID", 3, "select", tt.mask))
		if err != nil {
			t.Fatal(err)
		}
		row, _ := r.value.(*phpquery.Array).Get("0")
		diff(t, describe(tt.mask), strings.Fields(tt.want), keysIn(row.(*phpquery.Array)))
	}
	all := p.user(3)
	masked := p.ok("user.get", "ID", 3, "SELECT", list("*")).([]any)[0]
	diff(t, "*", any(all), masked)
}

func TestUserSearch(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.ok("user.update", "ID", 20, "NAME", "Zacharias", "LAST_NAME", "Quill-Oxnard", "WORK_POSITION", "Chief Zymurgist", "UF_DEPARTMENT", 7)
	p.ok("user.update", "ID", 21, "NAME", "Oxana", "LAST_NAME", "Zachary", "SECOND_NAME", "Щукинична", "UF_DEPARTMENT", 7)
	p.ok("user.update", "ID", 22, "NAME", "O'Zander", "ACTIVE", "N")
	platform := p.ids("user.get", "UF_DEPARTMENT", 7)
	tests := []struct {
		filter *phpquery.Array
		want   []int
	}{
		{arr("FIND", "zach"), []int{20, 21}},
		{arr("FIND", "Zach Quil"), []int{20}},
		{arr("FIND", "oxn"), []int{20}},
		{arr("FIND", "ox"), []int{20, 21}},
		{arr("FIND", "zymu"), []int{20}},
		{arr("FIND", "щукинич"), []int{21}},
		{arr("FIND", "achar"), nil},
		{arr("FIND", "o'zan"), []int{22}},
		{arr("FIND", "o'zan", "ACTIVE", true), nil},
		{arr("FIND", "zach platf"), []int{20, 21}},
		{arr("FIND", "plat"), platform},
		{arr("FIND", "zach", "LAST_NAME", "Quill"), []int{20, 21}},
		{arr("FIND", "", "LAST_NAME", "Quill"), []int{20}},
		{arr("FIND", "zach", "USER_TYPE", "extranet"), nil},
		{arr("NAME", "zach"), []int{20}},
		{arr("LAST_NAME", "zach"), []int{21}},
		{arr("LAST_NAME", "oxnard"), []int{20}},
		{arr("WORK_POSITION", "zym"), []int{20}},
		{arr("NAME", "Oxana", "LAST_NAME", "Z"), []int{21}},
		{arr("UF_DEPARTMENT_NAME", "platform", "NAME", "ox"), []int{21}},
		{arr("%NAME", "achar"), []int{20}},
		{arr("NAME", list("Zacharias", "Oxana")), []int{20, 21}},
		{arr("NAME", "%ana", "LAST_NAME", "Zachary"), []int{21}},
	}
	for _, tt := range tests {
		var parts []string
		for k, v := range tt.filter.All() {
			parts = append(parts, k+"="+describe(v))
		}
		diff(t, strings.Join(parts, "&"), tt.want, p.ids("user.search", "FILTER", tt.filter))
	}
	diff(t, "NAME_SEARCH", []int{20, 21}, p.ids("user.get", "NAME_SEARCH", "zach"))
	diff(t, "FIND at top level", []int{20, 21}, p.ids("user.search", "FIND", "zach"))
	diff(t, "NAME of user.get is exact", []int(nil), p.ids("user.get", "NAME", "zach"))
}

func TestUserOnline(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers).as(principal{userID: 5, scopes: fullScopes})
	diff(t, "Y", []int{5}, p.ids("user.get", "IS_ONLINE", "Y"))
	diff(t, "not N", []int{5}, p.ids("user.get", "!IS_ONLINE", "N"))
	if got := p.ids("user.get", "IS_ONLINE", "N"); len(got) != companyUsers-1 || slices.Contains(got, 5) {
		t.Errorf("N: %v", got)
	}
	diff(t, "nonsense", []int(nil), p.ids("user.get", "IS_ONLINE", "maybe"))
}

func TestUserType(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	diff(t, "extranet", []int{extranetID}, p.ids("user.get", "USER_TYPE", "extranet"))
	if got := p.ids("user.get", "USER_TYPE", "employee"); len(got) != companyUsers-1 {
		t.Errorf("employees: %v", got)
	}
	diff(t, "e-mail users", []int(nil), p.ids("user.get", "USER_TYPE", "email"))
	diff(t, "no department", any([]any{}), p.user(extranetID)["UF_DEPARTMENT"])
}

// TestUserVisibility shows an extranet user only its own profile.
func TestUserVisibility(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	partner := p.as(principal{userID: extranetID, scopes: fullScopes})
	diff(t, "all", []int{extranetID}, partner.ids("user.get"))
	diff(t, "another", []int(nil), partner.ids("user.get", "ID", 1, "ADMIN_MODE", true))
	diff(t, "search", []int(nil), partner.ids("user.search", "FIND", "sales"))
	if got := p.as(principal{userID: 8, scopes: fullScopes}).ids("user.get"); len(got) != companyUsers {
		t.Errorf("an employee sees %d", len(got))
	}
}
