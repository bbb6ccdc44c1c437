package bitrix24

import "encoding/json"

// TaskUserfield is a custom field of tasks
// (https://apidocs.bitrix24.com/api-reference/tasks/user-field/task-item-user-field-get.html).
// The labels, texts by language, are missing in lists.
type TaskUserfield struct {
	ID              ID              `json:"ID"`
	EntityID        Text            `json:"ENTITY_ID"`
	FieldName       Text            `json:"FIELD_NAME"`
	UserTypeID      Text            `json:"USER_TYPE_ID"` // string, double, datetime, boolean …
	XMLID           Text            `json:"XML_ID"`
	Sort            Text            `json:"SORT"`
	Multiple        Bool            `json:"MULTIPLE"`
	Mandatory       Bool            `json:"MANDATORY"`
	ShowFilter      Text            `json:"SHOW_FILTER"`
	ShowInList      Bool            `json:"SHOW_IN_LIST"`
	EditInList      Bool            `json:"EDIT_IN_LIST"`
	IsSearchable    Bool            `json:"IS_SEARCHABLE"`
	Settings        json.RawMessage `json:"SETTINGS"` // depends on the type
	EditFormLabel   json.RawMessage `json:"EDIT_FORM_LABEL"`
	ListColumnLabel json.RawMessage `json:"LIST_COLUMN_LABEL"`
	ListFilterLabel json.RawMessage `json:"LIST_FILTER_LABEL"`
	ErrorMessage    json.RawMessage `json:"ERROR_MESSAGE"`
	HelpMessage     json.RawMessage `json:"HELP_MESSAGE"`
}
