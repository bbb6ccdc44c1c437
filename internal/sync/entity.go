package sync

import (
	"slices"
	"strings"
)

// Entity describes what a plan is about: the methods of the portal, the fields
// and their kinds.
type Entity struct {
	Name     string   // as on the command line: users
	One      string   // one of them: user
	List     string   // REST method that lists them
	Add      string   // REST method that makes one
	Update   string   // REST method that changes one
	ID       string   // field of the id, and parameter of Update
	Filter   string   // parameter of List that holds the filter; empty when its keys stand among the parameters
	Filters  []string // keys that filter: where Filter is empty all of them, each with one value, else those that are no fields
	Select   string   // parameter of List that names the fields; empty when it has none
	Wrap     string   // parameter of Add and Update that holds the fields; empty when they stand among the parameters
	Keys     []string // fields that tell them apart; UF_… too when OwnFields is set
	Label    []string // fields that name one for people
	Required []string // fields that Add needs
	Active   string   // flag that dismisses and brings back; empty when there is none
	Member   string   // list that only those have who can be missing in a table
	Fields   []Field
	// OwnFields is the REST method that lists the user-defined fields; empty when
	// there are none.
	OwnFields string
}

// Field is one field of an entity.
type Field struct {
	Name     string
	Kind     Kind
	Multiple bool // a list, whose order does not matter
	ReadOnly bool // cannot be written; in a table it is passed over

	supposed bool // the portal was not asked for it, so that its kind is not known
}

// field finds a field by its name in any case.
func (e *Entity) field(name string) *Field {
	i := slices.IndexFunc(e.Fields, func(f Field) bool { return strings.EqualFold(f.Name, name) })
	if i < 0 {
		return nil
	}
	return &e.Fields[i]
}

// Named finds an entity by its name.
func Named(name string) (Entity, bool) {
	for _, e := range []Entity{Users(), Departments()} {
		if e.Name == name {
			return e, true
		}
	}
	return Entity{}, false
}

// pathField is the path of a department, which the portal does not have: it
// follows from the names.
const pathField = "PATH"

// Departments describes the departments.
//
// https://apidocs.bitrix24.com/api-reference/departments/department-fields.html
// https://apidocs.bitrix24.com/api-reference/departments/department-get.html
func Departments() Entity {
	return Entity{
		Name: "departments", One: "department", List: "department.get", Add: "department.add", Update: "department.update",
		ID: "ID", Keys: []string{pathField, "ID"}, Label: []string{"NAME"}, Required: []string{"NAME", "PARENT"},
		Filters: []string{"ID", "NAME", "SORT", "PARENT", "UF_HEAD"},
		Fields: []Field{
			{Name: "ID", Kind: Number, ReadOnly: true},
			{Name: pathField, Kind: Text, ReadOnly: true},
			{Name: "NAME", Kind: Text},
			{Name: "SORT", Kind: Number},
			{Name: "PARENT", Kind: Department},
			{Name: "UF_HEAD", Kind: Person},
		},
	}
}

// Users describes the employees.
//
// https://apidocs.bitrix24.com/api-reference/user/user-fields.html
// https://apidocs.bitrix24.com/api-reference/user/user-get.html
func Users() Entity {
	return Entity{
		Name: "users", One: "user", List: "user.get", Add: "user.add", Update: "user.update",
		ID: "ID", Filter: "FILTER", Select: "select", Keys: []string{"EMAIL", "XML_ID", "ID"}, Label: []string{"NAME", "LAST_NAME"},
		Filters:  []string{"NAME_SEARCH", "FIND", "HAS_DEPARTAMENT", "ADMIN_MODE"},
		Required: []string{"EMAIL", "UF_DEPARTMENT"}, Active: "ACTIVE", Member: "UF_DEPARTMENT", OwnFields: "user.userfield.list",
		Fields: slices.Concat(
			[]Field{
				{Name: "ID", Kind: Number, ReadOnly: true},
				{Name: "XML_ID"},
				{Name: "ACTIVE", Kind: Flag},
				{Name: "EMAIL", Kind: Email},
			},
			texts("NAME", "LAST_NAME", "SECOND_NAME", "TITLE", "PERSONAL_GENDER"),
			[]Field{
				{Name: "UF_DEPARTMENT", Kind: Department, Multiple: true},
				{Name: "WORK_POSITION"},
				{Name: "WORK_PHONE", Kind: Phone},
				{Name: "UF_PHONE_INNER", Kind: Phone},
				{Name: "PERSONAL_MOBILE", Kind: Phone},
				{Name: "PERSONAL_PHONE", Kind: Phone},
				{Name: "PERSONAL_BIRTHDAY", Kind: Date},
				{Name: "UF_EMPLOYMENT_DATE", Kind: Date},
			},
			texts("PERSONAL_PROFESSION", "PERSONAL_WWW", "PERSONAL_ICQ", "PERSONAL_FAX", "PERSONAL_PAGER", "PERSONAL_STREET", "PERSONAL_CITY",
				"PERSONAL_STATE", "PERSONAL_ZIP", "PERSONAL_COUNTRY", "PERSONAL_MAILBOX", "PERSONAL_NOTES", "WORK_COMPANY", "WORK_DEPARTMENT",
				"WORK_WWW", "WORK_FAX", "WORK_PAGER", "WORK_STREET", "WORK_MAILBOX", "WORK_CITY", "WORK_STATE", "WORK_ZIP", "WORK_COUNTRY",
				"WORK_PROFILE", "WORK_NOTES", "TIME_ZONE", "UF_SKYPE_LINK", "UF_ZOOM", "UF_TIMEMAN", "UF_INTERESTS", "UF_SKILLS",
				"UF_WEB_SITES", "UF_XING", "UF_LINKEDIN", "UF_FACEBOOK", "UF_TWITTER", "UF_SKYPE", "UF_DISTRICT"),
			[]Field{
				{Name: "PERSONAL_PHOTO", Kind: Picture},
				{Name: "WORK_LOGO", Kind: Picture},
				{Name: "LAST_LOGIN", Kind: Moment, ReadOnly: true},
				{Name: "DATE_REGISTER", Kind: Moment, ReadOnly: true},
				{Name: "TIMESTAMP_X", Kind: Moment, ReadOnly: true},
				{Name: "LAST_ACTIVITY_DATE", Kind: Moment, ReadOnly: true},
				{Name: "IS_ONLINE", Kind: Flag, ReadOnly: true},
				{Name: "USER_TYPE", ReadOnly: true},
			},
		),
	}
}

func texts(names ...string) []Field {
	fields := make([]Field, len(names))
	for i, name := range names {
		fields[i] = Field{Name: name}
	}
	return fields
}
