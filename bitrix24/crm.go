package bitrix24

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Multifield is one phone number, e-mail address, site or messenger
// (https://apidocs.bitrix24.com/api-reference/crm/data-types.html). In an update
// a value without ID is added, one with ID changed, or removed with Delete.
type Multifield struct {
	ID        ID   `json:"ID,omitempty"`
	ValueType Text `json:"VALUE_TYPE,omitempty"` // WORK, HOME, MOBILE …
	Value     Text `json:"VALUE,omitempty"`
	TypeID    Text `json:"TYPE_ID,omitempty"` // PHONE, EMAIL, WEB, IM or LINK
	Delete    Text `json:"DELETE,omitempty"`  // Y removes the value; never answered
}

// Multifields are the values of a field such as PHONE. "None" in any of the
// portal's forms (null, false, "", []) is empty.
type Multifields []Multifield

// UnmarshalJSON reads a list, or none.
func (m *Multifields) UnmarshalJSON(data []byte) error {
	*m = nil
	if data = bytes.TrimSpace(data); len(data) == 0 || data[0] != '[' {
		text, err := scalarText(data)
		if err != nil || text != "" && text != "false" {
			return fmt.Errorf("multiple field: %s is no list", shorten(string(data), 40))
		}
		return nil
	}
	return json.Unmarshal(data, (*[]Multifield)(m))
}

// CRMField describes a field of a lead or deal, as crm.lead.fields and
// crm.deal.fields answer.
type CRMField struct {
	Type       Text            `json:"type"` // string, user, crm_status, crm_multifield …
	Title      Text            `json:"title"`
	Required   Bool            `json:"isRequired"`
	ReadOnly   Bool            `json:"isReadOnly"`
	Immutable  Bool            `json:"isImmutable"` // written once, when the item is made
	Multiple   Bool            `json:"isMultiple"`
	Dynamic    Bool            `json:"isDynamic"` // user-defined
	Deprecated Bool            `json:"isDeprecated"`
	StatusType Text            `json:"statusType"` // ENTITY_ID of the values in crm.status.list
	Settings   json.RawMessage `json:"settings"`
	Items      json.RawMessage `json:"items"` // values of a user-defined list
}

// UTM is the campaign that an item comes from.
type UTM struct {
	Source   Text `json:"UTM_SOURCE"`
	Medium   Text `json:"UTM_MEDIUM"`
	Campaign Text `json:"UTM_CAMPAIGN"`
	Content  Text `json:"UTM_CONTENT"`
	Term     Text `json:"UTM_TERM"`
}
