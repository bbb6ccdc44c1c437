package catalog

import (
	"slices"
	"strings"
)

// Option returns the option of that name.
func (fn *Function) Option(name string) (*Option, bool) {
	i := slices.IndexFunc(fn.Options, func(o Option) bool { return o.Name == name })
	if i < 0 {
		return nil, false
	}
	return &fn.Options[i], true
}

// Sent returns the options that become parameters, in wire order: all but the
// portal's address and the access token, which belong to the client.
func (fn *Function) Sent() []*Option {
	if len(fn.Send) > 0 {
		sent := make([]*Option, 0, len(fn.Send))
		for _, name := range fn.Send {
			if o, ok := fn.Option(name); ok {
				sent = append(sent, o)
			}
		}
		return sent
	}
	var sent []*Option
	for i := range fn.Options {
		if o := &fn.Options[i]; o.IsParameter() {
			sent = append(sent, o)
		}
	}
	return sent
}

// IsParameter tells whether the option is part of the request. The portal's
// address, the access token, a file that is uploaded afterwards and its name
// are not.
func (o *Option) IsParameter() bool {
	switch o.As {
	case AsURL, AsToken, AsUpload:
		return false
	case AsMerge, AsPick:
		return true
	}
	return o.Wire != ""
}

// Holds tells whether an array has elements of that kind: structure, number or
// string.
func (o *Option) Holds(kind string) bool {
	if o.Of != "" {
		return o.Of == kind
	}
	return strings.Contains(strings.ToLower(o.Type), kind)
}

// Upload returns the option with the file that follows the request; nil when
// there is none.
func (fn *Function) Upload() *Option {
	for i := range fn.Options {
		if o := &fn.Options[i]; o.As == AsUpload {
			return o
		}
	}
	return nil
}

// Match finds the allowed value that a text stands for, in any letter case. An
// option without allowed values takes every text.
func (o *Option) Match(text string) (value string, ok bool) {
	if len(o.Enum) == 0 {
		return text, true
	}
	for _, allowed := range o.Enum {
		before, after, digits := strings.Cut(allowed, "#")
		switch {
		case !digits && strings.EqualFold(text, allowed):
			return allowed, true
		case digits && len(text) > len(before)+len(after) && strings.EqualFold(text[:len(before)], before) &&
			strings.EqualFold(text[len(text)-len(after):], after) && isDigits(text[len(before):len(text)-len(after)]):
			return before + text[len(before):len(text)-len(after)] + after, true
		}
	}
	return "", false
}

// Values are the allowed values for readers; N stands for a number.
func (o *Option) Values() string {
	return strings.ReplaceAll(strings.Join(o.Enum, ", "), "#", "N")
}

// HasForms tells whether some of the allowed values are forms such as chat#.
func (o *Option) HasForms() bool {
	return slices.ContainsFunc(o.Enum, func(value string) bool { return strings.Contains(value, "#") })
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
