package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/oint-go/oint/catalog"
)

// coveragePage writes docs/reference/coverage.md: what stands behind every
// function.
func coveragePage(regions []*catalog.Region) []byte {
	functions, partial := 0, 0
	methods := map[string]bool{}
	var table bytes.Buffer
	for _, r := range regions {
		fmt.Fprintf(&table, "\n## [%s](%s.md)\n\n| function | REST method | Go | sandbox |\n|---|---|---|---|\n", r.Title, r.Name)
		for _, fn := range r.Functions {
			functions++
			if fn.Kind == catalog.REST || fn.Kind == catalog.Composed {
				methods[strings.ToLower(fn.Method)] = true
			}
			if fn.Partial != "" {
				partial++
			}
			fmt.Fprintf(&table, "| %s | %s | `%s` | %s |\n", fn.Name, coverageMethod(fn), coverageGo(fn), cell(coverageState(fn)))
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s# Coverage\n\n%d functions over %d REST methods. The sandbox keeps state for all of them",
		pageHeader, functions, len(methods))
	if partial > 0 {
		fmt.Fprintf(&b, ", for %d functions in part", partial)
	}
	b.WriteString(".\n")
	b.Write(table.Bytes())
	return b.Bytes()
}

func coverageMethod(fn *catalog.Function) string {
	switch fn.Kind {
	case catalog.REST, catalog.Composed:
		return "`" + fn.Method + "`"
	case catalog.OAuth:
		return "grant `" + fn.Method + "`"
	default:
		return ""
	}
}

// coverageGo is the Go function or method with its receiver.
func coverageGo(fn *catalog.Function) string {
	switch fn.Kind {
	case catalog.OAuth:
		return "AuthServer." + fn.Name
	case catalog.Local:
		return fn.Name
	default:
		return "Client." + fn.Name
	}
}

func coverageState(fn *catalog.Function) string {
	switch {
	case fn.Kind == catalog.Local:
		return "nothing is sent"
	case fn.Partial != "":
		return "partial: " + fn.Partial
	default:
		return "full"
	}
}
