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
	if err != nil {
		return nil, err
	}
	if raw[0] != '{' {
		return nil, problemf("Write it as {'KEY':'value'}.", "expected a structure, got %s", kindOf(raw))
	}
	return members(raw)
}

func members(raw []byte) (*bitrix24.Object, error) {
	var o bitrix24.Object
	if err := o.UnmarshalJSON(raw); err != nil {
		return nil, problemf("Nothing was sent.", "%v", err)
	}
	return &o, nil
}

// collection reads a JSON array or object.
func collection(ctx context.Context, src *Source, text string) (any, error) {
	raw, err := src.jsonOf(ctx, text)
	if err != nil {
		return nil, err
	}
	if raw[0] != '{' && raw[0] != '[' {
		return nil, problemf("Write it as [1, 2] or {'KEY':'value'}.", "expected an array or a structure, got %s", kindOf(raw))
	}
	return raw, nil
}

// array reads a JSON array. A value written out is the text of its only
// element, "10,20" too; so is a structure, and a value in a file.
func array(ctx context.Context, src *Source, text string) (any, error) {
	if !looksLikeJSON(text) && !namesFile(text) {
		return []string{Unescape(text)}, nil
	}
	raw, err := src.jsonOf(ctx, text)
	if err != nil || raw[0] == '[' {
		return raw, err
	}
	return []json.RawMessage{raw}, nil
}

// allowed is an array of what the option takes: structures, or values that are
// among the allowed ones, when there are some.
func allowed(ctx context.Context, src *Source, o *catalog.Option, text string) (any, error) {
	if o.Holds("structure") && !looksLikeJSON(text) && !namesFile(text) {
		return nil, problemf("Write it as [{'KEY':'value'}].", "expected a list of structures, got a text")
	}
	list, err := array(ctx, src, text)
	if err != nil || len(o.Enum) == 0 {
		return list, err
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
func picked(ctx context.Context, src *Source, o *catalog.Option, text string) (*bitrix24.Object, error) {
	given, err := structure(ctx, src, text)
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

// content reads files: the base64 of one, a list of [name, base64] pairs, or
// the text of one.
func content(ctx context.Context, src *Source, as catalog.Convert, text string) (any, error) {
	switch as {
	case catalog.AsContent:
		found, _, ok, err := src.named(ctx, text)
		if err != nil {
			return nil, err
		}
		if ok {
			return string(found), nil
		}
		return plain(text), nil
	case catalog.AsBase64:
		bytes, err := src.bytesOf(ctx, text)
		if err != nil {
			return nil, err
		}
		return base64.StdEncoding.EncodeToString(bytes), nil
	}
	return files(ctx, src, text)
}

// files reads a map of names to sources.
func files(ctx context.Context, src *Source, text string) (bitrix24.Files, error) {
	const form = "Write it as {'report.pdf':'/path/of/report.pdf'}."
	raw, err := src.jsonOf(ctx, text)
	if err != nil {
		return nil, err
	}
	if raw[0] != '{' {
		return nil, problemf(form, "expected a map of file names to sources, got %s", kindOf(raw))
	}
	list, err := members(raw)
	if err != nil {
		return nil, err
	}
	pairs := make(bitrix24.Files, 0, list.Len())
	for name, value := range list.All() {
		source, ok := value.(string)
		if !ok {
			return nil, problemf(form, "the source of %q is no text", shorten(name, 40))
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
