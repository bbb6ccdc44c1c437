package sync

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// tree are the departments of a portal and those that a plan will make.
//
// The path of a department is the names from below the company down to it,
// Sales/North; the company itself is its own name. A name that would make a
// path ambiguous is reached by its id only.
type tree struct {
	nodes   map[int64]*node
	company int64 // the root
	byPath  map[string][]int64
	create  bool            // unknown paths are to be made
	wanted  map[string]bool // unknown paths that are to be made in any case, folded
	missing map[string]path // by their folded path
}

type node struct {
	name   string
	parent int64
}

// path is a department that does not exist yet.
type path struct {
	text   string // as somebody wrote it
	parent string // id, or path of another one to be made
	name   string
}

func newTree() *tree {
	return &tree{nodes: map[int64]*node{}, byPath: map[string][]int64{}, missing: map[string]path{}}
}

func (t *tree) add(id int64, name string, parent int64) { t.nodes[id] = &node{plainText(name), parent} }

// index makes the paths once all departments are known.
func (t *tree) index() {
	clear(t.byPath)
	for id, n := range t.nodes {
		if n.parent == 0 {
			t.company = id
		}
	}
	for id := range t.nodes {
		full := foldPath(t.path(id))
		t.byPath[full] = append(t.byPath[full], id)
	}
}

// path is the path of a department; its id when the path cannot be read back.
func (t *tree) path(id int64) string {
	var names []string
	for at, steps := id, 0; steps < 100; steps++ {
		n := t.nodes[at]
		if n == nil || n.name == "" || strings.ContainsAny(n.name, "/;\n") {
			return strconv.FormatInt(id, 10)
		}
		if n.parent == 0 && len(names) > 0 {
			break // the company itself is not part of a path
		}
		names = append(names, n.name)
		if n.parent == 0 {
			break
		}
		at = n.parent
	}
	slices.Reverse(names)
	text := strings.Join(names, "/")
	if isID(text) {
		return strconv.FormatInt(id, 10)
	}
	return text
}

func isID(text string) bool {
	_, err := strconv.ParseInt(text, 10, 64)
	return err == nil
}

// foldPath is the form in which equal paths are equal.
func foldPath(text string) string {
	return strings.ToLower(norm.NFC.String(strings.Join(segments(text), "/")))
}

func segments(text string) []string {
	parts := strings.Split(text, "/")
	for i := range parts {
		parts[i] = strings.Join(strings.Fields(parts[i]), " ")
	}
	return parts
}

// resolve turns an id or a path into an id, or into the path of a department
// that the plan makes.
func (t *tree) resolve(text string) (string, error) {
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		if t.nodes[id] == nil {
			return "", fmt.Errorf("there is no department %d", id)
		}
		return strconv.FormatInt(id, 10), nil
	}
	id, err := t.find(text)
	switch {
	case err != nil:
		return "", err
	case id != 0:
		return strconv.FormatInt(id, 10), nil
	case !t.create && !t.wanted[foldPath(t.bare(text))]:
		return "", fmt.Errorf("there is no department %q; --create-departments makes it", text)
	}
	return t.plan(segments(text))
}

// find returns the department of a path, with or without the company in front;
// 0 when there is none.
func (t *tree) find(text string) (int64, error) {
	folded := foldPath(text)
	found := t.byPath[folded]
	if len(found) == 0 {
		found = t.byPath[foldPath(t.bare(text))]
	}
	if len(found) > 1 {
		slices.Sort(found)
		return 0, fmt.Errorf("%q is the path of the departments %s; name one by its id", text, numbers(found))
	}
	if len(found) == 1 {
		return found[0], nil
	}
	return 0, nil
}

// bare is a path without the company in front.
func (t *tree) bare(text string) string {
	parts := segments(text)
	if root := t.nodes[t.company]; root != nil && len(parts) > 1 && strings.EqualFold(parts[0], root.name) {
		parts = parts[1:]
	}
	return strings.Join(parts, "/")
}

// same is a form of a path or an id in which those of one department are equal.
func (t *tree) same(text string) string {
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		return strconv.FormatInt(id, 10)
	}
	if id, err := t.find(text); err == nil && id != 0 {
		return strconv.FormatInt(id, 10)
	}
	return foldPath(t.bare(text))
}

// above is the department of a path, or the lowest one above it that is there.
func (t *tree) above(text string) int64 {
	for parts := segments(t.bare(text)); len(parts) > 0; parts = parts[:len(parts)-1] {
		if id, err := t.find(strings.Join(parts, "/")); err == nil && id != 0 {
			return id
		}
	}
	return t.company
}

// plan notes a department to be made, and those above it that are missing.
func (t *tree) plan(parts []string) (string, error) {
	text := strings.Join(parts, "/")
	if slices.Contains(parts, "") {
		return "", fmt.Errorf("the path %q has a part without a name", text)
	}
	text = t.bare(text)
	parts = segments(text)
	if known, ok := t.missing[foldPath(text)]; ok {
		return known.text, nil
	}
	parent := strconv.FormatInt(t.company, 10)
	if len(parts) > 1 {
		var err error
		if parent, err = t.resolve(strings.Join(parts[:len(parts)-1], "/")); err != nil {
			return "", err
		}
	}
	t.missing[foldPath(text)] = path{text, parent, parts[len(parts)-1]}
	return text, nil
}

// creations are the rows that make the departments of some paths, parents
// first.
func (t *tree) creations(used map[string]bool) []Row {
	needed := map[string]path{}
	for text := range used {
		for p, ok := t.missing[foldPath(text)]; ok; p, ok = t.missing[foldPath(p.parent)] {
			needed[p.text] = p
		}
	}
	texts := slices.SortedFunc(maps.Keys(needed), func(a, b string) int {
		if d := strings.Count(a, "/") - strings.Count(b, "/"); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	rows := make([]Row, len(texts))
	for i, text := range texts {
		p := needed[text]
		rows[i] = Row{Action: Create, Entity: "departments", Key: text, Name: p.name, Changes: []Change{
			{Field: "NAME", New: Value{p.name}}, {Field: "PARENT", New: Value{p.parent}},
		}}
	}
	return rows
}

func numbers(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(texts, ", ")
}
