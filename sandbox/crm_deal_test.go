package sandbox

import (
	"testing"

	"github.com/oint-go/oint/internal/phpquery"
)

func (p *portal) deal(id any) map[string]any {
	p.tb.Helper()
	return p.ok("crm.deal.get", "id", id).(map[string]any)
}

func TestDealGet(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.at("2026-03-02T10:00:00Z")
	diff(t, "id", any(number(7)), p.ok("crm.deal.add", "fields", arr("PROBABILITY", 99, "UTM_MEDIUM", "CPC")))
	r, err := p.run("crm.deal.get", arr("id", "7"))
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "keys", []string{
		"ID", "TITLE", "TYPE_ID", "STAGE_ID", "PROBABILITY", "CURRENCY_ID", "OPPORTUNITY", "IS_MANUAL_OPPORTUNITY", "TAX_VALUE",
		"LEAD_ID", "COMPANY_ID", "CONTACT_ID", "QUOTE_ID", "BEGINDATE", "CLOSEDATE", "ASSIGNED_BY_ID", "CREATED_BY_ID",
		"MODIFY_BY_ID", "DATE_CREATE", "DATE_MODIFY", "OPENED", "CLOSED", "COMMENTS", "ADDITIONAL_INFO", "LOCATION_ID",
		"CATEGORY_ID", "STAGE_SEMANTIC_ID", "IS_NEW", "IS_RECURRING", "IS_RETURN_CUSTOMER", "IS_REPEATED_APPROACH", "SOURCE_ID",
		"SOURCE_DESCRIPTION", "ORIGINATOR_ID", "ORIGIN_ID", "MOVED_BY_ID", "MOVED_TIME", "LAST_ACTIVITY_TIME", "UTM_SOURCE",
		"UTM_MEDIUM", "UTM_CAMPAIGN", "UTM_CONTENT", "UTM_TERM", "LAST_ACTIVITY_BY",
	}, keysIn(r.value.(*phpquery.Array)))
	now := "2026-03-02T10:00:00+00:00"
	want := map[string]any{
		"ID": "7", "TITLE": "Deal #7", "TYPE_ID": "SALE", "STAGE_ID": "NEW", "PROBABILITY": "99", "CURRENCY_ID": "USD", "OPPORTUNITY": "0.00",
		"IS_MANUAL_OPPORTUNITY": "N", "TAX_VALUE": "0.00", "BEGINDATE": "2026-03-02T00:00:00+00:00", "CLOSEDATE": "2026-03-09T00:00:00+00:00",
		"ASSIGNED_BY_ID": "1", "CREATED_BY_ID": "1", "MODIFY_BY_ID": "1", "DATE_CREATE": now, "DATE_MODIFY": now, "OPENED": "Y", "CLOSED": "N",
		"CATEGORY_ID": "0", "STAGE_SEMANTIC_ID": "P", "IS_NEW": "Y", "IS_RECURRING": "N", "IS_RETURN_CUSTOMER": "N", "IS_REPEATED_APPROACH": "N",
		"SOURCE_ID": "CALL", "MOVED_BY_ID": "1", "MOVED_TIME": now, "LAST_ACTIVITY_TIME": now, "UTM_MEDIUM": "CPC", "LAST_ACTIVITY_BY": "1",
	}
	for _, name := range keysIn(r.value.(*phpquery.Array)) {
		if _, ok := want[name]; !ok {
			want[name] = nil
		}
	}
	diff(t, "deal", any(want), plainValue(r.value))
}

