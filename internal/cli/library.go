package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oint-go/oint/catalog"
)

// newLibrary makes "oint bitrix24". Functions are not commands of the tree:
// their names are matched without regard to case and their options by the
// grammar in args.go, so the words after "bitrix24" are read here, unless the
// first is a verb.
func newLibrary(sys System) *cobra.Command {
	cmd := &cobra.Command{
		Use:                "bitrix24 <Function> [--option value]...",
		Short:              "Call a function of Bitrix24",
		Args:               cobra.ArbitraryArgs,
		DisableFlagParsing: true,
		ValidArgsFunction:  completeLibrary,
		RunE: func(cmd *cobra.Command, args []string) error {
			index, err := catalog.Load()
			if err != nil {
				return err
			}
			if len(args) == 0 || args[0] == "--"+optHelp {
				return printLibrary(sys, index)
			}
			fn, err := findFunction(index, args[0])
			if err != nil {
				return err
			}
			return runFunction(cmd.Context(), sys, fn, args[1:])
		},
	}
	cmd.AddCommand(verbs(sys)...)
	return cmd
}

func findFunction(index *catalog.Index, name string) (*catalog.Function, error) {
	if strings.HasPrefix(name, "-") {
		return nil, &usageError{
			text: "the name of a function must follow \"bitrix24\"",
			hint: "\"oint bitrix24 --help\" lists the functions; options come after the name.",
		}
	}
	if fn, ok := index.Find(name); ok {
		return fn, nil
	}
	e := &usageError{text: "unknown function", hint: "\"oint bitrix24 --help\" lists the functions."}
	if printable().MatchString(name) {
		e.text = fmt.Sprintf("unknown function %q", name)
	}
	if near := index.Nearest(name); len(near) > 0 {
		e.hint = "Did you mean " + strings.Join(near, " or ") + "? " + e.hint
	}
	return nil, e
}
