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
	rowLimit string // --limit, where it is the number of rows of --each
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
	if rows, err := newEach(r, source); err != nil || rows != nil {
		if err == nil {
			rows.how, rows.background = how, background
			err = rows.do()
		}
		return err
	}
	params, err := bind.Params(ctx, source, fn, args.own)
	if err != nil {
		return err
	}
	if fn.Kind == catalog.Local {
		return r.local(params)
	}
	call := &bind.Call{Params: params, Texts: args.own}
	if fn.Upload() != nil {
		file, err := bind.Upload(ctx, source, fn, args.own)
		if err != nil {
			return err
		}
		call.File = &file
	}
	conn, err := r.connect()
	if err != nil {
		return err
	}
	caller, err := r.prepare(conn)
	switch {
	case err != nil:
	case background:
		if _, err = caller.preview(call); err == nil {
			err = r.enqueue(caller.redact, fn.Replay != catalog.Once, how)
		}
	default:
		err = r.send(caller, call)
	}
	return errors.Join(err, conn.close())
}

// connect finds where the function's request goes.
func (r *run) connect() (*connection, error) {
	if r.function.Kind == catalog.OAuth {
		return r.where().authServer()
	}
	return r.where().portal()
}

// where are the options of the function that say where its request goes.
func (r *run) where() *portalOptions {
	general, flags := r.args.general, r.args.flags
	return &portalOptions{
		sys: r.sys, url: r.args.own["url"], token: r.args.own["token"],
		limit: general[optLimit], caFile: general[optCAFile], oauthServer: general[optOAuthServer], sandboxPlan: general[optSandboxPlan],
		allowHTTP: flags[optAllowHTTP], noShared: flags[optNoShared], test: flags[optTest], debug: flags[optDebug],
	}
}

// caller shows calls, and makes them: to a portal or to the authorization
// server.
type caller struct {
	client  *bitrix24.Client // nil for the authorization server
	preview func(*bind.Call) (*bitrix24.Preview, error)
	call    func(context.Context, *bind.Call) (*bitrix24.Response[json.RawMessage], error)
	redact  func(string) string
}

func (r *run) prepare(conn *connection) (*caller, error) {
	options := slices.Concat(conn.options, r.callOptions())
	if r.function.Kind == catalog.OAuth {
		server, err := bitrix24.NewAuthServer(options...)
		if err != nil {
			return nil, err
		}
		return &caller{
			preview: func(c *bind.Call) (*bitrix24.Preview, error) { return server.Preview(r.function.Method, c.Params) },
			call: func(ctx context.Context, c *bind.Call) (*bitrix24.Response[json.RawMessage], error) {
				return server.Call(ctx, r.function.Method, c.Params)
			},
			redact: server.Redact,
		}, nil
	}
	client, err := bitrix24.New(conn.address, options...)
	if err != nil {
		return nil, err
	}
	request := func(c *bind.Call) bitrix24.Request {
		return bitrix24.Request{Method: r.function.Method, HTTP: r.function.HTTP, Params: c.Params, Replay: replayOf(r.function.Replay)}
	}
	return &caller{
		client:  client,
		preview: func(c *bind.Call) (*bitrix24.Preview, error) { return client.Preview(request(c)) },
		call: func(ctx context.Context, c *bind.Call) (*bitrix24.Response[json.RawMessage], error) {
			if c.File != nil {
				return client.Upload(ctx, request(c), *c.File)
			}
			return client.Call(ctx, request(c))
		},
		redact: client.Redact,
	}, nil
}

// send makes the call and prints the answer, good or bad. The portal's own
// error goes to stdout like any answer; Main adds the line on stderr and the
// exit code.
func (r *run) send(to *caller, call *bind.Call) error {
	if r.args.flags[optTest] {
		preview, err := to.preview(call)
		if err != nil {
			return err
		}
		return r.printPreview(preview, call)
	}
	response, failed := to.call(r.ctx, call)
	a := answerOf(response, failed, to.redact)
	if failed != nil {
		if a != nil {
			if err := r.output.writeError(r.settings.AdvResponse, a); err != nil {
				return err
			}
		}
		return withRemedy(failed, r.function.Replay)
	}
	if compose := composedFunctions[r.function.Name]; compose != nil && !r.settings.AdvResponse {
		value, err := compose(response.Result, call.Texts)
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
	return append(options, bitrix24.WithHooks(*r.where().hooks()))
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
