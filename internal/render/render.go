// Package render prints answers: JSON with the portal's own keys, order and
// texts, YAML, tables and CSV, optionally filtered by a jq expression.
package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Format is a way to print an answer.
type Format string

// The formats.
const (
	JSON    Format = "json"    // indented
	Compact Format = "compact" // JSON on one line
	YAML    Format = "yaml"
	Table   Format = "table" // rows and columns for people
	CSV     Format = "csv"   // rows and columns for programs
)

// ParseFormat reads the name of a format, in any letter case.
func ParseFormat(name string) (Format, error) {
	switch f := Format(strings.ToLower(strings.TrimSpace(name))); f {
	case JSON, Compact, YAML, Table, CSV:
		return f, nil
	}
	return "", fmt.Errorf("%q is no format; use json, compact, yaml, table or csv", name)
}

// Options say how to print.
type Options struct {
	Format Format
	JQ     string // expression to filter with; empty prints all
	Color  bool   // colour JSON
	Width  int    // columns of the terminal, to which tables are cut; 0 cuts nothing
}

// Write prints an answer. Text that is not JSON is printed as it is.
func Write(w io.Writer, raw []byte, o Options) error {
	values := [][]byte{raw}
	if !json.Valid(raw) {
		_, err := fmt.Fprintln(w, strings.TrimRight(string(raw), "\r\n"))
		return err
	}
	if o.JQ != "" {
		var err error
		if values, err = filter(raw, o.JQ); err != nil {
			return err
		}
	}
	for _, value := range values {
		if err := writeValue(w, value, o); err != nil {
			return err
		}
	}
	return nil
}

func writeValue(w io.Writer, raw []byte, o Options) error {
	switch o.Format {
	case YAML:
		return writeYAML(w, raw)
	case Table:
		return writeTable(w, raw, o.Width)
	case CSV:
		return writeCSV(w, raw)
	}
	var b bytes.Buffer
	var err error
	if o.Format == Compact {
		err = json.Compact(&b, raw)
	} else {
		err = json.Indent(&b, raw, "", "  ")
	}
	if err != nil {
		return err
	}
	text := unescape(bytes.TrimSpace(b.Bytes()))
	if o.Color {
		text = colour(text)
	}
	_, err = w.Write(append(text, '\n'))
	return err
}
