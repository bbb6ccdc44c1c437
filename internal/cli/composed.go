package cli

import (
	"encoding/json"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/bind"
)

// composedFunctions make something of their own of the result of a REST method.
// They get the texts of their options by name.
var composedFunctions = map[string]func(result json.RawMessage, given map[string]string) (any, error){
	"GetFolderFilterStructure": func(result json.RawMessage, given map[string]string) (any, error) {
		empty := false
		if text := given["empty"]; text != "" {
			var err error
			if empty, err = bind.Bool(text); err != nil {
				return nil, err
			}
		}
		return bitrix24.FolderFilter(result, empty)
	},
}
