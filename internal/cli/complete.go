package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/oint-go/oint/catalog"
)

// completeLibrary completes the words after "oint bitrix24": the function's
// name in any case, then its options and the values known beforehand.
func completeLibrary(_ *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
	index, err := catalog.Load()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	if len(args) == 0 {
		return completeFunction(index, word), cobra.ShellCompDirectiveNoFileComp
	}
	fn, ok := index.Find(args[0])
	if !ok {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	if last := args[len(args)-1]; len(args) > 1 && strings.HasPrefix(last, "-") {
		if values, takesValue := valuesOf(fn, last); takesValue {
			if values != nil {
				return values, cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveDefault
		}
	}
	return completeOptions(fn, args[1:], word), cobra.ShellCompDirectiveNoFileComp
}

func completeFunction(index *catalog.Index, word string) []cobra.Completion {
	var found []cobra.Completion
	for _, h := range index.Headings() {
		if len(h.Name) >= len(word) && strings.EqualFold(h.Name[:len(word)], word) {
			found = append(found, cobra.CompletionWithDesc(h.Name, h.Summary))
		}
	}
	return found
}

// completeOptions offers the options that are not given yet.
func completeOptions(fn *catalog.Function, given []string, word string) []cobra.Completion {
	used := map[string]bool{}
	for _, w := range given {
		name, _, _ := strings.Cut(w, "=")
		used[name] = true
	}
	var found []cobra.Completion
	offer := func(name, summary string) {
		if strings.HasPrefix(name, word) && !used[name] {
			found = append(found, cobra.CompletionWithDesc(name, summary))
		}
	}
	for i := range fn.Options {
		if o := &fn.Options[i]; !used["-"+o.Short] {
			offer("--"+o.Name, o.Summary)
		}
	}
	for i := range generalOptions {
		if g := &generalOptions[i]; g.usableBy(fn) {
			offer("--"+g.name, g.summary)
		}
	}
	return found
}

// valuesOf returns the values to offer after an option; nil means any, files
// included.
func valuesOf(fn *catalog.Function, word string) (values []cobra.Completion, takesValue bool) {
	g := grammarOf(fn)
	name, isLong := strings.CutPrefix(word, "--")
	option := g.own[name]
	if !isLong {
		option = g.short[strings.TrimPrefix(word, "-")]
	}
	if option != nil {
		switch option.As {
		case catalog.AsURL:
			return []cobra.Completion{"sandbox"}, true
		case catalog.AsBool, catalog.AsYN, catalog.AsNotYN:
			return []cobra.Completion{"true", "false"}, true
		default:
			if option.HasForms() {
				return nil, true
			}
			return option.Enum, true
		}
	}
	general := generalOption(name)
	if general == nil || general.value == "" {
		return nil, false
	}
	switch name {
	case optFormat:
		return []cobra.Completion{"json", "compact", "yaml", "table", "csv"}, true
	case optEmptyCells:
		return []cobra.Completion{"skip", "clear"}, true
	case optSandboxPlan:
		return []cobra.Completion{"off", "standard", "enterprise"}, true
	default:
		return nil, true
	}
}
