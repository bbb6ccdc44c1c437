package bitrix24

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// pageSize is how many rows a list method of REST v2 returns at once.
const pageSize = 50

// ListOption is a setting of Rows.
type ListOption interface{ applyList(*listConfig) }

type listOption func(*listConfig)

func (o listOption) applyList(c *listConfig) { o(c) }

type listConfig struct {
	list *List
	v3   bool
}

// WithList describes the list method, for one that is not documented or pages in
// another way than its documentation says.
func WithList(l List) ListOption { return listOption(func(c *listConfig) { c.list = &l }) }

// WithListV3 calls the method of REST 3.0.
func WithListV3() ListOption { return listOption(func(c *listConfig) { c.v3 = true }) }

// ListError is a list that ended before its last row.
type ListError struct {
	Method string // REST method
	Rows   int64  // rows that were yielded
	Err    error
}

// Error says how far the list came.
func (e *ListError) Error() string {
	return fmt.Sprintf("%s: the list broke off after %d rows: %v", e.Method, e.Rows, e.Err)
}

// Unwrap returns the cause.
func (e *ListError) Unwrap() error { return e.Err }

// Rows yields every row of a list method, however it pages, decoded into T. The
// last pair has an error when the list is not complete: a *ListError, or a
// *ConfigError when nothing was read.
//
// Methods that can be read by id are, in order of the id and several pages at
// once; rows that are added meanwhile do no harm. A select that leaves the id out
// is completed and the id taken out of the rows again. With an order of the
// caller's own, and for the other methods, pages are counted; there a row that is
// deleted meanwhile ends the list with an error, since the rows after it move.
//
// Only a bounded number of pages is in memory.
func Rows[T any](ctx context.Context, c *Client, method string, params Params, opts ...ListOption) iter.Seq2[T, error] {
	var cfg listConfig
	for _, o := range opts {
		o.applyList(&cfg)
	}
	return func(yield func(T, error) bool) {
		var zero T
		w, err := newWalk(ctx, c, method, params, cfg)
		if err != nil {
			yield(zero, err)
			return
		}
		left := false
		err = w.run(func(row json.RawMessage) error {
			var value T
			if err := json.Unmarshal(row, &value); err != nil {
				return &AnswerError{Method: method, Host: c.base().Host, Status: 200, Reason: fmt.Sprintf("a row that is no %T (%v)", value, err)}
			}
			if !yield(value, nil) {
				left = true
				return errLeft
			}
			return nil
		})
		if err != nil && !left {
			yield(zero, &ListError{Method: method, Rows: w.rows, Err: err})
		}
	}
}

// errLeft ends a walk whose caller has left the loop.
var errLeft = errors.New("the caller has left")

// ListOf returns what is known of a list method: of REST v2, or of REST 3.0.
func ListOf(method string, v3 bool) (List, bool) {
	table := lists
	if v3 {
		table = listsV3
	}
	i := slices.IndexFunc(table, func(l List) bool { return strings.EqualFold(l.Method, method) })
	if i < 0 {
		return List{}, false
	}
	return table[i], true
}

// walk is one reading of a list.
type walk struct {
	ctx    context.Context
	client *Client
	method string
	list   List
	v3     bool
	params *Object // the caller's, the id added to select
	strip  bool    // the id was added to select
	yield  func(json.RawMessage) error
	rows   int64 // yielded
}

func newWalk(ctx context.Context, c *Client, method string, params Params, cfg listConfig) (*walk, error) {
	w := &walk{ctx: ctx, client: c, method: method, v3: cfg.v3, params: &Object{}}
	if cfg.list != nil {
		w.list = *cfg.list
	} else if known, ok := ListOf(method, cfg.v3); ok {
		w.list = known
	} else {
		return nil, configErrorf("method", "how %s pages is not documented; say it with WithList, e.g. WithList(List{Paging: Start})", shorten(method, 60))
	}
	if w.list.FilterID == "" {
		w.list.FilterID = w.list.ID
	}
	if w.list.Size == 0 {
		w.list.Size = pageSize
	}
	if params != nil {
		for name, value := range params.ordered().All() {
			if slices.ContainsFunc(w.paging(), func(p string) bool { return strings.EqualFold(p, name) }) {
				return nil, configErrorf("parameters", "%q is set by Rows, which reads every page", name)
			}
			w.params.append(name, value)
		}
	}
	if w.list.Paging == Keyset && (w.given(w.list.Order) != "" || w.given(w.list.Sort) != "") {
		w.list.Paging = Start // the caller's order instead of the id's
	}
	return w, w.completeSelect()
}

// paging are the parameters that Rows itself sets.
func (w *walk) paging() []string {
	switch w.list.Paging {
	case Offset:
		return []string{w.list.Limit, w.list.Next}
	case Page, LastID:
		first, _, _ := strings.Cut(w.list.Next, ".")
		return []string{first}
	case Pagination, Cursor:
		return []string{"pagination"}
	}
	return []string{"start"}
}

