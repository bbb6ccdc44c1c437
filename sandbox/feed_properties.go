package sandbox

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// postProperty is one of the UF_ fields of posts, which answers describe in full.
type postProperty struct {
	id, userType, class, about, base string

	multiple, listed, searchable bool

	labels   [3]any // in the form, in lists, in filters
	settings any
	more     []any // further members of USER_TYPE: names and values
}

// rendered names the functions that draw a property of one of the basic types.
func rendered(class string) []any {
	return []any{
		"EDIT_CALLBACK", phpquery.List(class, "renderEdit"), "VIEW_CALLBACK", phpquery.List(class, "renderView"),
		"USE_FIELD_COMPONENT", true,
	}
}

// postPropertyOf describes a UF_ field by its name.
func postPropertyOf(name string) postProperty {
	const (
		basicTypes = `Bitrix\Main\UserField\Types\`
		mailType   = `Bitrix\Mail\MessageUserType`
	)
	whole := object("SIZE", 20, "MIN_VALUE", 0, "MAX_VALUE", 0, "DEFAULT_VALUE", nil)
	switch name {
	case "UF_BLOG_POST_DOC":
		return postProperty{
			id: "1", userType: "file", class: basicTypes + "FileType", about: "File", base: "file", multiple: true, searchable: true,
			settings: object("SIZE", 20, "LIST_WIDTH", 0, "LIST_HEIGHT", 0, "MAX_SHOW_SIZE", 0, "MAX_ALLOWED_SIZE", 0,
				"EXTENSIONS", phpquery.NewArray(), "TARGET_BLANK", "Y", "DEFAULT_VIEW", nil),
		}
	case "UF_BLOG_POST_URL_PRV":
		return postProperty{id: "5", userType: "url_preview", class: `Bitrix\Main\UrlPreview\UrlPreviewUserType`, about: "Link preview", base: "int", searchable: true, settings: phpquery.NewArray()}
	case "UF_GRATITUDE":
		return postProperty{id: "9", userType: "integer", class: basicTypes + "IntegerType", about: "Integer", base: "int", settings: whole}
	case "UF_BLOG_POST_FILE":
		return postProperty{
			id: "19", userType: "disk_file", class: `Bitrix\Disk\Uf\FileUserType`, about: "File (Drive)", base: "int", multiple: true, searchable: true,
			settings: object("IBLOCK_ID", nil, "SECTION_ID", nil, "UF_TO_SAVE_ALLOW_EDIT", false),
			more:     []any{"TAG", phpquery.List("DISK FILE ID", "DOCUMENT ID")},
		}
	case "UF_BLOG_POST_IMPRTNT":
		return postProperty{
			id: "83", userType: "integer", class: basicTypes + "IntegerType", about: "Integer", base: "int", listed: true,
			labels: [3]any{"Important Message", "Important", "Important"}, settings: whole,
		}
	case "UF_IMPRTANT_DATE_END":
		return postProperty{
			id: "85", userType: "datetime", class: basicTypes + "DateTimeType", about: "Date with time", base: "datetime",
			labels:   [3]any{"Expiration Date", "Expiration", nil},
			settings: object("DEFAULT_VALUE", object("TYPE", "NONE", "VALUE", ""), "USE_SECOND", "Y", "USE_TIMEZONE", "N"),
		}
	case "UF_BLOG_POST_VOTE":
		return postProperty{
			id: "131", userType: "vote", class: `Bitrix\Vote\Uf\VoteUserType`, about: "Poll", base: "int", listed: true,
			settings: object("CHANNEL_ID", 1, "UNIQUE", 8, "UNIQUE_IP_DELAY", object("DELAY", "10", "DELAY_TYPE", "D"), "NOTIFY", "I"),
		}
	}
	return postProperty{
		id: "439", userType: "mail_message", class: mailType, about: "Email", base: "int",
		more: []any{
			"VIEW_CALLBACK", phpquery.List(mailType, "getPublicView"), "EDIT_CALLBACK", phpquery.List(mailType, "getPublicEdit"),
			"onBeforeSave", phpquery.List(mailType, "onBeforeSave"), "onDelete", phpquery.List(mailType, "onDelete"),
		},
	}
}

// object makes an ordered object of names and values.
func object(kv ...any) *phpquery.Array {
	a := phpquery.NewArraySize(len(kv) / 2)
	for i := 0; i+1 < len(kv); i += 2 {
		a.Set(kv[i].(string), kv[i+1])
	}
	return a
}

// showPostProperty answers a UF_ field: its description and its value.
func showPostProperty(s showing, doc document) any {
	name := s.field.name
	p := postPropertyOf(name)
	letter := func(yes bool) any { return showLetter(s, yes) }
	kind := object("USER_TYPE_ID", p.userType, "CLASS_NAME", p.class)
	members := append([]any{"DESCRIPTION", p.about, "BASE_TYPE", p.base}, p.more...)
	if strings.HasPrefix(p.class, `Bitrix\Main\UserField\`) {
		members = slices.Concat(rendered(p.class), members)
	}
	for i := 0; i < len(members); i += 2 {
		kind.Set(members[i].(string), members[i+1])
	}
	xmlID := name
	if p.userType == "mail_message" {
		xmlID = ""
	}
	value, raw, custom := postValue(name, doc)
	return object("ID", p.id, "ENTITY_ID", "BLOG_POST", "FIELD_NAME", name, "USER_TYPE_ID", p.userType, "XML_ID", xmlID, "SORT", "100",
		"MULTIPLE", letter(p.multiple), "MANDATORY", "N", "SHOW_FILTER", "N", "SHOW_IN_LIST", letter(p.listed), "EDIT_IN_LIST", "Y",
		"IS_SEARCHABLE", letter(p.searchable), "SETTINGS", p.settings, "EDIT_FORM_LABEL", p.labels[0], "LIST_COLUMN_LABEL", p.labels[1],
		"LIST_FILTER_LABEL", p.labels[2], "ERROR_MESSAGE", nil, "HELP_MESSAGE", nil, "USER_TYPE", kind, "VALUE", value,
		"ENTITY_VALUE_ID", s.id, "VALUE_EXISTS", true, "VALUE_RAW", raw, "CUSTOM_DATA", custom)
}

// postValue is the value of a UF_ field, the value as it is stored and what is
// told beside it.
func postValue(name string, doc document) (value, raw any, custom *phpquery.Array) {
	custom = phpquery.NewArray()
	switch name {
	case "UF_BLOG_POST_DOC":
		return false, nil, custom
	case "UF_BLOG_POST_FILE":
		custom.Set("PHOTO_TEMPLATE", "gallery")
		files, _ := doc["FILES"].([]any)
		if len(files) == 0 {
			return false, nil, custom
		}
		ids := phpquery.NewArray()
		var serialized strings.Builder
		for i, f := range files {
			id, _ := fileOf(f)
			ids.Append(id)
			fmt.Fprintf(&serialized, "i:%d;i:%d;", i, id)
		}
		return ids, fmt.Sprintf("a:%d:{%s}", len(files), serialized.String()), custom
	case "UF_BLOG_POST_IMPRTNT":
		if doc["IMPORTANT"] == true {
			return "1", "1", custom
		}
	case "UF_IMPRTANT_DATE_END":
		end := showMoment(isoLayout)(showing{}, doc["IMPORTANT_DATE_END"])
		return end, nil, custom
	}
	return nil, nil, custom
}
