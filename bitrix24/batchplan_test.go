package bitrix24

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawCommands makes commands with references to those before them, and to some
// that are not there.
func drawCommands(t *rapid.T) []Command {
	n := rapid.IntRange(0, 200).Draw(t, "commands")
	commands := make([]Command, n)
	for i := range commands {
		params := Fields{"N": i}
		if back := rapid.IntRange(-400, 60).Draw(t, "back"); back > 0 {
			params["REF"] = Ref(fmt.Sprintf("n%d", i-back))
		} else if back > -10 {
			params["REF"] = Fields{"deep": []any{Ref(fmt.Sprint(i + back))}} // by position; itself when 0
		}
		commands[i] = Command{Method: "user.update", Params: params}
		if rapid.Bool().Draw(t, "named") {
			commands[i].Name = fmt.Sprintf("n%d", i)
		}
	}
	return commands
}

// TestSegments cuts any commands into stretches: every command is in one, in
// order; what refers to one another travels together; none is too long.
func TestSegments(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		commands := drawCommands(t)
		p := planner{chains: true}
		var segments [][]*item
		take := func() {
			for s := p.segment(); s != nil; s = p.segment() {
				segments = append(segments, s)
			}
		}
		for _, c := range commands {
			p.add(c)
			take()
		}
		p.ended = true
		take()
		next := 0
		for _, s := range segments {
			first := s[0].index
			open := 0
			for _, it := range s {
				if it.index != next {
					t.Fatalf("command %d stands where %d should", it.index, next)
				}
				next++
				if it.decided {
					if it.outcome.State != NotSent || it.outcome.Err == nil {
						t.Fatalf("command %d: %+v", it.index, it.outcome)
					}
					continue
				}
				open++
				for _, ref := range it.refs {
					if ref < first || ref >= it.index {
						t.Fatalf("command %d refers to %d, its segment begins at %d", it.index, ref, first)
					}
					if !strings.Contains(it.query, fmt.Sprintf("%%24result%%5B%s%%5D", key(ref))) {
						t.Fatalf("command %d does not name %d: %s", it.index, ref, it.query)
					}
				}
			}
			if open > maxBatch {
				t.Fatalf("a segment of %d commands", open)
			}
		}
		if next != len(commands) {
			t.Fatalf("%d of %d commands were handed out", next, len(commands))
		}
	})
}

// TestSegmentsWithoutChains are single commands, handed out at once.
func TestSegmentsWithoutChains(t *testing.T) {
	t.Parallel()
	p := planner{}
	for i := range 3 {
		p.add(Command{Method: "user.get"})
		if s := p.segment(); len(s) != 1 || s[0].index != i {
			t.Errorf("%v", s)
		}
	}
}

// TestWrongReferences are told before anything is sent.
func TestWrongReferences(t *testing.T) {
	t.Parallel()
	commands := make([]Command, 0, 140)
	add := func(name string, ref string) {
		params := Fields{}
		if ref != "" {
			params["ID"] = Ref(ref)
		}
		commands = append(commands, Command{Name: name, Method: "user.get", Params: params})
	}
	add("first", "")     // 0
	add("", "later")     // 1
	add("", "itself")    // 2
	add("later", "")     // 3
	add("itself", "4")   // 4
	add("", "-1")        // 5
	add("", "nowhere")   // 6
	for range maxBatch { // 7 to 56
		add("", "")
	}
	add("", "first")                           // 57
	commands[2].Params = Fields{"A": Ref("2")} // refers to itself by position
	p := planner{chains: true}
	for _, c := range commands {
		p.add(c)
	}
	want := map[int]string{
		1:  `refers to "later", and there is no such command before it`,
		2:  `refers to "2", and there is no such command before it`,
		4:  `refers to "4", and there is no such command before it`,
		5:  `refers to "-1", and there is no such command before it`,
		6:  `refers to "nowhere", and there is no such command before it`,
		57: `refers to "first", 57 commands before it; a chain holds 50`,
	}
	for _, it := range p.buffer {
		text := ""
		if it.outcome.Err != nil {
			text = it.outcome.Err.Error()
		}
		if !strings.Contains(text, want[it.index]) || it.decided != (want[it.index] != "") {
			t.Errorf("command %d: %q", it.index, text)
		}
	}
}

// TestChainTooLong is not sent, and says how long it is.
func TestChainTooLong(t *testing.T) {
	t.Parallel()
	p := planner{chains: true}
	for i := range 80 {
		c := Command{Method: "user.get", Params: Fields{}}
		if i > 0 && i < 60 {
			c.Params = Fields{"ID": Ref(fmt.Sprint(i - 1))}
		}
		p.add(c)
	}
	p.ended = true
	var states []int
	for s := p.segment(); s != nil; s = p.segment() {
		undecided := 0
		for _, it := range s {
			if !it.decided {
				undecided++
			} else if !strings.Contains(it.outcome.Err.Error(), "60 commands; 50 are possible") {
				t.Error(it.outcome.Err)
			}
		}
		states = append(states, undecided)
	}
	if want := append([]int{0}, slices.Repeat([]int{1}, 20)...); !slices.Equal(states, want) {
		t.Errorf("segments of %v", states)
	}
}
