package main

import (
	"cmp"
	"io/fs"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/oint-go/oint/catalog"
)

// sourceRegion is one YAML file.
type sourceRegion struct {
	lines
	Region    string           `yaml:"region"`
	Title     string           `yaml:"title"`
	Order     int              `yaml:"order"` // place among the regions
	Functions []sourceFunction `yaml:"functions"`

	file string
}

// sourceFunction is a function as it is written in YAML; the keys are those of
// catalog.Function, with what is usual left out.
type sourceFunction struct {
	lines
	Name     string         `yaml:"name"`
	Aliases  []string       `yaml:"aliases"`
	Summary  string         `yaml:"summary"`
	Details  string         `yaml:"details"`
	Kind     string         `yaml:"kind"`
	Method   string         `yaml:"method"`
	HTTP     string         `yaml:"http"`
	Replay   string         `yaml:"replay"`
	Result   string         `yaml:"result"`
	Doc      string         `yaml:"doc"`
	Send     []string       `yaml:"send"`
	Options  []sourceOption `yaml:"options"`
	Template []sourceField  `yaml:"template"`
	Example  []string       `yaml:"example"`
	Bulk     string         `yaml:"bulk"`
	Rows     string         `yaml:"rows"`

	Constants []sourcePair `yaml:"constants"`
	Unwrap    string       `yaml:"unwrap"`
	Partial   string       `yaml:"partial"`
}

// sourcePair is a key and a value of a mapping whose keys are free.
type sourcePair struct{ Key, Value string }

type sourceOption struct {
	lines
	Name     string   `yaml:"name"`
	Short    string   `yaml:"short"`
	Param    string   `yaml:"param"`
	Type     string   `yaml:"type"`
	As       string   `yaml:"as"`
	Required bool     `yaml:"required"`
	Default  string   `yaml:"default"`
	Wire     string   `yaml:"wire"`
	Summary  string   `yaml:"summary"`
	See      string   `yaml:"see"`
	Enum     []string `yaml:"enum"`
	Secret   bool     `yaml:"secret"`

	Of     string       `yaml:"of"`
	Max    int          `yaml:"max"`
	Unless string       `yaml:"unless"`
	Named  string       `yaml:"named"`
	Pick   []sourcePair `yaml:"pick"`
}

type sourceField struct {
	lines
	Name    string `yaml:"name"`
	Summary string `yaml:"summary"`
}

// kind is the written kind or the usual one.
func (f *sourceFunction) kind() catalog.Kind {
	return catalog.Kind(cmp.Or(f.Kind, string(catalog.REST)))
}

// standard tells whether the option is the portal's address or the access
// token, which are the same everywhere and written as name and short only. A
// function whose --url is something else writes its "as".
func (o *sourceOption) standard() bool {
	return o.As == "" && (o.Name == "url" || o.Name == "token")
}

// readSource reads and checks all YAML files of a folder. The error holds every
// problem found, each with file and line.
func readSource(fsys fs.FS) ([]*catalog.Region, error) {
	paths, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, err
	}
	found := &problems{}
	var sources []*sourceRegion
	for _, name := range paths {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		if source := parseSource(path.Join("catalog", name), data, found); source != nil {
			sources = append(sources, source)
		}
	}
	check(sources, len(sources) == len(paths), found)
	if err := found.err(); err != nil {
		return nil, err
	}
	slices.SortFunc(sources, func(a, b *sourceRegion) int { return cmp.Compare(a.Order, b.Order) })
	regions := make([]*catalog.Region, len(sources))
	for i, source := range sources {
		regions[i] = source.region()
	}
	return regions, nil
}

// yamlLine finds the line in a syntax error of the yaml package, which has no
// type of its own.
var yamlLine = regexp.MustCompile(`^yaml: line (\d+): (.*)`)

// parseSource reads one file; it returns nil when that is no YAML.
func parseSource(file string, data []byte, found *problems) *sourceRegion {
	source := &sourceRegion{file: file}
	if !parseYAML(file, data, reflect.ValueOf(source).Elem(), found) {
		return nil
	}
	return source
}

// parseYAML fills a struct from a file; it returns false when that is no YAML.
func parseYAML(file string, data []byte, into reflect.Value, found *problems) bool {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		line, text := 1, err.Error()
		if m := yamlLine.FindStringSubmatch(text); m != nil {
			line, _ = strconv.Atoi(m[1])
			text = m[2]
		}
		found.add(file, line, "%s", text)
		return false
	}
	switch {
	case len(doc.Content) == 0:
		found.add(file, 1, "the file is empty")
		return false
	case doc.Content[0].Kind != yaml.MappingNode:
		found.add(file, doc.Content[0].Line, "expected keys with values")
		return false
	}
	(&nodeReader{file, found}).mapping(doc.Content[0], into)
	return true
}

// region fills in what the YAML leaves out.
func (s *sourceRegion) region() *catalog.Region {
	r := &catalog.Region{Name: s.Region, Title: s.Title}
	for i := range s.Functions {
		r.Functions = append(r.Functions, s.Functions[i].function(s.Region))
	}
	return r
}

func (f *sourceFunction) function(region string) *catalog.Function {
	fn := &catalog.Function{
		Name: f.Name, Aliases: f.Aliases, Region: region, Summary: f.Summary, Details: strings.TrimSpace(f.Details),
		Kind: f.kind(), Method: f.Method, HTTP: f.HTTP, Replay: catalog.Replay(f.Replay), Send: f.Send,
		Result: f.Result, Doc: f.Doc, Example: f.Example, Bulk: f.Bulk, Rows: f.Rows,
		Unwrap: f.Unwrap, Partial: f.Partial,
	}
	switch {
	case f.HTTP != "" || fn.Kind == catalog.Local:
	case fn.Kind == catalog.OAuth:
		fn.HTTP = "GET"
	default:
		fn.HTTP = "POST"
	}
	for i := range f.Options {
		fn.Options = append(fn.Options, f.Options[i].option(fn.Kind))
	}
	for _, c := range f.Constants {
		fn.Constants = append(fn.Constants, catalog.Constant{Wire: c.Key, Value: c.Value})
	}
	for _, t := range f.Template {
		fn.Template = append(fn.Template, catalog.Field{Name: t.Name, Summary: t.Summary})
	}
	return fn
}

func (o *sourceOption) option(kind catalog.Kind) catalog.Option {
	switch {
	case o.standard() && o.Name == "url":
		return catalog.Option{
			Name: "url", Short: o.Short, Param: "URL", Type: "String", As: catalog.AsURL, Required: true,
			Summary: `Webhook address, or the portal's domain with --token; "sandbox" is the built-in portal.`,
		}
	case o.standard():
		return catalog.Option{
			Name: "token", Short: o.Short, Param: "Token", Type: "String", As: catalog.AsToken, Secret: true, Wire: "auth",
			Summary: "Access token of an application.",
		}
	}
	as, wire := catalog.Convert(o.As), o.Wire
	if kind == catalog.Local {
		wire = o.Name
	}
	option := catalog.Option{
		Name: o.Name, Short: o.Short, Param: o.Param, Type: cmp.Or(o.Type, conversions[as].kind), As: as,
		Required: o.Required, Default: o.Default, Wire: wire,
		Summary: o.Summary, See: o.See, Enum: o.Enum, Secret: o.Secret,
		Of: o.Of, Max: o.Max, Unless: o.Unless, Named: o.Named,
	}
	for _, p := range o.Pick {
		option.Pick = append(option.Pick, catalog.Picked{Key: p.Key, As: catalog.Convert(p.Value)})
	}
	return option
}
