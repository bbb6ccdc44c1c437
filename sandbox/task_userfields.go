package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// taskUserfieldEntity is a user-defined field of tasks, in the shape of
// [task.item.userfield.get]; the list leaves the labels out.
//
// [task.item.userfield.get]: https://apidocs.bitrix24.com/api-reference/tasks/user-field/task-item-user-field-get.html
var taskUserfieldEntity = &entity{
	name: "task_userfield",
	fields: append(taskUserfieldHead(),
		field{name: "EDIT_FORM_LABEL", kind: treeKind, readOnly: true, always: true, asked: true},
		field{name: "LIST_COLUMN_LABEL", kind: treeKind, readOnly: true, always: true, asked: true},
		field{name: "LIST_FILTER_LABEL", kind: treeKind, readOnly: true, always: true, asked: true},
		field{name: "ERROR_MESSAGE", kind: treeKind, readOnly: true, always: true, asked: true},
		field{name: "HELP_MESSAGE", kind: treeKind, readOnly: true, always: true, asked: true},
		field{name: "LIST", kind: optionKind, multiple: true, readOnly: true},
	),
}

// taskUserfieldHead are the fields that profiles' own fields have too. There an
// external code that was never set is null, here it is empty.
func taskUserfieldHead() []field {
	fields := slices.DeleteFunc(slices.Clone(userfieldEntity.fields), func(f field) bool { return f.name == "LIST" })
	for i := range fields {
		fields[i].null = false
	}
	return fields
}

// taskUserfieldLabels are the texts of a field by language. LABEL is all of them
// that are not given.
var taskUserfieldLabels = []string{"EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL", "ERROR_MESSAGE", "HELP_MESSAGE"}

// portalLanguages are the languages of labels.
var portalLanguages = []string{"de", "en", "es", "fr", "ru"}

// The methods read their parameters by their places.
func taskUserfieldMethods() []method {
	return []method{
		{name: "task.item.userfield.getlist", scopes: taskScopes, positional: []string{"ORDER", "FILTER"}, run: taskUserfieldList},
		{name: "task.item.userfield.get", scopes: taskScopes, positional: []string{"ID"}, run: taskUserfieldGet},
		{name: "task.item.userfield.add", scopes: taskScopes, positional: []string{"PARAMS"}, run: taskUserfieldAdd},
		{name: "task.item.userfield.update", scopes: taskScopes, positional: []string{"ID", "DATA"}, run: taskUserfieldUpdate},
		{name: "task.item.userfield.delete", scopes: taskScopes, positional: []string{"ID"}, run: taskUserfieldDelete},
	}
}

// seedTaskUserfields adds the fields of the system itself and one of the company.
func seedTaskUserfields(ctx context.Context, tx *sql.Tx) error {
	for _, s := range []struct {
		name, kind, code string
		multiple, shown  bool
		settings         *phpquery.Array
	}{
		{"UF_CRM_TASK", "crm", "", true, false, settingsOfNames("LEAD", "Y", "CONTACT", "Y", "COMPANY", "Y", "DEAL", "Y")},
		{"UF_MAIL_MESSAGE", "mail_message", "", false, false, phpquery.NewArray()},
		{"UF_TASK_WEBDAV_FILES", "disk_file", "TASK_WEBDAV_FILES", true, true, settingsOfNames("IBLOCK_ID", number(0), "SECTION_ID", number(0), "UF_TO_SAVE_ALLOW_EDIT", "")},
	} {
		doc := newTaskUserfield(s.name, s.kind)
		doc["XML_ID"], doc["MULTIPLE"], doc["SETTINGS"] = s.code, s.multiple, plain(s.settings)
		doc["SHOW_IN_LIST"], doc["EDIT_IN_LIST"], doc["IS_SEARCHABLE"] = s.shown, s.shown, s.shown
		labelUserfield(doc, phpquery.NewArray())
		if _, err := taskUserfieldEntity.insert(ctx, tx, doc); err != nil {
			return err
		}
	}
	doc := newTaskUserfield("UF_TASK_CUSTOMER", "string")
	doc["SETTINGS"] = plain(taskUserfieldSettings("string", nil, nil))
	labelUserfield(doc, settingsOfNames("LABEL", "Customer"))
	_, err := taskUserfieldEntity.insert(ctx, tx, doc)
	return err
}

func settingsOfNames(pairs ...any) *phpquery.Array {
	a := phpquery.NewArray()
	for i := 0; i < len(pairs); i += 2 {
		a.Set(phpquery.Text(pairs[i]), pairs[i+1])
	}
	return a
}

func newTaskUserfield(name, kind string) document {
	return document{
		"ENTITY_ID": "TASKS_TASK", "FIELD_NAME": name, "USER_TYPE_ID": kind, "XML_ID": "", "SORT": number(100),
		"MULTIPLE": false, "MANDATORY": false, "SHOW_FILTER": "N", "SHOW_IN_LIST": true, "EDIT_IN_LIST": true, "IS_SEARCHABLE": false,
	}
}

