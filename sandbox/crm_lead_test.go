package sandbox

import (
	"strconv"
	"testing"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// at stops the portal's clock.
func (p *portal) at(text string) {
	p.tb.Helper()
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		p.tb.Fatal(err)
	}
	p.sb.now = func() time.Time { return t }
}

// rowsOf makes a parameter of phone numbers, addresses … from rows of names and
// values.
func rowsOf(rows ...[]any) *phpquery.Array {
	a := phpquery.NewArray()
	for _, r := range rows {
		a.Append(arr(r...))
	}
	return a
}

func (p *portal) lead(id any) map[string]any {
	p.tb.Helper()
	return p.ok("crm.lead.get", "id", id).(map[string]any)
}

func TestLeadGet(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.at("2026-03-02T10:00:00Z")
	id := p.ok("crm.lead.add", "fields", arr("OPPORTUNITY", "12,5", "UTM_SOURCE", "news", "PHONE", rowsOf([]any{"VALUE", "+1545", "VALUE_TYPE", "HOME"})))
	diff(t, "id", any(number(6)), id)
	r, err := p.run("crm.lead.get", arr("id", 6))
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "keys", []string{
		"ID", "TITLE", "HONORIFIC", "NAME", "SECOND_NAME", "LAST_NAME", "COMPANY_TITLE", "COMPANY_ID", "CONTACT_ID",
		"IS_RETURN_CUSTOMER", "BIRTHDATE", "SOURCE_ID", "SOURCE_DESCRIPTION", "STATUS_ID", "STATUS_DESCRIPTION", "POST",
		"COMMENTS", "CURRENCY_ID", "OPPORTUNITY", "IS_MANUAL_OPPORTUNITY", "HAS_PHONE", "HAS_EMAIL", "HAS_IMOL",
		"ASSIGNED_BY_ID", "CREATED_BY_ID", "MODIFY_BY_ID", "DATE_CREATE", "DATE_MODIFY", "DATE_CLOSED", "STATUS_SEMANTIC_ID",
		"OPENED", "ORIGINATOR_ID", "ORIGIN_ID", "MOVED_BY_ID", "MOVED_TIME", "ADDRESS", "ADDRESS_2", "ADDRESS_CITY",
		"ADDRESS_POSTAL_CODE", "ADDRESS_REGION", "ADDRESS_PROVINCE", "ADDRESS_COUNTRY", "ADDRESS_COUNTRY_CODE",
		"ADDRESS_LOC_ADDR_ID", "UTM_SOURCE", "UTM_MEDIUM", "UTM_CAMPAIGN", "UTM_CONTENT", "UTM_TERM", "LAST_ACTIVITY_BY",
		"LAST_ACTIVITY_TIME", "PHONE",
	}, keysIn(r.value.(*phpquery.Array)))
	want := map[string]any{
		"ID": "6", "TITLE": "Lead #6", "IS_RETURN_CUSTOMER": "N", "BIRTHDATE": "", "STATUS_ID": "NEW", "CURRENCY_ID": "USD",
		"OPPORTUNITY": "12.50", "IS_MANUAL_OPPORTUNITY": "N", "HAS_PHONE": "Y", "HAS_EMAIL": "N", "HAS_IMOL": "N",
		"ASSIGNED_BY_ID": "1", "CREATED_BY_ID": "1", "MODIFY_BY_ID": "1", "DATE_CREATE": "2026-03-02T10:00:00+00:00",
		"DATE_MODIFY": "2026-03-02T10:00:00+00:00", "DATE_CLOSED": "", "STATUS_SEMANTIC_ID": "P", "OPENED": "Y", "MOVED_BY_ID": "1",
		"MOVED_TIME": "2026-03-02T10:00:00+00:00", "UTM_SOURCE": "news", "LAST_ACTIVITY_BY": "1",
		"LAST_ACTIVITY_TIME": "2026-03-02T10:00:00+00:00",
		"PHONE":              []any{map[string]any{"ID": "7", "VALUE_TYPE": "HOME", "VALUE": "+1545", "TYPE_ID": "PHONE"}},
	}
	for _, name := range keysIn(r.value.(*phpquery.Array)) {
		if _, ok := want[name]; !ok {
			want[name] = nil
		}
	}
	diff(t, "lead", any(want), plainValue(r.value))
}

