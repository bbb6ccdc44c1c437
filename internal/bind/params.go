package bind

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/catalog"
)

// Params turns the given options (long name → text) into the parameters of a
// call, in the order the function sends them. A blank text counts as not given.
// Portal address and token are no parameters.
//
// A missing or unusable option is an *Error.
func Params(ctx context.Context, src *Source, fn *catalog.Function, given map[string]string) (*bitrix24.Object, error) {
	for i := range fn.Options {
		o := &fn.Options[i]
		if o.Required && o.As != catalog.AsURL && isBlank(given[o.Name]) {
			return nil, missing(fn, o)
		}
	}
	params := bitrix24.NewObject()
	if err := checkUnsent(ctx, src, fn, given); err != nil {
		return nil, err
	}
	for _, o := range fn.Sent() {
		text := given[o.Name]
		if isBlank(text) {
			text = o.Default
		}
		if isBlank(text) || o.Unless != "" && !isBlank(given[o.Unless]) {
			continue
		}
		value, err := Value(ctx, src, o, text)
		if err != nil {
			return nil, named(o.Name, err)
		}
		switch o.As {
		case catalog.AsMerge, catalog.AsPick:
			if err := copyMembers(params, o, value.(*bitrix24.Object)); err != nil {
				return nil, err
			}
		case catalog.AsPair:
			params.SetPath(o.Wire, bitrix24.File{Name: plain(given[o.Named]), Content: value.(bitrix24.Content)})
		default:
			params.SetPath(o.Wire, value)
		}
	}
	for _, c := range fn.Constants {
		params.Set(c.Wire, c.Value)
	}
	return params, nil
}

// checkUnsent refuses what a composed function could not use after its request.
func checkUnsent(ctx context.Context, src *Source, fn *catalog.Function, given map[string]string) error {
	for i := range fn.Options {
		o := &fn.Options[i]
		if fn.Kind != catalog.Composed || o.Wire != "" || o.As == catalog.AsURL || o.As == catalog.AsToken || isBlank(given[o.Name]) {
			continue
		}
		if _, err := Value(ctx, src, o, given[o.Name]); err != nil {
			return named(o.Name, err)
		}
	}
	return nil
}

// copyMembers copies the keys of a structure to the top level.
func copyMembers(params *bitrix24.Object, o *catalog.Option, structure *bitrix24.Object) error {
	for name, member := range structure.All() {
		if strings.EqualFold(name, "auth") {
			return &Error{Option: o.Name, Problem: fmt.Sprintf("the key %q is reserved for the access token", name), Remedy: "Give the token with --token."}
		}
		params.Set(name, member)
	}
	return nil
}

// Upload returns the file that follows the request of a function, see
// catalog.AsUpload.
func Upload(ctx context.Context, src *Source, fn *catalog.Function, given map[string]string) (bitrix24.File, error) {
	o := fn.Upload()
	content, err := src.contentOf(ctx, given[o.Name])
	if err != nil {
		return bitrix24.File{}, named(o.Name, err)
	}
	return bitrix24.File{Name: plain(given[o.Named]), Content: content}, nil
}

func missing(fn *catalog.Function, o *catalog.Option) *Error {
	e := &Error{Option: o.Name, Problem: "missing, " + fn.Name + " needs it: " + lowerFirst(strings.TrimSuffix(o.Summary, "."))}
	if o.See != "" {
		e.Remedy = fmt.Sprintf("%q finds its values.", "oint bitrix24 "+o.See)
	} else {
		e.Remedy = fmt.Sprintf("%q lists the options.", "oint bitrix24 "+fn.Name+" --help")
	}
	return e
}

// lowerFirst puts a sentence into the middle of another; an abbreviation stays
// as it is.
func lowerFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if second, _ := utf8.DecodeRuneInString(s[size:]); size == 0 || unicode.IsUpper(second) {
		return s
	}
	return string(unicode.ToLower(first)) + s[size:]
}

