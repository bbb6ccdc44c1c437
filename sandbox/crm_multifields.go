package sandbox

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// crmTables holds the last id that a phone number, address … was given: they are
// numbered across all items.
const crmTables = `CREATE TABLE IF NOT EXISTS data_crm_multifield (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER NOT NULL);
`

// multifieldTypes are the fields with several values and the kinds that each
// knows; the first is that of a value that names none.
//
// https://apidocs.bitrix24.com/api-reference/crm/data-types.html
var multifieldTypes = map[string][]string{
	"PHONE": strings.Fields("WORK MOBILE FAX HOME PAGER MAILING OTHER"),
	"EMAIL": strings.Fields("WORK HOME MAILING OTHER"),
	"WEB":   strings.Fields("WORK HOME VK LIVEJOURNAL TWITTER OTHER"),
	"IM":    strings.Fields("OTHER TELEGRAM VK SKYPE VIBER BITRIX24 OPENLINE IMOL ICQ MSN JABBER"),
	"LINK":  strings.Fields("USER"),
}

// writeMultifields writes the fields with several values: an element without ID
// is added, one with ID changes that value, or removes it with DELETE=Y or an
// empty VALUE; values that are not mentioned stay.
func writeMultifields(ctx context.Context, tx *sql.Tx, e *entity, doc document, params *phpquery.Array) error {
	for name, v := range params.All() {
		f, ok := e.field(name)
		given, list := v.(*phpquery.Array)
		if !ok || !list {
			continue
		}
		values, err := changedMultifields(ctx, tx, f.name, doc[f.key()], given)
		if err != nil {
			return err
		}
		// Without values the field is not answered at all.
		delete(doc, f.key())
		if len(values) > 0 {
			doc[f.key()] = values
		}
	}
	return nil
}

func changedMultifields(ctx context.Context, tx *sql.Tx, typeID string, before any, given *phpquery.Array) ([]any, error) {
	stored, _ := before.([]any)
	values := slices.Clone(stored)
	for _, v := range given.All() {
		fields, ok := v.(*phpquery.Array)
		if !ok {
			continue
		}
		id, value, valueType := readMultifield(fields)
		if id == 0 {
			if value == "" {
				continue
			}
			next, err := nextMultifield(ctx, tx)
			if err != nil {
				return nil, err
			}
			values = append(values, multifield(next, typeID, knownType(typeID, valueType, multifieldTypes[typeID][0]), value))
			continue
		}
		at := slices.IndexFunc(values, func(m any) bool { return intOf(m.(map[string]any)["ID"]) == id })
		if at < 0 {
			continue
		}
		old := values[at].(map[string]any)
		deleted, _ := fields.GetFold("DELETE")
		_, valued := fields.GetFold("VALUE")
		switch {
		case isYes(deleted), valued && value == "":
			values = slices.Delete(values, at, at+1)
		default:
			if !valued {
				value = phpquery.Text(old["VALUE"])
			}
			values[at] = multifield(id, typeID, knownType(typeID, valueType, phpquery.Text(old["VALUE_TYPE"])), value)
		}
	}
	return values, nil
}

func readMultifield(fields *phpquery.Array) (id int64, value, valueType string) {
	given, _ := fields.GetFold("ID")
	id = max(0, intval(phpquery.Text(given)))
	given, _ = fields.GetFold("VALUE")
	value = strings.TrimSpace(clean(phpquery.Text(given)))
	given, _ = fields.GetFold("VALUE_TYPE")
	return id, value, strings.ToUpper(phpquery.Text(given))
}

// knownType is the given kind of value, or the other one when a field has none
// of that name.
func knownType(typeID, valueType, other string) string {
	if slices.Contains(multifieldTypes[typeID], valueType) {
		return valueType
	}
	return other
}

func nextMultifield(ctx context.Context, tx *sql.Tx) (id int64, err error) {
	const next = "INSERT INTO data_crm_multifield VALUES (1, 1) ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last"
	if err := tx.QueryRowContext(ctx, next).Scan(&id); err != nil {
		return 0, fmt.Errorf("number a multifield: %w", err)
	}
	return id, nil
}

// deriveContacts tells which kinds of contact data an item has.
func deriveContacts(doc document) {
	doc["HAS_PHONE"] = doc["PHONE"] != nil
	doc["HAS_EMAIL"] = doc["EMAIL"] != nil
	chats, _ := doc["IM"].([]any)
	doc["HAS_IMOL"] = slices.ContainsFunc(chats, func(m any) bool {
		return strings.HasPrefix(phpquery.Text(m.(map[string]any)["VALUE"]), "imol|")
	})
}
