package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"io/fs"
	"reflect"
	"slices"
	"strings"
)

// listFile is the source of the list methods, in the folder catalog.
const listFile = "lists/methods.yaml"

// sourceList is a list method as it is written in YAML; the keys are those of
// bitrix24.List.
type sourceList struct {
	lines
	Method   string `yaml:"method"`
	Version  int    `yaml:"version"` // 3 for REST 3.0
	Paging   string `yaml:"paging"`
	Rows     string `yaml:"rows"`
	Map      bool   `yaml:"map"`
	ID       string `yaml:"id"`
	FilterID string `yaml:"filter_id"`
	Filter   string `yaml:"filter"`
	Order    string `yaml:"order"`
	Sort     string `yaml:"sort"`
	Select   string `yaml:"select"`
	Limit    string `yaml:"limit"`
	Next     string `yaml:"next"`
	NextFrom string `yaml:"next_from"`
	Size     int    `yaml:"size"`
	Doc      string `yaml:"doc"`

	Positional []string `yaml:"positional"`
}

// paging is a way of paging: its Go name, what it says to a reader, and the keys
// it cannot do without.
type paging struct {
	constant, text string
	needs          []string
}

var pagings = map[string]paging{
	"single":     {"Single", "one answer", nil},
	"keyset":     {"Keyset", "by id, several pages at once", []string{"id", "filter", "order"}},
	"start":      {"Start", "counted, several pages at once", nil},
	"offset":     {"Offset", "limit and offset", []string{"limit", "next"}},
	"page":       {"Page", "page numbers", []string{"next"}},
	"last_id":    {"LastID", "last id", []string{"id", "next"}},
	"pagination": {"Pagination", "pagination of REST 3.0", nil},
	"cursor":     {"Cursor", "cursor of REST 3.0", []string{"next", "next_from"}},
}

// listSource is the file.
type listSource struct {
	lines
	Lists []sourceList `yaml:"lists"`
}

// readLists reads and checks the list methods.
func readLists(source fs.FS) ([]sourceList, error) {
	data, err := fs.ReadFile(source, listFile)
	if err != nil {
		return nil, err
	}
	found := &problems{}
	file := &listSource{}
	if parseYAML("catalog/"+listFile, data, reflect.ValueOf(file).Elem(), found) {
		checkLists(file.Lists, found)
	}
	return file.Lists, found.err()
}

func checkLists(list []sourceList, found *problems) {
	var before *sourceList
	for i := range list {
		l := &list[i]
		bad := func(key, format string, args ...any) { found.add("catalog/"+listFile, l.at(key), format, args...) }
		way, known := pagings[l.Paging]
		switch {
		case !l.read():
			continue
		case l.Method == "":
			bad("method", "the name of the method is missing")
		case !known:
			bad("paging", "unknown paging %q of %s", l.Paging, l.Method)
		case l.Version != 0 && l.Version != 3:
			bad("version", "version is 3, or left out")
		case l.Doc == "":
			bad("doc", "%s has no page of the documentation", l.Method)
		case before != nil && compareLists(before, l) == 0:
			bad("method", "%s stands twice", l.Method)
		case before != nil && compareLists(before, l) > 0:
			bad("method", "%s stands behind %s; the methods are sorted by version and name", l.Method, before.Method)
		}
		for _, key := range way.needs {
			if !l.has(key) {
				bad("paging", "%s pages by %s and has no %s", l.Method, l.Paging, key)
			}
		}
		before = l
	}
}

// compareLists orders by version and name, in any letter case.
func compareLists(a, b *sourceList) int {
	return cmp.Or(cmp.Compare(a.Version, b.Version), cmp.Compare(strings.ToLower(a.Method), strings.ToLower(b.Method)))
}

// listTable writes bitrix24/lists_gen.go.
func listTable(list []sourceList) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("// " + mark + listFile + "; DO NOT EDIT.\n\npackage bitrix24\n")
	for _, table := range []struct {
		name, doc string
		version   int
	}{
		{"lists", "lists are the list methods of REST v2", 0},
		{"listsV3", "listsV3 are the list methods of REST 3.0", 3},
	} {
		fmt.Fprintf(&b, "\n// %s, by name.\nvar %s = []List{\n", table.doc, table.name)
		for i := range list {
			if list[i].Version == table.version {
				b.WriteString(list[i].literal())
			}
		}
		b.WriteString("}\n")
	}
	return format.Source(b.Bytes())
}

// literal writes the method as a Go literal, without what is empty.
func (l *sourceList) literal() string {
	parts := []string{fmt.Sprintf("Method: %q", l.Method), "Paging: " + pagings[l.Paging].constant}
	for _, field := range []struct{ name, value string }{
		{"Rows", l.Rows},
		{"ID", l.ID},
		{"FilterID", l.FilterID},
		{"Filter", l.Filter},
		{"Order", l.Order},
		{"Sort", l.Sort},
		{"Select", l.Select},
		{"Limit", l.Limit},
		{"Next", l.Next},
		{"NextFrom", l.NextFrom},
	} {
		if field.value != "" {
			parts = append(parts, fmt.Sprintf("%s: %q", field.name, field.value))
		}
	}
	if l.Map {
		parts = append(parts, "Map: true")
	}
	if len(l.Positional) > 0 {
		parts = append(parts, fmt.Sprintf("Positional: %#v", l.Positional))
	}
	if l.Size != 0 {
		parts = append(parts, fmt.Sprintf("Size: %d", l.Size))
	}
	return "{" + strings.Join(parts, ", ") + "},\n"
}

// listPage writes docs/reference/lists.md.
func listPage(list []sourceList) []byte {
	var b bytes.Buffer
	b.WriteString(pageHeader + "# List methods\n\n" +
		"How `bitrix24.Rows` reads the rows of each list method. A method that is not here can be described with `WithList`.\n\n" +
		"| method | REST | pages | rows in | id |\n|---|---|---|---|---|\n")
	sorted := slices.SortedStableFunc(slices.Values(list), func(a, b sourceList) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Method), strings.ToLower(b.Method)), cmp.Compare(a.Version, b.Version))
	})
	for i := range sorted {
		l := &sorted[i]
		version, rows, id := "v2", "`result`", ""
		if l.Version == 3 {
			version = "3.0"
		}
		if l.Rows != "" {
			rows = "`result." + l.Rows + "`"
		}
		if l.ID != "" {
			id = "`" + l.ID + "`"
		}
		fmt.Fprintf(&b, "| [%s](https://apidocs.bitrix24.com/%s.html) | %s | %s | %s | %s |\n", l.Method, l.Doc, version, pagings[l.Paging].text, rows, id)
	}
	return b.Bytes()
}
