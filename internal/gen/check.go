package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/oint-go/oint/catalog"
)

// checker looks for what is wrong in the source as a whole.
type checker struct {
	*problems
	file      string
	functions map[string]string // lower-case name, alias or Go method → function
	orders    map[int]string    // place of a region → region
}

// check adds everything that is wrong in the regions. References between them
// are checked when all of them could be read.
func check(regions []*sourceRegion, all bool, found *problems) {
	c := &checker{problems: found, functions: map[string]string{}, orders: map[int]string{}}
	for _, r := range regions {
		c.file = r.file
		c.region(r)
	}
	if !all {
		return
	}
	for _, r := range regions {
		c.file = r.file
		c.references(r)
	}
}

func (c *checker) region(r *sourceRegion) {
	if want := strings.TrimSuffix(r.file[strings.LastIndex(r.file, "/")+1:], ".yaml"); r.Region != want {
		c.add(c.file, r.at("region"), "region is %q, expected the name of the file, %q", r.Region, want)
	}
	if !isLine(r.Title) {
		c.add(c.file, r.at("title"), "title is missing")
	}
	switch other := c.orders[r.Order]; {
	case r.Order < 1:
		c.add(c.file, r.at("order"), "order is missing: the place of the region in lists, 10, 20, 30 …")
	case other != "":
		c.add(c.file, r.at("order"), "order %d is taken by the region %s", r.Order, other)
	default:
		c.orders[r.Order] = r.Region
	}
	if len(r.Functions) == 0 {
		c.add(c.file, r.at("functions"), "functions is missing")
	}
	for i := range r.Functions {
		if f := &r.Functions[i]; f.read() {
			c.function(f)
		}
	}
}

var functionName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)

// aliasName allows the other scripts that functions have names in.
var aliasName = regexp.MustCompile(`^\p{Lu}[\p{L}0-9]*$`)

func (c *checker) function(f *sourceFunction) {
	bad := func(key, format string, args ...any) {
		c.add(c.file, f.at(key), "%s: %s", f.Name, fmt.Sprintf(format, args...))
	}
	if !functionName.MatchString(f.Name) {
		bad("name", "a name is letters and digits and begins with a capital")
	}
	c.claim(f.Name, f, "name")
	for _, alias := range f.Aliases {
		if !aliasName.MatchString(alias) {
			bad("aliases", "the alias %q is no name", alias)
		}
		c.claim(alias, f, "aliases")
	}
	if !isSentence(f.Summary) {
		bad("summary", "summary is one line that ends with a full stop")
	}
	c.kind(f, bad)
	if !slices.Contains([]string{string(catalog.Safe), string(catalog.Idempotent), string(catalog.Once)}, f.Replay) {
		bad("replay", "replay is safe, idempotent or once, not %q", f.Replay)
	}
	if resultTypes[f.Result] == "" {
		bad("result", "unknown result type %q; known are %s", f.Result, resultNames())
	}
	if !strings.HasPrefix(f.Doc, "https://") {
		bad("doc", "doc is the https address of a page")
	}
	for i := range f.Template {
		if t := &f.Template[i]; t.read() && (t.Name == "" || t.Summary == "") {
			c.add(c.file, t.start, "%s: a field of the template has a name and a summary", f.Name)
		}
	}
	c.many(f, bad)
	c.options(f)
	c.example(f)
}

// many checks the methods that call a function many times or read all its rows.
func (c *checker) many(f *sourceFunction, bad func(key, format string, args ...any)) {
	for key, name := range map[string]string{"bulk": f.Bulk, "rows": f.Rows} {
		if name == "" {
			continue
		}
		if !functionName.MatchString(name) {
			bad(key, "%s is the name of a Go method, not %q", key, name)
		}
		if f.kind() != catalog.REST {
			bad(key, "only a REST method has %s", key)
		}
		c.claim(name, f, key)
	}
	if f.Rows != "" && !strings.HasPrefix(f.Result, "[]") {
		bad("rows", "rows needs a result that is a list, not %s", f.Result)
	}
	if f.Bulk != "" && f.Replay == string(catalog.Safe) {
		bad("bulk", "bulk is for functions that change something; all rows of a list are read with rows")
	}
}

// claim takes a name for a function.
func (c *checker) claim(name string, f *sourceFunction, key string) {
	folded := strings.ToLower(name)
	if other, taken := c.functions[folded]; taken {
		c.add(c.file, f.at(key), "%s: the name %s is taken by %s", f.Name, name, other)
		return
	}
	c.functions[folded] = f.Name
}

// kind checks what depends on where a function runs.
func (c *checker) kind(f *sourceFunction, bad func(key, format string, args ...any)) {
	if f.HTTP != "" && f.HTTP != "GET" && f.HTTP != "POST" {
		bad("http", "http is POST or GET, not %q", f.HTTP)
	}
	switch f.kind() {
	case catalog.REST, catalog.OAuth, catalog.Composed:
		if f.Method == "" {
			bad("method", "method is missing")
		}
		if len(f.Template) > 0 {
			bad("template", "only a local function has a template")
		}
		if f.kind() == catalog.OAuth && f.HTTP == "POST" {
			bad("http", "the authorization server takes GET")
		}
		if f.kind() == catalog.OAuth && f.Result != "Token" {
			bad("result", "the authorization server answers with a Token")
		}
		if f.kind() != catalog.OAuth && !(f.hasStandard("url") && f.hasStandard("token")) {
			bad("options", "a REST function has the options url and token")
		}
	case catalog.Local:
		if f.Method != "" || f.HTTP != "" {
			bad("kind", "a local function has neither method nor http")
		}
		if len(f.Template) > 0 && f.Result != "*Object" {
			bad("result", "a template is an *Object")
		}
	default:
		bad("kind", "kind is rest, oauth, local or composed, not %q", f.Kind)
	}
	if f.kind() != catalog.REST && (f.Unwrap != "" || f.Partial != "" && f.kind() != catalog.Composed || len(f.Constants) > 0) {
		bad("kind", "only a REST method has unwrap, partial and constants")
	}
}

func (f *sourceFunction) hasStandard(name string) bool {
	return slices.ContainsFunc(f.Options, func(o sourceOption) bool { return o.Name == name && o.standard() })
}

// references checks the functions that options point to, once all are known.
func (c *checker) references(r *sourceRegion) {
	for i := range r.Functions {
		f := &r.Functions[i]
		for j := range f.Options {
			o := &f.Options[j]
			if o.See != "" && c.functions[strings.ToLower(o.See)] != o.See {
				c.add(c.file, o.at("see"), "%s: option %s: see names the unknown function %q", f.Name, o.Name, o.See)
			}
		}
	}
}

// isLine tells whether a text is one line and not blank.
func isLine(text string) bool {
	return strings.TrimSpace(text) != "" && !strings.Contains(text, "\n")
}

func isSentence(text string) bool { return isLine(text) && strings.HasSuffix(text, ".") }
