package bitrix24_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

func TestMultifields(t *testing.T) {
	t.Parallel()
	one := bitrix24.Multifields{{ID: 7, ValueType: "WORK", Value: "+1545", TypeID: "PHONE"}}
	for text, want := range map[string]bitrix24.Multifields{
		`{"PHONE":[{"ID":"7","VALUE_TYPE":"WORK","VALUE":"+1545","TYPE_ID":"PHONE"}]}`: one,
		`{"PHONE":[{"ID":7,"VALUE_TYPE":"WORK","VALUE":"+1545","TYPE_ID":"PHONE"}]}`:   one,
		`{"PHONE":[]}`: {}, `{"PHONE":{}}`: nil, `{"PHONE":null}`: nil, `{"PHONE":false}`: nil, `{"PHONE":""}`: nil, `{}`: nil,
	} {
		var lead bitrix24.Lead
		if err := json.Unmarshal([]byte(text), &lead); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, lead.Phone); diff != "" {
			t.Errorf("%s (-want +got)\n%s", text, diff)
		}
	}
	for _, text := range []string{`{"PHONE":"+1545"}`, `{"PHONE":{"7":{}}}`, `{"PHONE":7}`, `{"PHONE":[7]}`, `{"ID":"x"}`} {
		if err := json.Unmarshal([]byte(text), &bitrix24.Lead{}); err == nil {
			t.Errorf("%s is read", text)
		}
	}
}

// TestItemsInOtherForms reads what portals say for "none" and for numbers.
func TestItemsInOtherForms(t *testing.T) {
	t.Parallel()
	var lead bitrix24.Lead
	err := json.Unmarshal([]byte(`{"ID":5,"TITLE":null,"COMPANY_ID":"0","CONTACT_ID":null,"BIRTHDATE":"","SOURCE_ID":1,"OPPORTUNITY":15000.00,
		"HAS_PHONE":"Y","OPENED":true,"ASSIGNED_BY_ID":"","UTM_TERM":null,"PHONE":false,"UF_CRM_1":false,"UF_CRM_2":[]}`), &lead)
	if err != nil {
		t.Fatal(err)
	}
	if lead.ID != 5 || lead.SourceID != "1" || lead.Opportunity != "15000.00" || !bool(lead.Opened) || lead.CompanyID != 0 || string(lead.Fields["UF_CRM_2"]) != "[]" {
		t.Errorf("lead %+v", lead)
	}
	var deal bitrix24.Deal
	err = json.Unmarshal([]byte(`{"ID":"410","PROBABILITY":99,"LEAD_ID":null,"CATEGORY_ID":0,"CLOSED":"N","IS_NEW":false,"QUOTE_ID":"","PARENT_ID_1220":"22"}`), &deal)
	if err != nil {
		t.Fatal(err)
	}
	if deal.ID != 410 || deal.Probability != "99" || bool(deal.Closed) || string(deal.Fields["PARENT_ID_1220"]) != `"22"` {
		t.Errorf("deal %+v", deal)
	}
	var post bitrix24.Post
	for text, important := range map[string]bool{
		`{"ID":"217","CODE":null,"UF_BLOG_POST_IMPRTNT":{"VALUE":"1"},"FILES":[505]}`:    true,
		`{"ID":217,"HAS_COMMENT_IMAGES":null,"UF_BLOG_POST_IMPRTNT":{"VALUE":null}}`:     false,
		`{"ID":"217","UF_BLOG_POST_IMPRTNT":[],"FILES":[]}`:                              false,
		`{"ID":"217","UF_BLOG_POST_IMPRTNT":false,"NUM_COMMENTS":3,"HAS_SOCNET_ALL":""}`: false,
	} {
		if err := json.Unmarshal([]byte(text), &post); err != nil || bool(post.Important) != important || post.ID != 217 {
			t.Errorf("%s: %+v, %v", text, post, err)
		}
	}
}

func TestLeads(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{})
	id, err := client.CreateLead(t.Context(), bitrix24.Fields{
		"TITLE": "Roof", "OPPORTUNITY": 1200.5, "PHONE": []bitrix24.Multifield{{Value: "+1545", ValueType: "WORK"}, {Value: "+1546"}}, "UTM_SOURCE": "news",
	})
	if err != nil {
		t.Fatal(err)
	}
	lead, err := client.GetLead(t.Context(), id.Result)
	if err != nil {
		t.Fatal(err)
	}
	got := lead.Result
	if got.ID != id.Result || got.Opportunity != "1200.50" || !bool(got.HasPhone) || len(got.Phone) != 2 || got.Source != "news" || got.StatusSemanticID != "P" {
		t.Errorf("lead %+v", got)
	}
	if _, err := client.UpdateLead(t.Context(), id.Result, bitrix24.Fields{"PHONE": []bitrix24.Multifield{{ID: got.Phone[0].ID, Delete: "Y"}}}); err != nil {
		t.Fatal(err)
	}
	for lead, err := range client.AllLeads(t.Context(), &bitrix24.GetLeadsListOptions{Filter: bitrix24.Fields{"PHONE": "+1546"}}) {
		if err != nil || lead.ID != id.Result || lead.Phone != nil || string(lead.Fields["TITLE"]) != `"Roof"` {
			t.Errorf("listed %+v, %v", lead, err)
		}
	}
	fields, err := client.GetLeadStructure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := bitrix24.CRMField{Type: "crm_status", Title: "Stage", StatusType: "STATUS"}
	if diff := cmp.Diff(want, fields.Result["STATUS_ID"]); diff != "" {
		t.Errorf("description (-want +got)\n%s", diff)
	}
}

func TestDeals(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{})
	titles := func(yield func(bitrix24.CreateDealArgs) bool) {
		for i := range 120 {
			if !yield(bitrix24.CreateDealArgs{Fields: bitrix24.Fields{"TITLE": "Bulk", "CATEGORY_ID": 1, "OPPORTUNITY": i}}) {
				return
			}
		}
	}
	for outcome := range client.CreateDeals(t.Context(), titles) {
		if outcome.State != bitrix24.Done {
			t.Fatal(outcome.Err)
		}
	}
	n := 0
	for deal, err := range client.AllDeals(t.Context(), &bitrix24.GetDealsListOptions{Filter: bitrix24.Fields{"TITLE": "Bulk"}}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; deal.CategoryID != 1 || deal.StageID != "C1:NEW" || !bool(deal.New) || bool(deal.Closed) {
			t.Fatalf("deal %+v", deal)
		}
	}
	if n != 120 {
		t.Errorf("%d deals", n)
	}
	deal, err := client.GetDeal(t.Context(), 4)
	if err != nil {
		t.Fatal(err)
	}
	if got := deal.Result; got.StageSemanticID != "S" || !bool(got.Closed) || got.Opportunity != "12000.00" || got.CloseDate == "" {
		t.Errorf("deal %+v", got)
	}
}
