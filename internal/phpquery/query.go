package phpquery

import (
	"net/url"
	"strings"
)

// maxNesting is how many brackets PHP follows in a name; a name with more takes
// all of its variable away (max_input_nesting_level).
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
	name, _, _ = strings.Cut(strings.TrimLeft(name, " "), "\x00")
	if name == "" || name[0] == '[' {
		return
	}
	key, keys := splitName(name)
	if len(keys) > maxNesting {
		a.Delete(key)
		return
	}
	target := a
	for _, next := range keys {
		target = target.child(key)
		key = next
	}
	target.put(key, value)
}

// child returns the array under key, or a new one in its place. A blank key
// appends.
func (a *Array) child(key string) *Array {
	if c, ok := a.values[key].(*Array); ok {
		return c
	}
	c := NewArray()
	a.put(key, c)
	return c
}

// put is Set, but a blank key appends.
func (a *Array) put(key string, value any) {
	if key == "" {
		a.Append(value)
		return
	}
	a.Set(key, value)
}

// splitName splits "a[b][c]" into "a" and b, c. Text after a closed bracket is
// dropped. If the first bracket is never closed, all is one name.
func splitName(name string) (top string, keys []string) {
	open := strings.IndexByte(name, '[')
	if open < 0 || !strings.Contains(name[open:], "]") {
		return clean(name), nil
	}
	for rest := name[open:]; rest != "" && rest[0] == '['; {
		key, after, closed := strings.Cut(rest[1:], "]")
		if !closed {
			break
		}
		switch key {
		case " ", "\t", "\n", "\v", "\f", "\r":
			key = "" // PHP skips one blank before it looks for the end
		}
		keys = append(keys, key)
		rest = after
	}
	return clean(name[:open]), keys
}

// clean makes a top-level name one that PHP can register as a variable.
func clean(name string) string {
	return strings.NewReplacer(" ", "_", ".", "_", "[", "_").Replace(name)
}
