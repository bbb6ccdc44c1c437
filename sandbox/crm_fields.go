package sandbox

import "github.com/oint-go/oint/internal/phpquery"

// crmField is what a *.fields method tells of a field besides what the entity
// knows. The tables are in the order of the answers, which is not that of items.
type crmField struct {
	name, kind, title string
	status            string // directory that has the values
	parent            int    // type of the items that are referred to
	immutable         bool   // written once, when the item is made
	deprecated        bool
}

// leadFields are the fields of a lead.
//
// https://apidocs.bitrix24.com/api-reference/crm/leads/crm-lead-fields.html
var leadFields = []crmField{
	{name: "ID", kind: "integer", title: "ID"},
	{name: "TITLE", kind: "string", title: "Lead Title"},
	{name: "HONORIFIC", kind: "crm_status", title: "Salutation", status: "HONORIFIC"},
	{name: "NAME", kind: "string", title: "First Name"},
	{name: "SECOND_NAME", kind: "string", title: "Middle Name"},
	{name: "LAST_NAME", kind: "string", title: "Last Name"},
	{name: "BIRTHDATE", kind: "date", title: "Birthdate"},
	{name: "COMPANY_TITLE", kind: "string", title: "Company Name"},
	{name: "SOURCE_ID", kind: "crm_status", title: "Source", status: "SOURCE"},
	{name: "SOURCE_DESCRIPTION", kind: "string", title: "Source Description"},
	{name: "STATUS_ID", kind: "crm_status", title: "Stage", status: "STATUS"},
	{name: "STATUS_DESCRIPTION", kind: "string", title: "Stage Description"},
	{name: "STATUS_SEMANTIC_ID", kind: "string", title: "Status Semantic"},
	{name: "POST", kind: "string", title: "Position"},
	{name: "ADDRESS", kind: "string", title: "Address"},
	{name: "ADDRESS_2", kind: "string", title: "Address (Line 2)"},
	{name: "ADDRESS_CITY", kind: "string", title: "City"},
	{name: "ADDRESS_POSTAL_CODE", kind: "string", title: "Postal Code"},
	{name: "ADDRESS_REGION", kind: "string", title: "Region"},
	{name: "ADDRESS_PROVINCE", kind: "string", title: "Province"},
	{name: "ADDRESS_COUNTRY", kind: "string", title: "Country"},
	{name: "ADDRESS_COUNTRY_CODE", kind: "string", title: "Country Code"},
	{name: "ADDRESS_LOC_ADDR_ID", kind: "integer", title: "Location Address ID"},
	{name: "CURRENCY_ID", kind: "crm_currency", title: "Currency"},
	{name: "OPPORTUNITY", kind: "double", title: "Amount"},
	{name: "IS_MANUAL_OPPORTUNITY", kind: "char", title: "IS_MANUAL_OPPORTUNITY"},
	{name: "OPENED", kind: "char", title: "Available to All"},
	{name: "COMMENTS", kind: "string", title: "Comments"},
	{name: "HAS_PHONE", kind: "char", title: "Phone Provided"},
	{name: "HAS_EMAIL", kind: "char", title: "Email Provided"},
	{name: "HAS_IMOL", kind: "char", title: "Open Line Assigned"},
	{name: "ASSIGNED_BY_ID", kind: "user", title: "Responsible User"},
	{name: "CREATED_BY_ID", kind: "user", title: "Created By"},
	{name: "MODIFY_BY_ID", kind: "user", title: "Modified By"},
	{name: "MOVED_BY_ID", kind: "user", title: "MOVED_BY_ID"},
	{name: "DATE_CREATE", kind: "datetime", title: "Creation Date"},
	{name: "DATE_MODIFY", kind: "datetime", title: "Modification Date"},
	{name: "MOVED_TIME", kind: "datetime", title: "MOVED_TIME"},
	{name: "COMPANY_ID", kind: "crm_company", title: "Company", parent: 4},
	{name: "CONTACT_ID", kind: "crm_contact", title: "Contact", deprecated: true},
	{name: "CONTACT_IDS", kind: "crm_contact", title: "CONTACT_IDS"},
	{name: "IS_RETURN_CUSTOMER", kind: "char", title: "Returning Lead"},
	{name: "DATE_CLOSED", kind: "datetime", title: "Closing Date"},
	{name: "ORIGINATOR_ID", kind: "string", title: "External Source"},
	{name: "ORIGIN_ID", kind: "string", title: "Identifier in External Source"},
	{name: "UTM_SOURCE", kind: "string", title: "Advertising System"},
	{name: "UTM_MEDIUM", kind: "string", title: "Traffic Type"},
	{name: "UTM_CAMPAIGN", kind: "string", title: "Campaign Identifier"},
	{name: "UTM_CONTENT", kind: "string", title: "Campaign Content"},
	{name: "UTM_TERM", kind: "string", title: "Campaign Search Term"},
	{name: "LAST_ACTIVITY_TIME", kind: "datetime", title: "LAST_ACTIVITY_TIME"},
	{name: "LAST_ACTIVITY_BY", kind: "user", title: "LAST_ACTIVITY_BY"},
	{name: "PHONE", kind: "crm_multifield", title: "Phone"},
	{name: "EMAIL", kind: "crm_multifield", title: "E-mail"},
	{name: "WEB", kind: "crm_multifield", title: "Website"},
	{name: "IM", kind: "crm_multifield", title: "Messenger"},
	{name: "LINK", kind: "crm_multifield", title: "LINK"},
}

