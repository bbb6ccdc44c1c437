package sandbox

import (
	"fmt"
	"time"
)

// Plan is the tariff of the portal; its limits follow from it.
type Plan string

// The plans.
const (
	Standard   Plan = "standard"   // 50 requests at once, 2 more per second
	Enterprise Plan = "enterprise" // 250 requests at once, 5 more per second
	Off        Plan = "off"        // no limits
)

// Limits are the numbers behind a plan.
type Limits struct {
	Burst     float64       // requests that may come at once from one address; 0 means no limit
	PerSecond float64       // requests per second that the bucket drains
	Operating time.Duration // time a method may use in ten minutes; 0 means no limit
}

// limits returns the numbers of a plan (https://apidocs.bitrix24.com/limits.html).
func (p Plan) limits() (Limits, error) {
	const operating = 480 * time.Second
	switch p {
	case Standard:
		return Limits{Burst: 50, PerSecond: 2, Operating: operating}, nil
	case Enterprise:
		return Limits{Burst: 250, PerSecond: 5, Operating: operating}, nil
	case Off, "":
		return Limits{}, nil
	}
	return Limits{}, fmt.Errorf("unknown plan %q; use standard, enterprise or off", p)
}

// Billing says whose operating time the commands of a batch use.
type Billing string

// The ways to bill a batch; the documentation and a measured portal differ.
const (
	BillCommands Billing = ""      // each command its own method (documented)
	BillBatch    Billing = "batch" // all commands the method "batch"
)

// Options make a portal.
type Options struct {
	DB          string        // database file; empty keeps everything in memory
	Plan        Plan          // limits; none when empty
	Limits      *Limits       // own numbers instead of the plan's
	Billing     Billing       // operating time of batches
	Latency     time.Duration // added to every request
	CommandTime time.Duration // every command takes that long, also inside a batch
	Users       int           // users of a new portal; 42 when smaller
	More        []int64       // ids of further employees of a new portal, e.g. those an example names
	Faults      []Fault       // what goes wrong; SetFaults changes it
	Seed        uint64        // of the faults' chances; when 0 they differ every time
	LogSize     int           // commands that the log keeps; 10,000 when 0
	RedirectURI string        // where the application's users are sent with their code; empty shows the code on a page
}
