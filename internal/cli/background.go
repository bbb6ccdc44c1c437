package cli

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/catalog"
	"github.com/oint-go/oint/internal/jobs"
	"github.com/oint-go/oint/internal/render"
)

// errand is a command line that is to run in the background.
type errand struct {
	title   string   // function or verb
	words   []string // after "oint", without the options that sent it here
	text    string   // the same for people, without secrets
	portal  string   // address of the portal, as it was given
	repeat  bool     // it may run again after it was cut off
	fine    int      // an exit code besides 0 that is no failure
	secrets []string // texts that must not appear in its output
}

// jobOptions are the options that send a command into the background.
type jobOptions struct {
	background bool
	unique     bool
	priority   string
	cron       string
	empty      string // an option that was given without a value
}

// wanted tells whether the command is to run in the background.
func (o *jobOptions) wanted() bool { return o.background || o.cron != "" }

// check finds what is wrong with the options before anything is done.
func (o *jobOptions) check() (jobs.How, error) {
	how := jobs.How{Unique: o.unique, Cron: strings.TrimSpace(o.cron)}
	switch {
	case o.empty != "":
		return how, errEmpty(o.empty)
	case !o.wanted() && o.unique:
		return how, usageErrorf("--%s belongs to a background job: add --%s", optUnique, optBackground)
	case !o.wanted() && o.priority != "":
		return how, usageErrorf("--%s belongs to a background job: add --%s", optPriority, optBackground)
	}
	if o.priority != "" {
		n, err := strconv.Atoi(strings.TrimSpace(o.priority))
		if err != nil || n < 1 || n > 4 {
			return how, usageErrorf("--%s is a number from 1, the most urgent, to 4", optPriority)
		}
		how.Priority = n
	}
	if how.Cron != "" {
		if err := jobs.CheckCron(how.Cron); err != nil {
			return how, usageErrorf("--%s: %v", optCron, err)
		}
	}
	return how, nil
}

// readsStdin tells whether a command line takes its input from the terminal or
// pipe it was given in, which is gone when the job runs.
func readsStdin(words []string) bool {
	for i, word := range words {
		if word == "-" && i > 0 && !strings.HasPrefix(words[i-1], "--") {
			return true
		}
		for _, option := range []string{"--each", "--from", "--plan"} {
			if word == option+"=-" || word == option && i+1 < len(words) && words[i+1] == "-" {
				return true
			}
		}
	}
	return false
}

// check finds a command line that no job can run.
func (e *errand) check() error {
	if readsStdin(e.words) {
		return &usageError{text: "a background job cannot read from the standard input", hint: "Put the rows into a file and name it."}
	}
	return nil
}

// enqueue puts a command line into the queue of jobs, prints the job and sees to
// it that a worker will run it.
func enqueue(ctx context.Context, sys System, e *errand, how jobs.How) (err error) {
	if err := e.check(); err != nil {
		return err
	}
	store, err := openJobs(ctx, sys)
	if err != nil {
		return err
	}
	defer func() { err = joinClose(err, store) }()
	command, identity, err := sys.command(e, store.Local())
	if err != nil {
		return err
	}
	how.Portal = identity
	job, err := store.Enqueue(ctx, command, how)
	if err != nil {
		return err
	}
	if err := printJob(sys, job); err != nil {
		return err
	}
	return sys.ensureWorker(store)
}

// taken are the variables of the environment that change what a command does.
var taken = []string{
	"OINT_URL", "OINT_TOKEN", "OINT_LIMIT", "OINT_OAUTH_SERVER",
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "TZ",
}

// command is the errand with everything it needs to run elsewhere.
func (s System) command(e *errand, local bool) (command *jobs.Command, identity string, err error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, "", err
	}
	env := map[string]string{}
	for _, name := range taken {
		if value := s.Getenv(name); value != "" {
			env[name] = value
		}
	}
	if s.Getenv("OINT_DATA_DIR") != "" && local {
		if env["OINT_DATA_DIR"], err = s.dataDir(); err != nil {
			return nil, "", err
		}
	}
	portal := portalName(e.portal)
	identity = portal
	if strings.HasPrefix(portal, "sandbox:") {
		data, err := s.dataDir()
		if err != nil {
			return nil, "", err
		}
		identity += " " + data
	}
	command = &jobs.Command{
		Title: e.title, Text: e.text, Portal: portal,
		Words: e.words, Env: env, Dir: dir, Repeat: e.repeat, Fine: e.fine,
		Secrets: append(slices.Clone(e.secrets), codeOf(e.portal), s.Getenv("OINT_TOKEN"), codeOf(s.Getenv("OINT_URL"))),
	}
	command.Secrets = slices.DeleteFunc(command.Secrets, func(text string) bool { return text == "" })
	return command, identity, nil
}

