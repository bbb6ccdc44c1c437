package bitrix24

import (
	"context"
	"encoding/json"
	"iter"
)

// User is a user as user.get, user.current and user.search answer
// (https://apidocs.bitrix24.com/api-reference/user/user-get.html). Empty fields
// may be missing, null, "" or false on the wire; they are zero here. Fields
// holds every key as it came, the user-defined ones (UF_USR_…) included.
type User struct {
	ID               ID                         `json:"ID"`
	XMLID            Text                       `json:"XML_ID"`
	Active           Bool                       `json:"ACTIVE"`
	Name             Text                       `json:"NAME"`
	LastName         Text                       `json:"LAST_NAME"`
	SecondName       Text                       `json:"SECOND_NAME"`
	Email            Text                       `json:"EMAIL"`
	LastLogin        Text                       `json:"LAST_LOGIN"`
	DateRegister     Text                       `json:"DATE_REGISTER"`
	TimestampX       Text                       `json:"TIMESTAMP_X"`
	TimeZone         Text                       `json:"TIME_ZONE"`
	IsOnline         Bool                       `json:"IS_ONLINE"`
	PersonalGender   Text                       `json:"PERSONAL_GENDER"`
	PersonalBirthday Text                       `json:"PERSONAL_BIRTHDAY"`
	PersonalPhoto    Text                       `json:"PERSONAL_PHOTO"` // address of the picture
	PersonalMobile   Text                       `json:"PERSONAL_MOBILE"`
	PersonalPhone    Text                       `json:"PERSONAL_PHONE"`
	PersonalCity     Text                       `json:"PERSONAL_CITY"`
	WorkPosition     Text                       `json:"WORK_POSITION"`
	WorkPhone        Text                       `json:"WORK_PHONE"`
	WorkCompany      Text                       `json:"WORK_COMPANY"`
	Departments      IDs                        `json:"UF_DEPARTMENT"`
	EmploymentDate   Text                       `json:"UF_EMPLOYMENT_DATE"`
	InnerPhone       Text                       `json:"UF_PHONE_INNER"`
	UserType         Text                       `json:"USER_TYPE"` // employee, extranet, email …
	Fields           map[string]json.RawMessage `json:"-"`
}

// UnmarshalJSON reads the known fields and keeps all of them in Fields.
func (u *User) UnmarshalJSON(data []byte) error {
	type plain User
	if err := json.Unmarshal(data, (*plain)(u)); err != nil {
		return err
	}
	return json.Unmarshal(data, &u.Fields)
}

// Users reads all users that match a filter, in order of their ids, see Rows. The
// keys of the filter may have prefixes: Fields{"ACTIVE": true, ">ID": 100}.
//
// REST method user.get: https://apidocs.bitrix24.com/api-reference/user/user-get.html
func (c *Client) Users(ctx context.Context, filter Params) iter.Seq2[User, error] {
	params := &Object{}
	if filter != nil {
		params.Set("FILTER", filter)
	}
	return Rows[User](ctx, c, "user.get", params)
}
