package phpquery

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Text is a value as PHP casts it to a text: true is "1", false and null are
// "". An array has none.
func Text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "1"
		}
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return ""
}

// Int is a value as a whole number; false when it is none.
func Int(v any) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(Text(v)), 10, 64)
	return n, err == nil
}
