package bitrix24

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
)

// keysetWindow is how many pages are under way at once, so that memory stays
// bounded.
const keysetWindow = 400

// errStalled is a list method that does not move on.
var errStalled = errors.New("the portal returns the same rows again, or in another order: the method does not page as it is described")

// window is the rows with ids above after, up to upTo.
type window struct{ after, upTo int64 }

// keyset reads a list by id. One request finds the first page, the number of
// rows and the last id; the ids between are cut into windows of about a page,
// which are read side by side. What was added meanwhile comes at the end.
func (w *walk) keyset() error {
	ends, err := w.ends()
	if err != nil {
		return err
	}
	after, err := w.check(ends.first, window{math.MinInt64, math.MaxInt64})
	if err != nil {
		return err
	}
	if err := w.give(ends.first.rows); err != nil || !ends.first.full {
		return err
	}
	if ends.total > 0 && ends.last > after {
		return w.windows(after, ends.last, windowWidth(ends, after))
	}
	return w.onwards(window{after, math.MaxInt64})
}

// listEnds is what the first request finds out.
type listEnds struct {
	first *page
	total int64
	last  int64
}

func (w *walk) ends() (*listEnds, error) {
	var answers []Outcome
	commands := []Command{
		{Method: w.method, Params: w.ordered("ASC", window{math.MinInt64, math.MaxInt64}, 0), Replay: Safe},
		{Method: w.method, Params: w.ordered("DESC", window{math.MinInt64, math.MaxInt64}, -1), Replay: Safe},
	}
	if name := w.list.Select; name != "" {
		commands[1].Params.(*Object).Set(w.spelled(name), []string{w.list.FilterID})
	}
	answers = w.client.BatchAll(w.ctx, commands)
	for _, o := range answers {
		if o.State != Done {
			return nil, o.Err
		}
	}
	e := &listEnds{}
	var err error
	if e.first, err = w.read(answers[0].Result, answers[0].Total, answers[0].Next); err != nil {
		return nil, err
	}
	if e.first.total != nil {
		e.total = *e.first.total
	}
	last, err := w.read(answers[1].Result, nil, nil)
	if err != nil {
		return nil, err
	}
	if len(last.rows) > 0 {
		e.last, _ = w.id(last.rows[0])
	}
	return e, nil
}

// windowWidth returns how many ids a window has: a page of them when there are
// few gaps, else as many as hold about two thirds of a page, so that most windows
// fit into one.
func windowWidth(e *listEnds, after int64) int64 {
	rest := max(1, e.total-int64(len(e.first.rows)))
	perRow := float64(e.last-after) / float64(rest)
	return max(pageSize, int64(perRow*pageSize*0.7))
}

// windows reads the ids above after. The last window has no end: what was added
// since the last id was found is in it.
func (w *walk) windows(after, last, step int64) error {
	following := func(from int64) window {
		switch {
		case from == last:
			return window{last, math.MaxInt64}
		case last-from <= step:
			return window{from, last}
		}
		return window{from, from + step}
	}
	commands := func(yield func(Command) bool) {
		for win := following(after); ; win = following(win.upTo) {
			if !yield(Command{Method: w.method, Params: w.ordered("ASC", win, -1), Replay: Safe}) || win.upTo == math.MaxInt64 {
				return
			}
		}
	}
	cfg := batchConfig{width: maxBatch, window: keysetWindow}
	from := after
	var err error
	newBatchRun(w.client, cfg).run(w.ctx, commands, func(o Outcome) bool {
		win := following(from)
		from = win.upTo
		if o.State != Done {
			err = o.Err
			return false
		}
		var p *page
		if p, err = w.read(o.Result, nil, nil); err == nil {
			err = w.within(p, win)
		}
		return err == nil
	})
	return err
}

// within hands on the rows of a window; when it holds more than a page, it reads
// the rest.
func (w *walk) within(p *page, win window) error {
	last, err := w.check(p, win)
	if err != nil {
		return err
	}
	if err := w.give(p.rows); err != nil || !p.full || last >= win.upTo {
		return err
	}
	return w.onwards(window{last, win.upTo})
}

// onwards reads a window page after page.
func (w *walk) onwards(win window) error {
	for {
		p, err := w.fetch(w.ordered("ASC", win, -1))
		if err != nil {
			return err
		}
		last, err := w.check(p, win)
		if err != nil {
			return err
		}
		if err := w.give(p.rows); err != nil || !p.full || last >= win.upTo {
			return err
		}
		win.after = last
	}
}

// check makes sure that a page holds what was asked for, in order, takes out rows
// that come twice, and returns its last id. A method that does not keep the order
// or the filter would otherwise lose rows without a word.
func (w *walk) check(p *page, win window) (int64, error) {
	last, kept := win.after, 0
	for _, row := range p.rows {
		id, ok := w.id(row)
		switch {
		case !ok:
			return 0, w.odd("rows without " + w.list.ID)
		case kept > 0 && id == last:
			continue
		case id <= last, id > win.upTo:
			return 0, errStalled
		}
		p.rows[kept] = row
		last = id
		kept++
	}
	p.rows = p.rows[:kept]
	return last, nil
}

// spelled returns a parameter in the caller's spelling, or else in the table's.
func (w *walk) spelled(name string) string {
	if given := w.given(name); given != "" {
		return given
	}
	return name
}

// ordered makes the parameters of a page: the caller's, in order of the id, and
// only the ids of a window.
func (w *walk) ordered(direction string, win window, start int) *Object {
	o := w.with()
	if w.list.Sort != "" {
		o.Set(w.spelled(w.list.Sort), w.list.FilterID)
		o.Set(w.spelled(w.list.Order), direction)
	} else {
		o.Set(w.spelled(w.list.Order), NewObject(w.list.FilterID, direction))
	}
	o.Set("start", start)
	filter := w.filter(o)
	if win.after != math.MinInt64 {
		narrow(filter, ">"+w.list.FilterID, win.after, func(own int64) bool { return own > win.after })
	}
	if win.upTo != math.MaxInt64 {
		narrow(filter, "<="+w.list.FilterID, win.upTo, func(own int64) bool { return own < win.upTo })
	}
	if w.list.Filter != "" && filter.Len() > 0 {
		o.Set(w.spelled(w.list.Filter), filter)
	}
	return o
}

// filter returns a copy of the caller's filter, or the parameters themselves
// where it stands among them.
func (w *walk) filter(o *Object) *Object {
	if w.list.Filter == "" {
		return o
	}
	value, _ := o.Get(w.spelled(w.list.Filter))
	filter := &Object{}
	if raw, err := json.Marshal(value); err == nil {
		_ = filter.UnmarshalJSON(raw) // anything but an object is an empty filter to PHP too
	}
	return filter
}

// narrow sets a bound of the id, unless the caller's own is narrower.
func narrow(filter *Object, key string, bound int64, narrower func(int64) bool) {
	for name, value := range filter.All() {
		if !strings.EqualFold(name, key) {
			continue
		}
		var own ID
		if raw, err := json.Marshal(value); err == nil && json.Unmarshal(raw, &own) == nil && narrower(int64(own)) {
			return
		}
		key = name
		break
	}
	filter.Set(key, fmt.Sprint(bound))
}