func TestLeadStages(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.at("2026-03-02T10:00:00Z")
	id := p.ok("crm.lead.add", "fields", arr("TITLE", "Stages", "STATUS_ID", "NO_SUCH"))
	diff(t, "begins at the beginning", any("NEW"), p.lead(id)["STATUS_ID"])
	employee := p.as(principal{userID: 4, scopes: fullScopes})
	steps := []struct {
		at, to                            string
		status, semantics, closed, moved  string
		movedBy, modifiedBy, modifiedTime string
	}{
		{"11:00:00", "in_process", "IN_PROCESS", "P", "", "11:00:00", "4", "4", "11:00:00"},
		{"12:00:00", "IN_PROCESS", "IN_PROCESS", "P", "", "11:00:00", "4", "4", "12:00:00"},
		{"13:00:00", "NO_SUCH", "IN_PROCESS", "P", "", "11:00:00", "4", "4", "13:00:00"},
		{"14:00:00", "CONVERTED", "CONVERTED", "S", "14:00:00", "14:00:00", "4", "4", "14:00:00"},
		{"15:00:00", "JUNK", "JUNK", "F", "14:00:00", "15:00:00", "4", "4", "15:00:00"},
		{"16:00:00", "NEW", "NEW", "P", "", "16:00:00", "4", "4", "16:00:00"},
	}
	day := func(clock string) any {
		if clock == "" {
			return ""
		}
		return "2026-03-02T" + clock + "+00:00"
	}
	for _, s := range steps {
		p.at("2026-03-02T" + s.at + "Z")
		employee.ok("crm.lead.update", "ID", id, "fields", arr("STATUS_ID", s.to))
		lead := p.lead(id)
		got := []any{lead["STATUS_ID"], lead["STATUS_SEMANTIC_ID"], lead["DATE_CLOSED"], lead["MOVED_TIME"], lead["MOVED_BY_ID"], lead["MODIFY_BY_ID"], lead["DATE_MODIFY"]}
		diff(t, s.at, []any{s.status, s.semantics, day(s.closed), day(s.moved), s.movedBy, s.modifiedBy, day(s.modifiedTime)}, got)
	}
	diff(t, "found by what its stage means", []int{4}, p.ids("crm.lead.list", "filter", arr("STATUS_SEMANTIC_ID", "F")))
	diff(t, "found by what its stage does not mean", []int{4, 5}, p.ids("crm.lead.list", "filter", arr("!STATUS_SEMANTIC_ID", "P")))
}

func TestLeadMultifields(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	id := p.ok("crm.lead.add", "fields", arr(
		"PHONE", rowsOf([]any{"VALUE", "+44 20 1"}, []any{"VALUE", "+44 20 2", "VALUE_TYPE", "MOBILE"}, []any{"VALUE", ""}),
		"EMAIL", rowsOf([]any{"VALUE", "a@example.org", "VALUE_TYPE", "NO_SUCH"}),
		"IM", rowsOf([]any{"VALUE", "imol|livechat|1", "VALUE_TYPE", "OPENLINE"}),
		"WEB", "https://example.org",
	))
	value := func(id int, kind, value string) map[string]any {
		return map[string]any{"ID": strconv.Itoa(id), "VALUE_TYPE": kind, "VALUE": value}
	}
	check := func(what string, phones, emails []any, flags ...any) {
		t.Helper()
		lead := p.lead(id)
		for name, want := range map[string][]any{"PHONE": phones, "EMAIL": emails} {
			got, _ := lead[name].([]any)
			for _, w := range want {
				w.(map[string]any)["TYPE_ID"] = name
			}
			diff(t, what+" "+name, want, got)
		}
		diff(t, what+" flags", flags, []any{lead["HAS_PHONE"], lead["HAS_EMAIL"], lead["HAS_IMOL"]})
	}
	check("added", []any{value(7, "WORK", "+44 20 1"), value(8, "MOBILE", "+44 20 2")}, []any{value(9, "WORK", "a@example.org")}, "Y", "Y", "Y")
	p.ok("crm.lead.update", "id", id, "fields", arr(
		"PHONE", rowsOf([]any{"ID", "7", "VALUE", "+44 20 3"}, []any{"VALUE", "+44 20 4"}, []any{"ID", 999, "VALUE", "+44 20 5"}),
		"EMAIL", rowsOf([]any{"ID", 9, "DELETE", "Y"})))
	check("changed", []any{value(7, "WORK", "+44 20 3"), value(8, "MOBILE", "+44 20 2"), value(11, "WORK", "+44 20 4")}, nil, "Y", "N", "Y")
	if _, shown := p.lead(id)["EMAIL"]; shown {
		t.Error("an empty field is answered")
	}
	diff(t, "found by phone", []int{6}, p.ids("crm.lead.list", "filter", arr("PHONE", "+44 20 2")))
	diff(t, "found by its end", []int{6}, p.ids("crm.lead.list", "filter", arr("%PHONE", "20 4")))
	diff(t, "gone", []int(nil), p.ids("crm.lead.list", "filter", arr("PHONE", "+44 20 1")))
	diff(t, "found by having one", []int{1, 2, 5, 6}, p.ids("crm.lead.list", "filter", arr("HAS_PHONE", "Y")))
	p.ok("crm.lead.update", "id", id, "fields", arr("PHONE", rowsOf([]any{"ID", 7, "VALUE", ""}, []any{"ID", 8, "VALUE_TYPE", "FAX"}, []any{"ID", 11, "DELETE", "Y"})))
	check("removed", []any{value(8, "FAX", "+44 20 2")}, nil, "Y", "N", "Y")
	rows := p.ok("crm.lead.list", "filter", arr("ID", id), "select", list("PHONE", "EMAIL", "TITLE")).([]any)
	diff(t, "asked for", any([]any{map[string]any{
		"TITLE": "Lead #6", "PHONE": []any{map[string]any{"ID": "8", "VALUE_TYPE": "FAX", "VALUE": "+44 20 2", "TYPE_ID": "PHONE"}},
	}}), any(rows))
	listed := p.ok("crm.lead.list", "filter", arr("ID", id), "select", list("*", "UF_*")).([]any)[0].(map[string]any)
	if _, shown := listed["PHONE"]; shown {
		t.Error("the mask * names a multiple field")
	}
}

