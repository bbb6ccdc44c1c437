package bitrix24

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxBatch is how many commands the portal takes in one batch.
const maxBatch = 50

// Command is one call of a batch.
type Command struct {
	Name   string // for references to its result; its position from 0 when empty
	Method string // REST method
	Params Params // nil for none; values may be a Ref
	Replay Replay // what a second run would do; Once when not set
}

// Reference stands for a value in the result of an earlier command of the same
// chain. It is written as $result[name][path]…
type Reference struct {
	command string
	path    []string
}

// Ref refers to the result of the command with the given name, or at the given
// position from 0, and to a place in it: Ref("deal", "ID"), Ref("users", 0, "ID").
// Commands that refer to one another, and those between them, travel in one
// request: at most 50.
func Ref(command string, path ...any) Reference {
	r := Reference{command: command}
	for _, p := range path {
		r.path = append(r.path, fmt.Sprint(p))
	}
	return r
}

// MarshalJSON writes the reference with the name it was made with.
func (r Reference) MarshalJSON() ([]byte, error) { return json.Marshal(r.under(r.command)) }

func (r Reference) under(key string) string {
	var b strings.Builder
	b.WriteString("$result[" + key + "]")
	for _, p := range r.path {
		b.WriteString("[" + p + "]")
	}
	return b.String()
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
}

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
// Only a bounded part of commands and outcomes is in memory. A context that
// ends leaves the rest as NotSent. Leaving the loop early ends the batch; what
// was on its way then may have been carried out.
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
	refs     []int          // the commands it refers to
	at       map[string]int // where the names it refers to are
	attempts int            // requests it was in whose fate is unknown or that never arrived
	expected time.Duration  // operating time that its request under way is thought to use of it
	outcome  Outcome
	decided  bool
}

// key is the name of a command in requests. It is never a number, which PHP
// would make a list of.
func key(index int) string { return "c" + strconv.Itoa(index) }

// references calls found with every Reference among the parameters.
func references(value any, found func(Reference)) {
	switch v := value.(type) {
	case Reference:
		found(v)
	case *Object:
		for _, member := range v.All() {
			references(member, found)
		}
	case Fields:
		for _, member := range v {
			references(member, found)
		}
	case map[string]any:
		for _, member := range v {
			references(member, found)
		}
	case []any:
		for _, member := range v {
			references(member, found)
		}
	case []Reference:
		for _, member := range v {
			found(member)
		}
	}
}

// replaced copies parameters with each Reference replaced by what with makes of
// it.
func replaced(value any, with func(Reference) any) any {
	switch v := value.(type) {
	case Reference:
		return with(v)
	case *Object:
		o := &Object{}
		for name, member := range v.All() {
			o.append(name, replaced(member, with))
		}
		return o
	case Fields:
		return replaced(v.ordered(), with)
	case map[string]any:
		return replaced(Fields(v), with)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = replaced(v[i], with)
		}
		return list
	case []Reference:
		list := make([]any, len(v))
		for i := range v {
			list[i] = with(v[i])
		}
		return list
	}
	return value
}
