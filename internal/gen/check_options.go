package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/oint-go/oint/catalog"
)

// productWide are the options that every function understands, of now and of
// the features to come. A function's own options always win, so none of these
// may be a name that a function uses; "color" is no product-wide option because
// functions of tasks and chats have it.
var productWide = []string{
	"out", "config", "help", "debug", "test", "format", "jq", "ca-file", "allow-http", "oauth-server", "sandbox-plan",
	"version", "profile", "each", "where", "limit", "background", "no-color", "timeout", "yes", "no-shared-limit",
	"sheet", "empty-cells", "report-file",
}

var (
	optionName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)
	shortName  = regexp.MustCompile(`^[a-z]$`)
	paramName  = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	wireName   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$`)
)

func (c *checker) options(f *sourceFunction) {
	names, shorts, params := map[string]bool{}, map[string]string{}, map[string]string{}
	for i := range f.Options {
		o := &f.Options[i]
		if !o.read() {
			continue
		}
		if names[o.Name] {
			c.add(c.file, o.at("name"), "%s: option %s stands twice", f.Name, o.Name)
		}
		names[o.Name] = true
		if other := shorts[o.Short]; other != "" && o.Short != "" {
			c.add(c.file, o.at("short"), "%s: option %s: the alias %s is taken by %s", f.Name, o.Name, o.Short, other)
		}
		shorts[o.Short] = o.Name
		name := fieldName(o.Param)
		if other := params[name]; other != "" && name != "" {
			c.add(c.file, o.at("param"), "%s: option %s: the Go name %s is taken by %s", f.Name, o.Name, name, other)
		}
		params[name] = o.Name
		c.option(f, o)
	}
	c.send(f, names)
}

// send checks that the wire order is an order of all options that are sent.
func (c *checker) send(f *sourceFunction, names map[string]bool) {
	if !f.has("send") {
		return
	}
	for i, name := range f.Send {
		if !names[name] {
			c.add(c.file, f.at("send"), "%s: send names the unknown option %q", f.Name, name)
		}
		if slices.Contains(f.Send[:i], name) {
			c.add(c.file, f.at("send"), "%s: send names %s twice", f.Name, name)
		}
	}
	for i := range f.Options {
		o := &f.Options[i]
		option := o.option(f.kind())
		if listed := slices.Contains(f.Send, o.Name); listed != option.IsParameter() {
			problem := "send leaves out the option %s"
			if listed {
				problem = "send names %s, which is no parameter"
			}
			c.add(c.file, f.at("send"), "%s: "+problem, f.Name, o.Name)
		}
	}
}

func (c *checker) option(f *sourceFunction, o *sourceOption) {
	bad := func(key, format string, args ...any) {
		c.add(c.file, o.at(key), "%s: option %s: %s", f.Name, o.Name, fmt.Sprintf(format, args...))
	}
	if !optionName.MatchString(o.Name) {
		bad("name", "a name is lower-case letters and digits")
	}
	if slices.Contains(productWide, o.Name) {
		bad("name", "the name belongs to a product-wide option")
	}
	if !shortName.MatchString(o.Short) {
		bad("short", "short is one lower-case letter, not %q", o.Short)
	}
	if o.standard() {
		for _, key := range slices.Sorted(maps.Keys(o.keys)) {
			if key != "name" && key != "short" {
				bad(key, "%s is the same for every function; write name and short only", key)
			}
		}
		return
	}
	if !paramName.MatchString(o.Param) {
		bad("param", "param is the name in the original's signature, not %q", o.Param)
	}
	if !isSentence(o.Summary) {
		bad("summary", "summary is one line that ends with a full stop")
	}
	c.conversion(f, o, bad)
}

// conversion checks how an option becomes a parameter.
func (c *checker) conversion(f *sourceFunction, o *sourceOption, bad func(key, format string, args ...any)) {
	as := catalog.Convert(o.As)
	conv, known := conversions[as]
	switch {
	case o.As == "":
		bad("as", "as is missing; conversions are %s", conversionNames())
		return
	case !known:
		bad("as", "unknown conversion %q; known are %s", o.As, conversionNames())
		return
	case conv.goType == "":
		bad("as", "the conversion %s has no Go type yet: give it one in internal/gen/conversion.go", o.As)
	}
	switch unsent := f.unsent(o); {
	case f.kind() == catalog.Local && o.Wire != "":
		bad("wire", "a local function sends nothing")
	case (as == catalog.AsMerge || as == catalog.AsPick) && o.Wire != "":
		bad("wire", "the keys of the structure are the keys of the request")
	case unsent && o.Wire != "":
		bad("wire", "the option is no part of the request")
	case f.kind() != catalog.Local && as != catalog.AsMerge && as != catalog.AsPick && !unsent && !wireName.MatchString(o.Wire):
		bad("wire", "wire is the key in the request, not %q", o.Wire)
	}
	c.companions(f, o, bad)
	switch {
	case !o.has("default"):
	case o.Required:
		bad("default", "a required option has no default")
	case conv.check == nil:
		bad("default", "an option of conversion %s has no default", o.As)
	case !conv.check(o.Default):
		bad("default", "the default %q does not convert (%s)", o.Default, o.As)
	case !o.allows(o.Default):
		bad("default", "the default %q is none of %s", o.Default, strings.Join(o.Enum, ", "))
	}
	if o.Secret && as != catalog.AsString {
		bad("secret", "only an option of conversion string can be secret")
	}
}

// allows tells whether a text is one of the allowed values.
func (o *sourceOption) allows(text string) bool {
	_, ok := (&catalog.Option{Enum: o.Enum}).Match(text)
	return ok
}

// unsent tells whether the option is no part of the request: a file that is
// uploaded afterwards, and its name. A composed function has options that its
// own code reads.
func (f *sourceFunction) unsent(o *sourceOption) bool {
	if catalog.Convert(o.As) == catalog.AsUpload || f.kind() == catalog.Composed && o.Wire == "" {
		return true
	}
	return slices.ContainsFunc(f.Options, func(other sourceOption) bool {
		return catalog.Convert(other.As) == catalog.AsUpload && other.Named == o.Name
	})
}

// companions checks the options that an option names, and what belongs to some
// conversions only.
func (c *checker) companions(f *sourceFunction, o *sourceOption, bad func(key, format string, args ...any)) {
	known := func(name string) bool {
		return name != o.Name && slices.ContainsFunc(f.Options, func(other sourceOption) bool { return other.Name == name })
	}
	as := catalog.Convert(o.As)
	switch isFile := as == catalog.AsPair || as == catalog.AsUpload; {
	case isFile && !known(o.Named):
		bad("named", "named is the option with the name of the file, not %q", o.Named)
	case !isFile && o.Named != "":
		bad("named", "only a file has a name")
	}
	isID := func(other sourceOption) bool {
		return other.Name == o.Unless && catalog.Convert(other.As) == catalog.AsID
	}
	if o.Unless != "" && !slices.ContainsFunc(f.Options, isID) {
		bad("unless", "unless is an option of conversion id, not %q", o.Unless)
	}
	if (as == catalog.AsPick) != (len(o.Pick) > 0) {
		bad("pick", "the conversion pick, and no other, has pick: its keys with their conversions")
	}
	for _, p := range o.Pick {
		switch catalog.Convert(p.Value) {
		case catalog.AsArray, catalog.AsDate, catalog.AsString:
		default:
			bad("pick", "a picked value is array, date or string, not %q", p.Value)
		}
	}
	if o.has("of") && (as != catalog.AsArray || !slices.Contains([]string{"structure", "number", "string"}, o.Of)) {
		bad("of", "of is what an array holds: structure, number or string")
	}
	if o.Max != 0 && (as != catalog.AsString || o.Max < 0) {
		bad("max", "max is the number of characters of an option of conversion string")
	}
}

// example checks that the example would pass the command line.
func (c *checker) example(f *sourceFunction) {
	if !f.has("example") {
		c.add(c.file, f.start, "%s: example is missing; [] for a call without options", f.Name)
		return
	}
	given := map[string]bool{}
	for i := 0; i < len(f.Example); i += 2 {
		name, long := strings.CutPrefix(f.Example[i], "--")
		switch {
		case !long || i+1 == len(f.Example):
			c.add(c.file, f.at("example"), "%s: example: expected --option value at %q", f.Name, f.Example[i])
			return
		case slices.Contains(productWide, name):
		case !slices.ContainsFunc(f.Options, func(o sourceOption) bool { return o.Name == name }):
			c.add(c.file, f.at("example"), "%s: example: unknown option --%s", f.Name, name)
		case name == "url" && f.hasStandard("url") && f.Example[i+1] != "sandbox":
			c.add(c.file, f.at("example"), "%s: example: --url is sandbox, so that it runs anywhere", f.Name)
		}
		given[name] = true
	}
	for i := range f.Options {
		o := &f.Options[i]
		if needed := o.Required || o.standard() && o.Name == "url"; needed && !given[o.Name] {
			c.add(c.file, f.at("example"), "%s: example: the required option --%s is missing", f.Name, o.Name)
		}
	}
}
