package sandbox

import (
	"encoding/json"
	"regexp"
	"slices"
	"sync"

	"github.com/oint-go/oint/internal/phpquery"
)

// userType is a type of user-defined field: what it holds and its settings.
type userType struct {
	kind     kind
	ref      string // entity whose id the value must be
	settings []setting
}

// setting is one of SETTINGS: its default, and what it may be.
type setting struct {
	name     string
	fallback any
	choices  []string // allowed texts; none = any text
	from, to int64    // allowed numbers, when the default is a number
}

// appType is a type that an application brought along.
var appType = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^rest_\d+_\w+$`)
})

// userTypes are the documented types of [user.userfield.add].
//
// [user.userfield.add]: https://apidocs.bitrix24.com/api-reference/user/userfields/user-userfield-add.html
var userTypes = map[string]userType{
	"string":         {kind: textKind, settings: []setting{anyText("DEFAULT_VALUE"), height("ROWS")}},
	"integer":        {kind: integerKind, settings: []setting{anyText("DEFAULT_VALUE")}},
	"double":         {kind: doubleKind, settings: []setting{anyText("DEFAULT_VALUE"), {name: "PRECISION", fallback: number(2), to: 12}}},
	"date":           {kind: dateKind, settings: []setting{{name: "DEFAULT_VALUE"}}},
	"datetime":       {kind: momentKind, settings: []setting{{name: "DEFAULT_VALUE"}}},
	"boolean":        {kind: switchKind, settings: []setting{{name: "DEFAULT_VALUE", fallback: number(0), to: 1}, oneOfTexts("DISPLAY", "CHECKBOX", "RADIO", "DROPDOWN")}},
	"file":           {kind: attachedKind},
	"enumeration":    {kind: integerKind, settings: []setting{oneOfTexts("DISPLAY", "LIST", "UI", "CHECKBOX", "DIALOG"), height("LIST_HEIGHT"), anyText("CAPTION_NO_VALUE"), oneOfTexts("SHOW_NO_VALUE", "Y", "N")}},
	"url":            {kind: textKind, settings: []setting{anyText("DEFAULT_VALUE")}},
	"address":        {kind: textKind},
	"money":          {kind: textKind, settings: []setting{anyText("DEFAULT_VALUE")}},
	"iblock_section": {kind: integerKind, settings: blockSettings()},
	"iblock_element": {kind: integerKind, settings: blockSettings()},
	"employee":       {kind: integerKind, ref: "user"},
	"crm":            {kind: textKind, settings: []setting{yesNo("LEAD"), yesNo("CONTACT"), yesNo("COMPANY"), yesNo("DEAL")}},
	"crm_status":     {kind: textKind, settings: []setting{anyText("ENTITY_TYPE")}},
}

func anyText(name string) setting { return setting{name: name, fallback: ""} }

// oneOfTexts is a choice; the first is the default.
func oneOfTexts(name string, choices ...string) setting {
	return setting{name: name, fallback: choices[0], choices: choices}
}

func yesNo(name string) setting { return oneOfTexts(name, "N", "Y") }

func height(name string) setting {
	return setting{name: name, fallback: number(1), from: 1, to: 1000}
}

func blockSettings() []setting {
	return []setting{
		anyText("IBLOCK_TYPE_ID"),
		{name: "IBLOCK_ID", fallback: "0"},
		anyText("DEFAULT_VALUE"),
		oneOfTexts("DISPLAY", "LIST", "DIALOG", "UI", "CHECKBOX"),
		height("LIST_HEIGHT"),
		yesNo("ACTIVE_FILTER"),
	}
}

// settingsOf completes the settings of a type: what was given, else what was
// there before, else the default. Others are left out.
func settingsOf(typeID string, given, before *phpquery.Array) *phpquery.Array {
	settings := complete(userTypes[typeID].settings, given, before)
	if typeID == "crm" && !bindsAny(settings) {
		settings.Set("LEAD", "Y")
	}
	return settings
}

func complete(known []setting, given, before *phpquery.Array) *phpquery.Array {
	settings := phpquery.NewArray()
	for _, s := range known {
		v, ok := given.GetFold(s.name)
		if !ok {
			v, ok = before.Get(s.name)
		}
		settings.Set(s.name, s.value(v, ok))
	}
	return settings
}

func (s setting) value(v any, given bool) any {
	switch fallback := s.fallback.(type) {
	case nil:
		return dateDefault(v)
	case json.Number:
		if n := intval(phpquery.Text(v)); given && phpquery.Text(v) != "" {
			return number(max(s.from, min(n, s.to)))
		}
		return fallback
	default:
		text := phpquery.Text(v)
		if !given || len(s.choices) > 0 && !slices.Contains(s.choices, text) {
			return fallback
		}
		return text
	}
}

// dateDefault is the default value of a date: {VALUE, TYPE}.
func dateDefault(v any) *phpquery.Array {
	given, _ := v.(*phpquery.Array)
	value, _ := given.GetFold("VALUE")
	kind, _ := given.GetFold("TYPE")
	a := phpquery.NewArray()
	a.Set("VALUE", phpquery.Text(value))
	a.Set("TYPE", "NONE")
	if t := phpquery.Text(kind); t == "NOW" || t == "FIXED" {
		a.Set("TYPE", t)
	}
	return a
}

func bindsAny(settings *phpquery.Array) bool {
	for _, v := range settings.All() {
		if v == "Y" {
			return true
		}
	}
	return false
}
