package bitrix24

import (
	"bytes"
	"encoding/json"
)

// CalendarSection is a calendar as calendar.section.get answers
// (https://apidocs.bitrix24.com/api-reference/calendar/calendar-section-get.html).
// Fields holds every key as it came.
type CalendarSection struct {
	ID          ID                         `json:"ID"`
	Name        Text                       `json:"NAME"`
	Description Text                       `json:"DESCRIPTION"`
	Color       Text                       `json:"COLOR"`
	TextColor   Text                       `json:"TEXT_COLOR"`
	Type        Text                       `json:"CAL_TYPE"` // user, group, company_calendar, location …
	OwnerID     ID                         `json:"OWNER_ID"` // 0 for the company
	CreatedBy   ID                         `json:"CREATED_BY"`
	DateCreate  Text                       `json:"DATE_CREATE"`
	TimestampX  Text                       `json:"TIMESTAMP_X"`
	IsCollab    Bool                       `json:"IS_COLLAB"`
	Permissions CalendarPermissions        `json:"PERM"`
	Fields      map[string]json.RawMessage `json:"-"`
}

// CalendarPermissions is what the caller may do in a calendar.
type CalendarPermissions struct {
	ViewTime    Bool `json:"view_time"`
	ViewTitle   Bool `json:"view_title"`
	ViewFull    Bool `json:"view_full"`
	Add         Bool `json:"add"`
	Edit        Bool `json:"edit"`
	EditSection Bool `json:"edit_section"`
	Access      Bool `json:"access"`
}

// UnmarshalJSON reads the known fields and keeps all of them in Fields.
func (s *CalendarSection) UnmarshalJSON(data []byte) error {
	type plain CalendarSection
	if err := json.Unmarshal(data, (*plain)(s)); err != nil {
		return err
	}
	return json.Unmarshal(data, &s.Fields)
}

// BusyTimes lists by user when somebody has no time, as
// calendar.accessibility.get answers
// (https://apidocs.bitrix24.com/api-reference/calendar/calendar-event/calendar-accessibility-get.html).
// Of the events only their time, name, accessibility and importance are filled.
type BusyTimes map[ID][]CalendarEvent

// UnmarshalJSON reads an object by user id, or the empty list for no users.
func (b *BusyTimes) UnmarshalJSON(data []byte) error {
	if isEmptyList(data) {
		*b = BusyTimes{}
		return nil
	}
	return json.Unmarshal(data, (*map[ID][]CalendarEvent)(b))
}

// isEmptyList tells whether the portal sent its empty array, which stands for an
// object without members too.
func isEmptyList(data []byte) bool {
	data = bytes.TrimSpace(data)
	return len(data) > 1 && data[0] == '[' && len(bytes.TrimSpace(data[1:len(data)-1])) == 0
}
