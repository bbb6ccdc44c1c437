package bitrix24

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"
)

// send sends one request and decides its commands or puts them back. It keeps
// those that go again until their pause is over.
func (r *batchRun) send(ctx, begin context.Context, sent request) {
	items := sent.items
	started := time.Now()
	answer, halted, err := r.request(ctx, items)
	took := time.Since(started)
	var again []*item
	var wait time.Duration
	if err == nil {
		var refused []*Error
		r.change(func() {
			r.refusals = 0
			r.landed(items)
			r.pace.answered(items, sent.allowed)
			if sent.number > r.room.heard {
				r.room.answered(sent.beside, 1)
			}
			again, refused, wait = r.settle(items, answer, halted, took)
			again = r.follow(again)
		})
		for _, e := range refused {
			r.client.refused(ctx, e.Method, e)
		}
	} else {
		f := fateOf(err)
		if begin.Err() != nil && f != fateUnknown {
			err = ended(ctx, begin)
		}
		r.change(func() {
			r.landed(items)
			if f == fateUnknown && r.busy(err, took) {
				// However few were under way: the portal's load is not ours alone.
				r.room.failed(sent.number, r.sent, max(sent.beside, r.room.proven))
			}
			again, wait = r.failed(sent, err, f, begin.Err() != nil)
			again = r.follow(again)
		})
		if len(again) > 0 {
			out := &outgoing{method: "batch", client: r.client}
			out.repeating(ctx, r.client.engine, RepeatEvent{Attempt: max(1, again[0].attempts), Commands: len(again), Reason: err.Error(), Wait: wait})
		}
	}
	if len(again) == 0 {
		return
	}
	if wait > 0 {
		_ = sleep(begin, wait)
	}
	r.change(func() { r.putBack(again) })
}

// request makes the batch of some commands and calls it once.
func (r *batchRun) request(ctx context.Context, items []*item) (*batchAnswer, bool, error) {
	commands := &Object{}
	halt := r.cfg.halt
	for _, it := range items {
		text := it.Method
		if it.query != "" {
			text += "?" + it.query
		}
		commands.append(key(it.index), text)
		halt = halt || len(it.refs) > 0
	}
	number := 0
	if halt {
		number = 1
	}
	// The run itself decides what is sent again.
	out, settings, err := r.client.prepare(Request{Method: "batch", Params: NewObject("halt", number, "cmd", commands)}, []CallOption{WithRetries(1)})
	if err != nil {
		return nil, halt, err
	}
	out.booked, out.commands = true, len(items)
	in, err := r.client.engine.do(ctx, out, settings)
	if err != nil {
		return nil, halt, err
	}
	answer, err := readBatch(in)
	return answer, halt, err
}

// batchAnswer is the answer to a batch, each section by the keys of its commands.
type batchAnswer struct {
	result, errors, total, next, time map[string]json.RawMessage
	status                            int
	header                            http.Header
}

func readBatch(in *incoming) (*batchAnswer, error) {
	a := &batchAnswer{status: in.status, header: in.header}
	sections := map[string]*map[string]json.RawMessage{
		"result": &a.result, "result_error": &a.errors, "result_total": &a.total, "result_next": &a.next, "result_time": &a.time,
	}
	found := false
	for name, section := range objectMembers(in.envelope.Result) {
		into, known := sections[name]
		if !known {
			continue
		}
		found = true
		*into = map[string]json.RawMessage{}
		// An empty section is PHP's empty list, which has no members.
		for key, value := range objectMembers(section) {
			(*into)[key] = value
		}
	}
	if !found {
		return nil, &AnswerError{Method: "batch", Host: in.host, Status: in.status, Header: in.header, Raw: in.body, Reason: "a result that is no batch's"}
	}
	return a, nil
}

