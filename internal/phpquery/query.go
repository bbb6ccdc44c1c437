package phpquery

import (
	"net/url"
	"strings"
)

// maxNesting is how deep PHP follows the brackets of a name; deeper parts are
// dropped (max_input_nesting_level).
const maxNesting = 64

// Parse reads a query or form body as PHP's parse_str does.
func Parse(query string) *Array {
	a := NewArray()
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		a.Add(unescape(name), unescape(value))
	}
	return a
}

// unescape decodes %xx and +; a broken %xx stays as it is, as in PHP.
func unescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b.WriteByte(' ')
		case s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			c, _ := url.PathUnescape(s[i : i+3]) // two hexadecimal digits always decode
			b.WriteString(c)
			i += 2
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// Add puts a value under a name with brackets, as a form field arrives: "a[b][]"
// appends to a → b.
func (a *Array) Add(name string, value any) {
	name = strings.TrimLeft(name, " ")
	if i := strings.IndexByte(name, 0); i >= 0 {
		name = name[:i]
	}
	if name == "" || name[0] == '[' {
		return
	}
	top, keys, ok := splitName(name)
	if !ok {
		a.Set(top, value)
		return
	}
	target := a
	key := top
	for _, next := range keys {
		target = target.child(key)
		key = next
	}
	if key = strings.TrimLeft(key, " "); key == "" && len(keys) > 0 {
		target.Append(value)
		return
	}
	target.Set(key, value)
}

// child returns the array under key, or a new one in its place. A blank key
// appends.
func (a *Array) child(key string) *Array {
	key = strings.TrimLeft(key, " ")
	if key == "" {
		c := NewArray()
		a.Append(c)
		return c
	}
	if c, ok := a.values[key].(*Array); ok {
		return c
	}
	c := NewArray()
	a.Set(key, c)
	return c
}

// splitName splits "a[b][c]" into "a" and b, c. Text after a closed bracket is
// dropped. A bracket that is never closed is part of the name, ok is false
// then.
func splitName(name string) (top string, keys []string, ok bool) {
	open := strings.IndexByte(name, '[')
	if open < 0 {
		return clean(name), nil, false
	}
	rest := name[open:]
	if !strings.Contains(rest, "]") {
		// PHP turns the first open bracket into an underscore, and keeps what
		// follows it.
		return clean(name[:open]) + "_" + rest[1:], nil, false
	}
	for len(rest) > 0 && rest[0] == '[' {
		end := strings.IndexByte(rest, ']')
		if end < 0 {
			break
		}
		if len(keys) < maxNesting {
			keys = append(keys, rest[1:end])
		}
		rest = rest[end+1:]
	}
	return clean(name[:open]), keys, true
}

// clean makes a top-level name one that PHP can register as a variable.
func clean(name string) string {
	return strings.NewReplacer(" ", "_", ".", "_").Replace(name)
}

// Encode writes the array as a query, lists and maps in brackets.
func (a *Array) Encode() string {
	var parts []string
	encode(&parts, "", a)
	return strings.Join(parts, "&")
}

func encode(parts *[]string, prefix string, a *Array) {
	for key, value := range a.All() {
		name := url.QueryEscape(key)
		if prefix != "" {
			name = prefix + "%5B" + name + "%5D"
		}
		switch v := value.(type) {
		case *Array:
			encode(parts, name, v)
		case nil:
		default:
			*parts = append(*parts, name+"="+url.QueryEscape(Text(v)))
		}
	}
}
