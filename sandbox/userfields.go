package sandbox

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/oint-go/oint/internal/phpquery"
)

// userfieldPrefix begins the names of user-defined fields of the profile.
const userfieldPrefix = "UF_USR_"

// maxUserfields is how many user-defined fields a portal can have.
const maxUserfields = 1016

// userfieldEntity is a user-defined field of the profile, in the shape of
// [user.userfield.list].
//
// [user.userfield.list]: https://apidocs.bitrix24.com/api-reference/user/userfields/user-userfield-list.html
var userfieldEntity = &entity{
	name: "userfield",
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "ENTITY_ID", kind: textKind, readOnly: true, always: true},
		{name: "FIELD_NAME", kind: textKind, readOnly: true, always: true},
		{name: "USER_TYPE_ID", kind: textKind, readOnly: true, always: true},
		{name: "XML_ID", kind: textKind, max: 255, always: true, null: true},
		{name: "SORT", kind: idKind, always: true},
		{name: "MULTIPLE", kind: letterKind, readOnly: true, always: true},
		{name: "MANDATORY", kind: letterKind, always: true},
		{name: "SHOW_FILTER", kind: filterKind, always: true},
		{name: "SHOW_IN_LIST", kind: letterKind, always: true},
		{name: "EDIT_IN_LIST", kind: letterKind, always: true},
		{name: "IS_SEARCHABLE", kind: letterKind, always: true},
		{name: "SETTINGS", kind: treeKind, readOnly: true, always: true},
		{name: "LIST", kind: optionKind, multiple: true, readOnly: true},
	},
}

// filterKind is SHOW_FILTER: Y means a filter by mask, which answers call E.
var filterKind = kind{take: takeShowFilter, show: showAsIs, key: keyText, parse: parseText}

// optionKind is one value of a list field.
var optionKind = kind{show: showOption, key: func(any) any { return nil }, parse: parseText}

func userfieldMethods() []method {
	scope := []string{"user.userfield"}
	return []method{
		{name: "user.userfield.list", scopes: scope, run: userfieldList},
		{name: "user.userfield.add", scopes: scope, run: userfieldAdd},
		{name: "user.userfield.update", scopes: scope, run: userfieldUpdate},
		{name: "user.userfield.delete", scopes: scope, run: userfieldDelete},
		{name: "user.userfield.file.get", scopes: scope, run: userfieldFile},
	}
}

func errFieldDenied() error { return badRequest("", "Access denied.") }

func userfieldList(c *call) (result, error) {
	if !c.who.admin {
		return result{}, errFieldDenied()
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		return listing{entity: userfieldEntity, filter: "filter"}.run(c, tx)
	})
}

// userfieldAdd creates a field and answers its id.
//
// https://apidocs.bitrix24.com/api-reference/user/userfields/user-userfield-add.html
func userfieldAdd(c *call) (result, error) {
	if !c.who.admin {
		return result{}, errFieldDenied()
	}
	fields := c.nested("fields")
	name, typeID, err := newUserfield(fields)
	if err != nil {
		return result{}, err
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		others, err := userfieldEntity.all(c.ctx, tx, always)
		if err != nil {
			return result{}, err
		}
		if len(others) >= maxUserfields {
			return result{}, errInternal
		}
		if slices.ContainsFunc(others, func(r row) bool { return r.doc["FIELD_NAME"] == name }) {
			return result{}, badRequest("ERROR_CORE", "Field "+name+" for USER object already exists")
		}
		multiple, _ := fields.GetFold("MULTIPLE")
		doc := document{
			"ENTITY_ID": "USER", "FIELD_NAME": name, "USER_TYPE_ID": typeID, "SORT": number(100),
			"MULTIPLE": isYes(multiple), "MANDATORY": false, "SHOW_FILTER": "N",
			"SHOW_IN_LIST": true, "EDIT_IN_LIST": true, "IS_SEARCHABLE": false,
		}
		if err := writeUserfield(c, tx, doc, fields, others); err != nil {
			return result{}, err
		}
		id, err := userfieldEntity.insert(c.ctx, tx, doc)
		return result{value: number(id)}, err
	})
}

func userfieldUpdate(c *call) (result, error) {
	return c.changingUserfield(func(tx *sql.Tx, id int64, before document) error {
		others, err := userfieldEntity.all(c.ctx, tx, always)
		if err != nil {
			return err
		}
		after := before.clone()
		if err := writeUserfield(c, tx, after, c.nested("fields"), others); err != nil {
			return err
		}
		return userfieldEntity.update(c.ctx, tx, id, before, after)
	})
}

// userfieldDelete deletes a field. Its values stay in the stored profiles under
// its id, where nothing finds them any more.
func userfieldDelete(c *call) (result, error) {
	return c.changingUserfield(func(tx *sql.Tx, id int64, _ document) error {
		return userfieldEntity.remove(c.ctx, tx, id)
	})
}

