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

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/catalog"
)

// Main runs one command line and returns the exit code of the process.
func Main(args []string, sys System) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
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
	switch {
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
		Version:       bitrix24.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				printStart(sys)
				return nil
			}
			return unknownLibrary(args[0])
		},
	}
	root.SetVersionTemplate("oint {{.Version}}\n")
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		if cmd == root {
			printStart(sys)
			return
		}
		fmt.Fprint(sys.Out, commandHelp(cmd))
	})
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{text: err.Error(), hint: fmt.Sprintf("%q lists the options.", cmd.CommandPath()+" --help")}
	})
	root.AddCommand(newLibrary(sys), newSandbox(sys), newVersion(sys))
	root.SetHelpCommand(newHelp(sys))
	root.InitDefaultCompletionCmd()
	return root
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
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintln(sys.Out, "oint "+bitrix24.Version)
			return nil
		},
	}
}

// noArguments refuses words without repeating them: they may be secrets.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageErrorf("%s takes no words after its name; \"%s --help\" shows its options", cmd.CommandPath(), cmd.CommandPath())
	}
	return nil
}

func unknownLibrary(word string) error {
	near := catalog.Closest(word, []string{"bitrix24", "sandbox", "completion", "version", "help"})
	e := &usageError{text: "unknown library or command", hint: "\"oint --help\" lists them; a call looks like: oint bitrix24 UpdateUser --help"}
	if printable.MatchString(word) || len(near) > 0 {
		e.text = fmt.Sprintf("unknown library or command %q", word)
	}
	if len(near) > 0 {
		e.hint = "Did you mean " + strings.Join(near, " or ") + "? " + e.hint
	}
	return e
}
