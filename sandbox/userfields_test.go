package sandbox

import (
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/oint-go/oint/internal/phpquery"
)

func (p *portal) addField(kv ...any) int {
	p.tb.Helper()
	n, _ := p.ok("user.userfield.add", "fields", arr(kv...)).(json.Number)
	return int(intval(n.String()))
}

func TestUserfieldAddErrors(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.addField("FIELD_NAME", "BADGE", "USER_TYPE_ID", "string")
	tests := []struct {
		fields any
		want   string
	}{
		{nil, "400 : The 'FIELD_NAME' field is not found."},
		{arr(), "400 : The 'FIELD_NAME' field is not found."},
		{arr("FIELD_NAME", "", "USER_TYPE_ID", "string"), "400 : The 'FIELD_NAME' field is not found."},
		{arr("FIELD_NAME", "X"), "400 : The 'USER_TYPE_ID' field is not found."},
		{arr("FIELD_NAME", "X", "USER_TYPE_ID", ""), "400 ERROR_ARGUMENT: Argument 'USER_TYPE_ID' is null or empty"},
		{arr("FIELD_NAME", "X", "USER_TYPE_ID", "colour"), "400 ERROR_CORE: Fail to create new user field"},
		{arr("FIELD_NAME", "X-1", "USER_TYPE_ID", "string"), "400 ERROR_CORE: Fail to create new user field"},
		{arr("FIELD_NAME", fmt.Sprintf("X%050d", 1), "USER_TYPE_ID", "string"), "400 ERROR_CORE: Fail to create new user field"},
		{arr("FIELD_NAME", "UF_USR_BADGE", "USER_TYPE_ID", "string"), "400 ERROR_CORE: Field UF_USR_BADGE for USER object already exists"},
		{arr("FIELD_NAME", "uf_badge", "USER_TYPE_ID", "string"), "400 ERROR_CORE: Field UF_USR_BADGE for USER object already exists"},
		{arr("FIELD_NAME", "X", "USER_TYPE_ID", "string", "SORT", "first"), "400 ERROR_CORE: SORT: the value is not an integer"},
	}
	for _, tt := range tests {
		diff(t, describe(tt.fields), tt.want, p.refused("user.userfield.add", "fields", tt.fields))
	}
	for _, name := range []string{"user.userfield.update", "user.userfield.delete"} {
		diff(t, name, "400 : ID is not defined or invalid", p.refused(name))
		diff(t, name, "400 : ID is not defined or invalid", p.refused(name, "id", "abc"))
		diff(t, name, "400 : Access denied.", p.refused(name, "id", 99))
	}
	employee := p.as(principal{userID: 4, scopes: fullScopes})
	for _, name := range []string{"user.userfield.add", "user.userfield.update", "user.userfield.delete", "user.userfield.list"} {
		diff(t, name, "400 : Access denied.", employee.refused(name, "id", 1, "fields", arr("FIELD_NAME", "X", "USER_TYPE_ID", "string")))
	}
}

