package phpquery

import "iter"

// Array is PHP's array: an ordered map whose keys are texts. Integer keys are
// kept in their decimal form, so "0" and 0 are the same key, as in PHP.
//
// A value is one of nil, bool, string, json.Number or *Array.
type Array struct {
	keys   []string
	values map[string]any
	next   int
}

// NewArray returns an empty array.
func NewArray() *Array { return &Array{values: map[string]any{}} }

// List returns an array with the keys 0…n-1.
func List(values ...any) *Array {
	a := NewArray()
	for _, v := range values {
		a.Append(v)
	}
	return a
}

// Len returns the number of elements; a nil array has none.
func (a *Array) Len() int {
	if a == nil {
		return 0
	}
	return len(a.keys)
}

// Get returns the value under key.
func (a *Array) Get(key string) (any, bool) {
	if a == nil {
		return nil, false
	}
	v, ok := a.values[key]
	return v, ok
}

// Set puts the value under key; a new key goes to the end.
func (a *Array) Set(key string, value any) {
	if _, ok := a.values[key]; !ok {
		a.keys = append(a.keys, key)
		if n, ok := intKey(key); ok && n >= a.next {
			a.next = n + 1
		}
	}
	a.values[key] = value
}

// All yields the elements in order.
func (a *Array) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		if a == nil {
			return
		}
		for _, k := range a.keys {
			if !yield(k, a.values[k]) {
				return
			}
		}
	}
}
