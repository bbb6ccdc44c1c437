package cli

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/catalog"
	"github.com/oint-go/oint/internal/bind"
)

// eachOutcome is what became of one row.
type eachOutcome struct {
	row         int
	state       bitrix24.State
	result      json.RawMessage // when done
	code        string          // of the portal; may be empty
	description string
	remedy      string
	answered    bool // the portal has decided, well or ill
}

// outcomeColumns are the columns of a report.
var outcomeColumns = []string{"row", "outcome", "result", "code", "description", "remedy"}

// outcomeOf puts what became of a row into words.
func (e *each) outcomeOf(row int, state bitrix24.State, result json.RawMessage, err error, redact func(string) string) *eachOutcome {
	o := &eachOutcome{row: row, state: state, result: result, answered: state == bitrix24.Done}
	var (
		portal      *bitrix24.Error
		input       *bind.Error
		certificate *tls.CertificateVerificationError
	)
	switch {
	case err == nil:
	case errors.As(err, &portal):
		o.answered = state != bitrix24.Unknown
		o.code, o.description = portal.Code, redact(oneLine(portal.Description))
		if o.code == "" {
			o.code = fmt.Sprintf("HTTP %d", portal.Status)
		}
		if a, ok := adviceByCode[strings.ToUpper(portal.Code)]; ok {
			o.remedy = a.meaning + "; " + a.remedy
		}
	case errors.As(err, &input):
		o.description, o.remedy = "--"+input.Option+": "+input.Problem, input.Remedy
	case errors.Is(err, context.Canceled) && state == bitrix24.NotSent:
		o.description, o.remedy = "the run was ended before", "run it again for this row"
	case errors.As(err, &certificate):
		o.description, o.remedy = redact(oneLine(err.Error())), "if you trust that server, name its certificate with --"+optCAFile
	default:
		o.description = redact(oneLine(err.Error()))
		if state == bitrix24.NotSent {
			o.remedy = "check --url, the network and the proxy; then run it again for this row"
		}
	}
	if state == bitrix24.Unknown && e.function.Replay != catalog.Safe {
		o.remedy = "the portal may have carried it out: check before you repeat it"
	}
	return o
}

// line is the outcome as a line of JSON.
func (o *eachOutcome) line() ([]byte, error) {
	object := bitrix24.NewObject("row", o.row, "outcome", o.state.String())
	if o.result != nil {
		object.Set("result", o.result)
	}
	for i, text := range []string{o.code, o.description, o.remedy} {
		if text != "" {
			object.Set(outcomeColumns[3+i], text)
		}
	}
	raw, err := object.MarshalJSON()
	return append(raw, '\n'), err
}

// cells are the outcome as a row of a table.
func (o *eachOutcome) cells() []any {
	var result any
	if o.result != nil {
		result = o.result
	}
	return []any{o.row, o.state.String(), result, o.code, o.description, o.remedy}
}