// dealFields are the fields of a deal.
//
// https://apidocs.bitrix24.com/api-reference/crm/deals/crm-deal-fields.html
var dealFields = []crmField{
	{name: "ID", kind: "integer", title: "ID"},
	{name: "TITLE", kind: "string", title: "Title"},
	{name: "TYPE_ID", kind: "crm_status", title: "Type", status: "DEAL_TYPE"},
	{name: "CATEGORY_ID", kind: "crm_category", title: "Sales Funnel", immutable: true},
	{name: "STAGE_ID", kind: "crm_status", title: "Deal Stage", status: "DEAL_STAGE"},
	{name: "STAGE_SEMANTIC_ID", kind: "string", title: "Stage Group"},
	{name: "IS_NEW", kind: "char", title: "New Deal"},
	{name: "IS_RECURRING", kind: "char", title: "Recurring Deal"},
	{name: "IS_RETURN_CUSTOMER", kind: "char", title: "Repeat Deal"},
	{name: "IS_REPEATED_APPROACH", kind: "char", title: "Repeated Approach"},
	{name: "PROBABILITY", kind: "integer", title: "Probability"},
	{name: "CURRENCY_ID", kind: "crm_currency", title: "Currency"},
	{name: "OPPORTUNITY", kind: "double", title: "Amount"},
	{name: "IS_MANUAL_OPPORTUNITY", kind: "char", title: "IS_MANUAL_OPPORTUNITY"},
	{name: "TAX_VALUE", kind: "double", title: "Tax Rate"},
	{name: "COMPANY_ID", kind: "crm_company", title: "Company", parent: 4},
	{name: "CONTACT_ID", kind: "crm_contact", title: "Contact", deprecated: true},
	{name: "CONTACT_IDS", kind: "crm_contact", title: "Contacts"},
	{name: "QUOTE_ID", kind: "crm_quote", title: "Estimate", parent: 7},
	{name: "BEGINDATE", kind: "date", title: "Start Date"},
	{name: "CLOSEDATE", kind: "date", title: "Close Date"},
	{name: "OPENED", kind: "char", title: "Available to All"},
	{name: "CLOSED", kind: "char", title: "Closed"},
	{name: "COMMENTS", kind: "string", title: "Comment"},
	{name: "ASSIGNED_BY_ID", kind: "user", title: "Responsible"},
	{name: "CREATED_BY_ID", kind: "user", title: "Created By"},
	{name: "MODIFY_BY_ID", kind: "user", title: "Modified By"},
	{name: "MOVED_BY_ID", kind: "user", title: "MOVED_BY_ID"},
	{name: "DATE_CREATE", kind: "datetime", title: "Creation Date"},
	{name: "DATE_MODIFY", kind: "datetime", title: "Modification Date"},
	{name: "MOVED_TIME", kind: "datetime", title: "MOVED_TIME"},
	{name: "SOURCE_ID", kind: "crm_status", title: "Source", status: "SOURCE"},
	{name: "SOURCE_DESCRIPTION", kind: "string", title: "Additional Info about Source"},
	{name: "LEAD_ID", kind: "crm_lead", title: "Lead", parent: 1},
	{name: "ADDITIONAL_INFO", kind: "string", title: "Additional Information"},
	{name: "LOCATION_ID", kind: "location", title: "Location"},
	{name: "ORIGINATOR_ID", kind: "string", title: "External Source"},
	{name: "ORIGIN_ID", kind: "string", title: "Identifier in External Source"},
	{name: "UTM_SOURCE", kind: "string", title: "Advertising System"},
	{name: "UTM_MEDIUM", kind: "string", title: "Traffic Type"},
	{name: "UTM_CAMPAIGN", kind: "string", title: "Campaign Identifier"},
	{name: "UTM_CONTENT", kind: "string", title: "Campaign Content"},
	{name: "UTM_TERM", kind: "string", title: "Campaign Search Condition"},
	{name: "LAST_ACTIVITY_TIME", kind: "datetime", title: "LAST_ACTIVITY_TIME"},
	{name: "LAST_ACTIVITY_BY", kind: "user", title: "LAST_ACTIVITY_BY"},
}

// describe answers a *.fields method.
func (t *crmType) describe(*call) (result, error) {
	described := phpquery.NewArraySize(len(t.fields))
	for _, f := range t.fields {
		own, _ := t.entity.field(f.name)
		a := phpquery.NewArraySize(9)
		a.Set("type", f.kind)
		a.Set("isRequired", false)
		a.Set("isReadOnly", own.readOnly)
		a.Set("isImmutable", f.immutable)
		a.Set("isMultiple", own.multiple)
		a.Set("isDynamic", false)
		if f.status != "" {
			a.Set("statusType", f.status)
		}
		if f.deprecated {
			a.Set("isDeprecated", true)
		}
		a.Set("title", f.title)
		if f.parent != 0 {
			settings := phpquery.NewArray()
			settings.Set("parentEntityTypeId", f.parent)
			a.Set("settings", settings)
		}
		described.Set(f.name, a)
	}
	return result{value: described}, nil
}
