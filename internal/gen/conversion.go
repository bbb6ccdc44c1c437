package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/oint-go/oint/catalog"
)

// conversion is what the generator knows of a catalog.Convert.
type conversion struct {
	kind   string                 // what the option takes, for readers
	check  func(text string) bool // whether a default of that text converts; nil when there can be no default
	goType string                 // type of the Go parameter; "" when there is none yet
	filled string                 // Go condition "is set", of the value %s
	value  string                 // Go expression of the sent value, of the value %s
}

// conversions are all that the source may name. Dates are sent without a zone,
// as the portal's own are; only datetimez names UTC.
var conversions = map[catalog.Convert]conversion{
	catalog.AsString:  {"String", isText, "string", `%s != ""`, "%s"},
	catalog.AsID:      {"String, Number", isID, "ID", "%s != 0", "%s.String()"},
	catalog.AsNumber:  {"Number", isNumber, "json.Number", `%s != ""`, "%s"},
	catalog.AsBool:    {"Boolean", isBool, "bool", "", "%s"},
	catalog.AsYN:      {"Boolean", isBool, "bool", "", "yesNo(%s)"},
	catalog.AsNotYN:   {"Boolean", isBool, "bool", "", "yesNo(!%s)"},
	catalog.AsArray:   {"Array", isText, "[]string", "len(%s) > 0", "%s"},
	catalog.AsObject:  {"Structure Of KeyAndValue", nil, "Params", "%s != nil", "%s"},
	catalog.AsMerge:   {"Structure Of KeyAndValue", nil, "Params", "", ""},
	catalog.AsJSON:    {"Array, Structure", nil, "any", "%s != nil", "%s"},
	catalog.AsDate:    {"Date", nil, "time.Time", "!%s.IsZero()", `%s.Format("2006-01-02")`},
	catalog.AsTime:    {"Date", nil, "time.Time", "!%s.IsZero()", `%s.Format("2006-01-02T15:04:05")`},
	catalog.AsTimeZ:   {"Date", nil, "time.Time", "!%s.IsZero()", `%s.UTC().Format("2006-01-02T15:04:05Z")`},
	catalog.AsUnix:    {"Date", nil, "time.Time", "!%s.IsZero()", "%s.Unix()"},
	catalog.AsBase64:  {"String, BinaryData", nil, "[]byte", "len(%s) > 0", "%s"},
	catalog.AsZoned:   {"Date", nil, "time.Time", "!%s.IsZero()", "%s.Format(time.RFC3339)"},
	catalog.AsFiles:   {"Map Of KeyAndValue", nil, "Files", "len(%s) > 0", "%s"},
	catalog.AsPair:    {"String, BinaryData", nil, "Content", "!%s.IsZero()", "%s"},
	catalog.AsUpload:  {"String, BinaryData", nil, "Content", "!%s.IsZero()", "%s"},
	catalog.AsPick:    {"Structure Of KeyAndValue", nil, "Params", "%s != nil", "%s"},
	catalog.AsContent: {"String", isText, "string", `%s != ""`, "%s"},
}

// conversionNames lists the known conversions for messages.
func conversionNames() string {
	var names []string
	for as := range conversions {
		names = append(names, string(as))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func isText(text string) bool { return strings.TrimSpace(text) != "" }

func isBool(text string) bool { return text == "true" || text == "false" }

func isID(text string) bool {
	_, err := strconv.ParseInt(text, 10, 64)
	return err == nil
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil
}
