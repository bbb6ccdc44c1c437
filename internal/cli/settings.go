package cli

import (
	"encoding/json"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/catalog"
	"github.com/oint-go/oint/internal/bind"
)

// printSettings answers a bare --config: the settings the function knows.
func (r *run) printSettings() error {
	list := bitrix24.NewObject()
	if r.function.Kind != catalog.Local {
		for _, s := range bind.KnownSettings() {
			list.Set(s.Name, s.Summary)
		}
	}
	raw, err := json.Marshal(list)
	if err != nil {
		return err
	}
	if r.output, err = newOutput(r.sys, r.args); err != nil {
		return err
	}
	return r.output.write(raw)
}