func taskUserfieldList(c *call) (result, error) {
	return c.reading(func(tx *sql.Tx) (result, error) {
		answer, err := listing{entity: taskUserfieldEntity, filter: "FILTER", whole: true}.run(c, tx)
		answer.total = new(int64) // the portal does not count them
		return answer, err
	})
}

func taskUserfieldGet(c *call) (result, error) {
	if _, given := c.params.GetFold("ID"); !given {
		return result{}, badRequest("ERROR_CORE", "No parameters found.")
	}
	id, err := c.taskUserfieldID()
	if err != nil {
		return result{}, err
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		doc, err := taskUserfieldEntity.found(c.ctx, tx, id, errNoTaskUserfield(id))
		if err != nil {
			return result{}, err
		}
		params := phpquery.NewArray()
		params.Set("select", phpquery.List(append([]any{"*"}, texts(taskUserfieldLabels)...)...))
		fields := listing{entity: taskUserfieldEntity, selects: true}.selected(params)
		return result{value: taskUserfieldEntity.show(c, row{id, doc}, fields), total: new(int64)}, nil
	})
}

func texts(names []string) []any {
	list := make([]any, len(names))
	for i, name := range names {
		list[i] = name
	}
	return list
}

// The portal's own words for what these methods refuse.
func errNoTaskUserfield(id int64) error {
	return badRequest("ERROR_NOT_FOUND", "The entity with ID '"+strconv.FormatInt(id, 10)+"' is not found.")
}

func errTaskUserfieldArguments(method string) error {
	return badRequest("ERROR_CORE", `TASKS_ERROR_EXCEPTION_#0; Invalid arguments for Bitrix\Tasks\Integration\Rest\Task\UserField::`+method+"; 0/TE")
}

func errTaskUserfieldDenied() error { return badRequest("ERROR_CORE", "Access denied.") }

func (c *call) taskUserfieldID() (int64, error) {
	id, err := strconv.ParseInt(c.text("ID"), 10, 64)
	if err != nil || id <= 0 {
		return 0, badRequest("ERROR_CORE", "ID is not defined or invalid.")
	}
	return id, nil
}

// taskUserfieldAdd creates a field and answers its id.
//
// https://apidocs.bitrix24.com/api-reference/tasks/user-field/task-item-user-field-add.html
func taskUserfieldAdd(c *call) (result, error) {
	if !c.who.admin {
		return result{}, errTaskUserfieldDenied()
	}
	params := c.nested("PARAMS")
	name, kind, err := newTaskUserfieldName(params)
	if err != nil {
		return result{}, err
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		others, err := taskUserfieldEntity.all(c.ctx, tx, always)
		if err != nil {
			return result{}, err
		}
		if slices.ContainsFunc(others, func(r row) bool { return r.doc["FIELD_NAME"] == name }) {
			return result{}, badRequest("ERROR_CORE", "The field "+name+" for the object TASKS_TASK already exists.")
		}
		doc := newTaskUserfield(name, kind)
		if err := writeTaskUserfield(c, tx, doc, params, others); err != nil {
			return result{}, err
		}
		id, err := taskUserfieldEntity.insert(c.ctx, tx, doc)
		return result{value: number(id), record: id}, err
	})
}

// newTaskUserfieldName checks the name and the type of a field to be made.
func newTaskUserfieldName(params *phpquery.Array) (name, kind string, err error) {
	given, _ := params.GetFold("USER_TYPE_ID")
	if kind = phpquery.Text(given); kind == "" {
		return "", "", badRequest("ERROR_CORE", "The 'USER_TYPE_ID' field is not found.")
	}
	if _, known := userTypes[kind]; !known {
		return "", "", badRequest("ERROR_CORE", "Invalid user type specified.")
	}
	given, _ = params.GetFold("FIELD_NAME")
	if name = strings.ToUpper(strings.TrimSpace(phpquery.Text(given))); name == "" {
		return "", "", badRequest("ERROR_CORE", "The 'FIELD_NAME' field is not found.")
	}
	if !strings.HasPrefix(name, "UF_") {
		name = "UF_" + name
	}
	if _, system := taskEntity.field(name); system || !fieldCode().MatchString(name) {
		return "", "", badRequest("ERROR_CORE", "Fail to create new user field")
	}
	return name, kind, nil
}

func taskUserfieldUpdate(c *call) (result, error) {
	if c.params.Len() < 2 {
		return result{}, errTaskUserfieldArguments("update")
	}
	return c.changingTaskUserfield(func(tx *sql.Tx, id int64, before document) error {
		others, err := taskUserfieldEntity.all(c.ctx, tx, always)
		if err != nil {
			return err
		}
		after := before.clone()
		if err := writeTaskUserfield(c, tx, after, c.nested("DATA"), others); err != nil {
			return err
		}
		return taskUserfieldEntity.update(c.ctx, tx, id, before, after)
	})
}

