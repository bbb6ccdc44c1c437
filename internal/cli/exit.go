package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/bind"
	"github.com/oint-go/oint/internal/jobs"
	"github.com/oint-go/oint/internal/sync"
	"github.com/oint-go/oint/internal/table"
)

// The exit codes, a promise to scripts (README.md has the same table).
const (
	exitOK          = 0
	exitPortalError = 1   // the portal answered with an error
	exitUsage       = 2   // the command line or its input is wrong; nothing was sent
	exitNoAnswer    = 3   // no usable answer: network, time-out, not JSON, or it could not be written
	exitChanges     = 5   // plan --detailed-exitcode: something would change
	exitInterrupted = 130 // Ctrl-C
)

// usageError is a command line that cannot be run.
type usageError struct {
	text string
	hint string // a second line: what to do
}

func (e *usageError) Error() string {
	if e.hint == "" {
		return e.text
	}
	return e.text + "\n" + e.hint
}

func usageErrorf(format string, args ...any) *usageError {
	return &usageError{text: fmt.Sprintf(format, args...)}
}

// errEmpty is an option that was given without a value. To go on would leave out
// what was asked for.
func errEmpty(option string) error {
	return &usageError{text: "--" + option + " is empty", hint: "Give it a value, or leave the option out."}
}

// outputError is a result that was received but could not be written.
type outputError struct{ err error }

func (e *outputError) Error() string { return e.err.Error() }
func (e *outputError) Unwrap() error { return e.err }

// codeError ends a command with a code of its own; what is to be said has been
// said.
type codeError int

func (e codeError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// exitCode maps an error to the code of the process.
func exitCode(err error) int {
	var (
		usage  *usageError
		input  *bind.Error
		portal *bitrix24.Error
		code   codeError
		sheet  *table.Error
		plan   *sync.InputError
		key    *jobs.KeyError
	)
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &portal):
		return exitPortalError
	case errors.As(err, &usage), errors.As(err, &input), errors.As(err, &sheet), errors.As(err, &plan),
		errors.As(err, &key), errors.Is(err, jobs.ErrNotFound), errors.Is(err, jobs.ErrState):
		return exitUsage
	default:
		return exitNoAnswer
	}
}

// optionOf names the option behind a setting of the client.
var optionOf = map[string]string{
	"address":              "--url",
	"token":                "--token",
	"proxy":                "--config: proxy",
	"limits":               "--limit",
	"transport":            "--url",
	"authorization server": "--" + optOAuthServer,
	"domain":               "--domain",
	"client id":            "--clientid",
}

// inOptions puts a setting that the client refuses into words of the command
// line.
func inOptions(err error) error {
	var config *bitrix24.ConfigError
	if !errors.As(err, &config) {
		return err
	}
	e := &usageError{text: config.Setting + ": " + config.Problem}
	if option := optionOf[config.Setting]; option != "" {
		e.text = option + ": " + config.Problem
	}
	if config.Insecure {
		e.hint = "If the way to that host is safe, --" + optAllowHTTP + " allows it."
	}
	return e
}
