package bitrix24

import (
	"sync/atomic"
	"time"
)

// Stats are what a client has done since it was made.
type Stats struct {
	Requests int64         // HTTP requests sent, the repeated ones included
	Commands int64         // of batches that ended in an outcome
	Refusals int64         // calls and commands that the portal refused for one of its limits
	Repeats  int64         // requests that were sent again
	Renewals int64         // access tokens that were replaced
	Waits    int64         // times that a call waited for its turn
	Waited   time.Duration // by all calls together
}

// Stats returns the counters of the client.
func (c *Client) Stats() Stats {
	n := &c.counters
	return Stats{
		Requests: n.requests.Load(), Commands: n.commands.Load(), Refusals: n.refusals.Load(), Repeats: n.repeats.Load(),
		Renewals: n.renewals.Load(), Waits: n.waits.Load(), Waited: time.Duration(n.waited.Load()),
	}
}

// counters are the Stats while they are counted.
type counters struct {
	requests, commands, refusals, repeats, renewals, waits, waited atomic.Int64
}

// count counts for the client of a call; the authorization server has none.
func (out *outgoing) count(add func(*counters)) {
	if out.client != nil {
		add(&out.client.counters)
	}
}
