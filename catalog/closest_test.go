package catalog

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestClosest(t *testing.T) {
	t.Parallel()
	options := []string{"--userid", "--fields", "--filter", "--url", "--token"}
	for _, test := range []struct {
		word  string
		known []string
		want  []string
	}{
		{"--feilds", options, []string{"--fields"}},
		{"--field", options, []string{"--fields"}},
		{"--user", options, []string{"--userid"}},
		{"--filtre", options, []string{"--filter"}},
		{"--usreid", options, []string{"--userid"}},
		{"--nothing-like-it", options, nil},
		{"-", options, nil},
		{"", options, nil},
		{"TOKEN", []string{"token"}, []string{"token"}},
		{"отдел", []string{"отделы"}, []string{"отделы"}},
		{"aaab", []string{"aaac", "aaad", "aaae", "aaab"}, []string{"aaab", "aaac", "aaad"}},
	} {
		if diff := cmp.Diff(test.want, Closest(test.word, test.known)); diff != "" {
			t.Errorf("Closest(%q) (-want +got):\n%s", test.word, diff)
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"a", "", 1},
		{"", "ab", 2},
		{"abc", "abc", 0},
		{"abc", "abd", 1},
		{"abc", "acb", 1},
		{"abcd", "badc", 2},
		{"kitten", "sitting", 3},
	} {
		if got := distance([]rune(test.a), []rune(test.b)); got != test.want {
			t.Errorf("distance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

func TestDistanceProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := []rune(rapid.String().Draw(t, "a")), []rune(rapid.String().Draw(t, "b"))
		d := distance(a, b)
		if d != distance(b, a) {
			t.Fatal("it is not symmetric")
		}
		if string(a) == string(b) != (d == 0) {
			t.Fatalf("distance %d", d)
		}
		if longest := max(len(a), len(b)); d > longest || d < longest-min(len(a), len(b)) {
			t.Fatalf("distance %d of %d and %d letters", d, len(a), len(b))
		}
	})
}
