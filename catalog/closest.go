package catalog

import (
	"slices"
	"strings"
)

// Closest returns up to three of the known words that a mistyped word may have
// meant, the best first: words that begin like it, and words a few keystrokes
// away.
func Closest(word string, known []string) []string {
	type candidate struct {
		word string
		cost int
	}
	var found []candidate
	lower := strings.ToLower(word)
	limit := max(1, len([]rune(strings.TrimLeft(lower, "-")))/3)
	for _, k := range known {
		kl := strings.ToLower(k)
		cost := distance([]rune(lower), []rune(kl))
		if len(strings.TrimLeft(lower, "-")) >= 3 && strings.HasPrefix(kl, lower) {
			cost = min(cost, 1)
		}
		if cost <= limit {
			found = append(found, candidate{k, cost})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return a.cost - b.cost })
	var words []string
	for _, c := range found[:min(len(found), 3)] {
		words = append(words, c.word)
	}
	return words
}

// distance counts the keystrokes between two words: insertions, deletions,
// replacements and swaps of neighbours (optimal string alignment).
func distance(a, b []rune) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(row[j]+1, last[j+1]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
