package phpquery

import (
	"encoding/json"
	"math"
	"testing"
)

func TestText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		value any
		want  string
	}{
		{"", ""},
		{" a ", " a "},
		{json.Number("1.50"), "1.50"},
		{true, "1"},
		{false, ""},
		{nil, ""},
		{-7, "-7"},
		{int64(math.MinInt64), "-9223372036854775808"},
		{List("x"), ""},
		{1.5, ""},
	} {
		if got := Text(tt.value); got != tt.want {
			t.Errorf("Text(%#v) = %q, want %q", tt.value, got, tt.want)
		}
	}
}

func TestInt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		value any
		want  int64
		ok    bool
	}{
		{"5", 5, true},
		{" 5\n", 5, true},
		{"-5", -5, true},
		{"+5", 5, true},
		{"007", 7, true},
		{json.Number("12"), 12, true},
		{5, 5, true},
		{int64(5), 5, true},
		{true, 1, true},
		{"9223372036854775807", math.MaxInt64, true},
		{"9223372036854775808", math.MaxInt64, false},
		{false, 0, false},
		{nil, 0, false},
		{"", 0, false},
		{"5a", 0, false},
		{"5.0", 0, false},
		{json.Number("1e3"), 0, false},
		{"1 000", 0, false},
		{List("5"), 0, false},
	} {
		got, ok := Int(tt.value)
		if got != tt.want || ok != tt.ok {
			t.Errorf("Int(%#v) = %d, %t, want %d, %t", tt.value, got, ok, tt.want, tt.ok)
		}
	}
}
