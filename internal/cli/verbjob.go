package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oint-go/oint/internal/jobs"
)

// flags adds the options of the background to a verb. They are the general ones
// of functions, in the words of a flag.
func (o *jobOptions) flags(f *pflag.FlagSet) {
	f.BoolVar(&o.background, optBackground, false, "make a background job of it, print the job and do not wait; \"oint jobs --help\" tells more")
	f.StringVar(&o.priority, optPriority, "", "priority of the job: `N` from 1, the most urgent and the default, to 4")
	f.BoolVar(&o.unique, optUnique, false, "no second job while the same one waits or runs")
	f.StringVar(&o.cron, optCron, "", "make a job whenever the time comes: `FIELDS` are minute, hour, day, month and day of the week, e.g. \"0 2 * * *\" for two o'clock every night")
}

// checkGiven refuses an option that was given without a value. The address and the
// token of the portal may be: they have a default in the environment.
func checkGiven(flags *pflag.FlagSet) (err error) {
	flags.Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "string" && strings.TrimSpace(f.Value.String()) == "" && f.Name != "url" && f.Name != "token" && err == nil {
			err = errEmpty(f.Name)
		}
	})
	return err
}

// verbErrand is a verb's command line as a job. A verb looks before it writes, so
// a job that was cut off may run again.
func verbErrand(cmd *cobra.Command, args []string, where *portalOptions, redact func(string) string) *errand {
	e := &errand{
		title: cmd.Name(), words: []string{"bitrix24", cmd.Name()}, portal: where.named(),
		repeat: true, secrets: []string{strings.TrimSpace(where.token)},
	}
	for _, arg := range args {
		if strings.HasPrefix(arg, "-") {
			arg = "./" + arg // a file, which must not become an option
		}
		e.words = append(e.words, arg)
	}
	shown := slices.Clone(e.words)
	for i := 2; i < len(shown); i++ {
		shown[i] = shellQuote(redact(shown[i]))
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if g := generalOption(f.Name); g != nil && g.job {
			return
		}
		value := f.Value.String()
		e.words = append(e.words, "--"+f.Name+"="+value)
		switch {
		case f.Name == "token":
			value = "***"
		case f.Value.Type() == "bool" && value == "true":
			shown = append(shown, "--"+f.Name)
			return
		}
		shown = append(shown, "--"+f.Name, shellQuote(redact(value)))
	})
	e.text = "oint " + strings.Join(shown, " ")
	return e
}

// sameIsThere prints the job that waits for, or is busy with, the same command,
// and tells whether there is one.
func sameIsThere(ctx context.Context, sys System, e *errand, how jobs.How) (there bool, err error) {
	store, err := openJobs(ctx, sys)
	if err != nil {
		return false, err
	}
	defer func() { err = joinClose(err, store) }()
	command, identity, err := sys.command(e, store.Local())
	if err != nil {
		return false, err
	}
	how.Portal = identity
	job, err := store.Same(ctx, command, how)
	if err != nil || job == nil {
		return false, err
	}
	return true, printJob(sys, job)
}