func TestUserfieldList(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.addField("FIELD_NAME", "SHIRT", "USER_TYPE_ID", "enumeration", "MULTIPLE", "Y", "SHOW_FILTER", "Y", "SETTINGS", arr("DISPLAY", "UI", "LIST_HEIGHT", 0),
		"LIST", list(arr("VALUE", "S", "XML_ID", "s"), arr("VALUE", "M", "DEF", "Y", "XML_ID", "m"), arr("VALUE", "")))
	p.addField("FIELD_NAME", "UF_PAY", "USER_TYPE_ID", "money", "SORT", 5, "XML_ID", "pay", "LABEL", "Pay")
	p.addField("FIELD_NAME", "UF_USR_SINCE", "USER_TYPE_ID", "date", "MANDATORY", "Y", "SHOW_IN_LIST", "N")
	p.addField("FIELD_NAME", "OWN", "USER_TYPE_ID", "rest_436278_test_type")
	p.addField("FIELD_NAME", "DEAL", "USER_TYPE_ID", "crm")
	rows := p.ok("user.userfield.list").([]any)
	diff(t, "list", any(map[string]any{
		"ID": "1", "ENTITY_ID": "USER", "FIELD_NAME": "UF_USR_SHIRT", "USER_TYPE_ID": "enumeration", "XML_ID": nil, "SORT": "100",
		"MULTIPLE": "Y", "MANDATORY": "N", "SHOW_FILTER": "E", "SHOW_IN_LIST": "Y", "EDIT_IN_LIST": "Y", "IS_SEARCHABLE": "N",
		"SETTINGS": map[string]any{"DISPLAY": "UI", "LIST_HEIGHT": json.Number("1"), "CAPTION_NO_VALUE": "", "SHOW_NO_VALUE": "Y"},
		"LIST": []any{
			map[string]any{"ID": "1", "SORT": "0", "VALUE": "S", "DEF": "N", "XML_ID": "s"},
			map[string]any{"ID": "2", "SORT": "100", "VALUE": "M", "DEF": "Y", "XML_ID": "m"},
		},
	}), rows[0])
	diff(t, "money", any(map[string]any{
		"ID": "2", "ENTITY_ID": "USER", "FIELD_NAME": "UF_USR_PAY", "USER_TYPE_ID": "money", "XML_ID": "pay", "SORT": "5",
		"MULTIPLE": "N", "MANDATORY": "N", "SHOW_FILTER": "N", "SHOW_IN_LIST": "Y", "EDIT_IN_LIST": "Y", "IS_SEARCHABLE": "N",
		"SETTINGS": map[string]any{"DEFAULT_VALUE": ""},
	}), rows[1])
	diff(t, "date", any(map[string]any{"DEFAULT_VALUE": map[string]any{"VALUE": "", "TYPE": "NONE"}}), rows[2].(map[string]any)["SETTINGS"])
	diff(t, "crm", any(map[string]any{"LEAD": "Y", "CONTACT": "N", "COMPANY": "N", "DEAL": "N"}), rows[4].(map[string]any)["SETTINGS"])
	tests := []struct {
		params []any
		want   []int
	}{
		{[]any{"order", arr("SORT", "asc", "ID", "desc")}, []int{2, 5, 4, 3, 1}},
		{[]any{"filter", arr("USER_TYPE_ID", "money")}, []int{2}},
		{[]any{"filter", arr("@USER_TYPE_ID", list("money", "date"))}, []int{2, 3}},
		{[]any{"filter", arr("MULTIPLE", "Y")}, []int{1}},
		{[]any{"filter", arr("!MANDATORY", "Y", "<=ID", 2)}, []int{1, 2}},
		{[]any{"filter", arr("%FIELD_NAME", "shi")}, []int{1}},
		{[]any{"filter", arr("SHOW_FILTER", "E")}, []int{1}},
		{[]any{"ID", 3}, []int{1, 2, 3, 4, 5}},
	}
	for _, tt := range tests {
		diff(t, describe(list(tt.params...)), tt.want, p.ids("user.userfield.list", tt.params...))
	}
}

func TestUserfieldUpdate(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.addField("FIELD_NAME", "A", "USER_TYPE_ID", "string", "SETTINGS", arr("ROWS", 3, "DEFAULT_VALUE", "x"))
	p.addField("FIELD_NAME", "B", "USER_TYPE_ID", "enumeration", "LIST", list(arr("VALUE", "one"), arr("VALUE", "two")))
	diff(t, "result", any(true), p.ok("user.userfield.update", "id", "1", "fields",
		arr("SORT", 7, "FIELD_NAME", "Z", "USER_TYPE_ID", "date", "MULTIPLE", "Y", "SETTINGS", arr("DEFAULT_VALUE", "y"), "IS_SEARCHABLE", "Y")))
	a := p.ok("user.userfield.list").([]any)[0].(map[string]any)
	for name, want := range map[string]any{
		"FIELD_NAME": "UF_USR_A", "USER_TYPE_ID": "string", "MULTIPLE": "N", "SORT": "7", "IS_SEARCHABLE": "Y",
		"SETTINGS": map[string]any{"DEFAULT_VALUE": "y", "ROWS": json.Number("3")},
	} {
		diff(t, name, want, a[name])
	}
	p.ok("user.userfield.update", "id", 2, "fields", arr("LIST", list(arr("ID", 1, "DEL", "Y"), arr("ID", 2, "VALUE", "TWO"), arr("VALUE", "three"))))
	b := p.ok("user.userfield.list", "filter", arr("ID", 2)).([]any)[0].(map[string]any)["LIST"].([]any)
	var got []string
	for _, o := range b {
		option := o.(map[string]any)
		got = append(got, option["ID"].(string)+" "+option["VALUE"].(string))
	}
	diff(t, "options", []string{"2 TWO", "3 three"}, got)
}

