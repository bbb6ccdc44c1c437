package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/oint-go/oint/catalog"
)

// index writes the embedded index, a function a line so that changes are easy
// to read.
func index(regions []*catalog.Region) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("[")
	for i, r := range regions {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, "\n{\"name\":%q,\"title\":%q,\"functions\":[", r.Name, r.Title)
		for j, fn := range r.Functions {
			if j > 0 {
				b.WriteString(",")
			}
			b.WriteString("\n")
			encoder := json.NewEncoder(&b)
			encoder.SetEscapeHTML(false)
			if err := encoder.Encode(fn); err != nil {
				return nil, err
			}
			b.Truncate(b.Len() - 1)
		}
		b.WriteString("\n]}")
	}
	b.WriteString("\n]\n")
	return b.Bytes(), nil
}
