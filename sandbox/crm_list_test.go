package sandbox

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/oint-go/oint/internal/phpquery"
)

func TestLeadList(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	tests := []struct {
		filter *phpquery.Array
		want   []int
	}{
		{arr(), []int{1, 2, 3, 4, 5}},
		{arr(">OPPORTUNITY", 4800), []int{2, 3, 5}},
		{arr(">=OPPORTUNITY", "4800.00", "<OPPORTUNITY", 10000), []int{1, 5}},
		{arr("@STATUS_ID", list("NEW", "JUNK")), []int{1, 4}},
		{arr("!@STATUS_ID", list("NEW", "JUNK")), []int{2, 3, 5}},
		{arr("!STATUS_ID", "CONVERTED"), []int{1, 2, 3, 4}},
		{arr("%TITLE", "solar"), []int{3}},
		{arr("=%TITLE", "newsletter%"), []int{4}},
		{arr("!%TITLE", "СТАНК"), []int{1, 3, 4, 5}},
		{arr("LAST_NAME", ""), []int{4}},
		{arr("!LAST_NAME", ""), []int{1, 2, 3, 5}},
		{arr(">DATE_CREATE", "2025-01-17T00:00:00"), []int{3, 4, 5}},
		{arr("<=DATE_CREATE", "2025-01-16T10:00:00+01:00"), []int{1, 2}},
		{arr("ASSIGNED_BY_ID", list("2", "3")), []int{1, 2, 4, 5}},
		{arr("EMAIL", "rohan@example.org"), []int{4}},
		{arr("HAS_EMAIL", "N"), []int{2, 5}},
		{arr("NO_SUCH", 1, "SEARCH", "x"), []int{1, 2, 3, 4, 5}},
	}
	for _, tt := range tests {
		diff(t, describe(tt.filter), tt.want, p.ids("crm.lead.list", "filter", tt.filter))
		diff(t, "FILTER "+describe(tt.filter), tt.want, p.ids("crm.lead.list", "FILTER", tt.filter))
	}
	p.ok("crm.lead.update", "id", 2, "fields", arr("COMPANY_ID", 7))
	for filter, want := range map[string][]int{"COMPANY_ID": {1, 3, 4, 5}, "!COMPANY_ID": {2}, ">COMPANY_ID": {2}} {
		diff(t, filter+" 0", want, p.ids("crm.lead.list", "filter", arr(filter, 0)))
	}
	diff(t, "order", []int{2, 3, 5, 1, 4}, p.ids("crm.lead.list", "order", arr("OPPORTUNITY", "DESC")))
	diff(t, "two orders", []int{3, 2, 5, 1, 4}, p.ids("crm.lead.list", "order", arr("ASSIGNED_BY_ID", "desc", "STATUS_ID", "desc")))
}

func TestDealList(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	r, err := p.run("crm.deal.list", arr("select", list("ID", "TITLE", "CATEGORY_ID", "STAGE_ID", "OPPORTUNITY", "NONSENSE"), "filter", arr("CATEGORY_ID", 1)))
	if err != nil {
		t.Fatal(err)
	}
	row, _ := r.value.(*phpquery.Array).Get("0")
	diff(t, "in the order of select", []string{"ID", "TITLE", "CATEGORY_ID", "STAGE_ID", "OPPORTUNITY"}, keysIn(row.(*phpquery.Array)))
	diff(t, "row", any(map[string]any{"ID": "6", "TITLE": "Reseller agreement", "CATEGORY_ID": "1", "STAGE_ID": "C1:NEW", "OPPORTUNITY": "150000.00"}), plainValue(row))
	all := p.ok("crm.deal.list", "order", arr("OPPORTUNITY", "desc"), "select", list("*")).([]any)
	if len(all) != 6 || len(all[0].(map[string]any)) != len(dealEntity.fields)-1 || all[0].(map[string]any)["ID"] != "3" {
		t.Errorf("all: %v", all)
	}
}

