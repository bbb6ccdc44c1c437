package sync

import (
	"errors"
	"slices"
	"strings"

	"github.com/oint-go/oint/internal/table"
)

// Precheck finds what is wrong with the options and the table of a plan without
// asking the portal, for a plan that is made later. A field of the portal's own,
// UF_…, is taken for one that exists.
func Precheck(entity Entity, o PlanOptions) (err error) {
	mapped, err := readMapping(o.Map)
	if err != nil {
		return err
	}
	if err := entity.dismisses(o); err != nil {
		return err
	}
	reader, err := table.Open(o.From, table.Options{Sheet: o.Sheet, Stdin: o.Stdin})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	names := reader.Columns()
	entity.suppose(o.Key)
	for _, name := range names {
		if target, ok := mapped.Columns[name]; ok {
			entity.suppose(target)
		} else {
			entity.suppose(name)
		}
	}
	key, err := entity.keyField(o.Key)
	if err != nil {
		return err
	}
	columns, _, err := entity.columns(names, mapped, key.Name)
	if err != nil {
		return err
	}
	if _, err := entity.hierarchy(o.Manager, columns); err != nil {
		return err
	}
	_, err = readTable(o.From, reader, nil)
	return err
}

// PrecheckExport finds what is wrong with the options of an export without asking
// the portal.
func PrecheckExport(entity Entity, o ExportOptions) error {
	if err := entity.checkFilter(o.Filter); err != nil {
		return err
	}
	for _, name := range o.Select {
		entity.suppose(name)
	}
	_, err := entity.exported(o)
	return err
}

// dismisses tells whether the entity can be dismissed, where that is wanted.
func (e *Entity) dismisses(o PlanOptions) error {
	if o.DismissMissing && e.Active == "" {
		return inputErrorf("", "--dismiss-missing: %s cannot be dismissed", e.Name)
	}
	return nil
}

// suppose adds a field that only the portal knows.
func (e *Entity) suppose(name string) {
	name = strings.ToUpper(strings.TrimSpace(name))
	if e.OwnFields != "" && strings.HasPrefix(name, "UF_") && e.field(name) == nil {
		e.Fields = append(slices.Clip(e.Fields), Field{Name: name, supposed: true})
	}
}
