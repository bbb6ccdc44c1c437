package sync

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/oint-go/oint/bitrix24"
)

// studio is what applying a plan with pictures needs.
type studio struct {
	*gallery
	sources  *sources
	replaced string // folder for the pictures that are replaced
}

// openStudio opens what the pictures of a plan need; nil when it has none.
func (r *Run) openStudio(ctx context.Context, client *bitrix24.Client, o ApplyOptions) (*studio, error) {
	if !slices.ContainsFunc(r.Plan.Header.Fields, func(f PlanField) bool { return f.Kind == Picture }) {
		return nil, nil
	}
	store, err := openPictures(ctx, o.Pictures)
	if err != nil {
		return nil, err
	}
	folder, err := r.Plan.rollbackFolder()
	if err != nil {
		return nil, errors.Join(err, store.close())
	}
	return &studio{&gallery{client, r.Plan.Header.Portal, store}, newSources(o.Web, "."), folder}, nil
}

func (s *studio) close() error {
	if s == nil {
		return nil
	}
	return s.store.close()
}

// glance is a picture of a task that has to be looked at.
type glance struct {
	task    *task
	change  int
	id      int64
	address string
}

// lookAtPictures finds out which pictures the portal has for the rows of a chunk.
// Those that will be replaced are kept for the rollback.
func (p *pass) lookAtPictures(looks []looking) error {
	if p.studio == nil {
		return nil
	}
	var glances []glance
	for _, l := range looks {
		for _, t := range l.tasks {
			now := p.recordOf(t, &l)
			if now == nil || t.row.Action == Create && t.again {
				continue
			}
			for i, c := range t.row.Changes {
				f := t.entity.field(c.Field)
				if f.Kind == Picture {
					if t.pictures == nil {
						t.pictures = make([]seen, len(t.row.Changes))
					}
					glances = append(glances, glance{t, i, now.id(t.entity), f.fromPortal(now[f.Name]).String()})
				}
			}
		}
	}
	problems := make([]error, len(glances))
	sideBySide(len(glances), func(i int) {
		g := glances[i]
		if p.stop.Err() != nil {
			return
		}
		field, pictures := g.task.row.Changes[g.change].Field, g.task.pictures
		if g.task.row.Action == Create {
			pictures[g.change], problems[i] = p.studio.see(p.stop, g.id, field, g.address)
			return
		}
		pictures[g.change], problems[i] = p.studio.seeAndKeep(p.stop, g.id, field, g.address, p.studio.replaced, g.task.values[g.change])
	})
	if p.stop.Err() != nil {
		return context.Cause(p.stop)
	}
	for i, err := range problems {
		if err == nil {
			continue
		}
		if t := glances[i].task; t.again {
			t.blind = true // it was found in order before it was sent
		} else if t.res == nil {
			t.decide(failed, t.row.ID, t.row.Changes[glances[i].change].Field+": "+err.Error())
		}
	}
	return nil
}

// open loads the pictures of a row, to be sent. What is wrong with them is the
// row's outcome.
func (p *pass) open(t *task) (map[int]bitrix24.File, *result) {
	if !t.hasPictures() {
		return nil, nil
	}
	files := map[int]bitrix24.File{}
	for i, c := range t.row.Changes {
		if t.entity.field(c.Field).Kind != Picture || len(t.values[i]) == 0 {
			continue
		}
		file, err := p.studio.sources.file(p.stop, t.values[i])
		switch {
		case err != nil && p.stop.Err() != nil:
			if t.again {
				return nil, &result{line: t.line, state: sent} // as before
			}
			return nil, &result{line: t.line, state: waiting}
		case err != nil:
			return nil, &result{line: t.line, state: failed, id: t.row.ID, text: fmt.Sprintf("%s: %v", c.Field, err)}
		}
		files[i] = file
	}
	return files, nil
}

// keptAtOnce is how many rows wait until their pictures are noted.
const keptAtOnce = 200

// hung is a row whose pictures have been sent.
type hung struct {
	task *task
	id   int64
}

// note keeps what the portal has made of the pictures that were sent. Without it
// the next plan reads them, so that a failure is only told.
func (p *pass) note(rows []hung) {
	var fields []string
	ids := make([]int64, len(rows))
	for i, h := range rows {
		ids[i] = h.id
		for _, c := range h.task.row.Changes {
			if h.task.entity.field(c.Field).Kind == Picture && !slices.Contains(fields, c.Field) {
				fields = append(fields, c.Field)
			}
		}
	}
	e := rows[0].task.entity
	var looks []bitrix24.Command
	for some := range slices.Chunk(ids, idsPerLook) {
		looks = append(looks, e.list(e.ID, some, append([]string{e.ID}, fields...)))
	}
	found, err := p.ask(looks)
	if err == nil {
		err = p.noteFound(rows, slices.Concat(found...))
	}
	if err != nil && p.options.Note != nil && p.stop.Err() == nil {
		p.options.Note("the pictures that were sent could not be looked at; the next plan does: " + err.Error())
	}
}

func (p *pass) noteFound(rows []hung, found []record) error {
	records := map[int64]record{}
	for _, r := range found {
		records[r.id(rows[0].task.entity)] = r
	}
	problems := make([]error, len(rows))
	sideBySide(len(rows), func(i int) {
		h := rows[i]
		for k, c := range h.task.row.Changes {
			f := h.task.entity.field(c.Field)
			source, _, err := pictureOf(h.task.values[k])
			if f.Kind != Picture || err != nil || source == "" || p.stop.Err() != nil {
				continue
			}
			if address := f.fromPortal(records[h.id][f.Name]).String(); address != "" {
				problems[i] = p.studio.sent(p.stop, h.id, f.Name, address, source)
			}
		}
	})
	return errors.Join(problems...)
}

// hasPictures tells whether a row sends some.
func (t *task) hasPictures() bool {
	return slices.ContainsFunc(t.row.Changes, func(c Change) bool { return t.entity.field(c.Field).Kind == Picture && len(c.New) > 0 })
}
