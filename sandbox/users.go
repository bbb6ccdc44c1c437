package sandbox

import (
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// onlineFor is how long after the last activity a user counts as online.
const onlineFor = 24 * time.Minute

// userEntity is the profile of a user, in the order of [user.fields]. Texts are
// as long as the columns of the portal's own table.
//
// [user.fields]: https://apidocs.bitrix24.com/api-reference/user/user-fields.html
var userEntity = &entity{
	name:   "user",
	derive: deriveUserType,
	search: []string{"NAME", "LAST_NAME", "SECOND_NAME", "WORK_POSITION"},
	fields: []field{
		{name: "ID", label: "ID", kind: idKind, readOnly: true, level: basic | brief},
		{name: "XML_ID", label: "External code", kind: textKind, max: 255, indexed: true, level: basic | brief},
		{name: "ACTIVE", label: "Activity", kind: flagKind, always: true, level: basic | brief},
		{name: "NAME", label: "First Name", kind: textKind, max: 50, always: true, indexed: true, level: basic | brief},
		{name: "LAST_NAME", label: "Last Name", kind: textKind, max: 50, always: true, indexed: true, level: basic | brief},
		{name: "SECOND_NAME", label: "Middle Name", kind: textKind, max: 50, level: basic | brief},
		{name: "TITLE", label: "User List", kind: textKind, max: 255, level: basic | brief},
		{name: "EMAIL", label: "E-Mail", kind: textKind, max: 255, always: true, indexed: true, level: basic},
		{name: "LAST_LOGIN", label: "Last Authorization", kind: momentKind, readOnly: true, always: true},
		{name: "DATE_REGISTER", label: "Registration Date", kind: momentKind, readOnly: true, always: true, level: basic | brief},
		{name: "TIME_ZONE", label: "TIME_ZONE", kind: textKind, max: 50, level: basic | brief},
		{name: "IS_ONLINE", label: "IS_ONLINE", compute: showOnline, readOnly: true, level: basic | brief},
		{name: "TIMESTAMP_X", label: "TIMESTAMP_X", kind: momentKind, readOnly: true, always: true, indexed: true, level: basic | brief},
		{name: "LAST_ACTIVITY_DATE", label: "LAST_ACTIVITY_DATE", kind: activityKind, readOnly: true, always: true, level: basic | brief},
		{name: "PERSONAL_GENDER", label: "Gender", kind: textKind, max: 1, always: true, level: basic | brief},
		{name: "PERSONAL_PROFESSION", label: "Profession", kind: textKind, max: 255, level: basic | brief},
		{name: "PERSONAL_WWW", label: "Homepage", kind: textKind, max: 255},
		{name: "PERSONAL_BIRTHDAY", label: "Date of Birth", kind: dateKind, always: true, level: basic | brief},
		{name: "PERSONAL_PHOTO", label: "Photo", kind: linkKind, level: basic | brief},
		{name: "PERSONAL_ICQ", label: "ICQ", kind: textKind, max: 255},
		{name: "PERSONAL_PHONE", label: "Personal Phone", kind: textKind, max: 255, level: basic},
		{name: "PERSONAL_FAX", label: "Fax", kind: textKind, max: 255, level: basic},
		{name: "PERSONAL_MOBILE", label: "Personal Mobile", kind: textKind, max: 255, level: basic},
		{name: "PERSONAL_PAGER", label: "Pager", kind: textKind, max: 255, level: basic},
		{name: "PERSONAL_STREET", label: "Residential Street", kind: textKind, level: basic},
		{name: "PERSONAL_CITY", label: "Residential City", kind: textKind, max: 255, level: basic | brief},
		{name: "PERSONAL_STATE", label: "State / Region", kind: textKind, max: 255, level: basic | brief},
		{name: "PERSONAL_ZIP", label: "Zip Code", kind: textKind, max: 255, level: basic},
		{name: "PERSONAL_COUNTRY", label: "Country", kind: textKind, max: 255, level: basic | brief},
		{name: "PERSONAL_MAILBOX", label: "P.O. Box", kind: textKind, max: 255, level: basic},
		{name: "PERSONAL_NOTES", label: "Additional Notes", kind: textKind, level: basic},
		{name: "WORK_PHONE", label: "Company Phone", kind: textKind, max: 255, level: basic},
		{name: "WORK_COMPANY", label: "Company", kind: textKind, max: 255, level: basic},
		{name: "WORK_POSITION", label: "Job Title", kind: textKind, max: 255, always: true, level: basic | brief},
		{name: "WORK_DEPARTMENT", label: "Department", kind: textKind, max: 255, level: basic},
		{name: "WORK_WWW", label: "Company Website", kind: textKind, max: 255, level: basic},
		{name: "WORK_FAX", label: "WORK_FAX", kind: textKind, max: 255, level: basic},
		{name: "WORK_PAGER", label: "WORK_PAGER", kind: textKind, max: 255, level: basic},
		{name: "WORK_STREET", label: "WORK_STREET", kind: textKind, level: basic},
		{name: "WORK_MAILBOX", label: "WORK_MAILBOX", kind: textKind, max: 255, level: basic},
		{name: "WORK_CITY", label: "Work City", kind: textKind, max: 255, level: basic | brief},
		{name: "WORK_STATE", label: "WORK_STATE", kind: textKind, max: 255, level: basic | brief},
		{name: "WORK_ZIP", label: "WORK_ZIP", kind: textKind, max: 255, level: basic},
		{name: "WORK_COUNTRY", label: "WORK_COUNTRY", kind: textKind, max: 255, level: basic | brief},
		{name: "WORK_PROFILE", label: "WORK_PROFILE", kind: textKind, level: basic},
		{name: "WORK_LOGO", label: "WORK_LOGO", kind: linkKind, level: basic},
		{name: "WORK_NOTES", label: "WORK_NOTES", kind: textKind, level: basic},
		{name: "UF_SKYPE_LINK", label: "Skype Chat Link", kind: textKind, level: basic},
		{name: "UF_ZOOM", label: "Zoom", kind: textKind, level: basic},
		{name: "UF_EMPLOYMENT_DATE", label: "Hire Date", kind: dateKind, always: true, level: basic | brief},
		{name: "UF_TIMEMAN", label: "Time Tracking", kind: textKind, level: basic | brief},
		{name: "UF_DEPARTMENT", label: "Units", kind: integerKind, multiple: true, indexed: true, ref: "department", always: true, level: basic | brief},
		{name: "UF_INTERESTS", label: "Interests", kind: textKind, level: basic | brief},
		{name: "UF_SKILLS", label: "Skills", kind: textKind, level: basic | brief},
		{name: "UF_WEB_SITES", label: "Other Websites", kind: textKind, level: basic},
		{name: "UF_XING", label: "Xing", kind: textKind, level: basic},
		{name: "UF_LINKEDIN", label: "LinkedIn", kind: textKind, level: basic},
		{name: "UF_FACEBOOK", label: "Facebook", kind: textKind, unlisted: true, level: basic},
		{name: "UF_TWITTER", label: "Twitter", kind: textKind, level: basic},
		{name: "UF_SKYPE", label: "Skype", kind: textKind, level: basic},
		{name: "UF_DISTRICT", label: "District", kind: textKind, level: basic},
		{name: "UF_PHONE_INNER", label: "Extension", kind: textKind, level: basic | brief},
		{name: "USER_TYPE", label: "USER_TYPE", kind: textKind, readOnly: true, always: true},
		{name: "ADMIN", kind: flagKind, readOnly: true, hidden: true},
		{name: "SONET_GROUP_ID", kind: integerKind, multiple: true, readOnly: true, hidden: true, indexed: true},
	},
}

// deriveUserType makes an employee of everybody who belongs to a department.
func deriveUserType(doc document) {
	doc["USER_TYPE"] = "extranet"
	if list, _ := doc["UF_DEPARTMENT"].([]any); len(list) > 0 {
		doc["USER_TYPE"] = "employee"
	}
}

// userScopes are the scopes of the reading methods: each shows its own fields.
var userScopes = []string{"user", "user_basic", "user_brief"}

func userMethods() []method {
	return []method{
		{name: "user.get", scopes: userScopes, run: userGet},
		{name: "user.search", scopes: userScopes, run: userSearch},
		{name: "user.current", scopes: userScopes, run: userCurrent},
		{name: "user.fields", scopes: userScopes, run: userFields},
		{name: "user.add", scopes: userScopes[:1], run: userAdd},
		{name: "user.update", scopes: userScopes[:1], run: userUpdate},
	}
}

// userListing is what user.get and user.search have in common.
func userListing(c *call, tx *sql.Tx) (listing, error) {
	own, err := userDefinedFields(c.ctx, tx)
	if err != nil {
		return listing{}, err
	}
	extra, err := visibleUsers(c, tx)
	if err != nil {
		return listing{}, err
	}
	return listing{
		entity: userEntity.with(own), filter: "FILTER", topLevel: true, selects: true,
		extra: extra, fields: c.who.readsUserField,
		special: special{"IS_ONLINE": whereOnline, "NAME_SEARCH": whereFound},
	}, nil
}

// visibleUsers limits an extranet user to its own profile: nobody shares a
// group with it in the sandbox.
func visibleUsers(c *call, tx *sql.Tx) (condition, error) {
	if c.who.admin {
		return condition{}, nil
	}
	me, err := userEntity.find(c.ctx, tx, c.who.userID)
	if err != nil || me == nil || me["USER_TYPE"] != "extranet" {
		return condition{}, err
	}
	return condition{"id = ?", []any{c.who.userID}}, nil
}

// readsUserField applies the scopes: "user" shows every field, the limited ones
// their own, and those need "user.userfield" for user-defined fields.
func (p principal) readsUserField(f field) bool {
	has := func(scope string) bool { return slices.Contains(p.scopes, scope) }
	switch {
	case has("user"):
		return true
	case strings.HasPrefix(f.name, userfieldPrefix):
		return has("user.userfield")
	default:
		return has("user_basic") && f.level&basic != 0 || has("user_brief") && f.level&brief != 0
	}
}

func userGet(c *call) (result, error) {
	return c.reading(func(tx *sql.Tx) (result, error) {
		l, err := userListing(c, tx)
		if err != nil {
			return result{}, err
		}
		return l.run(c, tx)
	})
}

func userSearch(c *call) (result, error) {
	return c.reading(func(tx *sql.Tx) (result, error) {
		l, err := userListing(c, tx)
		if err != nil {
			return result{}, err
		}
		l.adjust = searchClauses
		l.special = special{
			"IS_ONLINE": whereOnline, "NAME_SEARCH": whereFound, "FIND": whereFound,
			"NAME": whereWords(0), "LAST_NAME": whereWords(1), "WORK_POSITION": whereWords(3),
			"UF_DEPARTMENT_NAME": whereDepartment,
		}
		return l.run(c, tx)
	})
}

func userCurrent(c *call) (result, error) {
	return c.reading(func(tx *sql.Tx) (result, error) {
		l, err := userListing(c, tx)
		if err != nil {
			return result{}, err
		}
		doc, err := l.entity.find(c.ctx, tx, c.who.userID)
		if err != nil {
			return result{}, err
		}
		if doc == nil {
			return result{}, badRequest("ERROR_CORE", "access_denied")
		}
		me := row{c.who.userID, doc}
		return result{value: l.entity.show(c, me, l.selected(phpquery.NewArray()))}, nil
	})
}

func userFields(c *call) (result, error) {
	l := listing{entity: userEntity, fields: c.who.readsUserField}
	return result{value: l.labels()}, nil
}

// reading runs a method on one state of the data.
func (c *call) reading(run func(*sql.Tx) (result, error)) (answer result, err error) {
	err = c.sb.store.read(c.ctx, func(tx *sql.Tx) error {
		answer, err = run(tx)
		return err
	})
	return answer, err
}

// writing runs a method that changes all it means to or nothing.
func (c *call) writing(run func(*sql.Tx) (result, error)) (answer result, err error) {
	err = c.sb.store.write(c.ctx, func(tx *sql.Tx) error {
		answer, err = run(tx)
		return err
	})
	return answer, err
}

func showOnline(s showing, doc document) any {
	seen, ok := timeOf(doc["LAST_ACTIVITY_DATE"])
	if s.id == s.call.who.userID || ok && s.call.sb.now().Sub(seen) <= onlineFor {
		return "Y"
	}
	return "N"
}

// whereOnline finds the caller and whoever was active a short while ago.
func whereOnline(c *call, cl clause) (condition, bool) {
	online, err := takeFlag(cl.value)
	if err != nil || cl.operator.compare != equals {
		return never, true
	}
	seen, _ := userEntity.field("LAST_ACTIVITY_DATE")
	yes := or(
		condition{"id = ?", []any{c.who.userID}},
		condition{seen.expression() + " >= ?", []any{c.sb.now().Add(-onlineFor).Unix()}},
	)
	return yes.negate(online == false), true
}

// searchClauses lets FIND stand alone: it excludes the fields that it searches.
func searchClauses(list []clause) []clause {
	finds := slices.ContainsFunc(list, func(cl clause) bool {
		return cl.field == "FIND" && phpquery.Text(cl.value) != ""
	})
	if !finds {
		return list
	}
	return slices.DeleteFunc(list, func(cl clause) bool {
		return slices.Contains([]string{"NAME", "LAST_NAME", "WORK_POSITION", "UF_DEPARTMENT_NAME"}, cl.field)
	})
}

const searchKey = "json_extract(keys, '$.search')"

// whereFound finds every word at the beginning of a word in the name, the
// position or the name of the department.
func whereFound(_ *call, cl clause) (condition, bool) {
	var all []condition
	for _, w := range words(phpquery.Text(cl.value)) {
		all = append(all, or(condition{"instr(" + searchKey + ", ?) > 0", []any{":" + w}}, inDepartment(w)))
	}
	return and(all...), true
}

// whereWords finds every word at the beginning of a word in one searched field.
func whereWords(place int) func(*call, clause) (condition, bool) {
	return func(_ *call, cl clause) (condition, bool) {
		if _, list := cl.value.(*phpquery.Array); list || cl.operator.prefix != "" || strings.Contains(phpquery.Text(cl.value), "%") {
			return condition{}, false
		}
		var all []condition
		for _, w := range words(phpquery.Text(cl.value)) {
			all = append(all, condition{"instr(' ' || " + searchKey + ", ?) > 0", []any{" " + string(rune('0'+place)) + ":" + w}})
		}
		return and(all...), true
	}
}

// whereDepartment finds the employees of the departments whose name has words
// that begin like the given ones.
func whereDepartment(_ *call, cl clause) (condition, bool) {
	var all []condition
	for _, w := range words(phpquery.Text(cl.value)) {
		all = append(all, inDepartment(w))
	}
	return and(all...), true
}

func inDepartment(word string) condition {
	department, _ := userEntity.field("UF_DEPARTMENT")
	return condition{
		"id IN (SELECT id FROM " + userEntity.linkTable(*department) + " WHERE value IN (SELECT id FROM " +
			departmentEntity.table() + " WHERE instr(" + searchKey + ", ?) > 0))",
		[]any{":" + word},
	}
}
