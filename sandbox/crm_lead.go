package sandbox

// leadEntity is a lead, in the order of [crm.lead.get].
//
// [crm.lead.get]: https://apidocs.bitrix24.com/api-reference/crm/leads/crm-lead-get.html
var leadEntity = &entity{
	name:   "crm_lead",
	derive: deriveLead,
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "TITLE", kind: textKind, max: 255, always: true, null: true},
		{name: "HONORIFIC", kind: textKind, max: 50, always: true, null: true},
		{name: "NAME", kind: textKind, max: 50, always: true, null: true},
		{name: "SECOND_NAME", kind: textKind, max: 50, always: true, null: true},
		{name: "LAST_NAME", kind: textKind, max: 50, always: true, null: true},
		{name: "COMPANY_TITLE", kind: textKind, max: 255, always: true, null: true},
		{name: "COMPANY_ID", kind: crmRefKind, always: true, null: true},
		{name: "CONTACT_ID", kind: crmRefKind, always: true, null: true},
		{name: "CONTACT_IDS", kind: crmRefKind, multiple: true},
		{name: "IS_RETURN_CUSTOMER", kind: crmFlagKind, readOnly: true, always: true},
		{name: "BIRTHDATE", kind: crmDateKind, always: true},
		{name: "SOURCE_ID", kind: textKind, max: 50, always: true, null: true},
		{name: "SOURCE_DESCRIPTION", kind: textKind, always: true, null: true},
		{name: "STATUS_ID", kind: textKind, max: 50, always: true, indexed: true},
		{name: "STATUS_DESCRIPTION", kind: textKind, always: true, null: true},
		{name: "POST", kind: textKind, max: 255, always: true, null: true},
		{name: "COMMENTS", kind: textKind, always: true, null: true},
		{name: "CURRENCY_ID", kind: textKind, max: 50, always: true, null: true},
		{name: "OPPORTUNITY", kind: crmMoneyKind, always: true, indexed: true},
		{name: "IS_MANUAL_OPPORTUNITY", kind: crmFlagKind, always: true},
		{name: "HAS_PHONE", kind: crmFlagKind, readOnly: true, always: true},
		{name: "HAS_EMAIL", kind: crmFlagKind, readOnly: true, always: true},
		{name: "HAS_IMOL", kind: crmFlagKind, readOnly: true, always: true},
		{name: "ASSIGNED_BY_ID", kind: crmRefKind, always: true, indexed: true},
		{name: "CREATED_BY_ID", kind: crmRefKind, readOnly: true, always: true},
		{name: "MODIFY_BY_ID", kind: crmRefKind, readOnly: true, always: true},
		{name: "DATE_CREATE", kind: momentKind, readOnly: true, always: true, indexed: true},
		{name: "DATE_MODIFY", kind: momentKind, readOnly: true, always: true, indexed: true},
		{name: "DATE_CLOSED", kind: momentKind, readOnly: true, always: true},
		{name: "STATUS_SEMANTIC_ID", kind: textKind, readOnly: true, always: true},
		{name: "OPENED", kind: crmFlagKind, always: true},
		{name: "ORIGINATOR_ID", kind: textKind, max: 255, always: true, null: true},
		{name: "ORIGIN_ID", kind: textKind, max: 255, always: true, null: true},
		{name: "MOVED_BY_ID", kind: crmRefKind, readOnly: true, always: true},
		{name: "MOVED_TIME", kind: momentKind, readOnly: true, always: true},
		{name: "ADDRESS", kind: textKind, always: true, null: true},
		{name: "ADDRESS_2", slot: "ADDRESS_SECOND", kind: textKind, always: true, null: true},
		{name: "ADDRESS_CITY", kind: textKind, always: true, null: true},
		{name: "ADDRESS_POSTAL_CODE", kind: textKind, always: true, null: true},
		{name: "ADDRESS_REGION", kind: textKind, always: true, null: true},
		{name: "ADDRESS_PROVINCE", kind: textKind, always: true, null: true},
		{name: "ADDRESS_COUNTRY", kind: textKind, always: true, null: true},
		{name: "ADDRESS_COUNTRY_CODE", kind: textKind, always: true, null: true},
		{name: "ADDRESS_LOC_ADDR_ID", kind: crmRefKind, always: true, null: true},
		{name: "UTM_SOURCE", kind: textKind, always: true, null: true},
		{name: "UTM_MEDIUM", kind: textKind, always: true, null: true},
		{name: "UTM_CAMPAIGN", kind: textKind, always: true, null: true},
		{name: "UTM_CONTENT", kind: textKind, always: true, null: true},
		{name: "UTM_TERM", kind: textKind, always: true, null: true},
		{name: "LAST_ACTIVITY_BY", kind: crmRefKind, readOnly: true, always: true},
		{name: "LAST_ACTIVITY_TIME", kind: momentKind, readOnly: true, always: true},
		{name: "PHONE", kind: multifieldKind, multiple: true, asked: true},
		{name: "EMAIL", kind: multifieldKind, multiple: true, asked: true},
		{name: "WEB", kind: multifieldKind, multiple: true, asked: true},
		{name: "IM", kind: multifieldKind, multiple: true, asked: true},
		{name: "LINK", kind: multifieldKind, multiple: true, asked: true},
	},
}

// deriveLead sets what follows from the rest: a lead of a known company or
// contact is a returning one.
func deriveLead(doc document) {
	deriveContacts(doc)
	doc["IS_RETURN_CUSTOMER"] = intOf(doc["COMPANY_ID"]) != 0 || intOf(doc["CONTACT_ID"]) != 0
}

var leadType = crmType{
	name: "lead", entity: leadEntity, title: "Lead #", fields: leadFields,
	stage: "STATUS_ID", semantics: "STATUS_SEMANTIC_ID",
	directory: func(document) string { return "STATUS" },
	settle: func(doc document, m crmMove) {
		switch {
		case !m.closed:
			delete(doc, "DATE_CLOSED")
		case m.closing:
			doc["DATE_CLOSED"] = storedTime(m.time)
		}
	},
}
