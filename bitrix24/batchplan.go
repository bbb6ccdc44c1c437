package bitrix24

import (
	"fmt"
	"slices"
	"strconv"
)

// planner reads commands and hands them out in segments: stretches that must
// travel in one request because commands in them refer to one another.
type planner struct {
	chains bool
	next   int            // position of the next command
	buffer []*item        // read and not handed out, in order
	names  map[string]int // names in use and where
	ended  bool           // nothing more to read
}

// refError is a command whose references cannot be followed.
type refError struct{ text string }

func (e *refError) Error() string { return e.text }

// add takes one more command. A command that cannot be sent gets its outcome at
// once.
func (p *planner) add(cmd Command) *item {
	it := &item{Command: cmd, index: p.next, outcome: Outcome{Index: p.next, Name: cmd.Name, Method: cmd.Method}}
	p.next++
	if err := p.prepare(it); err != nil {
		it.decide(NotSent, err)
	}
	if len(it.refs) == 0 {
		it.Params = nil // the query has it, and files in it can be large
	}
	p.buffer = append(p.buffer, it)
	if p.chains {
		p.remember(it)
	}
	return it
}

func (p *planner) prepare(it *item) error {
	if !isMethodName(it.Method) {
		return configErrorf("method", "%q is no name of a REST method", shorten(it.Method, 40))
	}
	var params *Object
	if it.Params != nil {
		params = it.Params.ordered()
	}
	var wrong error
	references(params, func(r Reference) {
		at, known := p.find(r.command)
		switch {
		case wrong != nil:
		case !p.chains:
			wrong = &refError{fmt.Sprintf("it refers to %q, and the batch is one without references", r.command)}
		case !known:
			wrong = &refError{fmt.Sprintf("it refers to %q, and there is no such command before it", r.command)}
		case it.index-at >= maxBatch:
			wrong = &refError{fmt.Sprintf("it refers to %q, %d commands before it; a chain holds %d", r.command, it.index-at, maxBatch)}
		default:
			if it.at == nil {
				it.at = map[string]int{}
			}
			it.at[r.command] = at
			it.refs = append(it.refs, at)
		}
	})
	if wrong != nil {
		return wrong
	}
	return it.write(params)
}

// write makes the query of a command.
func (it *item) write(params *Object) error {
	if len(it.refs) > 0 {
		params, _ = replaced(params, func(r Reference) any { return r.under(key(it.at[r.command])) }).(*Object)
	}
	query, err := batchQuery(params)
	if err != nil {
		return fmt.Errorf("%s: %w", it.Method, err)
	}
	it.query = query
	return nil
}

// find returns the position of an earlier command by name or position.
func (p *planner) find(name string) (int, bool) {
	if at, ok := p.names[name]; ok {
		return at, true
	}
	at, err := strconv.Atoi(name)
	return at, err == nil && at >= 0 && at < p.next-1
}

func (p *planner) remember(it *item) {
	if it.Name == "" {
		return
	}
	if p.names == nil {
		p.names = map[string]int{}
	}
	p.names[it.Name] = it.index
	// Names too far back to be referred to are forgotten, so that a stream of
	// named commands does not grow.
	if len(p.names) > 4*maxBatch {
		for name, at := range p.names {
			if it.index-at >= maxBatch {
				delete(p.names, name)
			}
		}
	}
}

// segment returns the first segment of the buffer, or nil when more commands
// must be read to know where it ends. Decided items in it are left out.
func (p *planner) segment() []*item {
	if len(p.buffer) == 0 {
		return nil
	}
	end := 1
	if p.chains {
		first := p.buffer[0].index
		// Where a later command refers into the stretch, the stretch grows; a
		// reference reaches back less than maxBatch.
		for i := 1; i < len(p.buffer) && i < end+maxBatch-1; i++ {
			for _, ref := range p.buffer[i].refs {
				if ref < first+end {
					end = i + 1
				}
			}
		}
		if !p.ended && len(p.buffer) < end+maxBatch-1 {
			return nil
		}
	}
	stretch := slices.Clone(p.buffer[:end])
	p.buffer = p.buffer[end:]
	for _, it := range stretch {
		it.chain = stretch[0].index
	}
	if end > maxBatch {
		for _, it := range stretch {
			if !it.decided {
				it.decide(NotSent, &refError{fmt.Sprintf("its chain has %d commands; %d are possible", end, maxBatch)})
			}
		}
	}
	return stretch
}

// decide gives a command its outcome. One that will not be sent again may still
// have been carried out before.
func (it *item) decide(s State, err error) {
	if s == NotSent && it.unclear {
		s = Unknown
	}
	it.outcome.State, it.outcome.Err, it.decided = s, err, true
}
