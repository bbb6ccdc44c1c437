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

// Write prints an answer. A text that is not JSON is printed as it is; to an
// expression it is a string.
//
// An expression may have several results: each is a value of its own in JSON, a
// document in YAML and a row in tables and CSV. Should it fail, nothing is
// printed.
func Write(w io.Writer, raw []byte, o Options) error {
	valid := json.Valid(raw)
	if o.JQ == "" {
		if !valid {
			_, err := fmt.Fprintln(w, strings.TrimRight(string(raw), "\r\n"))
			return err
		}
		return writeValues(w, [][]byte{raw}, o)
	}
	if !valid {
		var err error
		if raw, err = json.Marshal(strings.TrimRight(string(raw), "\r\n")); err != nil {
			return err
		}
	}
	values, err := filter(raw, o.JQ)
	if err != nil || len(values) == 0 {
		return err
	}
	return writeValues(w, values, o)
}

func writeValues(w io.Writer, values [][]byte, o Options) error {
	switch o.Format {
	case YAML:
		return writeYAML(w, values)
	case Table:
		return writeTable(w, values, o.Width)
	case CSV:
		return writeCSV(w, values)
	}
	for _, value := range values {
		if err := writeJSON(w, value, o); err != nil {
			return err
		}
	}
	return nil
}

func writeJSON(w io.Writer, raw []byte, o Options) error {
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
