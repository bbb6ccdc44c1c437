package phpquery

import (
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Array is PHP's array: an ordered map whose keys are texts. Integer keys are
// kept in their decimal form, so "0" and 0 are the same key, as in PHP.
//
// A value is one of nil, bool, string, json.Number or *Array.
type Array struct {
	keys   []string
	values map[string]any
	next   int64
}

// NewArray returns an empty array.
func NewArray() *Array { return &Array{values: map[string]any{}, next: noIntKey} }

// NewArraySize returns an empty array with room for n elements.
func NewArraySize(n int) *Array {
	return &Array{keys: make([]string, 0, n), values: make(map[string]any, n), next: noIntKey}
}

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
			a.next = min(n, math.MaxInt64-1) + 1
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

// Append puts the value at the end under the next free integer key. An array
// that has the greatest one takes no more.
func (a *Array) Append(value any) {
	if a.next == noIntKey {
		a.next = 0
	}
	key := strconv.FormatInt(a.next, 10)
	if _, taken := a.values[key]; !taken {
		a.Set(key, value)
	}
}

// GetFold is Get without regard to case; an exact match wins.
func (a *Array) GetFold(key string) (any, bool) {
	if v, ok := a.Get(key); ok || a == nil {
		return v, ok
	}
	for _, k := range a.keys {
		if strings.EqualFold(k, key) {
			return a.values[k], true
		}
	}
	return nil, false
}

// Delete removes a key.
func (a *Array) Delete(key string) {
	if _, ok := a.Get(key); ok {
		delete(a.values, key)
		a.keys = slices.DeleteFunc(a.keys, func(k string) bool { return k == key })
	}
}

// IsList tells whether the keys are 0…n-1 in order, which PHP writes as a JSON
// list. An empty array is one.
func (a *Array) IsList() bool {
	if a == nil {
		return true
	}
	for i, k := range a.keys {
		if k != strconv.Itoa(i) {
			return false
		}
	}
	return true
}

// noIntKey is the next free key of an array without integer keys. It stands for
// 0, but a negative key moves it too: after -5 comes -4.
const noIntKey = math.MinInt64

// intKey reads a key that PHP stores as an integer: decimal, without leading
// zeros or plus.
func intKey(key string) (int64, bool) {
	n, err := strconv.ParseInt(key, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == key
}
