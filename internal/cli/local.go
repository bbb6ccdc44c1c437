package cli

import (
	"encoding/json"
	"fmt"

	"github.com/oint-go/oint/bitrix24"
)

// localFunctions are the functions that send nothing and are no template. They
// get the texts of their options by name.
var localFunctions = map[string]func(given map[string]string) (any, error){
	"GetAppAuthLink": func(given map[string]string) (any, error) {
		return bitrix24.GetAppAuthLink(given["domain"], given["clientid"])
	},
	"GetPictureBlock": func(given map[string]string) (any, error) {
		return bitrix24.GetPictureBlock(given["title"], given["url"])
	},
	"GetFileBlock": func(given map[string]string) (any, error) {
		return bitrix24.GetFileBlock(given["title"], given["url"])
	},
}

// local computes the functions that send nothing.
func (r *run) local(params *bitrix24.Object) error {
	if len(r.function.Template) > 0 {
		return r.writeValue(r.template(params))
	}
	compute := localFunctions[r.function.Name]
	if compute == nil {
		return fmt.Errorf("%s has no local implementation", r.function.Name)
	}
	value, err := compute(r.args.own)
	if err != nil {
		return err
	}
	if text, ok := value.(string); ok {
		return r.output.write([]byte(text))
	}
	return r.writeValue(value)
}

// writeValue prints a value as JSON.
func (r *run) writeValue(value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return r.output.write(raw)
}

// template is the structure that a local …Structure function prints: its keys
// with descriptions, or without when the function's switch asks for it.
func (r *run) template(params *bitrix24.Object) *bitrix24.Object {
	empty, _ := params.Get("empty")
	o := bitrix24.NewObject()
	for _, field := range r.function.Template {
		if empty == true {
			o.SetPath(field.Name, "")
		} else {
			o.SetPath(field.Name, field.Summary)
		}
	}
	return o
}
