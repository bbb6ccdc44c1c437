package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/oint-go/oint/internal/render"
)

// output is where and how the result of a function is printed.
type output struct {
	sys     System
	options render.Options
	out     string // value of --out
}

// newOutput checks the output options before anything is sent, so that no
// answer is lost to a missing folder or a mistyped expression.
func newOutput(sys System, args *arguments) (*output, error) {
	o := &output{sys: sys, out: args.general[optOut]}
	o.options = render.Options{Format: render.JSON, JQ: args.general[optJQ], Color: sys.color() && o.out == "", Width: sys.Width}
	if name := strings.TrimSpace(args.general[optFormat]); name != "" {
		format, err := render.ParseFormat(name)
		if err != nil {
			return nil, usageErrorf("--%s: %v", optFormat, err)
		}
		o.options.Format = format
	}
	if err := render.CheckJQ(o.options.JQ); err != nil {
		return nil, usageErrorf("--%s: %v", optJQ, err)
	}
	if o.toFile() {
		if err := render.CheckFile(o.out); err != nil {
			return nil, usageErrorf("--%s: %v", optOut, err)
		}
	}
	return o, nil
}

func (o *output) toFile() bool {
	return strings.TrimSpace(o.out) != "" && !render.IsWord(o.out)
}

// write prints a result. Should the expression of --jq not fit it, all of it is
// printed: the call has been made and its answer must not be lost.
func (o *output) write(raw []byte) error {
	var text strings.Builder
	if err := render.Write(&text, raw, o.options); err != nil {
		if o.options.JQ == "" {
			return err
		}
		if perr := o.printWhole(raw); perr != nil {
			return perr
		}
		return &outputError{fmt.Errorf("%w\nThe whole answer is on stdout instead", err)}
	}
	switch {
	case o.toFile():
		return o.writeFile(text.String())
	case o.out != "":
		encoded, err := render.Encode(o.out, []byte(strings.TrimSuffix(text.String(), "\n")))
		if err != nil {
			return err
		}
		return o.print(encoded + "\n")
	default:
		return o.print(text.String())
	}
}

// writeFile puts the result into a file. Should that fail now, the result is
// printed instead: the call has been made and its answer must not be lost.
func (o *output) writeFile(text string) error {
	written, err := render.WriteFile(o.out, []byte(strings.TrimSuffix(text, "\n")))
	if err != nil {
		if perr := o.print(text); perr != nil {
			return perr
		}
		return &outputError{fmt.Errorf("--%s: %w\nThe call was made; its result is on stdout instead", optOut, err)}
	}
	fmt.Fprintln(o.sys.Err, "oint: "+written)
	return nil
}

// writeError prints the answer of a failed call: the portal's own text, never
// filtered and never into the file of --out.
func (o *output) writeError(advanced bool, a *answer) error {
	raw := a.body
	if advanced {
		var err error
		if raw, err = a.advanced(); err != nil {
			return err
		}
	} else if !json.Valid(raw) {
		return nil
	}
	return o.printWhole(raw)
}

// printWhole prints an answer without the filter, and as JSON when the format
// asks for rows that it hardly has.
func (o *output) printWhole(raw []byte) error {
	options := o.options
	options.JQ = ""
	if options.Format != render.Compact && options.Format != render.YAML {
		options.Format = render.JSON
	}
	var text strings.Builder
	if err := render.Write(&text, raw, options); err != nil {
		return err
	}
	return o.print(text.String())
}

func (o *output) print(text string) error {
	if _, err := fmt.Fprint(o.sys.Out, text); err != nil {
		return &outputError{fmt.Errorf("stdout: %w", err)}
	}
	return nil
}