func isBlank(text string) bool { return strings.TrimSpace(text) == "" }

// named puts the name of the option into an error.
func named(option string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.Option = option
		return e
	}
	return err
}

// Value converts the text of one option. The result is something
// bitrix24.Object can write.
func Value(ctx context.Context, src *Source, o *catalog.Option, text string) (any, error) {
	switch o.As {
	case catalog.AsString, catalog.AsID, catalog.AsToken, catalog.AsURL:
		return text1(o, text)
	case catalog.AsNumber:
		return Number(text)
	case catalog.AsBool, catalog.AsYN, catalog.AsNotYN:
		return boolean(o.As, text)
	case catalog.AsDate, catalog.AsTime, catalog.AsTimeZ, catalog.AsZoned, catalog.AsUnix:
		return moment(o.As, text)
	case catalog.AsPick:
		return picked(ctx, src, o, text)
	case catalog.AsMerge, catalog.AsObject:
		return structure(ctx, src, text)
	case catalog.AsJSON:
		return collection(ctx, src, text)
	case catalog.AsArray:
		return allowed(ctx, src, o, text)
	case catalog.AsPair:
		return src.contentOf(ctx, text)
	case catalog.AsBase64, catalog.AsFiles, catalog.AsContent:
		return content(ctx, src, o.As, text)
	}
	return nil, fmt.Errorf("option %s: unknown conversion %q", o.Name, o.As)
}

// text1 is a plain text, or one of a list.
func text1(o *catalog.Option, text string) (any, error) {
	switch {
	case len(o.Enum) > 0:
		return match(o, strings.TrimSpace(text))
	case o.As == catalog.AsID:
		return id(strings.TrimSpace(text))
	}
	value := plain(text)
	if n := utf8.RuneCountInString(value); o.Max > 0 && n > o.Max {
		return nil, problemf(fmt.Sprintf("Shorten it to %d.", o.Max), "%d characters are too long", n)
	}
	return value, nil
}

// match finds the allowed value that a text stands for.
func match(o *catalog.Option, text string) (string, error) {
	value, ok := o.Match(text)
	if !ok {
		remedy := "Use one of " + o.Values() + "."
		if o.HasForms() {
			remedy = "Use one of " + o.Values() + ", where N is a number."
		}
		return "", problemf(remedy, "%q is none of the known values", shorten(text, 40))
	}
	return value, nil
}

// id is a whole number; ids travel as texts, as in the original.
func id(text string) (string, error) {
	if _, err := strconv.ParseInt(text, 10, 64); err != nil {
		return "", problemf("Give the whole number that the portal shows as ID.", "%q is no id", shorten(text, 40))
	}
	return text, nil
}

// plain is a text with its escapes replaced, unless it is the path of a file.
func plain(text string) string {
	if replaced := Unescape(text); replaced != text && !isFile(text) {
		return replaced
	}
	return text
}

func boolean(as catalog.Convert, text string) (any, error) {
	b, err := Bool(text)
	if err != nil || as == catalog.AsBool {
		return b, err
	}
	if b == (as == catalog.AsYN) {
		return "Y", nil
	}
	return "N", nil
}

// moment writes a date as the method wants it. The wall clock stays as it was
// given; only a unix time needs an instant, which without a zone is read as UTC.
func moment(as catalog.Convert, text string) (any, error) {
	t, zoned, err := Date(text)
	if err != nil {
		return nil, err
	}
	switch as {
	case catalog.AsDate:
		return t.Format("2006-01-02"), nil
	case catalog.AsUnix:
		return t.Unix(), nil
	case catalog.AsZoned:
		if !zoned {
			t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.Local)
		}
		return t.Format(time.RFC3339), nil
	case catalog.AsTimeZ:
		if zoned {
			return t.Format("2006-01-02T15:04:05Z07:00"), nil
		}
		return t.Format("2006-01-02T15:04:05Z"), nil
	}
	return t.Format("2006-01-02T15:04:05"), nil
}
