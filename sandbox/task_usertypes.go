package sandbox

import "github.com/oint-go/oint/internal/phpquery"

// widest is how much a setting may hold at most.
const widest = 1<<31 - 1

// taskUserTypes are the settings of the types that tasks know, which are more
// than those of profiles
// (https://apidocs.bitrix24.com/api-reference/tasks/user-field/task-item-user-field-get-list.html).
var taskUserTypes = map[string][]setting{
	"string": {
		{name: "SIZE", fallback: number(20), from: 1, to: widest},
		height("ROWS"), anyText("REGEXP"),
		{name: "MIN_LENGTH", fallback: number(0), to: widest},
		{name: "MAX_LENGTH", fallback: number(0), to: widest},
		anyText("DEFAULT_VALUE"),
	},
	"double": {
		{name: "PRECISION", fallback: number(2), to: 12},
		{name: "SIZE", fallback: number(20), from: 1, to: widest},
		{name: "MIN_VALUE", fallback: number(0), from: -widest, to: widest},
		{name: "MAX_VALUE", fallback: number(0), from: -widest, to: widest},
		anyText("DEFAULT_VALUE"),
	},
	"datetime": {{name: "DEFAULT_VALUE"}, oneOfTexts("USE_SECOND", "Y", "N"), oneOfTexts("USE_TIMEZONE", "N", "Y")},
	"boolean": {
		{name: "DEFAULT_VALUE", fallback: number(0), to: 1}, oneOfTexts("DISPLAY", "CHECKBOX", "RADIO", "DROPDOWN"), anyText("LABEL_CHECKBOX"),
	},
}

// taskUserfieldSettings completes the settings of a type, see settingsOf.
func taskUserfieldSettings(kind string, given, before *phpquery.Array) *phpquery.Array {
	if known, ok := taskUserTypes[kind]; ok {
		return complete(known, given, before)
	}
	return settingsOf(kind, given, before)
}
