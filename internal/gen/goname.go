package main

import (
	"go/token"
	"go/types"
	"slices"
	"strings"
	"unicode"

	"github.com/oint-go/oint/catalog"
)

// fieldName makes an exported Go name of a parameter of the original:
// FieldsStructure is Fields, ParentID stays.
func fieldName(param string) string {
	if name := strings.TrimSuffix(param, "Structure"); name != "" {
		return name
	}
	return param
}

// argumentName is the Go name of an argument: userID, url, fields. Where that
// is a word of the language or of the generated code, the option's name serves.
func argumentName(o *catalog.Option) string {
	for _, name := range []string{lowerFirst(fieldName(o.Param)), o.Name} {
		if !isTaken(name) {
			return name
		}
	}
	return o.Name + "Value"
}

// isTaken tells whether a name already means something inside a generated method.
func isTaken(name string) bool {
	own := []string{"ctx", "params", "options", "opts", "c", "a", "o", "cmp", "context", "json", "time"}
	return token.IsKeyword(name) || types.Universe.Lookup(name) != nil || slices.Contains(own, name)
}

// lowerFirst makes the first word small; an initialism is one word: URL is url,
// ClientID is clientID.
func lowerFirst(name string) string {
	runes := []rune(name)
	for i, r := range runes {
		startsNext := i > 0 && i+1 < len(runes) && unicode.IsLower(runes[i+1])
		if !unicode.IsUpper(r) || startsNext {
			break
		}
		runes[i] = unicode.ToLower(r)
	}
	return string(runes)
}
