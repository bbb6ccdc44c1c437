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
	return assemble(ctx, fn, &texts{src, given})
}

// values are the options of one call, wherever they come from.
type values interface {
	given(name string) bool
	text(name string) string // as it is sent
	value(ctx context.Context, o *catalog.Option) (any, error)
}

// texts are options that were written out.
type texts struct {
	src   *Source
	words map[string]string
}

func (t *texts) given(name string) bool  { return !isBlank(t.words[name]) }
func (t *texts) text(name string) string { return plain(t.words[name]) }

func (t *texts) value(ctx context.Context, o *catalog.Option) (any, error) {
	if !t.given(o.Name) {
		return Value(ctx, t.src, o, o.Default)
	}
	return Value(ctx, t.src, o, t.words[o.Name])
}

// assemble puts the options together in the order the function sends them.
func assemble(ctx context.Context, fn *catalog.Function, v values) (*bitrix24.Object, error) {
	params := bitrix24.NewObject()
	if err := checkUnsent(ctx, fn, v); err != nil {
		return nil, err
	}
	for _, o := range fn.Sent() {
		if !v.given(o.Name) && isBlank(o.Default) || o.Unless != "" && v.given(o.Unless) {
			continue
		}
		value, err := v.value(ctx, o)
		if err != nil {
			return nil, named(o.Name, err)
		}
		switch o.As {
		case catalog.AsMerge, catalog.AsPick:
			if err := copyMembers(params, o, value.(*bitrix24.Object)); err != nil {
				return nil, err
			}
		case catalog.AsPair:
			params.SetPath(o.Wire, bitrix24.File{Name: v.text(o.Named), Content: value.(bitrix24.Content)})
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
func checkUnsent(ctx context.Context, fn *catalog.Function, v values) error {
	for i := range fn.Options {
		o := &fn.Options[i]
		if fn.Kind != catalog.Composed || o.Wire != "" || o.As == catalog.AsURL || o.As == catalog.AsToken || !v.given(o.Name) {
			continue
		}
		if _, err := v.value(ctx, o); err != nil {
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
	case catalog.AsMerge, catalog.AsObject, catalog.AsPick, catalog.AsJSON, catalog.AsFiles:
		raw, err := src.jsonOf(ctx, text)
		if err != nil {
			return nil, err
		}
		return fromJSON(ctx, src, o, raw)
	case catalog.AsArray:
		return array(ctx, src, o, text)
	case catalog.AsPair:
		return src.contentOf(ctx, text)
	case catalog.AsBase64, catalog.AsContent:
		return content(ctx, src, o.As, text)
	}
	return nil, fmt.Errorf("option %s: unknown conversion %q", o.Name, o.As)
}

// text1 is a plain text, or one of a list.
func text1(o *catalog.Option, text string) (any, error) {
	if len(o.Enum) == 0 && o.As != catalog.AsID {
		text = plain(text)
	}
	return checked(o, text)
}

// checked is a text without escapes, or one of a list.
func checked(o *catalog.Option, text string) (any, error) {
	switch {
	case len(o.Enum) > 0:
		return match(o, strings.TrimSpace(text))
	case o.As == catalog.AsID:
		return id(strings.TrimSpace(text))
	}
	if n := utf8.RuneCountInString(text); o.Max > 0 && n > o.Max {
		return nil, problemf(fmt.Sprintf("Shorten it to %d.", o.Max), "%d characters are too long", n)
	}
	return text, nil
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
