package bind

import (
	"encoding/json"
	"strings"
)

// Cell is one value of a table: its text, and its JSON where the table has
// types. An empty text is an empty cell.
type Cell struct {
	Text string
	JSON json.RawMessage
}

// Cells returns the cell of a row under a column, the zero Cell when there is
// none.
type Cells func(column string) Cell

// pattern is a text with columns of a table in braces: "{First} {Last}". Doubled
// braces are braces.
type pattern []piece

// piece is a part of a pattern: a column, or a text as it is when it has none.
type piece struct{ literal, column string }

const braces = "A column of the table is written {Name}, a brace itself {{ or }}."

func parsePattern(text string) (pattern, error) {
	var p pattern
	var literal strings.Builder
	for rest := text; rest != ""; {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			i = len(rest)
		}
		literal.WriteString(rest[:i])
		switch rest = rest[i:]; {
		case rest == "":
		case strings.HasPrefix(rest, "{{"), strings.HasPrefix(rest, "}}"):
			literal.WriteByte(rest[0])
			rest = rest[2:]
		case rest[0] == '}':
			return nil, problemf(braces, "a } without its {")
		default:
			end := strings.IndexAny(rest[1:], "{}") + 1
			if end == 0 || rest[end] != '}' {
				return nil, problemf(braces, "a { without its }")
			}
			column := strings.TrimSpace(rest[1:end])
			if column == "" {
				return nil, problemf(braces, "braces without the name of a column")
			}
			if literal.Len() > 0 {
				p = append(p, piece{literal: literal.String()})
				literal.Reset()
			}
			p = append(p, piece{column: column})
			rest = rest[end+1:]
		}
	}
	if literal.Len() > 0 {
		p = append(p, piece{literal: literal.String()})
	}
	return p, nil
}

// column is the name of the column that the pattern consists of, if it consists
// of one and nothing else.
func (p pattern) column() (string, bool) {
	if len(p) == 1 && p[0].column != "" {
		return p[0].column, true
	}
	return "", false
}

func (p pattern) columns() []string {
	var names []string
	for _, piece := range p {
		if piece.column != "" {
			names = append(names, piece.column)
		}
	}
	return names
}

// unescaped replaces the escapes in the pattern itself; those in cells stay as
// they are.
func (p pattern) unescaped() pattern {
	if len(p) > 0 && p[0].column == "" && looksLikeJSON(p[0].literal) {
		return p
	}
	q := make(pattern, len(p))
	for i, piece := range p {
		piece.literal = unescaper.Replace(piece.literal)
		q[i] = piece
	}
	return q
}

// fill puts the cells of a row in. It is empty when its cells are, and there is
// nothing else.
func (p pattern) fill(cells Cells) (text string, empty bool) {
	var b strings.Builder
	hasColumn := false
	for _, piece := range p {
		if piece.column != "" {
			hasColumn = true
			b.WriteString(cells(piece.column).Text)
			continue
		}
		b.WriteString(piece.literal)
	}
	return b.String(), hasColumn && isBlank(b.String())
}
