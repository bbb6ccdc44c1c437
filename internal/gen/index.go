package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/oint-go/oint/catalog"
)

// index writes the embedded index: a function a line, so that changes are easy
// to read and package catalog can split it without decoding it.
func index(regions []*catalog.Region) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("[")
	for i, r := range regions {
		if i > 0 {
			b.WriteString(",")
		}
		name, err := jsonLine(r.Name)
		if err != nil {
			return nil, err
		}
		title, err := jsonLine(r.Title)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "\n{\"name\":%s,\"title\":%s,\"functions\":[", name, title)
		for j, fn := range r.Functions {
			line, err := jsonLine(fn)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", fn.Name, err)
			}
			if j > 0 {
				b.WriteString(",")
			}
			b.WriteString("\n")
			b.Write(line)
		}
		b.WriteString("\n]}")
	}
	b.WriteString("\n]\n")
	return b.Bytes(), nil
}

// jsonLine is a value as one line of JSON, without escapes for HTML.
func jsonLine(value any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
