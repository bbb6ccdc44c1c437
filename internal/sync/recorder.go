package sync

import "context"

// recorder keeps outcomes in the journal as they come, as many in a transaction
// as have come meanwhile.
type recorder struct {
	pass *pass
	in   chan result
	over chan struct{}
}

func newRecorder(p *pass) *recorder {
	r := &recorder{pass: p, in: make(chan result, chunkRows), over: make(chan struct{})}
	go r.run()
	return r
}

// put takes the outcome of a row.
func (r *recorder) put(t *task, res result) {
	r.pass.run.take(t, res)
	r.in <- res
	if r.pass.options.Moved != nil {
		r.pass.options.Moved(r.pass.run.Tally())
	}
}

// close waits until everything is in the journal.
func (r *recorder) close() {
	close(r.in)
	<-r.over
}

// run writes. When that fails nothing more is sent; rows whose outcome is lost
// stay as sent in the journal, and the next run looks them up.
func (r *recorder) run() {
	defer close(r.over)
	for res := range r.in {
		results := []result{res}
		for more := true; more && len(results) < chunkRows; {
			select {
			case next, open := <-r.in:
				if more = open; open {
					results = append(results, next)
				}
			default:
				more = false
			}
		}
		if err := r.pass.run.journal.record(context.WithoutCancel(r.pass.stop), results); err != nil {
			r.pass.run.fail(err)
			r.pass.halt(err)
		}
	}
}
