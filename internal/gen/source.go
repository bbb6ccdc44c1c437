package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/oint-go/oint/catalog"
)

// sourceFile is one YAML file.
type sourceFile struct {
	Region    string           `yaml:"region"`
	Title     string           `yaml:"title"`
	Functions []sourceFunction `yaml:"functions"`
}

// sourceFunction is a function as it is written in YAML; the keys are those of
// catalog.Function, with what is usual left out.
type sourceFunction struct {
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

	line int
}

type sourceOption struct {
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

	line int
}

type sourceField struct {
	Name    string `yaml:"name"`
	Summary string `yaml:"summary"`
}

// UnmarshalYAML notes the line and refuses unknown keys.
func (f *sourceFunction) UnmarshalYAML(node *yaml.Node) error {
	type plain sourceFunction
	if err := knownKeys(node, plain{}); err != nil {
		return err
	}
	f.line = node.Line
	return node.Decode((*plain)(f))
}

// UnmarshalYAML notes the line and refuses unknown keys.
func (o *sourceOption) UnmarshalYAML(node *yaml.Node) error {
	type plain sourceOption
	if err := knownKeys(node, plain{}); err != nil {
		return err
	}
	o.line = node.Line
	return node.Decode((*plain)(o))
}

// keyError is a key that the description does not know.
type keyError struct {
	line int
	key  string
}

func (e *keyError) Error() string { return fmt.Sprintf("line %d: unknown key %q", e.line, e.key) }

// knownKeys checks the keys of a mapping against the yaml tags of a struct.
func knownKeys(node *yaml.Node, of any) error {
	known := map[string]bool{}
	for field := range reflect.TypeOf(of).Fields() {
		known[field.Tag.Get("yaml")] = true
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if key := node.Content[i]; !known[key.Value] {
			return &keyError{key.Line, key.Value}
		}
	}
	return nil
}

// regionOrder is the order of regions in lists; new ones follow by name.
var regionOrder = []string{"settings", "users", "departments"}

// readSource reads and checks all YAML files of a folder.
func readSource(dir string) ([]*catalog.Region, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	c := &checker{names: map[string]string{}}
	var files []*sourceFile
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if file := c.file(filepath.Base(path), data); file != nil {
			files = append(files, file)
		}
	}
	c.references(files)
	if len(c.problems) > 0 {
		return nil, errors.Join(c.problems...)
	}
	var regions []*catalog.Region
	for _, file := range files {
		regions = append(regions, file.region())
	}
	slices.SortStableFunc(regions, func(a, b *catalog.Region) int {
		return cmp.Or(cmp.Compare(place(a.Name), place(b.Name)), strings.Compare(a.Name, b.Name))
	})
	return regions, nil
}

func place(region string) int {
	if i := slices.Index(regionOrder, region); i >= 0 {
		return i
	}
	return len(regionOrder)
}

// region fills in what the YAML leaves out.
func (f *sourceFile) region() *catalog.Region {
	r := &catalog.Region{Name: f.Region, Title: f.Title}
	for i := range f.Functions {
		s := &f.Functions[i]
		fn := &catalog.Function{
			Name: s.Name, Aliases: s.Aliases, Region: f.Region, Summary: s.Summary, Details: strings.TrimSpace(s.Details),
			Kind: catalog.Kind(cmp.Or(s.Kind, string(catalog.REST))), Method: s.Method, HTTP: s.HTTP,
			Replay: catalog.Replay(s.Replay), Send: s.Send, Result: s.Result, Doc: s.Doc, Example: s.Example,
		}
		if fn.Kind == catalog.REST && fn.HTTP == "" {
			fn.HTTP = "POST"
		}
		for _, o := range s.Options {
			fn.Options = append(fn.Options, o.option())
		}
		for _, t := range s.Template {
			fn.Template = append(fn.Template, catalog.Field{Name: t.Name, Summary: t.Summary})
		}
		r.Functions = append(r.Functions, fn)
	}
	return r
}

// option fills in the conventions: url and token are the same everywhere, and
// the type follows from the conversion.
func (o *sourceOption) option() catalog.Option {
	switch o.Name {
	case "url":
		return catalog.Option{
			Name: "url", Short: o.Short, Param: "URL", Type: "String", As: catalog.AsURL, Required: true,
			Summary: `Webhook address, or the portal's domain with --token; "sandbox" is the built-in portal.`,
		}
	case "token":
		return catalog.Option{
			Name: "token", Short: o.Short, Param: "Token", Type: "String", As: catalog.AsToken, Secret: true, Wire: "auth",
			Summary: "Access token of an application.",
		}
	}
	return catalog.Option{
		Name: o.Name, Short: o.Short, Param: o.Param, Type: cmp.Or(o.Type, typeOf[catalog.Convert(o.As)]),
		As: catalog.Convert(o.As), Required: o.Required, Default: o.Default, Wire: o.Wire,
		Summary: o.Summary, See: o.See, Enum: o.Enum, Secret: o.Secret,
	}
}

// typeOf names what an option takes, and is the list of known conversions.
var typeOf = map[catalog.Convert]string{
	catalog.AsString:  "String",
	catalog.AsID:      "String, Number",
	catalog.AsNumber:  "Number",
	catalog.AsBool:    "Boolean",
	catalog.AsYN:      "Boolean",
	catalog.AsNotYN:   "Boolean",
	catalog.AsArray:   "Array",
	catalog.AsObject:  "Structure Of KeyAndValue",
	catalog.AsMerge:   "Structure Of KeyAndValue",
	catalog.AsJSON:    "Array, Structure",
	catalog.AsDate:    "Date",
	catalog.AsTime:    "Date",
	catalog.AsTimeZ:   "Date",
	catalog.AsUnix:    "Date",
	catalog.AsBase64:  "String, BinaryData",
	catalog.AsFiles:   "Map Of KeyAndValue",
	catalog.AsContent: "String",
}