// TestUserfieldValues writes values of every type and reads them back.
func TestUserfieldValues(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	for _, typeID := range []string{"string", "integer", "double", "date", "datetime", "boolean", "enumeration", "url", "employee", "crm"} {
		options := list(arr("VALUE", "one"), arr("VALUE", "two"))
		p.addField("FIELD_NAME", typeID, "USER_TYPE_ID", typeID, "LIST", options)
		p.addField("FIELD_NAME", typeID+"s", "USER_TYPE_ID", typeID, "MULTIPLE", "Y", "LIST", options)
	}
	const refused = "refused"
	tests := []struct {
		field       string
		value, want any
	}{
		{"STRING", "text", "text"},
		{"STRING", "", ""},
		{"STRINGS", list("a", "", "b"), []any{"a", "b"}},
		{"STRINGS", "one", []any{"one"}},
		{"STRINGS", list(), []any{}},
		{"INTEGER", "12", number(12)},
		{"INTEGER", "12.5", refused},
		{"INTEGER", "x", refused},
		{"INTEGER", list(1, 2), refused},
		{"INTEGER", "", ""},
		{"INTEGERS", list(3, "4"), []any{number(3), number(4)}},
		{"INTEGERS", list(3, "x"), refused},
		{"DOUBLE", "2.345", json.Number("2.35")},
		{"DOUBLE", "-7", json.Number("-7")},
		{"DOUBLE", "NaN", refused},
		{"DATE", "24.12.2024", "2024-12-24T00:00:00+00:00"},
		{"DATE", "tomorrow", refused},
		{"DATETIME", "2024-12-24T10:00:00+03:00", "2024-12-24T07:00:00+00:00"},
		{"BOOLEAN", "Y", number(1)},
		{"BOOLEAN", 0, number(0)},
		{"ENUMERATION", 1, number(1)},
		{"ENUMERATION", 77, refused},
		{"EMPLOYEE", 5, number(5)},
		{"EMPLOYEE", 4711, refused},
		{"CRM", "D_1", "D_1"},
		{"URL", "https://example.org/?a=1&b=2", "https://example.org/?a=1&b=2"},
	}
	for _, tt := range tests {
		name := "UF_USR_" + tt.field
		what := tt.field + " " + describe(tt.value)
		if tt.want == refused {
			before := p.user(4)
			if got := p.refused("user.update", "ID", 4, "NAME", "lost", name, tt.value); got[:15] != "400 ERROR_CORE:" {
				t.Errorf("%s: %s", what, got)
			}
			diff(t, what+" keeps the profile", before, p.user(4))
			continue
		}
		p.ok("user.update", "ID", 4, name, tt.value)
		diff(t, what, tt.want, p.user(4)[name])
	}
	diff(t, "never set", any(""), p.user(5)["UF_USR_STRING"])
	diff(t, "never set, multiple", any([]any{}), p.user(5)["UF_USR_STRINGS"])

	p.ok("user.update", "ID", 4, "UF_USR_INTEGER", 12, "UF_USR_STRINGS", list("Red", "Blue"))
	p.ok("user.update", "ID", 5, "UF_USR_INTEGER", 20, "UF_USR_STRINGS", "red")
	filters := []struct {
		key   string
		value any
		want  []int
	}{
		{"UF_USR_INTEGER", 12, []int{4}},
		{">UF_USR_INTEGER", 11, []int{4, 5}},
		{"UF_USR_STRINGS", "red", []int{4, 5}},
		{"%UF_USR_STRINGS", "lu", []int{4}},
		{"=%UF_USR_STRINGS", "%ue", []int{4}},
		{"!UF_USR_STRINGS", "", []int{4, 5}},
	}
	for _, tt := range filters {
		diff(t, tt.key+" "+describe(tt.value), tt.want, p.ids("user.get", tt.key, tt.value))
	}
	diff(t, "sorted", []int{5, 4}, p.ids("user.get", "sort", "UF_USR_INTEGER", "order", "DESC", ">UF_USR_INTEGER", 0))
}

