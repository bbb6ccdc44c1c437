package bind

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/catalog"
)

// structure reads a JSON object; its members keep their own text.
func structure(ctx context.Context, src *Source, text string) (*bitrix24.Object, error) {
	raw, err := src.jsonOf(ctx, text)
	if err == nil {
		err = checkKind(catalog.AsObject, raw)
	}
	if err != nil {
		return nil, err
	}
	return members(raw)
}

// fromJSON converts the JSON of an option.
func fromJSON(ctx context.Context, src *Source, o *catalog.Option, raw json.RawMessage) (any, error) {
	if err := checkKind(o.As, raw); err != nil {
		return nil, err
	}
	switch o.As {
	case catalog.AsArray:
		return allowed(o, listed(raw))
	case catalog.AsJSON:
		return raw, nil
	case catalog.AsFiles:
		return files(ctx, src, raw)
	case catalog.AsPick:
		return picked(o, raw)
	}
	return members(raw)
}

// filesForm is how files are written.
const filesForm = "Write it as {'report.pdf':'/path/of/report.pdf'}."

// checkKind tells whether JSON is of the kind that a conversion takes.
func checkKind(as catalog.Convert, raw json.RawMessage) error {
	switch isObject := raw[0] == '{'; {
	case isObject || as == catalog.AsArray:
		return nil
	case as == catalog.AsJSON && raw[0] == '[':
		return nil
	case as == catalog.AsJSON:
		return problemf("Write it as [1, 2] or {'KEY':'value'}.", "expected an array or a structure, got %s", kindOf(raw))
	case as == catalog.AsFiles:
		return problemf(filesForm, "expected a map of file names to sources, got %s", kindOf(raw))
	}
	return problemf("Write it as {'KEY':'value'}.", "expected a structure, got %s", kindOf(raw))
}

func members(raw []byte) (*bitrix24.Object, error) {
	var o bitrix24.Object
	if err := o.UnmarshalJSON(raw); err != nil {
		return nil, problemf("Nothing was sent.", "%v", err)
	}
	return &o, nil
}

// array reads a JSON array. A value written out is the text of its only
// element, "10,20" too; so is a structure, and a value in a file.
func array(ctx context.Context, src *Source, o *catalog.Option, text string) (any, error) {
	if !looksLikeJSON(text) && !namesFile(text) {
		if o.Holds("structure") {
			return nil, problemf("Write it as [{'KEY':'value'}].", "expected a list of structures, got a text")
		}
		return allowed(o, []string{Unescape(text)})
	}
	raw, err := src.jsonOf(ctx, text)
	if err != nil {
		return nil, err
	}
	return fromJSON(ctx, src, o, raw)
}

// listed makes a list of what is none.
func listed(raw json.RawMessage) any {
	if raw[0] == '[' {
		return raw
	}
	return []json.RawMessage{raw}
}

// allowed is an array whose elements are among the allowed values, when there
// are some.
func allowed(o *catalog.Option, list any) (any, error) {
	if len(o.Enum) == 0 {
		return list, nil
	}
	raw, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	var elements []any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&elements); err != nil {
		return nil, err
	}
	for i, element := range elements {
		if elements[i], err = match(o, strings.TrimSpace(fmt.Sprint(element))); err != nil {
			return nil, err
		}
	}
	return elements, nil
}

// picked is a structure reduced to its known keys, each with its conversion.
func picked(o *catalog.Option, raw json.RawMessage) (*bitrix24.Object, error) {
	given, err := members(raw)
	if err != nil {
		return nil, err
	}
	chosen := bitrix24.NewObject()
	for name, value := range given.All() {
		i := slices.IndexFunc(o.Pick, func(p catalog.Picked) bool { return p.Key == name })
		if i < 0 {
			return nil, problemf("Known are "+pickedKeys(o)+".", "the key %q is unknown", shorten(name, 40))
		}
		switch as := o.Pick[i].As; as {
		case catalog.AsArray:
			if _, isList := value.([]any); !isList {
				value = []any{value}
			}
		case catalog.AsDate:
			if value, err = moment(as, fmt.Sprint(value)); err != nil {
				return nil, inKey(name, err)
			}
		}
		chosen.Set(name, value)
	}
	return chosen, nil
}

func pickedKeys(o *catalog.Option) string {
	names := make([]string, len(o.Pick))
	for i, p := range o.Pick {
		names[i] = p.Key
	}
	return strings.Join(names, ", ")
}

// inKey names the key of a structure in an error.
func inKey(name string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.Problem = fmt.Sprintf("%q: %s", shorten(name, 40), e.Problem)
	}
	return err
}

// namesFile tells whether a text that might be a value is meant to name a file
// or an address.
func namesFile(text string) bool {
	return isAddress(text) || isFile(text) || strings.HasSuffix(strings.ToLower(strings.TrimSpace(text)), ".json")
}

func kindOf(raw []byte) string {
	switch raw[0] {
	case '{':
		return "a structure"
	case '[':
		return "an array"
	case '"':
		return "a text"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// content reads a file: its base64, or its text.
func content(ctx context.Context, src *Source, as catalog.Convert, text string) (any, error) {
	if as == catalog.AsContent {
		found, _, ok, err := src.named(ctx, text)
		if err != nil {
			return nil, err
		}
		if ok {
			return string(found), nil
		}
		return plain(text), nil
	}
	bytes, err := src.bytesOf(ctx, text)
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.EncodeToString(bytes), nil
}

// files reads a map of names to sources.
func files(ctx context.Context, src *Source, raw json.RawMessage) (bitrix24.Files, error) {
	list, err := members(raw)
	if err != nil {
		return nil, err
	}
	pairs := make(bitrix24.Files, 0, list.Len())
	for name, value := range list.All() {
		source, ok := value.(string)
		if !ok {
			return nil, problemf(filesForm, "the source of %q is no text", shorten(name, 40))
		}
		content, err := src.contentOf(ctx, source)
		if err != nil {
			return nil, inKey(name, err)
		}
		pairs = append(pairs, bitrix24.File{Name: name, Content: content})
	}
	return pairs, nil
}

func looksLikeJSON(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")
}
