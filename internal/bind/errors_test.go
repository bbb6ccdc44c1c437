package bind

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestErrorText(t *testing.T) {
	t.Parallel()
	place := &SyntaxError{Line: 2, Column: 7, Near: "it's\t😀", Problem: "no comma"}
	for _, test := range []struct {
		err  error
		want string
	}{
		{&Error{Option: "fields", Problem: "broken"}, "--fields: broken"},
		{&Error{Option: "fields", Problem: "broken", Remedy: "Mend it."}, "--fields: broken\nMend it."},
		{&Error{Option: "fields", Problem: "broken", Remedy: "Mend it.", Err: place}, "--fields: broken: line 2, column 7: no comma at \"it's\\t😀\"\nMend it."},
		{&SyntaxError{Line: 1, Column: 1, Problem: "nothing"}, "line 1, column 1: nothing"},
	} {
		if diff := cmp.Diff(test.want, test.err.Error()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if !errors.Is(&Error{Err: place}, place) {
		t.Error("the cause is lost")
	}
}

func TestShorten(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		n    int
		want string
	}{
		{"", 3, ""},
		{"abc", 3, "abc"},
		{"abcd", 3, "abc…"},
		{"жжжж", 3, "жжж…"},
		{"a\r\nb", 3, "a"},
		{"\nb", 3, ""},
	} {
		if got := shorten(test.text, test.n); got != test.want {
			t.Errorf("shorten(%q, %d) = %q, want %q", test.text, test.n, got, test.want)
		}
	}
}
