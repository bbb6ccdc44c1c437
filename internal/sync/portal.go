package sync

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/oint-go/oint/bitrix24"
)

// record is a row of the portal: its fields by name.
type record map[string]json.RawMessage

func (r record) id(e *Entity) int64 {
	var id bitrix24.ID
	_ = json.Unmarshal(r[e.ID], &id) // the list was read by it
	return int64(id)
}

// label is what the record is called.
func (r record) label(e *Entity) string {
	var parts []string
	for _, name := range e.Label {
		f := e.field(name)
		if text := f.fromPortal(r[name]).String(); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, " ")
}

// records reads the records of a portal with the named fields.
func (e *Entity) records(ctx context.Context, client *bitrix24.Client, filter *bitrix24.Object, fields ...string) iter.Seq2[record, error] {
	params := &bitrix24.Object{}
	switch {
	case filter == nil:
	case e.Filter != "":
		params.Set(e.Filter, filter)
	default:
		for name, value := range filter.All() {
			params.Set(strings.ToUpper(name), value)
		}
	}
	if e.Select != "" {
		names := []string{}
		for _, name := range fields {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		params.Set(e.Select, names)
	}
	return bitrix24.Rows[record](ctx, client, e.List, params)
}

// ownField is a user-defined field as user.userfield.list answers.
type ownField struct {
	Name     bitrix24.Text `json:"FIELD_NAME"`
	Type     bitrix24.Text `json:"USER_TYPE_ID"`
	Multiple bitrix24.Bool `json:"MULTIPLE"`
}

var ownKinds = map[string]Kind{
	"integer": Number, "double": Decimal, "date": Date, "datetime": Moment, "boolean": Switch, "file": Picture,
	"enumeration": Number, "iblock_section": Number, "iblock_element": Number, "employee": Person,
}

// complete adds the user-defined fields of a portal to the description. Without
// the right to read them there are none.
func (e *Entity) complete(ctx context.Context, client *bitrix24.Client) error {
	if e.OwnFields == "" {
		return nil
	}
	for own, err := range bitrix24.Rows[ownField](ctx, client, e.OwnFields, nil) {
		switch {
		case errors.Is(err, bitrix24.ErrInsufficientScope), errors.Is(err, bitrix24.ErrMethodNotFound):
			return nil
		case err != nil:
			return err
		}
		if e.field(string(own.Name)) == nil {
			kind := ownKinds[string(own.Type)]
			e.Fields = append(e.Fields, Field{Name: string(own.Name), Kind: kind, Multiple: bool(own.Multiple), ReadOnly: kind == Picture})
		}
	}
	return nil
}

// loadTree reads the departments.
func loadTree(ctx context.Context, client *bitrix24.Client) (*tree, error) {
	t := newTree()
	for d, err := range bitrix24.Rows[bitrix24.Department](ctx, client, "department.get", nil) {
		if err != nil {
			return nil, err
		}
		t.add(int64(d.ID), string(d.Name), int64(d.Parent))
	}
	t.index()
	return t, nil
}
