package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/oint-go/oint/catalog"
)

// checker collects the problems of the source.
type checker struct {
	problems []error
	names    map[string]string // lower-case function name or alias → where it stands
}

// reserved are the product-wide options, of now and of the features to come.
// A function must not take one of these names.
var reserved = []string{
	"out", "config", "help", "debug", "test", "format", "jq", "ca-file", "allow-http", "oauth-server", "sandbox-plan",
	"version", "profile", "each", "where", "limit", "background", "color", "no-color", "timeout", "yes",
}

func (c *checker) add(file string, line int, format string, args ...any) {
	c.problems = append(c.problems, fmt.Errorf("%s:%d: %s", file, line, fmt.Sprintf(format, args...)))
}

// file reads and checks one file; it returns nil when it cannot be read.
func (c *checker) file(name string, data []byte) *sourceFile {
	var f sourceFile
	if err := yaml.Unmarshal(data, &f); err != nil {
		var key *keyError
		if errors.As(err, &key) {
			c.add(name, key.line, "unknown key %q", key.key)
		} else {
			c.problems = append(c.problems, fmt.Errorf("%s: %w", name, err))
		}
		return nil
	}
	if f.Region != strings.TrimSuffix(name, ".yaml") {
		c.add(name, 1, "region is %q, expected the name of the file", f.Region)
	}
	if f.Title == "" {
		c.add(name, 1, "title is missing")
	}
	for i := range f.Functions {
		c.function(name, &f.Functions[i])
	}
	return &f
}

var (
	functionName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	optionName   = regexp.MustCompile(`^[a-z][a-z0-9]*$`)
	shortName    = regexp.MustCompile(`^[a-z]$`)
)

func (c *checker) function(file string, f *sourceFunction) {
	bad := func(format string, args ...any) {
		c.add(file, f.line, "%s: %s", f.Name, fmt.Sprintf(format, args...))
	}
	if !functionName.MatchString(f.Name) {
		bad("the name must be letters and digits and begin with a capital")
	}
	for _, n := range append([]string{f.Name}, f.Aliases...) {
		if where, taken := c.names[strings.ToLower(n)]; taken {
			bad("the name %s is taken by %s", n, where)
		}
		c.names[strings.ToLower(n)] = f.Name
	}
	if f.Summary == "" || !strings.HasSuffix(f.Summary, ".") || strings.Contains(f.Summary, "\n") {
		bad("summary must be one line that ends with a full stop")
	}
	switch catalog.Kind(f.Kind) {
	case "", catalog.REST, catalog.OAuth:
		if f.Method == "" {
			bad("method is missing")
		}
		if f.Doc == "" {
			bad("doc is missing")
		}
	case catalog.Local:
		if f.Method != "" || f.HTTP != "" {
			bad("a local function has neither method nor http")
		}
	default:
		bad("unknown kind %q", f.Kind)
	}
	if f.HTTP != "" && f.HTTP != "GET" && f.HTTP != "POST" {
		bad("http is GET or POST, not %q", f.HTTP)
	}
	switch catalog.Replay(f.Replay) {
	case catalog.Safe, catalog.Idempotent, catalog.Once:
	default:
		bad("replay is safe, idempotent or once, not %q", f.Replay)
	}
	if !slices.Contains(resultTypes, f.Result) {
		bad("unknown result %q; known are %s", f.Result, strings.Join(resultTypes, ", "))
	}
	if f.Example == nil {
		bad("example is missing")
	}
	c.options(file, f)
}

func (c *checker) options(file string, f *sourceFunction) {
	names, shorts := map[string]bool{}, map[string]bool{}
	for i := range f.Options {
		o := &f.Options[i]
		if names[o.Name] {
			c.add(file, o.line, "%s: option %s stands twice", f.Name, o.Name)
		}
		if o.Short != "" && shorts[o.Short] {
			c.add(file, o.line, "%s: short name %s of %s is taken", f.Name, o.Short, o.Name)
		}
		names[o.Name], shorts[o.Short] = true, true
		c.option(file, f, o)
	}
	for _, name := range f.Send {
		if !names[name] {
			c.add(file, f.line, "%s: send names the unknown option %q", f.Name, name)
		}
	}
	if sent := countSent(f); len(f.Send) > 0 && len(f.Send) != sent {
		c.add(file, f.line, "%s: send names %d of %d options", f.Name, len(f.Send), sent)
	}
}

func countSent(f *sourceFunction) int {
	n := 0
	for _, o := range f.Options {
		if o.Name != "url" && o.Name != "token" {
			n++
		}
	}
	return n
}

func (c *checker) option(file string, f *sourceFunction, o *sourceOption) {
	bad := func(format string, args ...any) {
		c.add(file, o.line, "%s: option %s: %s", f.Name, o.Name, fmt.Sprintf(format, args...))
	}
	if !optionName.MatchString(o.Name) {
		bad("the name must be lower-case letters and digits")
	}
	if slices.Contains(reserved, o.Name) {
		bad("the name belongs to a product-wide option")
	}
	if !shortName.MatchString(o.Short) {
		bad("short must be one lower-case letter")
	}
	if o.Name == "url" || o.Name == "token" {
		return
	}
	as := catalog.Convert(o.As)
	if typeOf[as] == "" {
		bad("unknown conversion %q", o.As)
	}
	if o.Param == "" {
		bad("param is missing")
	}
	if o.Summary == "" {
		bad("summary is missing")
	}
	if (o.Wire == "") != (as == catalog.AsMerge || catalog.Kind(f.Kind) == catalog.Local && o.Wire == "") {
		bad("wire is the key of the request; only merge has none")
	}
	if o.Required && o.Default != "" {
		bad("a required option has no default")
	}
	if isBool(as) && o.Default != "" && o.Default != "true" && o.Default != "false" {
		bad("default %q is neither true nor false", o.Default)
	}
}

func isBool(as catalog.Convert) bool {
	return as == catalog.AsBool || as == catalog.AsYN || as == catalog.AsNotYN
}

// references checks the names that options point to, once all are known.
func (c *checker) references(files []*sourceFile) {
	for _, f := range files {
		for i := range f.Functions {
			for _, o := range f.Functions[i].Options {
				if o.See != "" && c.names[strings.ToLower(o.See)] != o.See {
					c.add(f.Region+".yaml", o.line, "%s: option %s: see names the unknown function %q", f.Functions[i].Name, o.Name, o.See)
				}
			}
		}
	}
}
