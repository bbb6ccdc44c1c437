package sandbox

import (
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// crmType is a kind of CRM item with the classic methods crm.NAME.add, get, list,
// update, delete and fields.
type crmType struct {
	name   string
	entity *entity
	fields []crmField
	title  string // of an item without one, before its id

	stage, semantics string                // fields of the stage and of what it means
	directory        func(document) string // ENTITY_ID of the item's stages

	begin  func(document, time.Time) // what a new item begins with
	settle func(document, crmMove)   // what follows from the stage
}

// crmTypes are the kinds of items that the sandbox keeps.
func crmTypes() []*crmType { return []*crmType{&leadType, &dealType} }

func crmMethods() []method {
	scope := []string{"crm"}
	list := []method{
		{name: "crm.status.list", scopes: scope, run: crmStatusList},
		{name: "crm.category.list", scopes: scope, run: crmCategoryList},
		{name: "crm.currency.list", scopes: scope, run: crmCurrencyList},
	}
	for _, t := range crmTypes() {
		prefix := "crm." + t.name + "."
		list = append(list,
			method{name: prefix + "add", scopes: scope, run: t.add},
			method{name: prefix + "get", scopes: scope, run: t.get},
			method{name: prefix + "list", scopes: scope, run: t.list},
			method{name: prefix + "update", scopes: scope, run: t.update},
			method{name: prefix + "delete", scopes: scope, run: t.remove},
			method{name: prefix + "fields", scopes: scope, run: t.describe},
		)
	}
	return list
}

// The words with which the classic crm methods refuse; they have no codes.
func errCRMDenied() error { return badRequest("", "Access denied.") }

func errCRMNoID() error { return badRequest("", "ID is not defined or invalid.") }

func errCRMNotFound() error { return badRequest("", "Not found") }

// structure is a parameter that must be an array, or missing.
func (c *call) structure(name string) (*phpquery.Array, error) {
	v, _ := c.params.GetFold(name)
	if a, ok := v.(*phpquery.Array); ok {
		return a, nil
	}
	if phpquery.Text(v) == "" {
		return phpquery.NewArray(), nil
	}
	return nil, badRequest("", "Parameter '"+name+"' must be array.")
}

// structures checks several such parameters and answers the first.
func (c *call) structures(names ...string) (*phpquery.Array, error) {
	var first *phpquery.Array
	for i, name := range names {
		a, err := c.structure(name)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			first = a
		}
	}
	return first, nil
}

// add creates an item and answers its id.
func (t *crmType) add(c *call) (result, error) {
	fields, err := c.structures("fields", "params")
	if err != nil {
		return result{}, err
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		if _, err := crmRightsOf(c, tx); err != nil {
			return result{}, err
		}
		now := c.sb.now()
		doc := t.fresh(c.who.userID, now)
		if err := t.write(c, tx, nil, doc, fields); err != nil {
			return result{}, err
		}
		id, err := t.entity.insert(c.ctx, tx, doc)
		if err != nil {
			return result{}, err
		}
		if phpquery.Text(doc["TITLE"]) == "" {
			titled := doc.clone()
			titled["TITLE"] = t.title + number(id).String()
			err = t.entity.update(c.ctx, tx, id, doc, titled)
		}
		return result{value: number(id), record: id}, err
	})
}

// fresh is what every new item has.
func (t *crmType) fresh(userID int64, now time.Time) document {
	who, when := number(userID), storedTime(now)
	doc := document{
		"CURRENCY_ID": baseCurrency, "OPPORTUNITY": number(0), "IS_MANUAL_OPPORTUNITY": false, "OPENED": true,
		"ASSIGNED_BY_ID": who, "CREATED_BY_ID": who, "MODIFY_BY_ID": who, "DATE_CREATE": when, "DATE_MODIFY": when,
		"LAST_ACTIVITY_BY": who, "LAST_ACTIVITY_TIME": when,
	}
	if t.begin != nil {
		t.begin(doc, now)
	}
	return doc
}

