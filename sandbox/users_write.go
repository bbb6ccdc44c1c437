package sandbox

import (
	"database/sql"
	"errors"
	"net/mail"
	"slices"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// groupEntity is a workgroup: extranet users are invited into one.
var groupEntity = &entity{
	name: "sonet_group",
	fields: []field{
		{name: "ID", label: "ID", kind: idKind, readOnly: true},
		{name: "NAME", label: "NAME", kind: textKind, max: 255, always: true},
	},
}

// accessDenied is how user.add and user.update refuse.
func accessDenied() error { return badRequest("ERROR_CORE", "access_denied") }

// userAdd invites a user: an employee with UF_DEPARTMENT, or an extranet user
// with EXTRANET=Y and SONET_GROUP_ID.
//
// https://apidocs.bitrix24.com/api-reference/user/user-add.html
func userAdd(c *call) (result, error) {
	if !c.who.admin {
		return result{}, accessDenied()
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		if err := checkEmails(c, tx, 0, "ERROR_ARGUMENT"); err != nil {
			return result{}, err
		}
		groups, err := invitedTo(c, tx)
		if err != nil {
			return result{}, err
		}
		now := storedTime(c.sb.now())
		doc := document{"ACTIVE": true, "DATE_REGISTER": now, "TIMESTAMP_X": now}
		users, err := writeUser(c, tx, doc, true)
		if err != nil {
			return result{}, err
		}
		switch departments, _ := doc["UF_DEPARTMENT"].([]any); {
		case len(groups) > 0:
			doc["SONET_GROUP_ID"] = numbers(groups)
			delete(doc, "UF_DEPARTMENT")
		case len(departments) == 0:
			return result{}, badRequest("ERROR_ARGUMENT", "no_extranet_field")
		}
		id, err := users.insert(c.ctx, tx, doc)
		if err != nil {
			return result{}, err
		}
		return result{value: number(id), record: id}, nil
	})
}

// userUpdate changes the named fields of a user, all of them or none.
//
// https://apidocs.bitrix24.com/api-reference/user/user-update.html
func userUpdate(c *call) (result, error) {
	given, _ := c.params.GetFold("ID")
	id := intval(phpquery.Text(given))
	if !c.who.admin || id <= 0 {
		return result{}, accessDenied()
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		before, err := userEntity.find(c.ctx, tx, id)
		if err != nil {
			return result{}, err
		}
		if before == nil {
			return result{}, badRequest("ERROR_CORE", "")
		}
		if err := checkEmails(c, tx, id, "ERROR_CORE"); err != nil {
			return result{}, err
		}
		after := before.clone()
		users, err := writeUser(c, tx, after, false)
		if err != nil {
			return result{}, err
		}
		after["TIMESTAMP_X"] = storedTime(c.sb.now())
		if err := users.update(c.ctx, tx, id, before, after); err != nil {
			return result{}, err
		}
		return result{value: true, record: id}, nil
	})
}

// clone copies a document; values are never changed in place.
func (d document) clone() document {
	copied := make(document, len(d))
	for k, v := range d {
		copied[k] = v
	}
	return copied
}

// writeUser writes the parameters into the document. A value that the portal
// refuses becomes its error; nothing is kept of such a call.
func writeUser(c *call, tx *sql.Tx, doc document, fresh bool) (*entity, error) {
	own, err := userDefinedFields(c.ctx, tx)
	if err != nil {
		return nil, err
	}
	users := userEntity.with(own)
	err = users.assign(c.ctx, tx, doc, c.params)
	if err == nil && fresh {
		err = missingFields(own, doc)
	}
	var wrong *valueError
	switch {
	case !errors.As(err, &wrong):
		return users, err
	case wrong.field == "UF_DEPARTMENT":
		return nil, badRequest("ERROR_CORE", "Department not found")
	default:
		return nil, badRequest("ERROR_CORE", wrong.Error())
	}
}

func missingFields(own []field, doc document) error {
	for i := range own {
		if f := &own[i]; f.mandatory && f.compareKey(doc) == nil {
			return &valueError{f.name, mandatoryProblem}
		}
	}
	return nil
}

// checkEmails checks what was given as EMAIL; a new user, whose id is 0, needs one.
func checkEmails(c *call, tx *sql.Tx, id int64, code string) error {
	given := false
	for name, v := range c.params.All() {
		if !strings.EqualFold(name, "EMAIL") {
			continue
		}
		given = true
		if err := checkEmail(c, tx, v, id, code); err != nil {
			return err
		}
	}
	if !given && id == 0 {
		return badRequest(code, "wrong_email")
	}
	return nil
}

// checkEmail refuses an address that is none or that another user has, whether
// dismissed or not, in any case of letters.
func checkEmail(c *call, tx *sql.Tx, v any, id int64, code string) error {
	address := phpquery.Text(v)
	if _, nested := v.(*phpquery.Array); nested || !isEmail(address) {
		return badRequest(code, "wrong_email")
	}
	email, _ := userEntity.field("EMAIL")
	var other int64
	err := tx.QueryRowContext(c.ctx, "SELECT id FROM "+userEntity.table()+" WHERE "+email.expression()+" = ? AND id <> ? LIMIT 1",
		fold(address), id).Scan(&other)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	default:
		return badRequest(code, "A user with this email already exists")
	}
}

// isEmail accepts a bare address whose domain has a dot.
func isEmail(address string) bool {
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || strings.ContainsAny(address, " \"") {
		return false
	}
	_, domain, _ := strings.Cut(address, "@")
	return strings.Contains(strings.Trim(domain, "."), ".")
}

// invitedTo is the groups of an extranet user, or none for an employee.
func invitedTo(c *call, tx *sql.Tx) ([]int64, error) {
	extranet, _ := c.params.GetFold("EXTRANET")
	if is, err := takeFlag(extranet); err != nil || is == false {
		return nil, nil
	}
	given, _ := c.params.GetFold("SONET_GROUP_ID")
	var groups []int64
	for _, v := range elements(given) {
		id := intval(phpquery.Text(v))
		group, err := groupEntity.find(c.ctx, tx, id)
		if err != nil {
			return nil, err
		}
		if group == nil {
			return nil, badRequest("ERROR_NO_GROUP", "Group is specified incorrectly")
		}
		if !slices.Contains(groups, id) {
			groups = append(groups, id)
		}
	}
	if len(groups) == 0 {
		return nil, badRequest("ERROR_GROUPID", "Group code not specified")
	}
	return groups, nil
}
