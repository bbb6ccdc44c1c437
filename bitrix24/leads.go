package bitrix24

import "encoding/json"

// Lead is a lead as crm.lead.get and crm.lead.list answer
// (https://apidocs.bitrix24.com/api-reference/crm/leads/crm-lead-get.html).
// Lists leave the phone numbers and other multiple fields out unless they are
// asked for. Amounts are texts such as "1500.00", so that no digit is lost.
// Fields holds every key as it came, the user-defined ones (UF_CRM_…) included.
type Lead struct {
	ID                ID                         `json:"ID"`
	Title             Text                       `json:"TITLE"`
	Honorific         Text                       `json:"HONORIFIC"`
	Name              Text                       `json:"NAME"`
	SecondName        Text                       `json:"SECOND_NAME"`
	LastName          Text                       `json:"LAST_NAME"`
	CompanyTitle      Text                       `json:"COMPANY_TITLE"`
	CompanyID         ID                         `json:"COMPANY_ID"`
	ContactID         ID                         `json:"CONTACT_ID"`
	ReturnCustomer    Bool                       `json:"IS_RETURN_CUSTOMER"`
	Birthdate         Text                       `json:"BIRTHDATE"`
	SourceID          Text                       `json:"SOURCE_ID"`
	SourceDescription Text                       `json:"SOURCE_DESCRIPTION"`
	StatusID          Text                       `json:"STATUS_ID"` // stage
	StatusDescription Text                       `json:"STATUS_DESCRIPTION"`
	StatusSemanticID  Text                       `json:"STATUS_SEMANTIC_ID"` // P in progress, S success, F failure
	Post              Text                       `json:"POST"`               // position of the person
	Comments          Text                       `json:"COMMENTS"`
	CurrencyID        Text                       `json:"CURRENCY_ID"`
	Opportunity       Text                       `json:"OPPORTUNITY"` // amount
	ManualOpportunity Bool                       `json:"IS_MANUAL_OPPORTUNITY"`
	HasPhone          Bool                       `json:"HAS_PHONE"`
	HasEmail          Bool                       `json:"HAS_EMAIL"`
	HasOpenLine       Bool                       `json:"HAS_IMOL"`
	AssignedByID      ID                         `json:"ASSIGNED_BY_ID"`
	CreatedByID       ID                         `json:"CREATED_BY_ID"`
	ModifyByID        ID                         `json:"MODIFY_BY_ID"`
	MovedByID         ID                         `json:"MOVED_BY_ID"`
	DateCreate        Text                       `json:"DATE_CREATE"`
	DateModify        Text                       `json:"DATE_MODIFY"`
	DateClosed        Text                       `json:"DATE_CLOSED"`
	MovedTime         Text                       `json:"MOVED_TIME"`
	LastActivityBy    ID                         `json:"LAST_ACTIVITY_BY"`
	LastActivityTime  Text                       `json:"LAST_ACTIVITY_TIME"`
	Opened            Bool                       `json:"OPENED"`
	OriginatorID      Text                       `json:"ORIGINATOR_ID"`
	OriginID          Text                       `json:"ORIGIN_ID"`
	Address           Text                       `json:"ADDRESS"`
	Address2          Text                       `json:"ADDRESS_2"`
	AddressCity       Text                       `json:"ADDRESS_CITY"`
	AddressPostalCode Text                       `json:"ADDRESS_POSTAL_CODE"`
	AddressRegion     Text                       `json:"ADDRESS_REGION"`
	AddressProvince   Text                       `json:"ADDRESS_PROVINCE"`
	AddressCountry    Text                       `json:"ADDRESS_COUNTRY"`
	Phone             Multifields                `json:"PHONE"`
	Email             Multifields                `json:"EMAIL"`
	Web               Multifields                `json:"WEB"`
	IM                Multifields                `json:"IM"`
	Fields            map[string]json.RawMessage `json:"-"`
	UTM
}

// UnmarshalJSON reads the known fields and keeps all of them in Fields.
func (l *Lead) UnmarshalJSON(data []byte) error {
	type plain Lead
	if err := json.Unmarshal(data, (*plain)(l)); err != nil {
		return err
	}
	return json.Unmarshal(data, &l.Fields)
}
