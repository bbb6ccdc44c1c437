package bitrix24

import (
	"strings"
	"testing"
)

// TestReferencesInAnyValue finds references in whatever parameters are made of:
// one that is missed would reach the portal as a text.
func TestReferencesInAnyValue(t *testing.T) {
	t.Parallel()
	type line struct {
		ID    Reference `json:"id"`
		Count int       `json:"count"`
	}
	ref := Ref("new", "ID")
	for name, value := range map[string]any{
		"itself":                  ref,
		"a pointer":               &ref,
		"a list":                  []any{1, ref},
		"references":              []Reference{ref},
		"structures":              []Fields{{"ID": ref}},
		"objects":                 []*Object{NewObject("ID", ref)},
		"a map":                   map[string]any{"ID": ref},
		"a map of lists":          map[string][]any{"ID": {ref}},
		"a map of references":     map[string]Reference{"ID": ref},
		"a struct":                line{ID: ref, Count: 2},
		"a pointer to a struct":   &line{ID: ref},
		"structs":                 []line{{ID: ref}},
		"a list in an object":     NewObject("a", []any{Fields{"b": ref}}),
		"an array":                [1]any{ref},
		"an interface in a slice": []Params{Fields{"ID": ref}},
	} {
		p := planner{chains: true}
		p.add(Command{Name: "new", Method: "department.add"})
		it := p.add(Command{Method: "department.update", Params: NewObject("X", value, "Y", "$result[new]")})
		if it.decided || len(it.refs) != 1 || it.refs[0] != 0 {
			t.Errorf("%s: refers to %v, %v", name, it.refs, it.outcome.Err)
		}
		if !strings.Contains(it.query, "%24result%5Bc0%5D%5BID%5D") || strings.Contains(it.query, "%5Bnew%5D%5BID%5D") {
			t.Errorf("%s: %s", name, it.query)
		}
		// A text that looks like one is a text.
		if !strings.Contains(it.query, "Y=%24result%5Bnew%5D") {
			t.Errorf("%s: %s", name, it.query)
		}
	}
	type ring struct{ Next *ring }
	endless := &ring{}
	endless.Next = endless
	references(endless, func(Reference) { t.Error("a reference in nothing") })
}
