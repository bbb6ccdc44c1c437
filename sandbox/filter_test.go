package sandbox

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/oint-go/oint/internal/phpquery"
)

// filterCompany is a portal whose users differ in ways that filters can tell.
func filterCompany(tb testing.TB) *portal {
	tb.Helper()
	p := newPortal(tb, 60)
	for _, change := range [][]any{
		{"ID", 2, "NAME", "Ivan", "PERSONAL_CITY", "New York", "PERSONAL_NOTES", "50% of a_b"},
		{"ID", 3, "NAME", "IVANNA", "PERSONAL_CITY", "Los Angeles", "PERSONAL_NOTES", "50 of axb"},
		{"ID", 4, "NAME", "Diva", "PERSONAL_CITY", "", "PERSONAL_NOTES", `back\slash`},
		{"ID", 5, "NAME", "ЁЛКА", "ACTIVE", "N", "PERSONAL_BIRTHDAY", ""},
		{"ID", 6, "NAME", "", "PERSONAL_BIRTHDAY", "2000-02-29", "UF_DEPARTMENT", list(2, 3)},
	} {
		p.ok("user.update", change...)
	}
	return p
}

func TestFilterOperators(t *testing.T) {
	t.Parallel()
	p := filterCompany(t)
	some := "@ID"
	few := list(2, 3, 4, 5, 6)
	tests := []struct {
		key   string
		value any
		want  []int
	}{
		{"NAME", "Ivan", []int{2}},
		{"NAME", "iVAN", []int{2}},
		{"name", "Ivan", []int{2}},
		{"NAME", "Iv%", []int{2, 3}},
		{"=NAME", "Iv%", nil},
		{"NAME", list("Ivan", "diva"), []int{2, 4}},
		{"NAME", "ёлка", []int{5}},
		{"NAME", "", []int{6}},
		{"NAME", list("", "Ivan"), []int{2, 6}},
		{"NAME", list(), nil},
		{"!NAME", list(), []int{2, 3, 4, 5, 6}},
		{"!NAME", "Ivan", []int{3, 4, 5, 6}},
		{"!=NAME", "Ivan", []int{3, 4, 5, 6}},
		{"!NAME", "", []int{2, 3, 4, 5}},
		{"!NAME", false, []int{2, 3, 4, 5}},
		{"@NAME", list("Ivan", "IVANNA"), []int{2, 3}},
		{"@NAME", "Ivan", []int{2}},
		{"!@NAME", list("Ivan", "IVANNA"), []int{4, 5, 6}},
		{"%NAME", "iv", []int{2, 3, 4}},
		{"%NAME", "ёл", []int{5}},
		{"!%NAME", "iv", []int{5, 6}},
		{"=%NAME", "iv%", []int{2, 3}},
		{"%=NAME", "%na", []int{3}},
		{"=%NAME", "%va%", []int{2, 3, 4}},
		{"=%NAME", "iv", nil},
		{"!=%NAME", "iv%", []int{4, 5, 6}},
		{"!%=NAME", "%va%", []int{5, 6}},
		{"%NAME", list("nn", "ди", "div"), []int{3, 4}},
		{"%PERSONAL_NOTES", "%", []int{2}},
		{"=%PERSONAL_NOTES", "%a_b", []int{2}},
		{"%PERSONAL_NOTES", `k\s`, []int{4}},
		{">NAME", "ivan", []int{3, 5}},
		{">=NAME", "ivan", []int{2, 3, 5}},
		{"<NAME", "ivan", []int{4}},
		{"<=NAME", "ivan", []int{2, 4}},
		{"@PERSONAL_CITY", list("New York", "Los Angeles"), []int{2, 3}},
		{"PERSONAL_CITY", "", []int{4}},
		{">ID", 3, []int{4, 5, 6}},
		{">ID", "3", []int{4, 5, 6}},
		{"<=ID", 3, []int{2, 3}},
		{"!ID", list(2, 3), []int{4, 5, 6}},
		{"><ID", list(3, 5), []int{3, 4, 5}},
		{"!><ID", list(3, 5), []int{2, 6}},
		{"><ID", 3, nil},
		{"=ID", "abc", nil},
		{">ID", "$result[page][49][ID]", []int{2, 3, 4, 5, 6}},
		{"%ID", "3", []int{3}},
		{"ACTIVE", true, []int{2, 3, 4, 6}},
		{"ACTIVE", "Y", []int{2, 3, 4, 6}},
		{"ACTIVE", "true", []int{2, 3, 4, 6}},
		{"ACTIVE", 1, []int{2, 3, 4, 6}},
		{"ACTIVE", false, []int{5}},
		{"ACTIVE", "N", []int{5}},
		{"!ACTIVE", "Y", []int{5}},
		{"ACTIVE", "perhaps", nil},
		{"PERSONAL_BIRTHDAY", "2000-02-29", []int{6}},
		{"PERSONAL_BIRTHDAY", "29.02.2000", []int{6}},
		{"PERSONAL_BIRTHDAY", "2000-02-29T00:00:00+02:00", []int{6}},
		{"PERSONAL_BIRTHDAY", "", nil},
		{"!PERSONAL_BIRTHDAY", "soon", nil},
		{"%PERSONAL_BIRTHDAY", "-02-", nil},
		{"UF_DEPARTMENT", 2, []int{2, 6}},
		{"UF_DEPARTMENT", list("2", "4"), []int{2, 4, 6}},
		{"!UF_DEPARTMENT", 2, []int{3, 4, 5}},
		{">UF_DEPARTMENT", 4, []int{5}},
		{"UF_DEPARTMENT", false, nil},
		{"!UF_DEPARTMENT", false, []int{2, 3, 4, 5, 6}},
		{"NO_SUCH_FIELD", "x", []int{2, 3, 4, 5, 6}},
		{"~NAME", "Ivan", []int{2, 3, 4, 5, 6}},
		{"ADMIN", "Y", []int{2, 3, 4, 5, 6}},
		{"NAME", list(list("Ivan")), nil},
	}
	for _, tt := range tests {
		filter := arr(some, few, tt.key, tt.value)
		diff(t, tt.key+" "+describe(tt.value), tt.want, p.ids("user.get", "FILTER", filter))
		if !strings.EqualFold(tt.key, "ID") {
			diff(t, "top level "+tt.key+" "+describe(tt.value), tt.want, p.ids("user.get", tt.key, tt.value, "filter", arr(some, few)))
		}
	}
}

