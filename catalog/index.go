package catalog

import (
	"bytes"
	_ "embed" // the index is part of the program
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
)

//go:generate go run ../internal/gen

// indexJSON is written by internal/gen: one line opens a region, one line is
// one function, which begins with its name and aliases.
//
//go:embed index.json
var indexJSON []byte

// Region is a chapter of the library.
type Region struct {
	Name      string      `json:"name"`  // e.g. "users"
	Title     string      `json:"title"` // for readers
	Functions []*Function `json:"functions"`
}

// Index is all functions of the library. A function is decoded when it is
// first asked for, so that a call of one function does not pay for all of them.
//
// It is safe for concurrent use. What it returns is shared and must not be
// changed.
type Index struct {
	regions   []*Region
	entries   []*entry
	byName    map[string]*entry // by lower-case name and alias
	complete  sync.Once
	functions []*Function
}

// entry is a function that may not have been decoded yet.
type entry struct {
	names    []string // the name, then the aliases
	region   *Region
	line     []byte
	once     sync.Once
	function *Function // nil when the line cannot be read
	err      error
}

// Load returns the embedded index; it is read once.
func Load() (*Index, error) { return load() }

var load = sync.OnceValues(func() (*Index, error) { return parse(indexJSON) })

// parse splits an index into entries.
func parse(data []byte) (*Index, error) {
	x := &Index{byName: map[string]*entry{}}
	for line := range bytes.Lines(data) {
		line = bytes.TrimRight(line, ",\n")
		switch {
		case bytes.HasSuffix(line, []byte(`"functions":[`)):
			region := &Region{}
			if err := json.Unmarshal(append(bytes.Clone(line), "]}"...), region); err != nil {
				return nil, fmt.Errorf("embedded index of functions: %w", err)
			}
			x.regions = append(x.regions, region)
		case bytes.HasPrefix(line, []byte(`{"name":`)):
			if len(x.regions) == 0 {
				return nil, errors.New("embedded index of functions: a function stands before the first region")
			}
			e := &entry{region: x.regions[len(x.regions)-1], line: line}
			if err := e.readNames(); err != nil {
				return nil, fmt.Errorf("embedded index of functions: %w", err)
			}
			x.entries = append(x.entries, e)
			for _, name := range e.names {
				x.byName[strings.ToLower(name)] = e
			}
		}
	}
	if len(x.entries) == 0 {
		return nil, errors.New("embedded index of functions: it is empty")
	}
	return x, nil
}

// readNames reads the name and the aliases, which come first. It is done for
// every function at every start of the program, so it cuts the texts out instead
// of decoding JSON; none of them has an escape.
func (e *entry) readNames() error {
	rest, ok := bytes.CutPrefix(e.line, []byte(`{"name":"`))
	name, rest, ok2 := bytes.Cut(rest, []byte(`"`))
	if !ok || !ok2 || len(name) == 0 {
		return errors.New("a function has no name")
	}
	e.names = append(e.names, string(name))
	list, ok := bytes.CutPrefix(rest, []byte(`,"aliases":`))
	if !ok {
		return nil
	}
	list, ok = bytes.CutPrefix(list, []byte(`["`))
	if ok {
		list, _, ok = bytes.Cut(list, []byte(`"]`))
	}
	if !ok {
		return fmt.Errorf("the aliases of %s cannot be read", name)
	}
	e.names = append(e.names, strings.Split(string(list), `","`)...)
	return nil
}

func (e *entry) decode() (*Function, error) {
	e.once.Do(func() {
		fn := &Function{}
		if e.err = json.Unmarshal(e.line, fn); e.err == nil {
			e.function = fn
		}
	})
	return e.function, e.err
}

// Heading is a function in a list: what can be told without decoding it.
type Heading struct {
	Region  *Region
	Name    string
	Summary string
}

// Headings returns all functions, region by region.
func (x *Index) Headings() []Heading {
	headings := make([]Heading, len(x.entries))
	for i, e := range x.entries {
		headings[i] = Heading{e.region, e.names[0], e.summary()}
	}
	return headings
}

// summary reads the summary, which is the first key of that name.
func (e *entry) summary() (text string) {
	_, rest, _ := bytes.Cut(e.line, []byte(`,"summary":`))
	if err := json.NewDecoder(bytes.NewReader(rest)).Decode(&text); err != nil {
		return ""
	}
	return text
}

// Regions returns the regions in their order.
func (x *Index) Regions() []*Region {
	x.complete.Do(x.decodeAll)
	return x.regions
}

// Functions returns all functions, region by region.
func (x *Index) Functions() []*Function {
	x.complete.Do(x.decodeAll)
	return x.functions
}

// decodeAll leaves out what it cannot read. The generator and the tests read
// every entry of the embedded index, so there is no such entry.
func (x *Index) decodeAll() {
	for _, e := range x.entries {
		if fn, err := e.decode(); err == nil {
			e.region.Functions = append(e.region.Functions, fn)
			x.functions = append(x.functions, fn)
		}
	}
}

// Find returns the function of that name or alias, in any letter case.
func (x *Index) Find(name string) (*Function, bool) {
	e, ok := x.byName[strings.ToLower(name)]
	if !ok {
		return nil, false
	}
	fn, err := e.decode()
	return fn, err == nil
}

// Nearest returns up to three names that resemble a mistyped one.
func (x *Index) Nearest(name string) []string {
	var names []string
	for _, e := range x.entries {
		names = append(names, e.names...)
	}
	return Closest(name, names)
}
