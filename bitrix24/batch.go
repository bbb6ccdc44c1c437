package bitrix24

import (
	"context"
	"encoding/json"
	"iter"
	"slices"
	"strconv"
	"time"
)

// maxBatch is how many commands the portal takes in one batch.
const maxBatch = 50

// Commands can be large: a picture is a text of megabytes. A request with more
// than one of them has at most maxBatchBytes of parameters, and about
// maxBatchMemory of them are on their way at once.
const (
	maxBatchBytes  = 8 << 20
	maxBatchMemory = 32 << 20
)

// Command is one call of a batch.
type Command struct {
	Name   string // for references to its result; its position from 0 when empty
	Method string // REST method
	Params Params // nil for none; values may be a Ref
	Replay Replay // what a second run would do; Once when not set
}

// State is what became of a command.
type State uint8

// The states. A command ends in exactly one.
const (
	Done    State = iota // carried out; Result is its result
	Refused              // the portal answered with an error
	NotSent              // not carried out, and not refused: Err says why it was not tried
	Unknown              // it may have been carried out; repeating it could double it
)

// String names the state.
func (s State) String() string {
	return [...]string{"done", "refused", "not sent", "unknown"}[s]
}

// Outcome is what became of one command.
type Outcome struct {
	Index  int    // position of the command, from 0
	Name   string // of the command; empty when it had none
	Method string // REST method
	State  State
	Result json.RawMessage // when Done
	Err    error           // in every other state; an *Error when Refused
	Time   Time            // as far as the portal tells
	Total  *int64          // of a list
	Next   *int64          // of a list
}

// BatchOption is a setting of Batch.
type BatchOption interface{ applyBatch(*batchConfig) }

type batchOption func(*batchConfig)

func (o batchOption) applyBatch(c *batchConfig) { o(c) }

type batchConfig struct {
	halt   bool
	width  int // most commands in a request
	window int // most commands between the oldest without an outcome and the newest read
	chains bool
	full   bool            // requests are as wide as they may be
	once   bool            // nothing whose fate is unknown is sent again
	stop   context.Context // its end stops the sending; may be nil
}

// WithFullRequests makes requests as wide as they may be, even where narrower
// ones would be faster: few requests are spent, e.g. on reading before other work.
func WithFullRequests() BatchOption { return batchOption(func(c *batchConfig) { c.full = true }) }

// WithoutRepeats never sends a command again whose fate is unknown, whatever its
// Replay says: its outcome is Unknown, and the caller finds out.
func WithoutRepeats() BatchOption { return batchOption(func(c *batchConfig) { c.once = true }) }

// WithoutReferences says that no command refers to another one. Commands are then
// sent without a look at those after them, so that not even fifty large ones,
// such as pictures, have to be in memory.
func WithoutReferences() BatchOption { return batchOption(func(c *batchConfig) { c.chains = false }) }

// WithHalt stops at the first command that is not done: the commands after it
// are not sent. Requests then go one after another.
func WithHalt() BatchOption { return batchOption(func(c *batchConfig) { c.halt = true }) }

// WithBatchWidth sets the most commands of one request, 1 to 50; the default
// follows from the free requests and the time that commands take.
func WithBatchWidth(commands int) BatchOption {
	return batchOption(func(c *batchConfig) { c.width = min(max(commands, 1), maxBatch) })
}

// Batch runs any number of commands in as few or as many requests as the
// portal's limits make fastest, and yields the outcome of every command, in
// order. Whatever happens, each command has exactly one outcome: those refused
// before they ran are sent again, and so are those whose fate is unknown when
// their Replay allows it.
//
// Only a bounded part of commands and outcomes is in memory, large commands
// included; see WithoutReferences. A context that
// ends leaves the rest as NotSent. Leaving the loop early ends the batch; what
// was on its way then may have been carried out. The commands are read on a
// goroutine of their own, and no more once the loop has ended.
//
// Commands that do not refer to one another may be carried out in any order,
// except with WithHalt.
func (c *Client) Batch(ctx context.Context, commands iter.Seq[Command], opts ...BatchOption) iter.Seq[Outcome] {
	cfg := batchConfig{width: maxBatch, window: 5000, chains: true}
	for _, o := range opts {
		o.applyBatch(&cfg)
	}
	return func(yield func(Outcome) bool) { newBatchRun(c, cfg).run(ctx, commands, yield) }
}

// BatchAll is Batch for commands in a slice.
func (c *Client) BatchAll(ctx context.Context, commands []Command, opts ...BatchOption) []Outcome {
	outcomes := make([]Outcome, 0, len(commands))
	for o := range c.Batch(ctx, slices.Values(commands), opts...) {
		outcomes = append(outcomes, o)
	}
	return outcomes
}

// item is a command on its way to its outcome.
type item struct {
	Command
	index    int
	query    string         // its parameters, written with the keys of its chain
	held     int            // bytes of them, once it has been in the queue
	refs     []int          // the commands it refers to
	at       map[string]int // where the names it refers to are
	chain    int            // the first command of its segment
	attempts int            // requests it was in whose fate is unknown or that never arrived
	unclear  bool           // one of them may have carried it out
	suspect  int            // how many of them it may have brought down
	refusals int            // by a limit
	expected time.Duration  // operating time that its request under way is thought to use of it
	outcome  Outcome
	decided  bool
}

// key is the name of a command in requests. It is never a number, which PHP
// would make a list of.
func key(index int) string { return "c" + strconv.Itoa(index) }