func TestDealStages(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.at("2026-03-02T10:00:00Z")
	id := p.ok("crm.deal.add", "fields", arr("CATEGORY_ID", 1, "CLOSEDATE", "2026-05-01"))
	check := func(what string, want ...any) {
		t.Helper()
		deal := p.deal(id)
		diff(t, what, want, []any{deal["CATEGORY_ID"], deal["STAGE_ID"], deal["STAGE_SEMANTIC_ID"], deal["IS_NEW"], deal["CLOSED"], deal["CLOSEDATE"].(string)[:10]})
	}
	check("added", "1", "C1:NEW", "P", "Y", "N", "2026-05-01")
	move := func(fields ...any) { p.ok("crm.deal.update", "id", id, "fields", arr(fields...)) }
	move("STAGE_ID", "C1:EXECUTING", "CATEGORY_ID", 0)
	check("the funnel stays", "1", "C1:EXECUTING", "P", "N", "N", "2026-05-01")
	move("STAGE_ID", "WON", "CLOSED", "Y")
	check("a stage of another funnel", "1", "C1:EXECUTING", "P", "N", "N", "2026-05-01")
	move("STAGE_ID", "C1:WON")
	check("won", "1", "C1:WON", "S", "N", "Y", "2026-03-02")
	p.at("2026-03-05T10:00:00Z")
	move("STAGE_ID", "C1:LOSE")
	check("lost after all", "1", "C1:LOSE", "F", "N", "Y", "2026-03-02")
	move("STAGE_ID", "C1:NEW")
	check("opened again", "1", "C1:NEW", "P", "Y", "N", "2026-03-02")
	move("STAGE_ID", "C1:WON", "CLOSEDATE", "2026-02-01")
	check("closed on a given day", "1", "C1:WON", "S", "N", "Y", "2026-02-01")
	id = p.ok("crm.deal.add", "fields", arr("CATEGORY_ID", 7, "STAGE_ID", "WON"))
	check("no such funnel, closed at once", "0", "WON", "S", "N", "Y", "2026-03-05")
	diff(t, "closed ones", []int{4, 5, 7, 8}, p.ids("crm.deal.list", "filter", arr("CLOSED", "Y")))
	diff(t, "won ones of the general funnel", []int{4, 8}, p.ids("crm.deal.list", "filter", arr("STAGE_SEMANTIC_ID", "S", "CATEGORY_ID", 0)))
}

func TestDealFields(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	r, err := p.run("crm.deal.fields", arr())
	if err != nil {
		t.Fatal(err)
	}
	fields := r.value.(*phpquery.Array)
	diff(t, "first", []string{"ID", "TITLE", "TYPE_ID", "CATEGORY_ID", "STAGE_ID", "STAGE_SEMANTIC_ID", "IS_NEW"}, keysIn(fields)[:7])
	category, _ := fields.Get("CATEGORY_ID")
	diff(t, "keys", []string{"type", "isRequired", "isReadOnly", "isImmutable", "isMultiple", "isDynamic", "title"}, keysIn(category.(*phpquery.Array)))
	diff(t, "written once", any(true), plainValue(category).(map[string]any)["isImmutable"])
}

func TestCRMDirectories(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	stages := p.ok("crm.status.list", "filter", arr("ENTITY_ID", "DEAL_STAGE"), "order", arr("SORT", "ASC")).([]any)
	diff(t, "stages", 8, len(stages))
	diff(t, "last but one", any(map[string]any{
		"ID": "29", "ENTITY_ID": "DEAL_STAGE", "STATUS_ID": "LOSE", "NAME": "Deal lost", "NAME_INIT": "Deal lost", "SORT": "70", "SYSTEM": "Y",
		"CATEGORY_ID": nil, "COLOR": "#FF5752", "SEMANTICS": "F", "EXTRA": map[string]any{"SEMANTICS": "failure", "COLOR": "#FF5752"},
	}), stages[6])
	source := p.ok("crm.status.list", "filter", arr("ENTITY_ID", "SOURCE", "STATUS_ID", "WEB")).([]any)
	diff(t, "a source", any([]any{map[string]any{
		"ID": "8", "ENTITY_ID": "SOURCE", "STATUS_ID": "WEB", "NAME": "Website", "NAME_INIT": "", "SORT": "30", "SYSTEM": "N",
		"CATEGORY_ID": nil, "COLOR": nil, "SEMANTICS": nil,
	}}), any(source))
	r, err := p.run("crm.category.list", arr("entityTypeId", 2))
	if err != nil || *r.total != 2 {
		t.Fatal(r, err)
	}
	diff(t, "funnels", any(map[string]any{"categories": []any{
		map[string]any{"id": int64(1), "name": "Partners", "sort": int64(200), "entityTypeId": 2, "isDefault": "N", "originId": "", "originatorId": ""},
		map[string]any{"id": int64(0), "name": "General", "sort": int64(300), "entityTypeId": 2, "isDefault": "Y"},
	}}), plainValue(r.value))
	diff(t, "of leads", "400 ENTITY_TYPE_NOT_SUPPORTED: Entity type LEAD is not supported", p.refused("crm.category.list", "entityTypeId", 1))
	diff(t, "of nothing", "400 NOT_FOUND: Smart process not found", p.refused("crm.category.list"))
	var codes []any
	for _, row := range p.ok("crm.currency.list", "order", arr("AMOUNT", "desc")).([]any) {
		codes = append(codes, row.(map[string]any)["CURRENCY"])
	}
	diff(t, "currencies", []any{"GBP", "EUR", "USD", "RUB"}, codes)
	// Every funnel has stages to begin with.
	for _, category := range crmCategories {
		if len(stagesOf(dealType.directory(document{"CATEGORY_ID": number(category.id)}))) == 0 {
			t.Errorf("funnel %d has no stages", category.id)
		}
	}
}
