package bitrix24

import (
	"encoding/json"
	"fmt"
)

// counted reads a list by start: the first page tells how many rows there are,
// the others are read side by side.
func (w *walk) counted() error {
	params := w.with()
	if w.list.Paging != Single {
		params.Set("start", 0)
	}
	first, err := w.fetch(params)
	if err != nil {
		return err
	}
	seen := &recent{}
	if err := w.giveNew(first, seen); err != nil {
		return err
	}
	next, total := first.next, first.total
	if next == nil {
		return w.untold(first, seen)
	}
	if total != nil && *next > 0 {
		if next, err = w.countedPages(*next, *total, seen); err != nil {
			return err
		}
	}
	for next != nil {
		p, err := w.fetch(w.with("start", *next))
		if err != nil {
			return err
		}
		if err := w.shrunk(total, p.total); err != nil {
			return err
		}
		if p.next != nil && *p.next <= *next {
			return errStalled
		}
		if err := w.giveNew(p, seen); err != nil {
			return err
		}
		next = p.next
	}
	return nil
}

// untold goes on after a page that does not say where the next one begins: when
// it is full and the total is more, or the rows that it leaves out would be
// missing without a word.
func (w *walk) untold(p *page, seen *recent) error {
	for at := int64(len(p.rows)); p.next == nil && p.full && p.total != nil && *p.total > at; at += int64(len(p.rows)) {
		before := p
		var err error
		if p, err = w.fetch(w.with("start", at)); err != nil {
			return err
		}
		if len(p.rows) == 0 {
			return nil
		}
		if string(p.rows[0]) == string(before.rows[0]) {
			return errStalled
		}
		if err := w.shrunk(before.total, p.total); err != nil {
			return err
		}
		if err := w.giveNew(p, seen); err != nil {
			return err
		}
	}
	return nil
}

// countedPages reads the pages from start on up to the total, and returns where
// the list goes on after them, if it does.
func (w *walk) countedPages(start, total int64, seen *recent) (next *int64, err error) {
	size := start
	commands := func(yield func(Command) bool) {
		for at := start; at < total; at += size {
			if !yield(Command{Method: w.method, Params: w.with("start", at), Replay: Safe}) {
				return
			}
		}
	}
	newBatchRun(w.client, batchConfig{width: maxBatch, window: keysetWindow}).run(w.ctx, commands, func(o Outcome) bool {
		if o.State != Done {
			err = o.Err
			return false
		}
		var p *page
		if p, err = w.read(o.Result, o.Total, o.Next); err != nil {
			return false
		}
		if err = w.shrunk(&total, p.total); err != nil {
			return false
		}
		next = p.next
		err = w.giveNew(p, seen)
		return err == nil
	})
	return next, err
}

// shrunk is an error when rows were deleted while the list was read: those after
// them have moved to pages that were read before.
func (w *walk) shrunk(before, now *int64) error {
	if before != nil && now != nil && *now > 0 && *now < *before {
		return fmt.Errorf("%d rows were deleted while the list was read, so others may have been left out", *before-*now)
	}
	return nil
}

// recent remembers the ids of the last pages: rows that are added while a list is
// read move others to the next page, where they come again.
type recent struct {
	ids   map[int64]bool
	order []int64
}

// recentIDs is how many ids are remembered: at least of two pages, whatever their
// size.
const recentIDs = 2000

// known tells whether the id was there before, and remembers it.
func (r *recent) known(id int64) bool {
	if r.ids[id] {
		return true
	}
	if r.ids == nil {
		r.ids = map[int64]bool{}
	}
	r.ids[id] = true
	r.order = append(r.order, id)
	if len(r.order) > recentIDs {
		delete(r.ids, r.order[0])
		r.order = r.order[1:]
	}
	return false
}

func (w *walk) giveNew(p *page, seen *recent) error {
	fresh := p.rows[:0:0]
	for _, row := range p.rows {
		if id, ok := w.id(row); !ok || !seen.known(id) {
			fresh = append(fresh, row)
		}
	}
	return w.give(fresh)
}

// pages reads page after page: by offset, page number, last id or cursor.
func (w *walk) pages() error {
	cursor := cursor{size: w.list.Size}
	seen := &recent{}
	for {
		p, err := w.fetch(w.at(&cursor))
		if err != nil {
			return err
		}
		if err := w.giveNew(p, seen); err != nil {
			return err
		}
		more, err := w.advance(&cursor, p)
		if err != nil || !more {
			return err
		}
	}
}

// cursor is where a list goes on.
type cursor struct {
	size   int
	page   int // from 0
	offset int64
	last   int64           // LastID
	after  json.RawMessage // Cursor
	first  string          // row of the page before
}

// at makes the parameters of a page.
func (w *walk) at(c *cursor) *Object {
	switch w.list.Paging {
	case Offset:
		return w.with(w.list.Limit, c.size, w.list.Next, c.offset)
	case Page:
		return w.limited(c.size, w.list.Next, c.page+1)
	case LastID:
		if c.page == 0 {
			return w.limited(c.size)
		}
		return w.limited(c.size, w.list.Next, c.last)
	case Cursor:
		pagination := NewObject("limit", c.size)
		if c.after != nil {
			pagination.Set(w.list.Next, c.after)
		}
		return w.with("pagination", pagination)
	}
	return w.with("pagination", NewObject("limit", c.size, "offset", c.offset))
}

// limited is with, and the number of rows where the method takes one.
func (w *walk) limited(size int, namesAndValues ...any) *Object {
	if w.list.Limit != "" {
		namesAndValues = append([]any{w.list.Limit, size}, namesAndValues...)
	}
	return w.with(namesAndValues...)
}

// advance moves on after a page, and tells whether there is another.
func (w *walk) advance(c *cursor, p *page) (more bool, err error) {
	if len(p.rows) == 0 {
		return false, nil
	}
	// Whatever a page is asked for by, one that begins as the page before did is
	// that page again.
	first := string(p.rows[0])
	if first == c.first {
		return false, errStalled
	}
	c.first = first
	c.page++
	c.offset += int64(len(p.rows))
	switch w.list.Paging {
	case LastID:
		last, ok := w.id(p.rows[len(p.rows)-1])
		if !ok {
			return false, w.odd("rows without " + w.list.ID)
		}
		if c.page > 1 && last == c.last {
			return false, errStalled
		}
		c.last = last
		return true, nil
	case Cursor:
		next := objectMember(p.raw, w.list.NextFrom)
		if string(objectMember(p.raw, "hasMore")) == "false" || len(next) == 0 || string(next) == "null" || string(next) == `""` {
			return false, nil
		}
		if string(next) == string(c.after) {
			return false, errStalled
		}
		c.after = next
		return true, nil
	}
	return len(p.rows) >= c.size, nil
}
