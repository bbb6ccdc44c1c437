package sandbox

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// departmentEntity is a department of the company; the root has no PARENT.
//
// https://apidocs.bitrix24.com/api-reference/departments/department-fields.html
var departmentEntity = &entity{
	name:   "department",
	search: []string{"NAME"},
	fields: []field{
		{name: "ID", label: "ID", kind: idKind, readOnly: true},
		{name: "NAME", label: "Department Name", kind: textKind, max: 255, always: true},
		{name: "SORT", label: "Sort Order", kind: integerKind, always: true},
		{name: "PARENT", label: "Parent Department", kind: refKind, ref: "department", indexed: true},
		{name: "UF_HEAD", label: "Manager", kind: refKind, ref: "user"},
	},
}

// defaultSort is the place of a department or field whose SORT was not given.
const defaultSort = 500

func departmentMethods() []method {
	scope := []string{"department"}
	return []method{
		{name: "department.get", scopes: scope, run: departmentGet},
		{name: "department.fields", scopes: scope, run: departmentFields},
		{name: "department.add", scopes: scope, run: departmentAdd},
		{name: "department.update", scopes: scope, run: departmentUpdate},
		{name: "department.delete", scopes: scope, run: departmentDelete},
	}
}

var departmentListing = listing{entity: departmentEntity, topLevel: true}

func departmentGet(c *call) (result, error) {
	return c.reading(func(tx *sql.Tx) (result, error) { return departmentListing.run(c, tx) })
}

func departmentFields(*call) (result, error) {
	return result{value: departmentListing.labels()}, nil
}

// The portal's own words for what department methods refuse.
func errNoDepartmentName() error {
	return badRequest("ERROR_CORE", "Department name not provided.<br>")
}

func errSecondRoot() error {
	return badRequest("ERROR_CORE", "There can only be one top-level department in the company structure")
}

func errNoDepartment() error { return badRequest("ERROR_CORE", "Department not found") }

func errStructureDenied() error { return badRequest("ERROR_CORE", "Access denied") }

// departmentAdd creates a department below an existing one.
//
// https://apidocs.bitrix24.com/api-reference/departments/department-add.html
func departmentAdd(c *call) (result, error) {
	if !c.who.admin {
		return result{}, errStructureDenied()
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		doc := document{"SORT": number(defaultSort)}
		if err := writeDepartment(c, tx, doc); err != nil {
			return result{}, err
		}
		if intOf(doc["PARENT"]) == 0 {
			return result{}, errSecondRoot()
		}
		id, err := departmentEntity.insert(c.ctx, tx, doc)
		return result{value: number(id), record: id}, err
	})
}

// departmentUpdate changes a department. It cannot move below itself.
//
// https://apidocs.bitrix24.com/api-reference/departments/department-update.html
func departmentUpdate(c *call) (result, error) {
	return c.changingDepartment(func(tx *sql.Tx, id int64, before document) error {
		after := before.clone()
		if err := writeDepartment(c, tx, after); err != nil {
			return err
		}
		if parent := intOf(after["PARENT"]); parent != intOf(before["PARENT"]) {
			if parent == 0 {
				return errSecondRoot()
			}
			if err := checkLoop(c, tx, id, parent); err != nil {
				return err
			}
		}
		return departmentEntity.update(c.ctx, tx, id, before, after)
	})
}

// departmentDelete deletes a department. Its departments and employees go to
// the one above, as they do when it is deleted in the portal's own pages; the
// root stays.
//
// https://apidocs.bitrix24.com/api-reference/departments/department-delete.html
func departmentDelete(c *call) (result, error) {
	return c.changingDepartment(func(tx *sql.Tx, id int64, doc document) error {
		parent := intOf(doc["PARENT"])
		if parent == 0 {
			return badRequest("ERROR_CORE", "The top-level department cannot be deleted")
		}
		up, _ := departmentEntity.field("PARENT")
		children, err := departmentEntity.all(c.ctx, tx, condition{up.expression() + " = ?", []any{id}})
		if err != nil {
			return err
		}
		for _, child := range children {
			after := child.doc.clone()
			after["PARENT"] = number(parent)
			if err := departmentEntity.update(c.ctx, tx, child.id, child.doc, after); err != nil {
				return err
			}
		}
		if err := moveEmployees(c, tx, id, parent); err != nil {
			return err
		}
		return departmentEntity.remove(c.ctx, tx, id)
	})
}

// changingDepartment runs a change of the department that ID names.
func (c *call) changingDepartment(change func(*sql.Tx, int64, document) error) (result, error) {
	if !c.who.admin {
		return result{}, errStructureDenied()
	}
	id := c.id("ID")
	return c.writing(func(tx *sql.Tx) (result, error) {
		doc, err := departmentEntity.found(c.ctx, tx, id, errNoDepartment())
		if err != nil {
			return result{}, err
		}
		return result{value: true, record: id}, change(tx, id, doc)
	})
}

// writeDepartment writes the parameters into the document.
func writeDepartment(c *call, tx *sql.Tx, doc document) error {
	err := departmentEntity.assign(c.ctx, tx, doc, c.params)
	var wrong *valueError
	switch {
	case doc["NAME"] == nil || doc["NAME"] == "":
		return errNoDepartmentName()
	case !errors.As(err, &wrong):
		return err
	case wrong.field == "PARENT":
		return errSecondRoot()
	default:
		return badRequest("ERROR_CORE", wrong.Error())
	}
}

// checkLoop refuses to hang a department below itself.
func checkLoop(c *call, tx *sql.Tx, id, parent int64) error {
	for at := parent; at != 0; {
		if at == id {
			return badRequest("ERROR_CORE", "A department cannot be moved into itself or into a department below it")
		}
		doc, err := departmentEntity.find(c.ctx, tx, at)
		if err != nil {
			return err
		}
		at = intOf(doc["PARENT"])
	}
	return nil
}

// moveEmployees changes one department of users for another, some at a time so
// that the size of the department does not matter.
func moveEmployees(c *call, tx *sql.Tx, from, to int64) error {
	const some = 500
	department, _ := userEntity.field("UF_DEPARTMENT")
	where := condition{fmt.Sprintf("id IN (SELECT id FROM %s WHERE value = ? LIMIT %d)", userEntity.linkTable(*department), some), []any{from}}
	now := storedTime(c.sb.now())
	own, err := userDefinedFields(c.ctx, tx)
	if err != nil {
		return err
	}
	users := userEntity.with(own)
	for {
		rows, err := users.all(c.ctx, tx, where)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			after := r.doc.clone()
			var list []int64
			for _, d := range ints(r.doc["UF_DEPARTMENT"]) {
				if d == from {
					d = to
				}
				if !slices.Contains(list, d) {
					list = append(list, d)
				}
			}
			after["UF_DEPARTMENT"], after["TIMESTAMP_X"] = numbers(list), now
			if err := users.update(c.ctx, tx, r.id, r.doc, after); err != nil {
				return err
			}
		}
	}
}
