package bind

import (
	"fmt"
	"strings"
)

// Error is an option that cannot be used. It names the option, the place and
// the remedy, and never holds the value of a secret option.
type Error struct {
	Option  string // long name without dashes
	Column  string // of the table that the value came from, see Template; may be empty
	Problem string
	Remedy  string // may be empty
	Err     error  // the cause, which Error adds to the problem: a *SyntaxError, or nil
}

// Error is one line, and a second one with the remedy.
func (e *Error) Error() string {
	text := "--" + e.Option + ": " + e.Problem
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Remedy != "" {
		text += "\n" + e.Remedy
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func problemf(remedy, format string, args ...any) *Error {
	return &Error{Problem: fmt.Sprintf(format, args...), Remedy: remedy}
}

// SyntaxError is text that is not even lenient JSON.
type SyntaxError struct {
	Line, Column int    // from 1; the column counts characters
	Near         string // the text at that place, shortened; empty where it may be a secret
	Problem      string
}

// Error names place, problem and the text there.
func (e *SyntaxError) Error() string {
	text := fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Problem)
	if e.Near != "" {
		text += fmt.Sprintf(" at %q", e.Near)
	}
	return text
}

// shorten cuts a text to one line of at most n characters.
func shorten(s string, n int) string {
	s, _, _ = strings.Cut(s, "\n")
	runes := []rune(strings.TrimRight(s, "\r"))
	if len(runes) <= n {
		return string(runes)
	}
	return string(runes[:n]) + "…"
}