// taskUserfieldDelete deletes a field. Its values stay in the stored tasks under
// its id, where nothing finds them any more.
func taskUserfieldDelete(c *call) (result, error) {
	if c.params.Len() < 1 {
		return result{}, errTaskUserfieldArguments("delete")
	}
	return c.changingTaskUserfield(func(tx *sql.Tx, id int64, _ document) error {
		return taskUserfieldEntity.remove(c.ctx, tx, id)
	})
}

// changingTaskUserfield runs a change of the field that ID names. The system's
// own fields stay as they are.
func (c *call) changingTaskUserfield(change func(*sql.Tx, int64, document) error) (result, error) {
	id, err := c.taskUserfieldID()
	if err != nil {
		return result{}, err
	}
	if !c.who.admin {
		return result{}, errTaskUserfieldDenied()
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		doc, err := taskUserfieldEntity.found(c.ctx, tx, id, errNoTaskUserfield(id))
		if err != nil {
			return result{}, err
		}
		if _, system := taskEntity.field(phpquery.Text(doc["FIELD_NAME"])); system {
			return result{}, errTaskUserfieldDenied()
		}
		return result{value: true, record: id}, change(tx, id, doc)
	})
}

// writeTaskUserfield writes the parameters into the document of a field.
func writeTaskUserfield(c *call, tx *sql.Tx, doc document, params *phpquery.Array, others []row) error {
	err := taskUserfieldEntity.assign(c.ctx, tx, doc, params)
	var wrong *valueError
	if errors.As(err, &wrong) {
		return badRequest("ERROR_CORE", wrong.Error())
	}
	if err != nil {
		return err
	}
	kind := phpquery.Text(doc["USER_TYPE_ID"])
	if v, ok := params.GetFold("MULTIPLE"); ok {
		doc["MULTIPLE"] = isYes(v) && kind != "boolean"
	}
	if given, ok := params.GetFold("SETTINGS"); ok || doc["SETTINGS"] == nil {
		settings, _ := given.(*phpquery.Array)
		before, _ := wire(doc["SETTINGS"]).(*phpquery.Array)
		doc["SETTINGS"] = plain(taskUserfieldSettings(kind, settings, before))
	}
	if kind == "enumeration" {
		given, _ := params.GetFold("LIST")
		options, _ := given.(*phpquery.Array)
		doc["LIST"] = writeOptions(doc["LIST"], options, others)
	}
	labelUserfield(doc, params)
	return nil
}

// labelUserfield sets the texts of a field: those that are given by language,
// LABEL where there was none before.
func labelUserfield(doc document, params *phpquery.Array) {
	label, labelled := params.GetFold("LABEL")
	for _, name := range taskUserfieldLabels {
		given, _ := params.GetFold(name)
		byLanguage, _ := given.(*phpquery.Array)
		before, _ := wire(doc[name]).(*phpquery.Array)
		texts := phpquery.NewArray()
		for _, language := range portalLanguages {
			text, _ := before.Get(language)
			if labelled && byLanguage == nil {
				text = label
			}
			texts.Set(language, phpquery.Text(text))
		}
		for language, text := range before.All() {
			if _, ok := texts.Get(language); !ok {
				texts.Set(language, text)
			}
		}
		for language, text := range byLanguage.All() {
			texts.Set(language, clean(phpquery.Text(text)))
		}
		doc[name] = plain(texts)
	}
}

// userfieldTitle is the English name of a field, else its code.
func userfieldTitle(doc document) any {
	labels, _ := wire(doc["EDIT_FORM_LABEL"]).(*phpquery.Array)
	if text, _ := labels.Get("en"); phpquery.Text(text) != "" {
		return text
	}
	return doc["FIELD_NAME"]
}

// taskUserfields describes the user-defined fields as fields of a task, see
// userDefinedFields.
func taskUserfields(ctx context.Context, tx *sql.Tx) ([]field, error) {
	rows, err := taskUserfieldEntity.all(ctx, tx, always)
	if err != nil {
		return nil, err
	}
	var fields []field
	for _, r := range rows {
		if _, system := taskEntity.field(phpquery.Text(r.doc["FIELD_NAME"])); system {
			continue
		}
		f := userDefinedField(r)
		f.asked, f.null = true, true
		fields = append(fields, f)
	}
	return fields, nil
}

// setTaskDefaults gives a new task the default values of user-defined fields.
func setTaskDefaults(c *call, tx *sql.Tx, doc document) error {
	rows, err := taskUserfieldEntity.all(c.ctx, tx, always)
	if err != nil {
		return err
	}
	for _, r := range rows {
		settings, _ := wire(r.doc["SETTINGS"]).(*phpquery.Array)
		value, _ := settings.Get("DEFAULT_VALUE")
		if dated, ok := value.(*phpquery.Array); ok {
			value, _ = dated.Get("VALUE")
			if kind, _ := dated.Get("TYPE"); kind == "NOW" {
				value = storedTime(c.sb.now())
			}
		}
		f := userDefinedField(r)
		if text := phpquery.Text(value); text == "" || text == "0" || f.multiple {
			continue
		}
		stored, err := f.take(value)
		if err != nil {
			continue // a default that is no value of the type is none
		}
		doc[f.key()] = stored
	}
	return nil
}