// settle reads what became of each command of an answered request. It returns
// those to send again and after how long, and the refusals for a limit.
func (r *batchRun) settle(items []*item, a *batchAnswer, halted bool, took time.Duration) (again []*item, limited []*Error, wait time.Duration) {
	failed := false
	for _, it := range items {
		k := key(it.index)
		a.times(k, &it.outcome)
		result, done := a.result[k]
		failure, refused := a.errors[k]
		switch {
		case refused:
			failed = true
			err := readCommandError(failure, it.Method, a, r.client.engine.redactor)
			if fateOf(err) == fateRefused {
				limited = append(limited, err)
			}
			if r.refused(it, err) {
				again = append(again, it)
			}
		case done:
			it.outcome.Result = result
			it.decide(Done, nil)
			r.learn(it, took/time.Duration(len(items)))
		case halted && failed:
			again = append(again, it)
		case r.doubtful(it, &AnswerError{Method: it.Method, Status: a.status, Header: a.header, Reason: "the answer to the batch leaves it out"}):
			again = append(again, it)
		}
		if it.unclear && !it.decided {
			wait = max(wait, pause(it.attempts))
		}
	}
	r.pace.release(items)
	if r.cfg.halt && slices.ContainsFunc(items, func(it *item) bool { return it.decided && it.outcome.State != Done }) {
		for _, it := range again {
			it.decide(NotSent, errFailedBefore)
		}
		r.giveUp(errFailedBefore)
		return nil, limited, 0
	}
	return again, limited, wait
}

// refused decides a command that the portal answered with an error, unless it
// should be sent again.
func (r *batchRun) refused(it *item, err *Error) (again bool) {
	switch fateOf(err) {
	case fateRefused:
		it.refusals++
		r.client.operating.refused(r.billed(it), time.Now())
		if it.refusals < mostRefusals {
			return true
		}
		if it.unclear {
			it.decide(Unknown, err)
			return false
		}
	case fateUnknown:
		return r.doubtful(it, err)
	}
	it.decide(Refused, err)
	return false
}

// doubtful decides a command that may have been carried out, unless a second run
// of it is harmless.
func (r *batchRun) doubtful(it *item, err error) (again bool) {
	it.attempts++
	it.suspect++
	it.unclear = true
	if it.Replay != Once && !r.cfg.once && it.attempts < attemptsUnknown {
		return true
	}
	it.decide(Unknown, err)
	return false
}

// billed is the method whose operating time a command uses.
func (r *batchRun) billed(it *item) string {
	if r.client.engine.cfg.billing == BillBatch {
		return "batch"
	}
	return it.Method
}

func (r *batchRun) learn(it *item, share time.Duration) {
	took := time.Duration(it.outcome.Time.Duration * float64(time.Second))
	if took <= 0 {
		took = share
	}
	r.pace.learn(it.Method, took)
	r.client.operating.note(r.billed(it), it.outcome.Time, time.Now())
}

// times reads the sections beside the results.
func (a *batchAnswer) times(k string, o *Outcome) {
	o.Time.read(a.time[k])
	o.Total, o.Next = (*int64)(count(a.total[k])), (*int64)(count(a.next[k]))
}

// readCommandError makes an *Error of an entry of result_error.
func readCommandError(raw json.RawMessage, method string, a *batchAnswer, r *redactor) *Error {
	var entry struct {
		Error       json.RawMessage `json:"error"`
		Description json.RawMessage `json:"error_description"`
	}
	if json.Unmarshal(raw, &entry) != nil {
		entry.Description = raw
	}
	return &Error{Code: textOf(entry.Error), Description: r.text(textOf(entry.Description)), Status: a.status, Method: method, Header: a.header, Raw: raw}
}

// chained cuts the commands of a request into their chains.
func chained(items []*item) [][]*item {
	var chains [][]*item
	for i, it := range items {
		if i == 0 || it.chain != items[i-1].chain {
			chains = append(chains, nil)
		}
		last := len(chains) - 1
		chains[last] = append(chains[last], it)
	}
	return chains
}

// putBack returns commands to the head of the queue, each chain on its own, from
// the last to the first so that their order stays.
func (r *batchRun) putBack(items []*item) {
	for _, chain := range slices.Backward(chained(items)) {
		r.enqueue(chain, true)
	}
}

