package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// problem is something wrong in the source.
type problem struct {
	file string // path in the repository
	line int
	text string
}

func (p *problem) Error() string { return fmt.Sprintf("%s:%d: %s", p.file, p.line, p.text) }

// problems collects everything that is wrong, so that one run shows all of it.
type problems struct{ list []*problem }

func (ps *problems) add(file string, line int, format string, args ...any) {
	ps.list = append(ps.list, &problem{file, line, fmt.Sprintf(format, args...)})
}

// err returns all problems, a line each, in the order of the source.
func (ps *problems) err() error {
	slices.SortStableFunc(ps.list, func(a, b *problem) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line))
	})
	list := make([]error, len(ps.list))
	for i, p := range ps.list {
		list[i] = p
	}
	return errors.Join(list...)
}
