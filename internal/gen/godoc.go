package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/oint-go/oint/catalog"
)

// Doc is the comment of a method: what it does, its arguments, its source.
func (m *method) Doc() string {
	text := m.Name + " " + lowerSentence(m.Summary)
	var b strings.Builder
	comment(&b, "", text+" "+m.Details)
	b.WriteString("//\n")
	for _, p := range m.Required {
		if p.Argument == "_" {
			continue
		}
		comment(&b, "    ", "  - "+p.Argument+": "+optionText(p.Option))
	}
	if len(m.Required) > 0 {
		b.WriteString("//\n")
	}
	switch m.Kind {
	case catalog.REST:
		comment(&b, "", fmt.Sprintf("REST method %s, %s, %s: %s", m.Method, m.HTTP, m.Replay, m.Function.Doc))
	case catalog.Composed:
		comment(&b, "", fmt.Sprintf("Made of REST method %s: %s", m.Method, m.Function.Doc))
	case catalog.OAuth:
		comment(&b, "", fmt.Sprintf("Grant type %s, %s: %s", m.Method, m.Replay, m.Function.Doc))
	default:
		comment(&b, "", "Nothing is sent. "+m.Function.Doc)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// OptionsDoc is the comment of the options struct.
func (m *method) OptionsDoc() string {
	var b strings.Builder
	comment(&b, "", fmt.Sprintf("%s are the optional parameters of %s. A field that is not set is not sent unless it has a default.", m.OptionsType, m.Name))
	return strings.TrimSuffix(b.String(), "\n")
}

// FieldDoc is the comment of a field of an options struct.
func (p *param) FieldDoc() string {
	var b strings.Builder
	comment(&b, "", optionText(p.Option))
	return strings.TrimSuffix(b.String(), "\n")
}

// optionText is the summary of an option with its values, its default and the
// function that lists them.
func optionText(o *catalog.Option) string {
	text := o.Summary
	if len(o.Enum) > 0 {
		text += " One of " + o.Values() + "."
	}
	if o.Max > 0 {
		text += fmt.Sprintf(" At most %d characters.", o.Max)
	}
	if o.Default != "" {
		text += " Default: " + o.Default + "."
	}
	if o.See != "" {
		text += " See " + o.See + "."
	}
	return text
}

// lowerSentence begins a sentence with a small letter, for use after a name;
// an initialism stays.
func lowerSentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[size:])
	if unicode.IsUpper(second) {
		return s
	}
	return string(unicode.ToLower(first)) + s[size:]
}

// comment writes a text as comment lines of at most 80 characters; lines after
// the first are indented. Leading blanks of the text stay.
func comment(b *strings.Builder, indent, text string) {
	line := text[:len(text)-len(strings.TrimLeft(text, " "))]
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
			line += word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > 77:
			b.WriteString("// " + line + "\n")
			line = indent + word
		default:
			line += " " + word
		}
	}
	b.WriteString("// " + line + "\n")
}
