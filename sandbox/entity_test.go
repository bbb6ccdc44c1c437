package sandbox

import (
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/internal/phpquery"
)

// portal calls the methods of a seeded sandbox as somebody.
type portal struct {
	tb  testing.TB
	sb  *Sandbox
	who principal
}

var fullScopes = allScopes

func newPortal(tb testing.TB, users int) *portal {
	tb.Helper()
	return &portal{tb: tb, sb: newSandbox(tb, Options{Plan: Off, Users: users}), who: principal{userID: adminID, admin: true, scopes: fullScopes}}
}

// newSandbox is a portal that the test closes.
func newSandbox(tb testing.TB, o Options) *Sandbox {
	tb.Helper()
	sb, err := New(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := sb.Close(); err != nil {
			tb.Error(err)
		}
	})
	return sb
}

// as is the same portal for another caller.
func (p *portal) as(who principal) *portal { return &portal{p.tb, p.sb, who} }

// on is the same portal for another test.
func (p *portal) on(tb testing.TB) *portal { return &portal{tb, p.sb, p.who} }

func (p *portal) run(name string, params *phpquery.Array) (result, error) {
	p.tb.Helper()
	if p.sb.methods[strings.ToLower(name)] == nil {
		p.tb.Fatalf("no method %s", name)
	}
	answer, err := p.sb.runChecked(&call{ctx: p.tb.Context(), sb: p.sb, params: params, who: p.who, origin: "https://b24-sandbox.example"}, strings.ToLower(name))
	return answer.result, err
}

// ok runs a method that must succeed and answers plain Go values.
func (p *portal) ok(name string, kv ...any) any {
	p.tb.Helper()
	r, err := p.run(name, arr(kv...))
	if err != nil {
		p.tb.Fatalf("%s %v: %v", name, kv, err)
	}
	return plainValue(r.value)
}

// refused runs a method that must fail and answers "code: description".
func (p *portal) refused(name string, kv ...any) string {
	p.tb.Helper()
	r, err := p.run(name, arr(kv...))
	var refusal *restError
	if !errors.As(err, &refusal) {
		p.tb.Fatalf("%s %v: got %v, %v; want a refusal", name, kv, plainValue(r.value), err)
	}
	return strconv.Itoa(refusal.status) + " " + refusal.code + ": " + refusal.description
}

func (p *portal) user(id int) map[string]any {
	p.tb.Helper()
	rows := p.ok("user.get", "ID", id).([]any)
	if len(rows) != 1 {
		p.tb.Fatalf("user.get ID=%d: %d rows", id, len(rows))
	}
	return rows[0].(map[string]any)
}

// ids walks every page of a list and answers the ids in the order they came.
func (p *portal) ids(name string, kv ...any) []int {
	p.tb.Helper()
	var ids []int
	for start := int64(0); ; {
		r, err := p.run(name, arr(append(kv, "start", start)...))
		if err != nil {
			p.tb.Fatalf("%s %v: %v", name, kv, err)
		}
		for _, row := range r.value.(*phpquery.Array).All() {
			id, _ := row.(*phpquery.Array).Get("ID")
			ids = append(ids, int(intval(phpquery.Text(id))))
		}
		if r.next == nil {
			if r.total == nil || *r.total != int64(len(ids)) {
				p.tb.Fatalf("%s %v: %d rows, total %v", name, kv, len(ids), r.total)
			}
			return ids
		}
		start = *r.next
	}
}

// arr makes parameters of names and values; Go lists and maps become arrays.
func arr(kv ...any) *phpquery.Array {
	a := phpquery.NewArray()
	for i := 0; i < len(kv); i += 2 {
		a.Set(kv[i].(string), param(kv[i+1]))
	}
	return a
}

func list(values ...any) *phpquery.Array {
	a := phpquery.NewArray()
	for _, v := range values {
		a.Append(param(v))
	}
	return a
}

func param(v any) any {
	switch t := v.(type) {
	case int:
		return number(int64(t))
	case int64:
		return number(t)
	default:
		return v
	}
}

// plainValue turns an answer into maps, slices and scalars.
func plainValue(v any) any {
	a, ok := v.(*phpquery.Array)
	if !ok {
		return v
	}
	values, fields, isList := []any{}, map[string]any{}, true
	for k, element := range a.All() {
		isList = isList && k == strconv.Itoa(len(values))
		values = append(values, plainValue(element))
		fields[k] = values[len(values)-1]
	}
	if isList {
		return values
	}
	return fields
}

func keysIn(a *phpquery.Array) []string {
	var keys []string
	for k := range a.All() {
		keys = append(keys, k)
	}
	return keys
}

func diff(tb testing.TB, what string, want, got any) {
	tb.Helper()
	if d := cmp.Diff(want, got); d != "" {
		tb.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// TestEntityDescription keeps the descriptions usable: a field can be written,
// shown and compared, its name is unique and its SQL name harmless.
func TestEntityDescription(t *testing.T) {
	t.Parallel()
	for _, e := range entities() {
		seen := map[string]bool{}
		for _, f := range e.fields {
			if seen[f.name] {
				t.Errorf("%s: %s is there twice", e.name, f.name)
			}
			seen[f.name] = true
			if strings.Trim(f.key(), "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" {
				t.Errorf("%s: %s is no plain name", e.name, f.key())
			}
			if f.compute == nil && (f.kind.show == nil || f.kind.key == nil || f.kind.parse == nil) {
				t.Errorf("%s: %s has no complete kind", e.name, f.name)
			}
			if !f.readOnly && f.kind.take == nil {
				t.Errorf("%s: %s cannot be written", e.name, f.name)
			}
		}
		for _, name := range e.search {
			if !seen[name] {
				t.Errorf("%s: searched field %s does not exist", e.name, name)
			}
		}
	}
}

// TestEntityContainer answers the rows under the key that a description names.
func TestEntityContainer(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	wrapped := *departmentEntity
	wrapped.container = "items"
	c := &call{ctx: t.Context(), sb: p.sb, params: arr("ID", 2), who: p.who}
	r, err := c.reading(func(tx *sql.Tx) (result, error) {
		return listing{entity: &wrapped, topLevel: true}.run(c, tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"items": []any{map[string]any{"ID": "2", "NAME": "Sales", "SORT": json.Number("500"), "PARENT": "1", "UF_HEAD": "2"}}}
	diff(t, "answer", want, plainValue(r.value))
}

// TestEntityLinks keeps the table of a multiple field in step with documents.
func TestEntityLinks(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	for _, departments := range [][]any{{3}, {3, 4}, {4, 3, 3}, {7}} {
		p.ok("user.update", "ID", 20, "UF_DEPARTMENT", list(departments...))
		for id := 2; id <= 10; id++ {
			found := false
			for _, u := range p.ids("user.get", "UF_DEPARTMENT", id) {
				found = found || u == 20
			}
			want := false
			for _, d := range departments {
				want = want || d == id
			}
			if found != want {
				t.Errorf("in departments %v: found by %d: %v", departments, id, found)
			}
		}
	}
}