func describe(v any) string {
	if a, ok := v.(*phpquery.Array); ok {
		var parts []string
		for _, e := range a.All() {
			parts = append(parts, describe(e))
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	return phpquery.Text(param(v))
}

// TestFilterOverride lets the filter win over the same key at the top level.
func TestFilterOverride(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	diff(t, "ids", []int{3}, p.ids("user.get", "ID", 2, "FILTER", arr("ID", 3)))
	diff(t, "both count", []int{4}, p.ids("user.get", ">ID", 3, "FILTER", arr("<ID", 5)))
}

// TestFilterMeaning compares filters with a plain evaluation over the answers.
func TestFilterMeaning(t *testing.T) {
	t.Parallel()
	p := filterCompany(t)
	var users []map[string]any
	for _, id := range p.ids("user.get") {
		users = append(users, p.user(id))
	}
	fields := []string{"ID", "NAME", "PERSONAL_CITY", "PERSONAL_NOTES", "WORK_POSITION", "ACTIVE", "UF_DEPARTMENT", "PERSONAL_BIRTHDAY", "DATE_REGISTER"}
	prefixes := []string{"", "=", "!", "!=", ">", ">=", "<", "<=", "@", "!@", "%", "!%", "=%", "%=", "!=%", "!%="}
	rapid.Check(t, func(rt *rapid.T) {
		filter := phpquery.NewArray()
		var tests []wanted
		for range rapid.IntRange(1, 2).Draw(rt, "clauses") {
			w := wanted{
				prefix: rapid.SampledFrom(prefixes).Draw(rt, "prefix"),
				field:  rapid.SampledFrom(fields).Draw(rt, "field"),
			}
			w.list = rapid.Bool().Draw(rt, "list")
			n := 1
			if w.list {
				n = rapid.IntRange(0, 3).Draw(rt, "n")
			}
			for range n {
				w.values = append(w.values, drawValue(rt, users, w.field))
			}
			if w.list {
				filter.Set(w.prefix+w.field, list(anys(w.values)...))
			} else {
				filter.Set(w.prefix+w.field, w.values[0])
			}
			tests = slices.DeleteFunc(tests, func(o wanted) bool { return o.prefix+o.field == w.prefix+w.field })
			tests = append(tests, w)
		}
		var want []int
		for _, u := range users {
			if !slices.ContainsFunc(tests, func(w wanted) bool { return !w.match(u) }) {
				id, _ := strconv.Atoi(u["ID"].(string))
				want = append(want, id)
			}
		}
		if got := p.ids("user.get", "FILTER", filter); !slices.Equal(got, want) {
			rt.Fatalf("filter %+v\n got %v\nwant %v", tests, got, want)
		}
	})
}

func anys(texts []string) []any {
	var list []any
	for _, s := range texts {
		list = append(list, s)
	}
	return list
}

func drawValue(rt *rapid.T, users []map[string]any, field string) string {
	text := answered(rapid.SampledFrom(users).Draw(rt, "user")[field])
	if l, ok := strings.CutPrefix(text, "["); ok {
		text = l
	}
	switch rapid.IntRange(0, 6).Draw(rt, "form") {
	case 0:
		return strings.ToUpper(text)
	case 1:
		r := []rune(text)
		from := rapid.IntRange(0, len(r)).Draw(rt, "from")
		return string(r[from:rapid.IntRange(from, len(r)).Draw(rt, "to")])
	case 2:
		r := []rune(text)
		return string(r[:rapid.IntRange(0, len(r)).Draw(rt, "head")]) + "%"
	case 3:
		return rapid.SampledFrom([]string{"", "%", "_", "0", "-1", "2", "Y", "n", "zz", "01.01.2020"}).Draw(rt, "odd")
	default:
		return text
	}
}

// answered is the text of an answered value; a list becomes its first element.
func answered(v any) string {
	switch t := v.(type) {
	case bool:
		if t {
			return "Y"
		}
		return "N"
	case []any:
		if len(t) == 0 {
			return ""
		}
		return phpquery.Text(t[0])
	default:
		return phpquery.Text(v)
	}
}

// wanted is one clause of a filter, evaluated over answers.
type wanted struct {
	prefix, field string
	values        []string
	list          bool
}

func (w wanted) match(u map[string]any) bool {
	rest, negated := strings.CutPrefix(w.prefix, "!")
	dated := w.field == "PERSONAL_BIRTHDAY" || w.field == "DATE_REGISTER"
	likeness := rest == "%" || rest == "=%" || rest == "%="
	if len(w.values) == 0 {
		return negated
	}
	if dated && likeness {
		return false
	}
	if w.prefix == "" && !dated && !slices.ContainsFunc(w.values, func(s string) bool { return !strings.Contains(s, "%") }) {
		likeness, rest = true, "=%"
	}
	understood := 0
	found := false
	for _, s := range w.values {
		if !likeness && !w.understands(s) {
			continue
		}
		understood++
		found = found || w.one(u[w.field], rest, s, likeness)
	}
	return understood > 0 && found != negated
}

func (w wanted) understands(s string) bool {
	switch w.field {
	case "PERSONAL_BIRTHDAY", "DATE_REGISTER":
		_, ok := day(s)
		return ok
	case "ACTIVE":
		return slices.Contains([]string{"", "y", "n", "0", "1", "true", "false"}, strings.ToLower(s))
	}
	return true
}

// one compares with one value; of a multiple field any element will do.
func (w wanted) one(v any, op, s string, likeness bool) bool {
	elements, ok := v.([]any)
	if !ok {
		elements = []any{v}
	}
	if !likeness && s == "" && w.field != "ACTIVE" {
		return w.empty(elements, op)
	}
	return slices.ContainsFunc(elements, func(e any) bool {
		if e == nil || e == "" {
			return false
		}
		if likeness {
			return w.alike(e, op, s)
		}
		order := w.order(e, s)
		switch op {
		case ">":
			return order > 0
		case ">=":
			return order >= 0
		case "<":
			return order < 0
		case "<=":
			return order <= 0
		default:
			return order == 0
		}
	})
}

// empty compares with "no value".
func (w wanted) empty(elements []any, op string) bool {
	has := len(elements) > 0 && elements[0] != nil && elements[0] != ""
	switch op {
	case ">":
		return has
	case ">=":
		return true
	case "<":
		return false
	default:
		return !has
	}
}

func (w wanted) alike(e any, op, s string) bool {
	text := strings.ToLower(answered(e))
	if w.field == "ACTIVE" {
		text = map[any]string{true: "1", false: "0"}[e]
	}
	s = strings.ToLower(s)
	if op == "%" {
		return strings.Contains(text, s)
	}
	return globs(text, strings.Split(s, "%"))
}

// globs tells whether the text is the parts with anything between them.
func globs(text string, parts []string) bool {
	rest, ok := strings.CutPrefix(text, parts[0])
	if len(parts) == 1 {
		return text == parts[0]
	}
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

func (w wanted) order(e any, s string) int {
	switch w.field {
	case "ID", "UF_DEPARTMENT":
		a, _ := strconv.Atoi(phpquery.Text(e))
		b, _ := strconv.Atoi(leadingDigits(s))
		return a - b
	case "ACTIVE":
		a := 0
		if e == true {
			a = 1
		}
		b := 0
		if slices.Contains([]string{"y", "1", "true"}, strings.ToLower(s)) {
			b = 1
		}
		return a - b
	case "PERSONAL_BIRTHDAY", "DATE_REGISTER":
		a, _ := day(phpquery.Text(e))
		b, _ := day(s)
		return a.Compare(b)
	default:
		return strings.Compare(strings.ToLower(phpquery.Text(e)), strings.ToLower(s))
	}
}

func leadingDigits(s string) string {
	return s[:len(s)-len(strings.TrimLeft(s, "-0123456789"))]
}

// day reads the dates that occur in the test; all of them are midnight.
func day(s string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02T15:04:05-07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02", "02.01.2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// FuzzFilter runs any filter: whatever it says, the SQL must be sound and the
// page must hold no more than it may.
func FuzzFilter(f *testing.F) {
	for _, o := range operators {
		f.Add(o.prefix+"NAME", "a%", false)
		f.Add(o.prefix+"UF_DEPARTMENT", "5", true)
	}
	f.Add("'; DROP TABLE data_user; --", "'", false)
	f.Add(">ID", "99999999999999999999", false)
	f.Add("=%NAME", strings.Repeat("%a", 30000), false)
	f.Add("NAME_SEARCH", "a:b 0:c", false)
	p := newPortal(f, companyUsers)
	f.Fuzz(func(t *testing.T, key, value string, nested bool) {
		var v any = value
		if nested {
			v = list(value, "", value)
		}
		for _, name := range []string{"user.get", "user.search"} {
			r, err := p.on(t).run(name, arr("FILTER", arr(key, v)))
			if err != nil {
				t.Fatalf("%s %q %q: %v", name, key, value, err)
			}
			if n := r.value.(*phpquery.Array).Len(); int64(n) > *r.total || n > pageSize {
				t.Fatalf("%d rows of %d", n, *r.total)
			}
		}
		c := parseClause(key, v)
		if rest, ok := strings.CutPrefix(key, c.operator.prefix); !ok || strings.ToUpper(strings.TrimSpace(rest)) != c.field {
			t.Fatalf("%q became %+v", key, c)
		}
	})
}
