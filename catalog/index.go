package catalog

import (
	_ "embed" // the index is part of the program
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:generate go run ../internal/gen

//go:embed index.json
var indexJSON []byte

// Region is a chapter of the library.
type Region struct {
	Name      string      `json:"name"`  // e.g. "users"
	Title     string      `json:"title"` // for readers
	Functions []*Function `json:"functions"`
}

// Index is all functions of the library.
type Index struct {
	regions   []*Region
	functions []*Function
	byName    map[string]*Function // by lower-case name and alias
}

// Load returns the embedded index; it is read once.
func Load() (*Index, error) { return load() }

var load = sync.OnceValues(func() (*Index, error) { return parse(indexJSON) })

func parse(data []byte) (*Index, error) {
	x := &Index{byName: map[string]*Function{}}
	if err := json.Unmarshal(data, &x.regions); err != nil {
		return nil, fmt.Errorf("embedded index of functions: %w", err)
	}
	for _, region := range x.regions {
		for _, fn := range region.Functions {
			fn.Region = region.Name
			x.functions = append(x.functions, fn)
			for _, name := range append([]string{fn.Name}, fn.Aliases...) {
				x.byName[strings.ToLower(name)] = fn
			}
		}
	}
	return x, nil
}

// Regions returns the regions in their order.
func (x *Index) Regions() []*Region { return x.regions }

// Functions returns all functions, region by region.
func (x *Index) Functions() []*Function { return x.functions }

// Find returns the function of that name or alias, in any letter case.
func (x *Index) Find(name string) (*Function, bool) {
	fn, ok := x.byName[strings.ToLower(name)]
	return fn, ok
}

// Nearest returns up to three names that resemble a mistyped one.
func (x *Index) Nearest(name string) []string {
	names := make([]string, len(x.functions))
	for i, fn := range x.functions {
		names[i] = fn.Name
	}
	return Closest(name, names)
}

// Option returns the option of that name.
func (fn *Function) Option(name string) (*Option, bool) {
	i := slices.IndexFunc(fn.Options, func(o Option) bool { return o.Name == name })
	if i < 0 {
		return nil, false
	}
	return &fn.Options[i], true
}

// Sent returns the options that become parameters, in wire order.
func (fn *Function) Sent() []*Option {
	names := fn.Send
	if len(names) == 0 {
		for _, o := range fn.Options {
			if o.As != AsURL && o.As != AsToken {
				names = append(names, o.Name)
			}
		}
	}
	sent := make([]*Option, 0, len(names))
	for _, name := range names {
		if o, ok := fn.Option(name); ok {
			sent = append(sent, o)
		}
	}
	return sent
}
