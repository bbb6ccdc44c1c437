package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// writeYAML prints JSON as YAML with the keys in their order, several values as
// several documents.
func writeYAML(w io.Writer, values [][]byte) error {
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	for _, raw := range values {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		node, err := yamlNode(d)
		if err != nil {
			return err
		}
		if err := encoder.Encode(node); err != nil {
			return err
		}
	}
	return encoder.Close()
}

func yamlNode(d *json.Decoder) (*yaml.Node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		node := &yaml.Node{Kind: yaml.MappingNode}
		if t == '[' {
			node.Kind = yaml.SequenceNode
		}
		for d.More() {
			member, err := yamlNode(d)
			if err != nil {
				return nil, err
			}
			node.Content = append(node.Content, member)
			if t == '{' {
				value, err := yamlNode(d)
				if err != nil {
					return nil, err
				}
				node.Content = append(node.Content, value)
			}
		}
		if len(node.Content) == 0 {
			node.Style = yaml.FlowStyle
		}
		_, err := d.Token()
		return node, err
	case string:
		return yamlText(t), nil
	case json.Number:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: t.String()}, nil
	case nil:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: "null"}, nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprint(token)}, nil
}

// blockText are texts of several lines that the block form can hold as they
// are: printable, without blanks at the ends of lines or before the first.
var blockText = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([^\s\pC\pZ]([^\s\pC\pZ]|[ ][^\s\pC\pZ])*\n)+$`)
})

// oldYAML are texts that readers of YAML 1.1 take for booleans, numbers in
// base 60 or numbers with underscores, dates, or signs of its own (= and <<).
// The library quotes what YAML 1.2 takes for something else.
var oldYAML = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i:y|n|yes|no|on|off|=|<<)$|^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$|^[-+]?[.0-9][0-9_,.eE+-]*$|^[-+]?0[xob][0-9a-fA-F_]+$|^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t]|$)`)
})

func yamlText(s string) *yaml.Node {
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	switch {
	case blockText().MatchString(s):
		node.Style = yaml.LiteralStyle
	case oldYAML().MatchString(s), strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }):
		node.Style = yaml.DoubleQuotedStyle
	}
	return node
}
