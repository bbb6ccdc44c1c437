package bind

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
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

// collection reads a JSON array or object. For an array option a single value,
// written out or as an object, is its only element; "1,2" is one value.
func collection(ctx context.Context, src *Source, as catalog.Convert, text string) (any, error) {
	raw, err := src.jsonOf(ctx, text)
	var broken *SyntaxError
	if err != nil && !(as == catalog.AsArray && errors.As(err, &broken) && !looksLikeJSON(text)) {
		return nil, err
	}
	switch {
	case as != catalog.AsArray:
		if raw[0] != '{' && raw[0] != '[' {
			return nil, problemf("Write it as [1, 2] or {'KEY':'value'}.", "expected an array or a structure, got %s", kindOf(raw))
		}
		return json.RawMessage(raw), nil
	case err != nil || raw[0] != '[' && raw[0] != '{':
		return []string{Unescape(text)}, nil
	case raw[0] == '{':
		return []json.RawMessage{raw}, nil
	}
	return json.RawMessage(raw), nil
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
		return Unescape(text), nil
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
func files(ctx context.Context, src *Source, text string) ([][2]string, error) {
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
	pairs := make([][2]string, 0, list.Len())
	for name, value := range list.All() {
		source, ok := value.(string)
		if !ok {
			return nil, problemf(form, "the source of %q is no text", shorten(name, 40))
		}
		bytes, err := src.bytesOf(ctx, source)
		if err != nil {
			var e *Error
			if errors.As(err, &e) {
				e.Problem = name + ": " + e.Problem
			}
			return nil, err
		}
		pairs = append(pairs, [2]string{name, base64.StdEncoding.EncodeToString(bytes)})
	}
	return pairs, nil
}

func looksLikeJSON(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")
}