// portalName is the host of a portal's address, or the name of a sandbox.
func portalName(address string) string {
	address = strings.TrimSpace(address)
	if name, ok := sandboxName(address); ok {
		return "sandbox:" + name
	}
	if _, rest, ok := strings.Cut(address, "://"); ok {
		address = rest
	}
	host, _, _ := strings.Cut(address, "/")
	return strings.ToLower(host[strings.LastIndexByte(host, '@')+1:])
}

// codeOf is the secret in the address of a webhook.
func codeOf(address string) string {
	if !bitrix24.IsWebhook(address) {
		return ""
	}
	address = strings.TrimRight(strings.TrimSpace(address), "/")
	return address[strings.LastIndexByte(address, '/')+1:]
}

// printJob prints a job as JSON.
func printJob(sys System, job *jobs.Job) error {
	raw, err := json.Marshal(job)
	if err != nil {
		return err
	}
	return render.Write(sys.Out, raw, render.Options{Format: render.JSON, Color: sys.color()})
}

// jobOptions are the function's options for the background, dontwait of --config
// among them.
func (r *run) jobOptions() *jobOptions {
	return &jobOptions{
		empty:      r.args.empty(optCron, optPriority),
		background: r.args.flags[optBackground] || r.settings.DontWait,
		unique:     r.args.flags[optUnique],
		priority:   r.args.general[optPriority],
		cron:       r.args.general[optCron],
	}
}

// inBackground tells whether the function is to run as a job, and finds what
// cannot. Within a job it runs.
func (r *run) inBackground() (how jobs.How, yes bool, err error) {
	o := r.jobOptions()
	if how, err = o.check(); err != nil || r.sys.inJob || !o.wanted() {
		return how, false, err
	}
	switch r.function.Kind {
	case catalog.Local:
		return how, false, usageErrorf("%s is computed here and at once; it needs no background job", r.function.Name)
	case catalog.OAuth:
		return how, false, usageErrorf("%s answers with tokens, which no background job may keep; leave --%s, --%s and dontwait out", r.function.Name, optBackground, optCron)
	}
	return how, !r.args.flags[optTest], nil
}

// enqueue makes a job of the function. Its request must have been built before,
// so that nothing is queued that cannot be sent.
func (r *run) enqueue(redact func(string) string, repeat bool, how jobs.How) error {
	words, text := r.words(redact)
	e := &errand{
		title: r.function.Name, words: words, text: text, portal: r.where().named(),
		repeat: repeat,
	}
	for i := range r.function.Options {
		if o := &r.function.Options[i]; o.Secret || o.As == catalog.AsToken {
			e.secrets = append(e.secrets, strings.TrimSpace(r.args.own[o.Name]))
		}
	}
	if proxy := r.settings.Proxy; proxy != nil {
		e.secrets = append(e.secrets, proxy.Password.Reveal())
	}
	return enqueue(r.ctx, r.sys, e, how)
}

// words is the command line in one spelling, whatever the order it was given in,
// and the same without secrets.
func (r *run) words(redact func(string) string) (words []string, text string) {
	words = []string{"bitrix24", r.function.Name}
	shown := slices.Clone(words)
	add := func(name, value string, secret bool) {
		words = append(words, "--"+name+"="+value)
		if secret {
			value = "***"
		}
		shown = append(shown, "--"+name, shellQuote(redact(value)))
	}
	for i := range r.function.Options {
		o := &r.function.Options[i]
		if value, given := r.args.own[o.Name]; given {
			add(o.Name, value, o.Secret || o.As == catalog.AsToken)
		}
	}
	for i := range generalOptions {
		g := &generalOptions[i]
		if g.job {
			continue
		}
		if value, given := r.args.general[g.name]; given {
			add(g.name, value, g.name == optConfig && r.settings.Proxy != nil)
		}
		if g.name == optLimit && r.rowLimit != "" {
			add(g.name, r.rowLimit, false)
		}
		if r.args.flags[g.name] {
			words = append(words, "--"+g.name)
			shown = append(shown, "--"+g.name)
		}
	}
	return words, "oint " + strings.Join(shown, " ")
}
