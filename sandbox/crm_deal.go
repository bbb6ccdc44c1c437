package sandbox

import (
	"strconv"
	"time"
)

// dealWeek is how many days after its beginning a deal is meant to close.
const dealWeek = 7

// dealEntity is a deal, in the order of [crm.deal.get].
//
// [crm.deal.get]: https://apidocs.bitrix24.com/api-reference/crm/deals/crm-deal-get.html
var dealEntity = &entity{
	name: "crm_deal",
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "TITLE", kind: textKind, max: 255, always: true, null: true},
		{name: "TYPE_ID", kind: textKind, max: 50, always: true, null: true},
		{name: "STAGE_ID", kind: textKind, max: 50, always: true, indexed: true},
		{name: "PROBABILITY", kind: crmNumberKind, always: true, null: true},
		{name: "CURRENCY_ID", kind: textKind, max: 50, always: true, null: true},
		{name: "OPPORTUNITY", kind: crmMoneyKind, always: true, indexed: true},
		{name: "IS_MANUAL_OPPORTUNITY", kind: crmFlagKind, always: true},
		{name: "TAX_VALUE", kind: crmMoneyKind, always: true},
		{name: "LEAD_ID", kind: crmRefKind, readOnly: true, always: true, null: true},
		{name: "COMPANY_ID", kind: crmRefKind, always: true, null: true},
		{name: "CONTACT_ID", kind: crmRefKind, always: true, null: true},
		{name: "CONTACT_IDS", kind: crmRefKind, multiple: true},
		{name: "QUOTE_ID", kind: crmRefKind, readOnly: true, always: true, null: true},
		{name: "BEGINDATE", kind: crmDateKind, always: true},
		{name: "CLOSEDATE", kind: crmDateKind, always: true},
		{name: "ASSIGNED_BY_ID", kind: crmRefKind, always: true, indexed: true},
		{name: "CREATED_BY_ID", kind: crmRefKind, readOnly: true, always: true},
		{name: "MODIFY_BY_ID", kind: crmRefKind, readOnly: true, always: true},
		{name: "DATE_CREATE", kind: momentKind, readOnly: true, always: true, indexed: true},
		{name: "DATE_MODIFY", kind: momentKind, readOnly: true, always: true, indexed: true},
		{name: "OPENED", kind: crmFlagKind, always: true},
		{name: "CLOSED", kind: crmFlagKind, always: true},
		{name: "COMMENTS", kind: textKind, always: true, null: true},
		{name: "ADDITIONAL_INFO", kind: textKind, always: true, null: true},
		{name: "LOCATION_ID", kind: textKind, max: 100, always: true, null: true},
		{name: "CATEGORY_ID", kind: crmFunnelKind, always: true, indexed: true},
		{name: "STAGE_SEMANTIC_ID", kind: textKind, readOnly: true, always: true},
		{name: "IS_NEW", kind: crmFlagKind, readOnly: true, always: true},
		{name: "IS_RECURRING", kind: crmFlagKind, always: true},
		{name: "IS_RETURN_CUSTOMER", kind: crmFlagKind, always: true},
		{name: "IS_REPEATED_APPROACH", kind: crmFlagKind, always: true},
		{name: "SOURCE_ID", kind: textKind, max: 50, always: true, null: true},
		{name: "SOURCE_DESCRIPTION", kind: textKind, always: true, null: true},
		{name: "ORIGINATOR_ID", kind: textKind, max: 255, always: true, null: true},
		{name: "ORIGIN_ID", kind: textKind, max: 255, always: true, null: true},
		{name: "MOVED_BY_ID", kind: crmRefKind, readOnly: true, always: true},
		{name: "MOVED_TIME", kind: momentKind, readOnly: true, always: true},
		{name: "LAST_ACTIVITY_TIME", kind: momentKind, readOnly: true, always: true},
		{name: "UTM_SOURCE", kind: textKind, always: true, null: true},
		{name: "UTM_MEDIUM", kind: textKind, always: true, null: true},
		{name: "UTM_CAMPAIGN", kind: textKind, always: true, null: true},
		{name: "UTM_CONTENT", kind: textKind, always: true, null: true},
		{name: "UTM_TERM", kind: textKind, always: true, null: true},
		{name: "LAST_ACTIVITY_BY", kind: crmRefKind, readOnly: true, always: true},
	},
}

var dealType = crmType{
	name: "deal", entity: dealEntity, title: "Deal #", fields: dealFields,
	stage: "STAGE_ID", semantics: "STAGE_SEMANTIC_ID",
	begin: func(doc document, now time.Time) {
		doc["TYPE_ID"], doc["SOURCE_ID"] = "SALE", "CALL"
		doc["CATEGORY_ID"], doc["TAX_VALUE"] = number(0), number(0)
		doc["BEGINDATE"] = now.UTC().Format(time.DateOnly)
		doc["CLOSEDATE"] = now.UTC().AddDate(0, 0, dealWeek).Format(time.DateOnly)
		for _, name := range []string{"IS_RECURRING", "IS_RETURN_CUSTOMER", "IS_REPEATED_APPROACH"} {
			doc[name] = false
		}
	},
	directory: func(doc document) string {
		if id := intOf(doc["CATEGORY_ID"]); id != 0 {
			return "DEAL_STAGE_" + strconv.FormatInt(id, 10)
		}
		return "DEAL_STAGE"
	},
	settle: func(doc document, m crmMove) {
		doc["IS_NEW"], doc["CLOSED"] = m.first, m.closed
		if m.closing && !m.given("CLOSEDATE") {
			doc["CLOSEDATE"] = m.time.UTC().Format(time.DateOnly)
		}
	},
}
