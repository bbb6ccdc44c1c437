package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/catalog"
)

// Main runs one command line and returns the exit code of the process.
func Main(args []string, sys System) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second Ctrl-C ends what does not listen to the first, such as a jq
	// expression without an end.
	context.AfterFunc(ctx, stop)
	return Run(ctx, args, sys)
}

// Run is Main under a context of the caller, which stands for Ctrl-C.
func Run(ctx context.Context, args []string, sys System) int {
	root := newRoot(sys)
	root.SetArgs(args)
	root.SetOut(sys.Out)
	root.SetErr(sys.Err)
	err := root.ExecuteContext(ctx)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("interrupted: %w", context.Canceled)
	}
	err = inOptions(err)
	code := exitCode(err)
	if err != nil {
		report(sys, err)
	}
	return code
}

// report says on stderr what went wrong, one line and where it helps a second
// one with the remedy.
func report(sys System, err error) {
	var portal *bitrix24.Error
	var code codeError
	switch {
	case errors.As(err, &code):
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(sys.Err, "oint: interrupted")
	case errors.As(err, &portal):
		fmt.Fprintln(sys.Err, "oint: "+explain(portal))
	default:
		fmt.Fprintln(sys.Err, "oint: "+err.Error())
	}
}

// newRoot builds the command tree. It touches neither files nor the network.
func newRoot(sys System) *cobra.Command {
	root := &cobra.Command{
		Use:           "oint",
		Short:         "Bitrix24 from the terminal, from Go and from AI agents",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		// A mistyped command must be named as such, not one of its options.
		DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0 || args[0] == "--"+optHelp || args[0] == "-h":
				return printStart(sys)
			case args[0] == "--version" || args[0] == "-v":
				return printVersion(sys)
			case strings.HasPrefix(args[0], "-"):
				return &usageError{
					text: "the name of a library or command must follow \"oint\"",
					hint: "\"oint --help\" lists them; options come after the name of the function.",
				}
			}
			return unknownLibrary(args[0])
		},
	}
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		fmt.Fprint(sys.Out, commandHelp(cmd))
	})
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(newLibrary(sys), newSandbox(sys), newJobs(sys), newWorker(sys), newChild(sys), newVersion(sys))
	root.SetHelpCommand(newHelp(sys))
	root.InitDefaultCompletionCmd()
	return root
}

// flagError is an option that a command of the tree does not take.
func flagError(cmd *cobra.Command, err error) error {
	e := &usageError{text: err.Error(), hint: fmt.Sprintf("%q lists the options.", cmd.CommandPath()+" --help")}
	var (
		unknown *pflag.NotExistError
		invalid *pflag.InvalidValueError
	)
	switch {
	case errors.As(err, &invalid):
		problem := "is no number"
		switch invalid.GetFlag().Value.Type() {
		case "duration":
			problem = "is no time with its unit, such as 150ms or 2s"
		case "bool":
			problem = "is neither true nor false"
		}
		e.text = fmt.Sprintf("--%s: %q %s", invalid.GetFlag().Name, invalid.GetValue(), problem)
		return e
	case !errors.As(err, &unknown):
		return e
	}
	name := "--" + unknown.GetSpecifiedName()
	if unknown.GetSpecifiedShortnames() != "" {
		name = name[1:]
	}
	e.text = "unknown option for " + cmd.CommandPath()
	if !printable().MatchString(name) {
		return e
	}
	e.text = "unknown option " + name + " for " + cmd.CommandPath()
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
	if near := catalog.Closest(name, known); len(near) > 0 {
		e.hint = "Did you mean " + strings.Join(near, " or ") + "? " + e.hint
	}
	return e
}

// newHelp makes "oint help X Y" the same as "oint X Y --help", functions of the
// library included.
func newHelp(sys System) *cobra.Command {
	return &cobra.Command{
		Use:                "help [library [function]]",
		Short:              "Show the help of a command or function",
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := newRoot(sys)
			root.SetArgs(append(args, "--"+optHelp))
			return root.ExecuteContext(cmd.Context())
		},
	}
}

func newVersion(sys System) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArguments,
		RunE:  func(*cobra.Command, []string) error { return printVersion(sys) },
	}
}

func printVersion(sys System) error {
	_, err := fmt.Fprintln(sys.Out, "oint "+bitrix24.Version)
	return err
}

// noArguments refuses words without repeating them: they may be secrets.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageErrorf("%s takes no words after its name; \"%s --help\" shows its options", cmd.CommandPath(), cmd.CommandPath())
	}
	return nil
}

// unknownLibrary says what may have been meant: a library or command, or a
// function whose library was left out.
func unknownLibrary(word string) error {
	near := catalog.Closest(word, []string{"bitrix24", "sandbox", "jobs", "worker", "completion", "version", "help"})
	e := &usageError{text: "unknown library or command", hint: "\"oint --help\" lists them; a call looks like: oint bitrix24 UpdateUser --help"}
	if printable().MatchString(word) || len(near) > 0 {
		e.text = fmt.Sprintf("unknown library or command %q", word)
	}
	if len(near) == 0 {
		near = functionsLike(word)
	}
	if len(near) > 0 {
		e.hint = "Did you mean " + strings.Join(near, " or ") + "? " + e.hint
	}
	return e
}

// functionsLike returns the functions that a word names or resembles, with
// their library.
func functionsLike(word string) []string {
	index, err := catalog.Load()
	if err != nil {
		return nil
	}
	if fn, ok := index.Find(word); ok {
		return []string{"bitrix24 " + fn.Name}
	}
	near := index.Nearest(word)
	for i := range near {
		near[i] = "bitrix24 " + near[i]
	}
	return near
}
