package sync

import (
	"errors"
	"fmt"
)

// InputError is an input that cannot be used: an option, a table, a plan.
// Nothing was changed on the portal.
type InputError struct {
	Problem string
	Remedy  string // may be empty
}

// Error names the problem and the remedy.
func (e *InputError) Error() string {
	if e.Remedy == "" {
		return e.Problem
	}
	return e.Problem + "\n" + e.Remedy
}

func inputErrorf(remedy, format string, args ...any) *InputError {
	return &InputError{Problem: fmt.Sprintf(format, args...), Remedy: remedy}
}

// problem is what an error says without its remedy.
func problem(err error) string {
	var input *InputError
	if errors.As(err, &input) {
		return input.Problem
	}
	return err.Error()
}
