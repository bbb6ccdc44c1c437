package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/catalog"
	"github.com/oint-go/oint/internal/bind"
	"github.com/oint-go/oint/internal/table"
)

// batched tells whether the calls of the function travel in batches. Files are
// too large for that, and a number of attempts is a setting of single calls.
func (e *each) batched() bool {
	if e.function.Kind != catalog.REST || e.settings.Retries != nil {
		return false
	}
	return !slices.ContainsFunc(e.function.Options, func(o catalog.Option) bool {
		switch o.As {
		case catalog.AsBase64, catalog.AsFiles, catalog.AsPair, catalog.AsUpload:
			return true
		}
		return false
	})
}

// sendBatch sends the rows in batches. Once the client is to stop, the rows
// that are left come out as not sent.
func (e *each) sendBatch(caller *caller, tell func(*eachOutcome)) error {
	ctx := context.WithoutCancel(e.ctx)
	var failed error
	commands := func(yield func(bitrix24.Command) bool) {
		_, failed = e.visit(ctx, func(row *table.Row) error {
			if err := e.checked.same(row); err != nil {
				return e.changed(row, err)
			}
			call, err := e.template.Call(ctx, cellsOf(row))
			if err != nil {
				return e.changed(row, err)
			}
			if !yield(bitrix24.Command{
				Name: strconv.Itoa(row.Number), Method: e.function.Method, Params: call.Params, Replay: replayOf(e.function.Replay),
			}) {
				return errEnough
			}
			return nil
		})
		if failed == nil {
			failed = e.checked.all()
		}
	}
	for o := range caller.client.Batch(ctx, commands) {
		row, err := strconv.Atoi(o.Name)
		if err != nil {
			return err
		}
		tell(e.outcomeOf(row, o.State, o.Result, o.Err, caller.redact))
	}
	if failed != nil {
		return fmt.Errorf("%w\nThe rows from there on were not sent", failed)
	}
	return nil
}

// changed is a row that could be sent when it was checked.
func (e *each) changed(row *table.Row, err error) error {
	return fmt.Errorf("%s, row %d: the table has changed since it was checked: %w", e.input.title(), row.Number, err)
}

// sendSingly sends the rows one after another. A portal that cannot be reached,
// or takes no calls any more, is not tried with the rows that are left.
func (e *each) sendSingly(stop context.Context, caller *caller, tell func(*eachOutcome)) error {
	ctx := context.WithoutCancel(e.ctx)
	var halted error
	_, err := e.visit(ctx, func(row *table.Row) error {
		if err := e.checked.same(row); err != nil {
			return e.changed(row, err)
		}
		if halted == nil {
			halted = stop.Err()
		}
		if halted != nil {
			tell(e.outcomeOf(row.Number, bitrix24.NotSent, nil, halted, caller.redact))
			return nil
		}
		call, err := e.template.Call(stop, cellsOf(row))
		if err != nil {
			tell(e.outcomeOf(row.Number, bitrix24.NotSent, nil, err, caller.redact))
			return nil
		}
		result, err := e.one(ctx, caller, call)
		if err != nil && hopeless(err) {
			halted = err
		}
		tell(e.outcomeOf(row.Number, stateOf(err), result, err, caller.redact))
		return nil
	})
	if err == nil {
		err = e.checked.all()
	}
	if err != nil {
		return fmt.Errorf("%w\nThe rows from there on were not sent", err)
	}
	return nil
}

// one calls the function for one row.
func (e *each) one(ctx context.Context, caller *caller, call *bind.Call) (json.RawMessage, error) {
	response, err := caller.call(ctx, call)
	if err != nil {
		return nil, err
	}
	compose := composedFunctions[e.function.Name]
	if compose == nil {
		return response.Result, nil
	}
	value, err := compose(response.Result, call.Texts)
	if err != nil {
		return nil, err
	}
	return json.Marshal(value)
}

// stateOf is what became of a single call.
func stateOf(err error) bitrix24.State {
	var portal *bitrix24.Error
	switch {
	case err == nil:
		return bitrix24.Done
	case bitrix24.Ambiguous(err):
		return bitrix24.Unknown
	case errors.As(err, &portal):
		return bitrix24.Refused
	}
	return bitrix24.NotSent
}

// hopeless tells whether the next row would end the same way.
func hopeless(err error) bool {
	var portal *bitrix24.Error
	if errors.As(err, &portal) {
		return portal.Status == http.StatusUnauthorized || errors.Is(portal, bitrix24.ErrOverload)
	}
	return !bitrix24.Ambiguous(err)
}
