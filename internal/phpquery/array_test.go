package phpquery

import (
	"math"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// build returns an array with the keys and values given in turn; the key "[]"
// appends.
func build(pairs ...any) *Array {
	a := NewArray()
	for i := 0; i < len(pairs); i += 2 {
		if key := pairs[i].(string); key == "[]" {
			a.Append(pairs[i+1])
		} else {
			a.Set(key, pairs[i+1])
		}
	}
	return a
}

type element struct {
	Key   string
	Value any
}

func elementsOf(a *Array) []element {
	var list []element
	for key, value := range a.All() {
		list = append(list, element{key, value})
	}
	return list
}

// elements lets cmp see what an array holds, but not its next free key.
var elements = cmp.Transformer("elements", elementsOf)

func without(a *Array, keys ...string) *Array {
	for _, key := range keys {
		a.Delete(key)
	}
	return a
}

func TestArrayOrderAndKeys(t *testing.T) {
	t.Parallel()
	last := strconv.Itoa(math.MaxInt64)
	for name, tt := range map[string]struct {
		array *Array
		want  []element
		list  bool
	}{
		"nil":                         {nil, nil, true},
		"empty":                       {build(), nil, true},
		"list":                        {List("x", nil, true), []element{{"0", "x"}, {"1", nil}, {"2", true}}, true},
		"list set by keys":            {build("0", "x", "1", "y"), []element{{"0", "x"}, {"1", "y"}}, true},
		"keys of a list, other order": {build("1", "y", "0", "x"), []element{{"1", "y"}, {"0", "x"}}, false},
		"list from 1":                 {build("1", "x"), []element{{"1", "x"}}, false},
		"gap":                         {build("0", "x", "2", "y"), []element{{"0", "x"}, {"2", "y"}}, false},
		"leading zero":                {build("00", "x", "[]", "y"), []element{{"00", "x"}, {"0", "y"}}, false},
		"a set key keeps its place":   {build("a", 1, "b", 2, "a", 3), []element{{"a", 3}, {"b", 2}}, false},
		"append after the greatest":   {build("7", "x", "3", "y", "[]", "z"), []element{{"7", "x"}, {"3", "y"}, {"8", "z"}}, false},
		"append after a text":         {build("a", "x", "[]", "y"), []element{{"a", "x"}, {"0", "y"}}, false},
		"append after a negative":     {build("-2", "x", "[]", "y", "[]", "z", "[]", "0"), []element{{"-2", "x"}, {"-1", "y"}, {"0", "z"}, {"1", "0"}}, false},
		"append after the last key":   {build(last, "x", "[]", "y"), []element{{last, "x"}}, false},
		"delete the first":            {without(List("x", "y"), "0"), []element{{"1", "y"}}, false},
		"delete the last":             {without(List("x", "y"), "1"), []element{{"0", "x"}}, true},
		"delete all":                  {without(build("a", "x"), "a"), nil, true},
		"delete what is not there":    {without(build("a", "x"), "b", "A"), []element{{"a", "x"}}, false},
		"delete from nil":             {without(nil, "a"), nil, true},
	} {
		if diff := cmp.Diff(tt.want, elementsOf(tt.array), elements); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if got := tt.array.Len(); got != len(tt.want) {
			t.Errorf("%s: Len is %d, want %d", name, got, len(tt.want))
		}
		if got := tt.array.IsList(); got != tt.list {
			t.Errorf("%s: IsList is %t, want %t", name, got, tt.list)
		}
	}
}

func TestAppendAfterDelete(t *testing.T) {
	t.Parallel()
	a := without(List("x", "y"), "1")
	a.Append("z")
	if diff := cmp.Diff([]element{{"0", "x"}, {"2", "z"}}, elementsOf(a)); diff != "" {
		t.Errorf("PHP never gives a key out again (-want +got):\n%s", diff)
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	a := build("Имя", "a", "ID", "b", "id", nil, "list", List("x"))
	type answer struct {
		Value any
		OK    bool
	}
	for _, tt := range []struct {
		array       *Array
		key         string
		exact, fold answer
	}{
		{a, "ID", answer{"b", true}, answer{"b", true}},
		{a, "id", answer{nil, true}, answer{nil, true}},
		{a, "Id", answer{}, answer{"b", true}},
		{a, "иМЯ", answer{}, answer{"a", true}},
		{a, "LIST", answer{}, answer{List("x"), true}},
		{a, "no", answer{}, answer{}},
		{a, "", answer{}, answer{}},
		{nil, "ID", answer{}, answer{}},
	} {
		var exact, fold answer
		exact.Value, exact.OK = tt.array.Get(tt.key)
		fold.Value, fold.OK = tt.array.GetFold(tt.key)
		if diff := cmp.Diff(tt.exact, exact, elements); diff != "" {
			t.Errorf("Get(%q) (-want +got):\n%s", tt.key, diff)
		}
		if diff := cmp.Diff(tt.fold, fold, elements); diff != "" {
			t.Errorf("GetFold(%q) (-want +got):\n%s", tt.key, diff)
		}
	}
}

func TestAllStops(t *testing.T) {
	t.Parallel()
	var keys []string
	for key := range List("x", "y", "z").All() {
		keys = append(keys, key)
		if key == "1" {
			break
		}
	}
	if diff := cmp.Diff([]string{"0", "1"}, keys); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAdd(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"new": `{"a":["x"],"new":["file","body"]}`, "a": `{"a":["file","body"]}`, "a[]": `{"a":["x",["file","body"]]}`,
		"a[0]": `{"a":[["file","body"]]}`, "a[b]": `{"a":{"0":"x","b":["file","body"]}}`, "b[c][]": `{"a":["x"],"b":{"c":[["file","body"]]}}`,
		"": `{"a":["x"]}`, "[]": `{"a":["x"]}`,
	} {
		a := build("a", List("x"))
		a.Add(name, List("file", "body"))
		if diff := cmp.Diff(want, written(t, a)); diff != "" {
			t.Errorf("Add(%q) (-want +got):\n%s", name, diff)
		}
	}
}
