package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/catalog"
	"github.com/oint-go/oint/internal/render"
	"github.com/oint-go/oint/sandbox"
)

// defaultAddr is where "oint sandbox serve" listens.
const defaultAddr = "127.0.0.1:8024"

// sandboxOptions are the flags of the sandbox commands.
type sandboxOptions struct {
	sys         System
	name        string
	db          string
	addr        string
	plan        string
	latency     time.Duration
	commandTime time.Duration
	tls         string
	redirect    string
	faults      string
	faultSeed   uint64
	logSize     int
	users       int
	asJSON      bool
}

func newSandbox(sys System) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sandbox <command>",
		Short: "Serve, show, reset or fill the built-in portal",
		Long: "The sandbox is a Bitrix24 portal on your machine, filled with an invented company. " +
			"\"--url sandbox\" uses it without a server; \"oint sandbox serve\" opens it to any client.",
		Args:               cobra.ArbitraryArgs,
		DisableFlagParsing: true, // as in newRoot
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 || args[0] == "--"+optHelp || args[0] == "-h" {
				return cmd.Help()
			}
			return unknownSandboxCommand(args[0])
		},
	}
	cmd.AddCommand(newSandboxServe(sys), newSandboxInfo(sys), newSandboxReset(sys), newSandboxSeed(sys))
	return cmd
}

func unknownSandboxCommand(word string) error {
	e := &usageError{text: "unknown sandbox command", hint: "The commands are serve, info, reset and seed."}
	if strings.HasPrefix(word, "-") {
		e.text = "the name of a command must follow \"sandbox\""
	} else if printable().MatchString(word) {
		e.text += fmt.Sprintf(" %q", word)
	}
	if near := catalog.Closest(word, []string{"serve", "info", "reset", "seed"}); len(near) > 0 {
		e.hint = "Did you mean " + strings.Join(near, " or ") + "? " + e.hint
	}
	return e
}

// command makes one sandbox command with the flags that name a database.
func (o *sandboxOptions) command(use, short string, run func(context.Context, *sandboxOptions) error) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), o) },
	}
	cmd.Flags().StringVar(&o.name, "name", "default", "portal to use, the same as --url sandbox:`NAME`")
	cmd.Flags().Bool("help", false, "show this page")
	cmd.Flags().StringVar(&o.db, "db", "", "database `FILE` instead of a name; :memory: forgets everything at the end")
	return cmd
}

func newSandboxServe(sys System) *cobra.Command {
	o := &sandboxOptions{sys: sys}
	cmd := o.command("serve", "Open the portal to any client over HTTP", serveSandbox)
	cmd.Flags().StringVar(&o.addr, "addr", defaultAddr, "where to listen, `HOST:PORT`; port 0 picks a free one")
	cmd.Flags().StringVar(&o.plan, "plan", "standard", "limits of a `PLAN`: standard, enterprise or off")
	cmd.Flags().DurationVar(&o.latency, "latency", 0, "`TIME` to add to every request, e.g. 150ms")
	cmd.Flags().DurationVar(&o.commandTime, "command-time", 0, "`TIME` that every command takes, also inside a batch, e.g. 20ms")
	cmd.Flags().StringVar(&o.tls, "tls", "", "serve https, and write the certificate that clients must trust to this `FILE`")
	cmd.Flags().StringVar(&o.redirect, "redirect", "", "`ADDRESS` of the application, to which the authorization page sends the code; without it the page shows the code")
	cmd.Flags().StringVar(&o.faults, "faults", "", "JSON `FILE` with the list of what goes wrong, e.g. [{\"kind\": \"reset_after\", \"method\": \"user.add\", \"probability\": 0.1}]")
	cmd.Flags().Uint64Var(&o.faultSeed, "fault-seed", 0, "`NUMBER` from which the chances of the faults follow; without it they differ every time")
	cmd.Flags().IntVar(&o.logSize, "log-size", 0, "`NUMBER` of commands that /_sandbox/log keeps; 10,000 without it")
	cmd.Example = "  oint sandbox serve --addr 127.0.0.1:8024\n  oint sandbox serve --db :memory: --faults faults.json"
	return cmd
}

func newSandboxInfo(sys System) *cobra.Command {
	o := &sandboxOptions{sys: sys}
	cmd := o.command("info", "Print the addresses, the token and what the portal holds", infoSandbox)
	cmd.Flags().StringVar(&o.addr, "addr", defaultAddr, "where \"oint sandbox serve\" listens, `HOST:PORT`")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print JSON")
	return cmd
}

func newSandboxReset(sys System) *cobra.Command {
	o := &sandboxOptions{sys: sys}
	return o.command("reset", "Put the portal back to the invented company", func(ctx context.Context, o *sandboxOptions) error {
		return o.with(func(portal *sandbox.Sandbox) error {
			if err := portal.Reset(ctx); err != nil {
				return err
			}
			fmt.Fprintln(o.sys.Out, "The sandbox holds the invented company again.")
			return nil
		})
	})
}

