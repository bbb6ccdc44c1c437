package sandbox

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// place is where the portal's pages show what lies in a folder.
type place struct {
	storage string   // address of the drive
	folders []string // names from below the root down to the folder
}

// placeIn finds the place of what lies in the folder above[len-1], given with
// all folders above it.
func (c *call) placeIn(d drive, above []row) (place, error) {
	p := place{storage: c.origin + "/disk"}
	if len(above) == 0 {
		return p, nil
	}
	storage, err := storageEntity.find(d.ctx, d.tx, intOf(above[0].doc["STORAGE_ID"]))
	if err != nil {
		return p, err
	}
	switch owner := phpquery.Text(storage["ENTITY_ID"]); storage["ENTITY_TYPE"] {
	case userStorage:
		p.storage = c.origin + "/company/personal/user/" + owner + "/disk"
	case groupStorage:
		p.storage = c.origin + "/workgroups/group/" + owner + "/disk"
	case commonStorage:
		p.storage = c.origin + "/docs"
	}
	for _, folder := range above[1:] {
		p.folders = append(p.folders, objectName(folder))
	}
	return p, nil
}

// page is the address of the page of an object in this place. The portal does
// not escape names here.
func (p place) page(object row) string {
	kind := "/path/"
	if !isFolder(object) {
		kind = "/file/"
	}
	names := p.folders
	if intOf(object.doc["PARENT_ID"]) != 0 {
		names = append(slices.Clone(names), objectName(object))
	}
	return p.storage + kind + strings.Join(names, "/")
}

// show answers an object of this place.
func (p place) show(c *call, object row, fields []*field) *phpquery.Array {
	a := objectEntity.show(c, object, fields)
	if !isFolder(object) {
		a.Set("DOWNLOAD_URL", c.downloadURL(object.id))
	}
	a.Set("DETAIL_URL", p.page(object))
	return a
}

// objectAnswer is the answer of a method that made, changed or found an object.
// The portal answers as numbers what its code has just written, and as texts
// what it has read from its database; so the method names its numbers.
func (c *call) objectAnswer(d drive, object row, numbers ...string) (result, error) {
	above, err := d.ancestors(object)
	if err != nil {
		return result{}, err
	}
	if len(above) == 0 {
		above = []row{object}
	}
	p, err := c.placeIn(d, above)
	if err != nil {
		return result{}, err
	}
	a := p.show(c, object, listing{entity: objectEntity}.selected(phpquery.NewArray()))
	for _, name := range numbers {
		if v, ok := a.Get(name); ok {
			a.Set(name, json.Number(phpquery.Text(v)))
		}
	}
	return result{value: a, record: object.id}, nil
}

// madeAnswer is the answer of a method that made an object.
func (c *call) madeAnswer(d drive, object row) (result, error) {
	answer, err := c.objectAnswer(d, object, "ID", "REAL_OBJECT_ID", "DELETED_TYPE", "GLOBAL_CONTENT_VERSION", "FILE_ID")
	if a, ok := answer.value.(*phpquery.Array); ok {
		a.Set("DELETED_BY", nil)
	}
	return answer, err
}

// diskField describes a field for the *.getFields methods.
type diskField struct {
	name, kind string
	filter     bool
}

var storageFields = []diskField{
	{"ID", "integer", true},
	{"NAME", "string", true},
	{"CODE", "string", true},
	{"MODULE_ID", "string", false},
	{"ENTITY_TYPE", "string", true},
	{"ENTITY_ID", "string", true},
	{"ROOT_OBJECT_ID", "integer", false},
}

var folderFields = []diskField{
	{"ID", "integer", true},
	{"NAME", "string", true},
	{"TYPE", "enum", true},
	{"CODE", "string", true},
	{"STORAGE_ID", "integer", true},
	{"REAL_OBJECT_ID", "integer", false},
	{"PARENT_ID", "integer", true},
	{"CREATE_TIME", "datetime", true},
	{"UPDATE_TIME", "datetime", true},
	{"DELETE_TIME", "datetime", true},
	{"CREATED_BY", "integer", false},
	{"UPDATED_BY", "integer", false},
	{"DELETED_BY", "integer", false},
	{"DELETED_TYPE", "enum", true},
}

var fileFields = []diskField{
	{"ID", "integer", true},
	{"NAME", "string", true},
	{"TYPE", "enum", true},
	{"CODE", "string", true},
	{"STORAGE_ID", "integer", true},
	{"PARENT_ID", "integer", true},
	{"CREATE_TIME", "datetime", true},
	{"UPDATE_TIME", "datetime", true},
	{"DELETE_TIME", "datetime", true},
	{"CREATED_BY", "integer", false},
	{"UPDATED_BY", "integer", false},
	{"DELETED_BY", "integer", false},
	{"GLOBAL_CONTENT_VERSION", "integer", false},
	{"FILE_ID", "integer", false},
	{"SIZE", "integer", false},
	{"DELETED_TYPE", "enum", true},
}

// diskFields makes a *.getFields method.
func diskFields(fields []diskField) func(*call) (result, error) {
	return func(*call) (result, error) {
		answer := phpquery.NewArray()
		for _, f := range fields {
			a := phpquery.NewArray()
			a.Set("TYPE", f.kind)
			a.Set("USE_IN_FILTER", f.filter)
			a.Set("USE_IN_SHOW", true)
			answer.Set(f.name, a)
		}
		return result{value: answer}, nil
	}
}

// filterable keeps the clauses about fields that can be filtered.
func filterable(fields []diskField) func([]clause) []clause {
	return func(list []clause) []clause {
		return slices.DeleteFunc(list, func(cl clause) bool {
			return !slices.ContainsFunc(fields, func(f diskField) bool { return f.filter && f.name == cl.field })
		})
	}
}

// children answers a page of what lies in a folder and the caller may read.
func (c *call) children(d drive, folder row) (result, error) {
	most, err := c.permit(d, folder)
	if err != nil {
		return result{}, err
	}
	inside := childrenOf(folder.id)
	if most == mayNothing {
		codes, _, err := d.accessCodes(c.who.userID)
		if err != nil {
			return result{}, err
		}
		inside = and(inside, sharedWith(codes))
	}
	above, err := d.ancestors(folder)
	if err != nil {
		return result{}, err
	}
	p, err := c.placeIn(d, append(above, folder))
	if err != nil {
		return result{}, err
	}
	return listing{
		entity: objectEntity, filter: "filter", extra: inside, adjust: filterable(folderFields),
		show: func(r row, fields []*field) *phpquery.Array { return p.show(c, r, fields) },
	}.run(c, d.tx)
}
