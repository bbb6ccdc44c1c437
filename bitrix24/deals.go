package bitrix24

import "encoding/json"

// Deal is a deal as crm.deal.get and crm.deal.list answer
// (https://apidocs.bitrix24.com/api-reference/crm/deals/crm-deal-get.html).
// Amounts are texts such as "1500.00", so that no digit is lost. Fields holds
// every key as it came, the user-defined ones (UF_CRM_…) and relations
// (PARENT_ID_…) included.
type Deal struct {
	ID                ID                         `json:"ID"`
	Title             Text                       `json:"TITLE"`
	TypeID            Text                       `json:"TYPE_ID"`
	CategoryID        ID                         `json:"CATEGORY_ID"` // funnel; 0 is the general one
	StageID           Text                       `json:"STAGE_ID"`
	StageSemanticID   Text                       `json:"STAGE_SEMANTIC_ID"` // P in progress, S success, F failure
	New               Bool                       `json:"IS_NEW"`
	Recurring         Bool                       `json:"IS_RECURRING"`
	ReturnCustomer    Bool                       `json:"IS_RETURN_CUSTOMER"`
	RepeatedApproach  Bool                       `json:"IS_REPEATED_APPROACH"`
	Probability       Text                       `json:"PROBABILITY"` // percent
	CurrencyID        Text                       `json:"CURRENCY_ID"`
	Opportunity       Text                       `json:"OPPORTUNITY"` // amount
	ManualOpportunity Bool                       `json:"IS_MANUAL_OPPORTUNITY"`
	TaxValue          Text                       `json:"TAX_VALUE"`
	LeadID            ID                         `json:"LEAD_ID"`
	CompanyID         ID                         `json:"COMPANY_ID"`
	ContactID         ID                         `json:"CONTACT_ID"`
	QuoteID           ID                         `json:"QUOTE_ID"`
	BeginDate         Text                       `json:"BEGINDATE"`
	CloseDate         Text                       `json:"CLOSEDATE"`
	AssignedByID      ID                         `json:"ASSIGNED_BY_ID"`
	CreatedByID       ID                         `json:"CREATED_BY_ID"`
	ModifyByID        ID                         `json:"MODIFY_BY_ID"`
	MovedByID         ID                         `json:"MOVED_BY_ID"`
	DateCreate        Text                       `json:"DATE_CREATE"`
	DateModify        Text                       `json:"DATE_MODIFY"`
	MovedTime         Text                       `json:"MOVED_TIME"`
	LastActivityBy    ID                         `json:"LAST_ACTIVITY_BY"`
	LastActivityTime  Text                       `json:"LAST_ACTIVITY_TIME"`
	Opened            Bool                       `json:"OPENED"`
	Closed            Bool                       `json:"CLOSED"`
	Comments          Text                       `json:"COMMENTS"`
	AdditionalInfo    Text                       `json:"ADDITIONAL_INFO"`
	SourceID          Text                       `json:"SOURCE_ID"`
	SourceDescription Text                       `json:"SOURCE_DESCRIPTION"`
	OriginatorID      Text                       `json:"ORIGINATOR_ID"`
	OriginID          Text                       `json:"ORIGIN_ID"`
	Fields            map[string]json.RawMessage `json:"-"`
	UTM
}

// UnmarshalJSON reads the known fields and keeps all of them in Fields.
func (d *Deal) UnmarshalJSON(data []byte) error {
	type plain Deal
	if err := json.Unmarshal(data, (*plain)(d)); err != nil {
		return err
	}
	return json.Unmarshal(data, &d.Fields)
}