func newSandboxSeed(sys System) *cobra.Command {
	o := &sandboxOptions{sys: sys}
	cmd := o.command("seed", "Fill the portal with N invented users", func(ctx context.Context, o *sandboxOptions) error {
		if o.users < 1 {
			return usageErrorf("--users is the number of users the portal shall hold, e.g. --users 1000")
		}
		return o.with(func(portal *sandbox.Sandbox) error {
			if err := portal.Seed(ctx, o.users); err != nil {
				return err
			}
			info, err := portal.Info(ctx)
			if err != nil {
				return err
			}
			fmt.Fprintf(o.sys.Out, "The sandbox holds %d users.\n", info.Users)
			return nil
		})
	})
	cmd.Flags().IntVar(&o.users, "users", 0, "id `N` up to which there are to be users")
	return cmd
}

// exampleUsers are the users that the example of the original's manual changes,
// so that it works word for word.
var exampleUsers = []int64{3766}

// open opens the database the flags name.
func (o *sandboxOptions) open() (*sandbox.Sandbox, error) {
	file := o.db
	switch {
	case file == ":memory:":
		file = ""
	case file == "":
		var err error
		if file, err = o.sys.sandboxFile(o.name); err != nil {
			return nil, err
		}
	}
	plan, err := planNamed("plan", o.plan, sandbox.Off)
	if err != nil {
		return nil, err
	}
	faults, err := readFaults(o.faults)
	if err != nil {
		return nil, err
	}
	portal, err := sandbox.New(sandbox.Options{
		DB: file, Plan: plan, More: exampleUsers, Latency: o.latency, CommandTime: o.commandTime, RedirectURI: o.redirect, Faults: faults, Seed: o.faultSeed, LogSize: o.logSize,
	})
	if err != nil {
		return nil, &usageError{text: fmt.Sprintf("open the sandbox: %v", err), hint: "--db names the file to use; \"oint sandbox reset\" mends nothing in a file of another program."}
	}
	return portal, nil
}

// readFaults reads the file of --faults; there are none without a name.
func readFaults(file string) ([]sandbox.Fault, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, usageErrorf("--faults: %v", err)
	}
	faults, err := sandbox.ParseFaults(text)
	if err != nil {
		return nil, usageErrorf("--faults: %s: %v", file, err)
	}
	return faults, nil
}

func (o *sandboxOptions) with(do func(*sandbox.Sandbox) error) error {
	portal, err := o.open()
	if err != nil {
		return err
	}
	return errors.Join(do(portal), portal.Close())
}

// serveSandbox listens until it is interrupted; that is its regular end.
func serveSandbox(ctx context.Context, o *sandboxOptions) error {
	if o.latency < 0 || o.commandTime < 0 {
		return usageErrorf("--latency and --command-time cannot be negative")
	}
	if u, err := url.Parse(o.redirect); o.redirect != "" && (err != nil || u.Host == "") {
		return usageErrorf("--redirect is an address like http://127.0.0.1:9000/callback")
	}
	return o.with(func(portal *sandbox.Sandbox) error {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.addr)
		if err != nil {
			return &usageError{text: fmt.Sprintf("--addr: %v", err), hint: "Choose another port, or 127.0.0.1:0 for a free one."}
		}
		server := &http.Server{Handler: portal, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
		origin := "http://" + listener.Addr().String()
		serve := func() error { return server.Serve(listener) }
		if o.tls != "" {
			if server.TLSConfig, err = selfSigned(o.tls, listener.Addr()); err != nil {
				return errors.Join(usageErrorf("--tls: %v", err), listener.Close())
			}
			origin = "https://" + listener.Addr().String()
			serve = func() error { return server.ServeTLS(listener, "", "") }
		}
		fmt.Fprint(o.sys.Out, accessText(portal.Access(), origin))
		fmt.Fprintln(o.sys.Err, "Serving; Ctrl-C ends it.")
		stopped := context.AfterFunc(ctx, func() {
			grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			if server.Shutdown(grace) != nil {
				_ = server.Close()
			}
		})
		defer stopped()
		if err := serve(); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
}

func infoSandbox(ctx context.Context, o *sandboxOptions) error {
	return o.with(func(portal *sandbox.Sandbox) error {
		info, err := portal.Info(ctx)
		if err != nil {
			return err
		}
		access := portal.Access()
		if o.asJSON {
			raw, err := bitrix24.NewObject(
				"webhook", "http://"+o.addr+access.WebhookPath, "domain", o.addr, "token", access.Token, "refresh_token", access.RefreshToken,
				"client_id", access.ClientID, "client_secret", access.ClientSecret,
				"oauth_server", "http://"+o.addr, "users", info.Users, "departments", info.Departments,
			).MarshalJSON()
			if err != nil {
				return err
			}
			return render.Write(o.sys.Out, json.RawMessage(raw), render.Options{Format: render.JSON})
		}
		fmt.Fprint(o.sys.Out, accessText(access, "http://"+o.addr))
		fmt.Fprintf(o.sys.Out, "\n%d users, %d departments\n", info.Users, info.Departments)
		return nil
	})
}

// accessText is what a client needs to reach the served portal, ready to paste.
func accessText(a sandbox.Access, origin string) string {
	_, domain, _ := strings.Cut(origin, "://")
	return fmt.Sprintf(`Webhook        %[1]s%[2]s
Domain         %[7]s
Token          %[3]s
Application    %[4]s
Secret         %[5]s
Refresh token  %[6]s
OAuth server   %[1]s
`, origin, a.WebhookPath, a.Token, a.ClientID, a.ClientSecret, a.RefreshToken, domain)
}