// changingUserfield runs a change of the field that id names.
func (c *call) changingUserfield(change func(*sql.Tx, int64, document) error) (result, error) {
	if !c.who.admin {
		return result{}, errFieldDenied()
	}
	id := c.id("id")
	if id <= 0 {
		return result{}, badRequest("", "ID is not defined or invalid")
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		doc, err := userfieldEntity.found(c.ctx, tx, id, errFieldDenied())
		if err != nil {
			return result{}, err
		}
		return result{value: true}, change(tx, id, doc)
	})
}

// userfieldFile answers the file in a user-defined field as it is.
func userfieldFile(c *call) (result, error) {
	given, _ := c.params.GetFold("field")
	user, _ := c.params.GetFold("id")
	value, _ := c.params.GetFold("value")
	return c.reading(func(tx *sql.Tx) (result, error) {
		own, err := userDefinedFields(c.ctx, tx)
		if err != nil {
			return result{}, err
		}
		doc, err := userEntity.find(c.ctx, tx, intval(phpquery.Text(user)))
		if err != nil {
			return result{}, err
		}
		wanted := intval(phpquery.Text(value))
		for _, f := range own {
			if !strings.EqualFold(f.name, phpquery.Text(given)) {
				continue
			}
			for _, stored := range listOf(doc[f.key()]) {
				if id, _ := fileOf(stored); id == wanted && id != 0 {
					found, err := findFile(c.ctx, tx, id)
					return result{file: found}, err
				}
			}
		}
		return result{}, errFieldDenied()
	})
}

// nested is a parameter that holds more of them; empty when there is none.
func (c *call) nested(name string) *phpquery.Array {
	v, _ := c.params.GetFold(name)
	a, ok := v.(*phpquery.Array)
	if !ok {
		return phpquery.NewArray()
	}
	return a
}