// given returns the caller's spelling of a parameter, or "" when it is not
// given.
func (w *walk) given(name string) string {
	if name == "" {
		return ""
	}
	i := slices.IndexFunc(w.params.names, func(n string) bool { return strings.EqualFold(n, name) })
	if i < 0 {
		return ""
	}
	return w.params.names[i]
}

// completeSelect adds the id to the caller's fields, where the walk needs it.
func (w *walk) completeSelect() error {
	name := w.given(w.list.Select)
	if name == "" || w.list.ID == "" {
		return nil
	}
	value, _ := w.params.Get(name)
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	var fields []string
	if json.Unmarshal(raw, &fields) != nil {
		var one string
		if json.Unmarshal(raw, &one) != nil {
			return configErrorf("parameters", "%s must be a list of fields", name)
		}
		fields = []string{one}
	}
	if len(fields) == 0 || slices.ContainsFunc(fields, func(f string) bool { return f == "*" || strings.EqualFold(f, w.list.FilterID) }) {
		return nil
	}
	w.strip = true
	w.params.Set(name, append([]string{w.list.FilterID}, fields...))
	return nil
}

// give hands rows to the caller.
func (w *walk) give(rows []json.RawMessage) error {
	for _, row := range rows {
		if w.strip {
			var o Object
			if o.UnmarshalJSON(row) == nil {
				o.Delete(w.list.ID)
				if text, err := o.MarshalJSON(); err == nil {
					row = text
				}
			}
		}
		if err := w.yield(row); err != nil {
			return err
		}
		w.rows++
	}
	return nil
}

func (w *walk) run(yield func(json.RawMessage) error) error {
	w.yield = yield
	switch w.list.Paging {
	case Keyset:
		return w.keyset()
	case Start, Single:
		return w.counted()
	}
	return w.pages()
}

// page is one answer of the list method.
type page struct {
	rows  []json.RawMessage
	total *int64
	next  *int64
	full  bool            // it has as many rows as a page can have
	raw   json.RawMessage // the result
}

// fetch calls the list method once.
func (w *walk) fetch(params *Object) (*page, error) {
	answer, err := w.client.Call(w.ctx, Request{Method: w.method, Params: params, Replay: Safe, V3: w.v3})
	if err != nil {
		return nil, err
	}
	return w.read(answer.Result, answer.Total, answer.Next)
}

// read takes the rows out of a result.
func (w *walk) read(result json.RawMessage, total, next *int64) (*page, error) {
	p := &page{total: total, next: next, raw: result}
	rows := result
	if w.list.Rows != "" {
		// PHP writes an empty map as a list.
		if string(result) == "[]" {
			return p, nil
		}
		if rows = objectMember(result, w.list.Rows); rows == nil {
			return nil, w.odd("a result without " + w.list.Rows)
		}
	}
	switch {
	case rows[0] == '[':
		p.rows = slices.AppendSeq(make([]json.RawMessage, 0, pageSize), arrayElements(rows))
	case rows[0] == '{':
		for _, row := range objectMembers(rows) {
			p.rows = append(p.rows, row)
		}
	default:
		return nil, w.odd("rows that are no list")
	}
	p.full = len(p.rows) >= w.list.Size
	return p, nil
}

func (w *walk) odd(reason string) error {
	return &AnswerError{Method: w.method, Host: w.client.base().Host, Status: 200, Reason: reason}
}

// id returns the id of a row, and whether it is a number.
func (w *walk) id(row json.RawMessage) (int64, bool) {
	if w.list.ID == "" {
		return 0, false
	}
	value := objectMember(row, w.list.ID)
	if n, err := strconv.ParseInt(strings.Trim(string(value), `"`), 10, 64); err == nil {
		return n, true
	}
	var id ID
	if value == nil || json.Unmarshal(value, &id) != nil {
		return 0, false
	}
	return int64(id), true
}

// with copies the caller's parameters with further ones behind them.
func (w *walk) with(namesAndValues ...any) *Object {
	o := &Object{}
	for _, name := range w.list.Positional {
		o.append(name, &Object{})
	}
	for name, value := range w.params.All() {
		o.Set(w.place(name), value)
	}
	for i := 0; i < len(namesAndValues); i += 2 {
		setPath(o, namesAndValues[i].(string), namesAndValues[i+1])
	}
	return o
}

// place is the name of a positional parameter that was given in another case.
func (w *walk) place(name string) string {
	i := slices.IndexFunc(w.list.Positional, func(p string) bool { return strings.EqualFold(p, name) })
	if i < 0 {
		return name
	}
	return w.list.Positional[i]
}

// setPath sets a parameter; a dot in its name leads into a structure, of which
// the caller's own is not touched.
func setPath(o *Object, path string, value any) {
	name, rest, nested := strings.Cut(path, ".")
	if !nested {
		o.Set(name, value)
		return
	}
	inner := &Object{}
	if old, ok := o.Get(name); ok {
		if raw, err := json.Marshal(old); err == nil {
			_ = inner.UnmarshalJSON(raw) // what is no structure is replaced
		}
	}
	setPath(inner, rest, value)
	o.Set(name, inner)
}
