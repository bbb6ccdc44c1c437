package sandbox

import (
	"cmp"
	"net/http"
	"strings"
	"time"
)

// timed is a result with the account of its time.
type timed struct {
	result
	began, ended time.Time
	operating    time.Duration
	reset        time.Time
}

// run carries out a command by the name of its method: faults first, then
// rights, the limit and the method itself.
func (s *Sandbox) run(c *call, name string) (timed, error) {
	answer, err := s.runChecked(c, strings.ToLower(name))
	code := ""
	if err != nil {
		answer.record = 0
		refusal := restErrorOf(err)
		// Some methods refuse without a code.
		code = cmp.Or(refusal.code, http.StatusText(refusal.status))
	}
	s.log.command(Command{Time: s.now(), Method: name, UserID: c.who.userID, Code: code, Record: answer.record})
	return answer, err
}

func (s *Sandbox) runChecked(c *call, name string) (timed, error) {
	if err := s.faults.command(name); err != nil {
		return timed{}, err
	}
	if name == "batch" {
		return s.batch(c)
	}
	m := s.methods[name]
	if m == nil {
		s.log.unknown(name)
		return timed{}, errNoMethod(name)
	}
	switch {
	case m.appOnly && c.who.clientID == "":
		return timed{}, &restError{http.StatusForbidden, "WRONG_AUTH_TYPE", "Current authorization type is denied for this method"}
	case !c.who.may(m):
		return timed{}, &restError{http.StatusForbidden, "insufficient_scope", "The request requires higher privileges than provided by the access token"}
	case m.admin && !c.who.admin:
		return timed{}, &restError{http.StatusForbidden, "ACCESS_DENIED", "Access denied."}
	}
	began := s.now()
	billed := name
	if c.inBatch && s.options.Billing == BillBatch {
		billed = "batch"
	}
	key := c.who.client() + " " + billed
	if !s.operating.allowed(key, began) {
		return timed{}, errOperationLimit
	}
	if err := sleep(c.ctx, s.options.CommandTime); err != nil {
		return timed{}, err
	}
	c.method = m
	if m.positional != nil {
		c.params = byPosition(c.params, m.positional)
	}
	answer := timed{began: began}
	ctx, queue := queued(c.ctx)
	c.ctx = ctx
	var err error
	answer.result, err = m.run(c)
	answer.ended = s.now()
	answer.operating, answer.reset = s.operating.add(key, began, max(0, answer.ended.Sub(began)-queue.waited))
	return answer, err
}