func TestLeadWrites(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	id := p.ok("crm.lead.add", "fields", arr(
		"title", "Wide", "COMPANY_ID", 7, "CONTACT_IDS", list(3, 4), "BIRTHDATE", "02.05.1980", "OPENED", "N", "ASSIGNED_BY_ID", 5,
		"CURRENCY_ID", "eur", "OPPORTUNITY", "a lot", "IS_RETURN_CUSTOMER", "N", "DATE_CREATE", "2001-01-01", "ADDRESS_2", "Flat 2", "NONSENSE", 1))
	lead := p.lead(id)
	got := map[string]any{}
	want := map[string]any{
		"TITLE": "Wide", "COMPANY_ID": "7", "CONTACT_ID": "3", "BIRTHDATE": "1980-05-02T00:00:00+00:00", "OPENED": "N", "ASSIGNED_BY_ID": "5",
		"CURRENCY_ID": "EUR", "OPPORTUNITY": "0.00", "IS_RETURN_CUSTOMER": "Y", "ADDRESS_2": "Flat 2",
	}
	for name := range want {
		got[name] = lead[name]
	}
	diff(t, "written", want, got)
	p.ok("crm.lead.update", "id", id, "fields", arr("TITLE", "", "COMPANY_ID", 0, "CONTACT_IDS", list(), "CURRENCY_ID", "", "ASSIGNED_BY_ID", "", "BIRTHDATE", "soon"))
	lead = p.lead(id)
	diff(t, "emptied", []any{"Lead #6", nil, nil, "USD", "5", "1980-05-02T00:00:00+00:00", "N"},
		[]any{lead["TITLE"], lead["COMPANY_ID"], lead["CONTACT_ID"], lead["CURRENCY_ID"], lead["ASSIGNED_BY_ID"], lead["BIRTHDATE"], lead["IS_RETURN_CUSTOMER"]})
	diff(t, "nothing given", any(true), p.ok("crm.lead.update", "id", id))
	diff(t, "delete", any(true), p.ok("crm.lead.delete", "id", id))
	diff(t, "gone", "400 : Not found", p.refused("crm.lead.get", "id", id))
	diff(t, "ids are not given twice", any(number(7)), p.ok("crm.lead.add"))
}

func TestLeadFields(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	fields := p.ok("crm.lead.fields").(map[string]any)
	diff(t, "count", 57, len(fields))
	plainField := func(kind, title string, more ...any) map[string]any {
		m := map[string]any{"type": kind, "isRequired": false, "isReadOnly": false, "isImmutable": false, "isMultiple": false, "isDynamic": false, "title": title}
		for i := 0; i < len(more); i += 2 {
			m[more[i].(string)] = more[i+1]
		}
		return m
	}
	for name, want := range map[string]any{
		"ID":         plainField("integer", "ID", "isReadOnly", true),
		"STATUS_ID":  plainField("crm_status", "Stage", "statusType", "STATUS"),
		"PHONE":      plainField("crm_multifield", "Phone", "isMultiple", true),
		"COMPANY_ID": plainField("crm_company", "Company", "settings", map[string]any{"parentEntityTypeId": 4}),
		"CONTACT_ID": plainField("crm_contact", "Contact", "isDeprecated", true),
	} {
		diff(t, name, want, fields[name])
	}
	// Every answered field is described, and the other way round.
	for _, kind := range crmTypes() {
		diff(t, kind.name, len(kind.entity.fields), len(kind.fields))
		for _, f := range kind.fields {
			if _, ok := kind.entity.field(f.name); !ok {
				t.Errorf("%s: no field %s", kind.name, f.name)
			}
		}
	}
}