func TestUserfieldMandatory(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.addField("FIELD_NAME", "BADGE", "USER_TYPE_ID", "integer", "MANDATORY", "Y")
	want := "400 ERROR_CORE: UF_USR_BADGE: the field is mandatory"
	diff(t, "add", want, p.refused("user.add", "EMAIL", "new@example.org", "UF_DEPARTMENT", 1))
	diff(t, "emptied", want, p.refused("user.update", "ID", 4, "UF_USR_BADGE", ""))
	p.ok("user.update", "ID", 4, "NAME", "x")
	p.ok("user.add", "EMAIL", "new@example.org", "UF_DEPARTMENT", 1, "UF_USR_BADGE", 7)
}

// TestUserfieldDelete begins empty when a field is made anew under its old name.
func TestUserfieldDelete(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	id := p.addField("FIELD_NAME", "BADGE", "USER_TYPE_ID", "string")
	p.ok("user.update", "ID", 4, "UF_USR_BADGE", "B-4")
	diff(t, "result", any(true), p.ok("user.userfield.delete", "id", id))
	if v, ok := p.user(4)["UF_USR_BADGE"]; ok {
		t.Errorf("the deleted field still shows %v", v)
	}
	if got := p.ids("user.get", "UF_USR_BADGE", "B-4"); len(got) != companyUsers {
		t.Errorf("the deleted field still filters: %v", got)
	}
	p.addField("FIELD_NAME", "BADGE", "USER_TYPE_ID", "string")
	diff(t, "anew", any(""), p.user(4)["UF_USR_BADGE"])
}

func TestUserfieldFile(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.addField("FIELD_NAME", "CV", "USER_TYPE_ID", "file")
	p.addField("FIELD_NAME", "SCANS", "USER_TYPE_ID", "file", "MULTIPLE", "Y")
	cv, scan := []byte("%PDF-1.4 cv"), []byte("scan")
	p.ok("user.update", "ID", 4, "UF_USR_CV", list("cv.pdf", base64.StdEncoding.EncodeToString(cv)), "UF_USR_SCANS", list(
		list("one.txt", base64.StdEncoding.EncodeToString(scan)), list("bad.txt", "***")))
	u := p.user(4)
	shown := u["UF_USR_CV"].(map[string]any)
	data := shown["downloadData"].(map[string]any)
	diff(t, "field", any("UF_USR_CV"), data["field"])
	diff(t, "user", any(number(4)), data["id"])
	r, err := p.run("user.userfield.file.get", arr("id", data["id"], "field", data["field"], "value", data["value"]))
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "content", cv, p.bytes(r.file))
	diff(t, "name", "cv.pdf", r.file.name)
	if scans := u["UF_USR_SCANS"].([]any); len(scans) != 1 {
		t.Errorf("scans: %v", scans)
	}
	for _, wrong := range [][]any{
		{"id", 4, "field", "UF_USR_CV", "value", 99},
		{"id", 5, "field", "UF_USR_CV", "value", data["value"]},
		{"id", 4, "field", "UF_USR_SCANS", "value", data["value"]},
		{"id", 4711, "field", "UF_USR_CV", "value", data["value"]},
		{},
	} {
		diff(t, describe(list(wrong...)), "400 : Access denied.", p.refused("user.userfield.file.get", wrong...))
	}
}

func TestUserfieldLimit(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	err := p.sb.store.write(t.Context(), func(tx *sql.Tx) error {
		for i := 1; i < maxUserfields; i++ {
			doc := document{"FIELD_NAME": fmt.Sprintf("UF_USR_F%d", i), "USER_TYPE_ID": "string"}
			if _, err := userfieldEntity.insert(t.Context(), tx, doc); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	p.addField("FIELD_NAME", "LAST", "USER_TYPE_ID", "string")
	diff(t, "one more", "500 INTERNAL_SERVER_ERROR: Internal server error",
		p.refused("user.userfield.add", "fields", arr("FIELD_NAME", "MORE", "USER_TYPE_ID", "string")))
	if got := len(p.ids("user.userfield.list")); got != maxUserfields {
		t.Errorf("%d fields listed", got)
	}
	r, err := p.run("user.userfield.list", arr("start", 1000))
	if err != nil || r.value.(*phpquery.Array).Len() != 16 {
		t.Errorf("last page: %v, %v", r.value, err)
	}
}
