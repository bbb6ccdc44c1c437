package cli

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/oint-go/oint/catalog"
)

// grammar is what may stand after a function's name: the options of the
// function and the product-wide ones. The function's own always win.
type grammar struct {
	function *catalog.Function
	own      map[string]*catalog.Option // by long name
	short    map[string]*catalog.Option // by letter
}

func grammarOf(fn *catalog.Function) *grammar {
	g := &grammar{function: fn, own: map[string]*catalog.Option{}, short: map[string]*catalog.Option{}}
	for i := range fn.Options {
		o := &fn.Options[i]
		g.own[o.Name] = o
		if o.Short != "" {
			g.short[o.Short] = o
		}
	}
	return g
}

// arguments are the options of one command line, by long name; the last
// repeat of an option has won.
type arguments struct {
	own     map[string]string
	general map[string]string
	flags   map[string]bool
}

// empty is the first of the product-wide options that was given without a value,
// such as a variable that is not set.
func (a *arguments) empty(names ...string) string {
	for _, name := range names {
		if value, given := a.general[name]; given && strings.TrimSpace(value) == "" {
			return name
		}
	}
	return ""
}

// parse reads the words after the function's name.
//
// A value is the next word as it stands, even when it begins with a dash,
// unless that word is itself an option of this function. Short options have one
// letter and take their value from the next word only.
func (g *grammar) parse(words []string) (*arguments, error) {
	a := &arguments{own: map[string]string{}, general: map[string]string{}, flags: map[string]bool{}}
	for i := 0; i < len(words); i++ {
		name, value, hasValue, err := g.option(words, i)
		if err != nil {
			return nil, err
		}
		if flag := generalOption(name); flag != nil && flag.value == "" && g.own[name] == nil {
			if hasValue {
				return nil, usageErrorf("option --%s takes no value", name)
			}
			a.flags[name] = true
			continue
		}
		if !hasValue && i+1 < len(words) && !g.isOption(words[i+1]) {
			value, hasValue = words[i+1], true
			i++
		}
		if !hasValue && name != optConfig {
			return nil, usageErrorf("option --%s needs a value", name)
		}
		if g.own[name] != nil {
			a.own[name] = value
		} else {
			a.general[name] = value
		}
	}
	return a, nil
}

// option reads the option that the word at position i names.
func (g *grammar) option(words []string, i int) (name, value string, hasValue bool, err error) {
	word := words[i]
	if long, ok := strings.CutPrefix(word, "--"); ok && long != "" {
		name, value, hasValue = strings.Cut(long, "=")
		name = strings.ToLower(name)
		if g.own[name] == nil && generalOption(name) == nil {
			return "", "", false, g.unknown("--" + name)
		}
		return name, value, hasValue, nil
	}
	if letter, ok := strings.CutPrefix(word, "-"); ok && letter != "" {
		if o := g.short[letter]; o != nil {
			return o.Name, "", false, nil
		}
		if o := g.short[letter[:1]]; o != nil && strings.HasPrefix(letter[1:], "=") {
			return "", "", false, usageErrorf("write -%s VALUE or --%s=VALUE: a short option takes no \"=\"", o.Short, o.Name)
		}
		return "", "", false, g.unknown(word)
	}
	return "", "", false, &usageError{
		text: fmt.Sprintf("word %d after %s is neither an option nor the value of one", i+1, g.function.Name),
		hint: "Every value needs its option before it, and a value with spaces needs quotes.",
	}
}

// isOption tells whether the word would be read as an option rather than as
// the value of the option before it.
func (g *grammar) isOption(word string) bool {
	if long, ok := strings.CutPrefix(word, "--"); ok {
		name, _, _ := strings.Cut(long, "=")
		return g.own[name] != nil || generalOption(name) != nil
	}
	letter, ok := strings.CutPrefix(word, "-")
	return ok && g.short[letter] != nil
}

// printable holds back words that may be a misplaced secret: names have
// letters only, secrets hardly ever.
var printable = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^-{0,2}[A-Za-z][A-Za-z-]{0,24}$`)
})

func (g *grammar) unknown(word string) error {
	if !printable().MatchString(word) {
		return &usageError{text: "unknown option for " + g.function.Name, hint: g.seeHelp()}
	}
	known := make([]string, 0, len(g.own)+len(generalOptions))
	for i := range g.function.Options {
		known = append(known, "--"+g.function.Options[i].Name)
	}
	for i := range generalOptions {
		known = append(known, "--"+generalOptions[i].name)
	}
	e := &usageError{text: fmt.Sprintf("unknown option %s for %s", word, g.function.Name), hint: g.seeHelp()}
	if near := catalog.Closest(word, known); len(near) > 0 {
		e.hint = "Did you mean " + strings.Join(near, " or ") + "? " + e.hint
	}
	return e
}

func (g *grammar) seeHelp() string {
	return fmt.Sprintf("\"oint bitrix24 %s --help\" lists the options.", g.function.Name)
}
