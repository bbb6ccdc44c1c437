package cli

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/catalog"
	"github.com/oint-go/oint/internal/bind"
	"github.com/oint-go/oint/internal/render"
)

// fetchTimeout bounds the download of an option's value from an address.
const fetchTimeout = 60 * time.Second

// run is one function on its way from words to output.
type run struct {
	ctx      context.Context
	sys      System
	function *catalog.Function
	args     *arguments
	settings bind.Config
	output   *output
	file     *bitrix24.File // that follows the request, see catalog.AsUpload
}

// runFunction runs any function of the catalog: bind the words, send the call,
// print the answer. Everything that can be wrong with the command line is found
// before something is sent.
func runFunction(ctx context.Context, sys System, fn *catalog.Function, words []string) error {
	args, err := grammarOf(fn).parse(words)
	if err != nil {
		return err
	}
	r := &run{ctx: ctx, sys: sys, function: fn, args: args}
	if args.flags[optHelp] {
		return printFunction(sys, fn)
	}
	if config, given := args.general[optConfig]; given && config == "" {
		return r.printSettings()
	}
	if r.output, err = newOutput(sys, args); err != nil {
		return err
	}
	source := bind.NewSource(&http.Client{Timeout: fetchTimeout})
	progress := render.NewProgress(sys.Err, sys.ErrTerminal && sys.Getenv("TERM") != "dumb")
	defer progress.Close()
	source.Sending = progress.Sending
	if text := args.general[optConfig]; text != "" {
		if r.settings, err = bind.Settings(ctx, source, text); err != nil {
			return err
		}
	}
	how, background, err := r.inBackground()
	if err != nil {
		return err
	}
	params, err := bind.Params(ctx, source, fn, args.own)
	if err != nil {
		return err
	}
	if fn.Kind == catalog.Local {
		return r.local(params)
	}
	if fn.Upload() != nil {
		file, err := bind.Upload(ctx, source, fn, args.own)
		if err != nil {
			return err
		}
		r.file = &file
	}
	conn, err := r.connect()
	if err != nil {
		return err
	}
	call, err := r.prepare(conn, params)
	switch {
	case err != nil:
	case background:
		if _, err = call.preview(); err == nil {
			err = r.enqueue(call.redact, fn.Replay != catalog.Once, how)
		}
	default:
		err = r.send(call)
	}
	return errors.Join(err, conn.close())
}

// connect finds where the function's request goes.
func (r *run) connect() (*connection, error) {
	if r.function.Kind == catalog.OAuth {
		return r.authServer()
	}
	return r.portal()
}

// prepared is a call that can be shown or made, to a portal or to the
// authorization server.
type prepared struct {
	preview func() (*bitrix24.Preview, error)
	call    func() (*bitrix24.Response[json.RawMessage], error)
	redact  func(string) string
}

func (r *run) prepare(conn *connection, params *bitrix24.Object) (*prepared, error) {
	options := slices.Concat(conn.options, r.callOptions())
	if r.function.Kind == catalog.OAuth {
		server, err := bitrix24.NewAuthServer(options...)
		if err != nil {
			return nil, err
		}
		return &prepared{
			preview: func() (*bitrix24.Preview, error) { return server.Preview(r.function.Method, params) },
			call: func() (*bitrix24.Response[json.RawMessage], error) {
				return server.Call(r.ctx, r.function.Method, params)
			},
			redact: server.Redact,
		}, nil
	}
	client, err := bitrix24.New(conn.address, options...)
	if err != nil {
		return nil, err
	}
	request := bitrix24.Request{
		Method: r.function.Method,
		HTTP:   r.function.HTTP,
		Params: params,
		Replay: replayOf(r.function.Replay),
	}
	return &prepared{
		preview: func() (*bitrix24.Preview, error) { return client.Preview(request) },
		call: func() (*bitrix24.Response[json.RawMessage], error) {
			if r.file != nil {
				return client.Upload(r.ctx, request, *r.file)
			}
			return client.Call(r.ctx, request)
		},
		redact: client.Redact,
	}, nil
}

// send makes the call and prints the answer, good or bad. The portal's own
// error goes to stdout like any answer; Main adds the line on stderr and the
// exit code.
func (r *run) send(p *prepared) error {
	if r.args.flags[optTest] {
		preview, err := p.preview()
		if err != nil {
			return err
		}
		return r.printPreview(preview)
	}
	response, failed := p.call()
	a := answerOf(response, failed, p.redact)
	if failed != nil {
		if a != nil {
			if err := r.output.writeError(r.settings.AdvResponse, a); err != nil {
				return err
			}
		}
		return withRemedy(failed, r.function.Replay)
	}
	if compose := composedFunctions[r.function.Name]; compose != nil && !r.settings.AdvResponse {
		value, err := compose(response.Result, r.args.own)
		if err != nil {
			return err
		}
		return r.writeValue(value)
	}
	raw := a.body
	if r.settings.AdvResponse {
		var err error
		if raw, err = a.advanced(); err != nil {
			return err
		}
	}
	return r.output.write(raw)
}

// callOptions are the settings of --config and the hooks of --debug.
func (r *run) callOptions() []bitrix24.Option {
	var options []bitrix24.Option
	if t := r.settings.Timeout; t != nil {
		options = append(options, bitrix24.WithTimeout(*t))
	}
	if n := r.settings.Retries; n != nil {
		options = append(options, bitrix24.WithRetries(*n))
	}
	if p := r.settings.Proxy; p != nil {
		options = append(options, bitrix24.WithProxy(*p))
	}
	return append(options, bitrix24.WithHooks(*r.hooks()))
}

func replayOf(class catalog.Replay) bitrix24.Replay {
	switch class {
	case catalog.Safe:
		return bitrix24.Safe
	case catalog.Idempotent:
		return bitrix24.Idempotent
	default:
		return bitrix24.Once
	}
}