// follow replaces the references of commands that go again. One that refers to a
// command that was done gets the value itself, as the result is not in its new
// request, and soon not in memory; one that refers to a command that was not done
// is not sent.
func (r *batchRun) follow(items []*item) []*item {
	var open []*item
	for _, it := range items {
		if len(it.refs) == 0 || r.resolve(it, items) {
			open = append(open, it)
		}
	}
	return open
}

// resolve replaces the references of a command to results at hand. What is
// replaced stays so: a result is gone when it has been yielded.
func (r *batchRun) resolve(it *item, beside []*item) bool {
	targets := map[int]*item{}
	for _, other := range r.pending {
		targets[other.index] = other
	}
	var missing error
	var refs []int
	params, _ := replaced(it.Params.ordered(), func(ref Reference) any {
		at := it.at[ref.command]
		target := targets[at]
		switch {
		case target != nil && !target.decided && slices.Contains(beside, target):
			refs = append(refs, at)
			return ref
		case target == nil || target.outcome.State != Done:
			missing = errFailedBefore
			return nil
		}
		value, err := ref.in(target.outcome.Result)
		if err != nil {
			missing = err
		}
		return value
	}).(*Object)
	if missing == nil {
		it.Params, it.refs = params, refs
		missing = it.write(params)
	}
	if missing != nil {
		it.decide(NotSent, missing)
		return false
	}
	return true
}

// failed decides the commands of a request without an answer. It returns those
// to send again, and after how long.
func (r *batchRun) failed(sent request, err error, f fate, cancelled bool) (again []*item, wait time.Duration) {
	items := sent.items
	switch {
	case f == fateRefused:
		r.pace.release(items)
		if isRefusedForTime(err) {
			r.client.operating.refused("batch", time.Now())
		}
		// Requests that were under way together are refused together.
		if sent.number > r.informed {
			r.informed = r.sent
			r.refusals++
		}
		if r.refusals > mostRefusals {
			break
		}
		if r.client.limiter.off() {
			wait = pause(min(max(1, r.refusals), 5)) // 0 when another was answered in between
		}
		return items, wait
	case f == fateUnknown:
		r.pace.failed(items, sent.number, r.sent)
		return r.unknown(items, err, cancelled)
	case f == fateNotSent && !cancelled && items[0].attempts+1 < attemptsUnknown:
		r.pace.release(items)
		for _, it := range items {
			it.attempts++
		}
		return items, pause(items[0].attempts)
	}
	r.stop(items, err)
	return nil, 0
}

// busy tells whether a request without an answer says that the portal has too much
// to do: it took long, or a gateway gave up on it.
func (r *batchRun) busy(err error, took time.Duration) bool {
	var answer *AnswerError
	if errors.As(err, &answer) {
		switch answer.Status {
		case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
	}
	return took >= r.pace.budget
}

// stop decides the commands of a request that cannot be sent, and everything
// after it: the next request would end the same way.
func (r *batchRun) stop(items []*item, err error) {
	for _, it := range items {
		it.decide(NotSent, err)
	}
	r.giveUp(err)
}

// unknown decides commands that may have been carried out, unless a second run
// of them is harmless. A chain is as harmless as its least harmless command.
func (r *batchRun) unknown(items []*item, err error, cancelled bool) (again []*item, wait time.Duration) {
	for _, chain := range chained(items) {
		final := cancelled
		for _, it := range chain {
			it.attempts++
			it.suspect++
			it.unclear = true
			final = final || it.Replay == Once || r.cfg.once || it.attempts >= attemptsUnknown
		}
		for _, it := range chain {
			if final {
				it.decide(Unknown, err)
				continue
			}
			wait = max(wait, pause(it.attempts))
			again = append(again, it)
		}
	}
	if r.cfg.halt && len(again) < len(items) {
		for _, it := range again {
			it.decide(Unknown, err)
		}
		r.giveUp(errFailedBefore)
		return nil, 0
	}
	return again, wait
}
