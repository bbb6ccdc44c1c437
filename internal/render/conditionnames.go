package render

import (
	"slices"
	"strings"

	"github.com/itchyny/gojq"
)

// inputNames are the names of the members that an expression reads of its input for
// certain, as .Name, ."Name", .["Name"] or {Name}.
type inputNames struct{ names []string }

func (n *inputNames) add(name string) {
	if !slices.Contains(n.names, name) {
		n.names = append(n.names, name)
	}
}

// query walks an expression, as far as its parts have the input of the whole.
func (n *inputNames) query(q *gojq.Query) {
	if q == nil {
		return
	}
	switch q.Op {
	case gojq.OpPipe:
		n.query(q.Left)
		if len(q.Patterns) > 0 || passes(q.Left) {
			n.query(q.Right)
		}
	case gojq.OpAlt: // its left side may be missing
		n.query(q.Right)
	case gojq.OpAssign, gojq.OpModify, gojq.OpUpdateAdd, gojq.OpUpdateSub, gojq.OpUpdateMul, gojq.OpUpdateDiv, gojq.OpUpdateMod, gojq.OpUpdateAlt:
		// What is assigned may make the member.
	default:
		n.query(q.Left)
		n.query(q.Right)
	}
	n.term(q.Term)
}

func (n *inputNames) term(t *gojq.Term) {
	if t == nil {
		return
	}
	n.index(t.Index, true)
	n.text(t.Str)
	n.query(t.Query)
	for i, s := range t.SuffixList {
		n.index(s.Index, i == 0 && t.Type == gojq.TermTypeIdentity)
	}
	switch t.Type {
	case gojq.TermTypeFunc:
		for _, a := range arguments(t.Func) {
			n.query(a)
		}
	case gojq.TermTypeObject:
		for _, kv := range t.Object.KeyVals {
			n.member(kv)
		}
	case gojq.TermTypeArray:
		n.query(t.Array.Query)
	case gojq.TermTypeUnary:
		n.term(t.Unary.Term)
	case gojq.TermTypeIf:
		n.query(t.If.Cond)
		n.query(t.If.Then)
		for _, e := range t.If.Elif {
			n.query(e.Cond)
			n.query(e.Then)
		}
		n.query(t.If.Else)
	case gojq.TermTypeTry:
		n.query(t.Try.Body)
	case gojq.TermTypeReduce:
		n.query(t.Reduce.Query)
		n.query(t.Reduce.Start)
	case gojq.TermTypeForeach:
		n.query(t.Foreach.Query)
		n.query(t.Foreach.Start)
	}
}

// index reads an index, of the input or of what stands before it. What stands in
// its brackets has the input of the whole in any case.
func (n *inputNames) index(i *gojq.Index, ofInput bool) {
	if i == nil {
		return
	}
	n.query(i.Start)
	n.query(i.End)
	n.text(i.Str)
	switch name, ok := constant(i); {
	case ofInput && i.Name != "":
		n.add(i.Name)
	case ofInput && ok:
		n.add(name)
	}
}

// constant is the text that an index is.
func constant(i *gojq.Index) (string, bool) {
	text := i.Str
	if text == nil && !i.IsSlice && i.Start != nil && i.Start.Term != nil && len(i.Start.Term.SuffixList) == 0 {
		text = i.Start.Term.Str
	}
	if text == nil || len(text.Queries) > 0 {
		return "", false
	}
	return text.Str, true
}

// text reads what stands in a text.
func (n *inputNames) text(s *gojq.String) {
	if s == nil {
		return
	}
	for _, q := range s.Queries {
		n.query(q)
	}
}

// member reads a member of an object that is made; one without a value has that of
// the input.
func (n *inputNames) member(kv *gojq.ObjectKeyVal) {
	n.query(kv.KeyQuery)
	n.text(kv.KeyString)
	switch s := kv.KeyString; {
	case kv.Val != nil:
		n.query(kv.Val)
	case s != nil && len(s.Queries) == 0:
		n.add(s.Str)
	case kv.Key != "" && !strings.HasPrefix(kv.Key, "$"):
		n.add(kv.Key)
	}
}

// arguments are those of a function that it applies to its own input.
func arguments(f *gojq.Func) []*gojq.Query {
	switch f.Name {
	case "select", "isempty", "first", "last", "IN":
		return f.Args
	case "any", "all":
		if len(f.Args) == 2 {
			return f.Args[:1]
		}
	}
	return nil
}

// passes tells whether an expression gives nothing but its input.
func passes(q *gojq.Query) bool {
	t := q.Term
	return t != nil && len(t.SuffixList) == 0 && (t.Type == gojq.TermTypeIdentity || t.Type == gojq.TermTypeFunc && t.Func.Name == "select")
}