// write puts the given fields into the document, and all that follows from them.
func (t *crmType) write(c *call, tx *sql.Tx, before, doc document, fields *phpquery.Array) error {
	given, several := phpquery.NewArraySize(fields.Len()), phpquery.NewArray()
	for name, v := range fields.All() {
		name = strings.ToUpper(name)
		switch {
		case multifieldTypes[name] != nil:
			several.Set(name, v)
		case before == nil || !t.immutable(name):
			given.Set(name, v)
		}
	}
	if err := t.entity.assign(c.ctx, tx, doc, given); err != nil {
		return err
	}
	if intOf(doc["ASSIGNED_BY_ID"]) == 0 {
		doc["ASSIGNED_BY_ID"] = number(c.who.userID)
		if before != nil {
			doc["ASSIGNED_BY_ID"] = before["ASSIGNED_BY_ID"]
		}
	}
	if err := checkCurrency(doc); err != nil {
		return err
	}
	if _, ok := given.Get("CONTACT_IDS"); ok {
		contacts, _ := doc["CONTACT_IDS"].([]any)
		doc["CONTACT_ID"] = ""
		if len(contacts) > 0 {
			doc["CONTACT_ID"] = contacts[0]
		}
	}
	if err := writeMultifields(c.ctx, tx, t.entity, doc, several); err != nil {
		return err
	}
	t.move(c, before, doc, given)
	return nil
}

func (t *crmType) immutable(name string) bool {
	return slices.ContainsFunc(t.fields, func(f crmField) bool { return f.immutable && f.name == name })
}

// get answers an item with all its fields.
func (t *crmType) get(c *call) (result, error) {
	return c.reading(func(tx *sql.Tx) (result, error) {
		doc, err := t.reached(c, tx, crmRights.reads)
		if err != nil {
			return result{}, err
		}
		var fields []*field
		for i := range t.entity.fields {
			if f := &t.entity.fields[i]; isAnswered(*f) {
				fields = append(fields, f)
			}
		}
		return result{value: t.entity.show(c, row{c.id("id"), doc}, fields)}, nil
	})
}

// isAnswered leaves out the contacts, which have methods of their own.
func isAnswered(f field) bool { return f.name != "CONTACT_IDS" }

// list answers a page of the items that the caller may read.
func (t *crmType) list(c *call) (result, error) {
	if _, err := c.structures("order", "filter"); err != nil {
		return result{}, err
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		rights, err := crmRightsOf(c, tx)
		if err != nil {
			return result{}, err
		}
		l := listing{entity: t.entity, filter: "filter", selects: true, inOrder: true, fields: isAnswered, extra: rights.readable()}
		return l.run(c, tx)
	})
}

// update changes the given fields of an item and leaves the others.
func (t *crmType) update(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		before, err := t.reached(c, tx, crmRights.changes)
		if err != nil {
			return result{}, err
		}
		fields, err := c.structures("fields", "params")
		if err != nil {
			return result{}, err
		}
		after := before.clone()
		if err := t.write(c, tx, before, after, fields); err != nil {
			return result{}, err
		}
		id := c.id("id")
		if phpquery.Text(after["TITLE"]) == "" {
			after["TITLE"] = t.title + number(id).String()
		}
		after["MODIFY_BY_ID"], after["DATE_MODIFY"] = number(c.who.userID), storedTime(c.sb.now())
		return result{value: true, record: id}, t.entity.update(c.ctx, tx, id, before, after)
	})
}

// remove deletes an item.
func (t *crmType) remove(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		if _, err := t.reached(c, tx, crmRights.deletes); err != nil {
			return result{}, err
		}
		id := c.id("id")
		return result{value: true, record: id}, t.entity.remove(c.ctx, tx, id)
	})
}

// reached is the item that id names, when the caller has the right.
func (t *crmType) reached(c *call, tx *sql.Tx, may func(crmRights, document) bool) (document, error) {
	id := c.id("id")
	if id <= 0 {
		return nil, errCRMNoID()
	}
	rights, err := crmRightsOf(c, tx)
	if err != nil {
		return nil, err
	}
	doc, err := t.entity.found(c.ctx, tx, id, errCRMNotFound())
	if err == nil && !may(rights, doc) {
		err = errCRMDenied()
	}
	return doc, err
}