var fieldCode = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Z0-9_]{1,50}$`)
})

// newUserfield checks the name and the type of a field to be made.
func newUserfield(fields *phpquery.Array) (name, typeID string, err error) {
	given, _ := fields.GetFold("FIELD_NAME")
	name = strings.ToUpper(strings.TrimSpace(phpquery.Text(given)))
	if name == "" {
		return "", "", badRequest("", "The 'FIELD_NAME' field is not found.")
	}
	if !strings.HasPrefix(name, userfieldPrefix) {
		name = userfieldPrefix + strings.TrimPrefix(name, "UF_")
	}
	given, ok := fields.GetFold("USER_TYPE_ID")
	typeID = phpquery.Text(given)
	if !ok {
		return "", "", badRequest("", "The 'USER_TYPE_ID' field is not found.")
	}
	if typeID == "" {
		return "", "", badRequest("ERROR_ARGUMENT", "Argument 'USER_TYPE_ID' is null or empty")
	}
	if _, known := userTypes[typeID]; !known && !appType().MatchString(typeID) || !fieldCode().MatchString(name) {
		return "", "", badRequest("ERROR_CORE", "Fail to create new user field")
	}
	return name, typeID, nil
}

// writeUserfield writes the parameters into the document of a field.
func writeUserfield(c *call, tx *sql.Tx, doc document, fields *phpquery.Array, others []row) error {
	err := userfieldEntity.assign(c.ctx, tx, doc, fields)
	var wrong *valueError
	if errors.As(err, &wrong) {
		return badRequest("ERROR_CORE", wrong.Error())
	}
	if err != nil {
		return err
	}
	typeID := phpquery.Text(doc["USER_TYPE_ID"])
	if given, ok := fields.GetFold("SETTINGS"); ok || doc["SETTINGS"] == nil {
		settings, _ := given.(*phpquery.Array)
		before, _ := wire(doc["SETTINGS"]).(*phpquery.Array)
		doc["SETTINGS"] = plain(settingsOf(typeID, settings, before))
	}
	if typeID != "enumeration" {
		return nil
	}
	given, _ := fields.GetFold("LIST")
	list, _ := given.(*phpquery.Array)
	doc["LIST"] = writeOptions(doc["LIST"], list, others)
	return nil
}

func isYes(v any) bool {
	yes, err := takeFlag(v)
	return err == nil && yes == true
}

func takeShowFilter(v any) (any, error) {
	switch s := strings.ToUpper(phpquery.Text(v)); s {
	case "N", "I", "E", "S":
		return s, nil
	default:
		if isYes(v) {
			return "E", nil
		}
		return "N", nil
	}
}

// writeOptions changes the values of a list field: one with a known ID is
// changed, or removed with DEL=Y; one without is added.
func writeOptions(before any, given *phpquery.Array, others []row) []any {
	list := []any{}
	for _, v := range listOf(before) {
		if v != nil {
			list = append(list, v)
		}
	}
	next := int64(1)
	for _, r := range others {
		for _, v := range listOf(r.doc["LIST"]) {
			next = max(next, intOf(optionOf(v)["ID"])+1)
		}
	}
	for _, v := range given.All() {
		fields, ok := v.(*phpquery.Array)
		if !ok {
			continue
		}
		idText, _ := fields.GetFold("ID")
		id := intval(phpquery.Text(idText))
		at := slices.IndexFunc(list, func(o any) bool { return intOf(optionOf(o)["ID"]) == id })
		remove, _ := fields.GetFold("DEL")
		switch {
		case at >= 0 && isYes(remove):
			list = slices.Delete(list, at, at+1)
		case at >= 0:
			list[at] = writeOption(optionOf(list[at]), fields)
		default:
			option := writeOption(map[string]any{"ID": number(next), "SORT": number(int64(len(list)) * 100), "DEF": false}, fields)
			if option["VALUE"] != nil && option["VALUE"] != "" {
				list = append(list, option)
				next++
			}
		}
	}
	return list
}

func optionOf(stored any) map[string]any {
	option, _ := stored.(map[string]any)
	return option
}

func writeOption(option map[string]any, fields *phpquery.Array) map[string]any {
	changed := map[string]any(document(option).clone())
	if v, ok := fields.GetFold("VALUE"); ok {
		changed["VALUE"] = clean(phpquery.Text(v))
	}
	if v, ok := fields.GetFold("SORT"); ok {
		changed["SORT"] = number(intval(phpquery.Text(v)))
	}
	if v, ok := fields.GetFold("DEF"); ok {
		changed["DEF"] = isYes(v)
	}
	if v, ok := fields.GetFold("XML_ID"); ok {
		changed["XML_ID"] = clean(phpquery.Text(v))
	} else if changed["XML_ID"] == nil {
		sum := sha256.Sum256([]byte(phpquery.Text(changed["ID"]) + phpquery.Text(changed["VALUE"])))
		changed["XML_ID"] = hex.EncodeToString(sum[:16])
	}
	return changed
}

func showOption(_ showing, stored any) any {
	option := optionOf(stored)
	a := phpquery.NewArray()
	a.Set("ID", phpquery.Text(option["ID"]))
	a.Set("SORT", phpquery.Text(option["SORT"]))
	a.Set("VALUE", phpquery.Text(option["VALUE"]))
	a.Set("DEF", showLetter(showing{}, option["DEF"]))
	a.Set("XML_ID", phpquery.Text(option["XML_ID"]))
	return a
}

// userDefinedFields describes the user-defined fields as fields of a user. Each
// has a place of its own in the document, named after its id, so that a field
// made anew under an old name begins empty.
func userDefinedFields(ctx context.Context, tx *sql.Tx) ([]field, error) {
	rows, err := userfieldEntity.all(ctx, tx, always)
	if err != nil {
		return nil, err
	}
	fields := make([]field, 0, len(rows))
	for _, r := range rows {
		fields = append(fields, userDefinedField(r))
	}
	return fields, nil
}

// userDefinedField describes one user-defined field.
func userDefinedField(r row) field {
	f := field{
		name: phpquery.Text(r.doc["FIELD_NAME"]), slot: "uf" + strconv.FormatInt(r.id, 10), always: true,
		multiple: r.doc["MULTIPLE"] == true, mandatory: r.doc["MANDATORY"] == true,
		kind: textKind,
	}
	if t, ok := userTypes[phpquery.Text(r.doc["USER_TYPE_ID"])]; ok {
		f.kind, f.ref = t.kind, t.ref
	}
	switch phpquery.Text(r.doc["USER_TYPE_ID"]) {
	case "enumeration":
		f.kind.take = takeOption(listOf(r.doc["LIST"]))
	case "double":
		settings, _ := wire(r.doc["SETTINGS"]).(*phpquery.Array)
		precision, _ := settings.Get("PRECISION")
		f.kind.take = takeRounded(intval(phpquery.Text(precision)))
	}
	return f
}

// takeOption accepts the ids of the list's values.
func takeOption(options []any) func(any) (any, error) {
	return func(v any) (any, error) {
		stored, err := takeInteger(v)
		if stored == nil || err != nil {
			return stored, err
		}
		if slices.ContainsFunc(options, func(o any) bool { return optionOf(o)["ID"] == stored }) {
			return stored, nil
		}
		return nil, &valueError{problem: fmt.Sprintf("the list has no value %v", stored)}
	}
}

// takeRounded keeps as many decimals as the field's PRECISION says.
func takeRounded(decimals int64) func(any) (any, error) {
	return func(v any) (any, error) {
		stored, err := takeDouble(v)
		if stored == nil || err != nil {
			return stored, err
		}
		scale := math.Pow10(int(min(decimals, 12)))
		x, _ := keyDouble(stored).(float64)
		if rounded := math.Round(x*scale) / scale; !math.IsInf(rounded, 0) {
			x = rounded
		}
		return takeDouble(strconv.FormatFloat(x, 'f', -1, 64))
	}
}