// TestDealPages reads a long list by counted pages and by id.
func TestDealPages(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	const deals = 230
	err := p.sb.store.write(t.Context(), func(tx *sql.Tx) error {
		var rows [][]string
		for i := range deals - 6 {
			rows = append(rows, []string{fmt.Sprintf("Deal %d", i), "EXECUTING"})
		}
		return dealType.seed(t.Context(), tx, []string{"TITLE", "STAGE_ID"}, rows)
	})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "counted", deals, len(p.ids("crm.deal.list", "select", list("ID"))))
	last, read := "0", 0
	for {
		r, err := p.run("crm.deal.list", arr("start", -1, "order", arr("ID", "ASC"), "filter", arr(">ID", last), "select", list("ID")))
		if err != nil {
			t.Fatal(err)
		}
		if r.total != nil || r.next != nil {
			t.Fatal("start=-1 is counted")
		}
		rows := plainValue(r.value).([]any)
		if len(rows) == 0 {
			break
		}
		read += len(rows)
		last = rows[len(rows)-1].(map[string]any)["ID"].(string)
	}
	diff(t, "by id", deals, read)
}

func TestCRMErrors(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	const (
		noID   = "400 : ID is not defined or invalid."
		absent = "400 : Not found"
		denied = "400 : Access denied."
	)
	p.ok("crm.deal.add", "fields", arr("TITLE", "Closed to others", "OPENED", "N"))
	p.ok("crm.lead.add", "fields", arr("TITLE", "Closed to others", "OPENED", "N"))
	employee, partner := p.as(principal{userID: 20, scopes: fullScopes}), p.as(principal{userID: extranetID, scopes: fullScopes})
	for _, kind := range []string{"lead", "deal"} {
		own := map[string]int{"lead": 6, "deal": 7}[kind]
		for _, verb := range []string{"get", "update", "delete"} {
			name := "crm." + kind + "." + verb
			diff(t, name, noID, p.refused(name))
			diff(t, name, noID, p.refused(name, "id", "first"))
			diff(t, name, noID, p.refused(name, "id", -5))
			diff(t, name, absent, p.refused(name, "id", 4711))
			diff(t, name+" of others", denied, employee.refused(name, "id", own))
			diff(t, name+" by an extranet user", denied, partner.refused(name, "id", 1))
		}
		diff(t, "delete of an open one", denied, employee.refused("crm."+kind+".delete", "id", 1))
		diff(t, "update of an open one", any(true), employee.ok("crm."+kind+".update", "id", 1, "fields", arr("COMMENTS", "seen")))
		diff(t, "list", own-1, len(employee.ids("crm."+kind+".list")))
		diff(t, "list", denied, partner.refused("crm."+kind+".list"))
		diff(t, "add", denied, partner.refused("crm."+kind+".add"))
		diff(t, "fields", "400 : Parameter 'fields' must be array.", p.refused("crm."+kind+".add", "fields", "TITLE"))
		diff(t, "fields", "400 : Parameter 'fields' must be array.", p.refused("crm."+kind+".update", "id", 1, "fields", "TITLE"))
		diff(t, "params", "400 : Parameter 'params' must be array.", p.refused("crm."+kind+".add", "params", "Y"))
		diff(t, "order", "400 : Parameter 'order' must be array.", p.refused("crm."+kind+".list", "order", "ID"))
		diff(t, "filter", "400 : Parameter 'filter' must be array.", p.refused("crm."+kind+".list", "filter", "ID"))
		diff(t, "currency", `400 : Invalid value for the "Currency" field`, p.refused("crm."+kind+".add", "fields", arr("CURRENCY_ID", "XXX")))
		added := employee.ok("crm."+kind+".add", "fields", arr("TITLE", "Mine", "OPENED", "N"))
		diff(t, "delete of one's own", any(true), employee.ok("crm."+kind+".delete", "id", added))
	}
	diff(t, "scope", "403 insufficient_scope: The request requires higher privileges than provided by the access token",
		p.as(principal{userID: 1, admin: true, scopes: []string{"user"}}).refused("crm.lead.list"))
}
