package cli

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/pflag"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

// connection is where requests go and how.
type connection struct {
	address string
	token   string
	portal  string // what the portal is called in a plan: its host, or sandbox:NAME
	options []bitrix24.Option
	close   func() error
}

const howToNamePortal = `Name one with --url or the environment variable OINT_URL:
  --url https://b24-xxxxxx.example/rest/1/CODE/     an incoming webhook
  --url b24-xxxxxx.example --token TOKEN            a portal with an access token
  --url sandbox                                     the portal that is built in`

// portalOptions are the options that say where requests go, of functions and of
// verbs alike.
type portalOptions struct {
	sys         System
	url         string
	token       string
	limit       string
	caFile      string
	oauthServer string
	sandboxPlan string
	allowHTTP   bool
	noShared    bool
	test        bool // nothing will be sent
	debug       bool
}

// flags adds the options to a verb.
func (o *portalOptions) flags(flags *pflag.FlagSet) {
	flags.StringVar(&o.url, "url", "", "`ADDRESS` of the portal: an incoming webhook, a domain with --token, or sandbox; default OINT_URL")
	flags.StringVar(&o.token, "token", "", "access `TOKEN`; default OINT_TOKEN")
	flags.StringVar(&o.limit, optLimit, "", "requests that the portal takes: standard, enterprise, off or `BURST/PER-SECOND`; default OINT_LIMIT or standard")
	flags.BoolVar(&o.noShared, optNoShared, false, "do not count the requests of other oint processes on this machine")
	flags.StringVar(&o.caFile, optCAFile, "", "`FILE` in PEM with further certificate authorities to trust")
	flags.BoolVar(&o.allowHTTP, optAllowHTTP, false, "allow plain http to a host that is not this machine")
	flags.BoolVar(&o.debug, optDebug, false, "show the HTTP exchange on stderr, secrets hidden")
	flags.StringVar(&o.sandboxPlan, optSandboxPlan, "", "`PLAN` whose limits the embedded portal has: off (default), standard or enterprise")
	flags.Bool(optHelp, false, "show this page")
}

// client connects to the portal; what it returns first must be closed.
func (o *portalOptions) client(more ...bitrix24.Option) (*connection, *bitrix24.Client, error) {
	conn, err := o.portal()
	if err != nil {
		return nil, nil, err
	}
	client, err := bitrix24.New(conn.address, slices.Concat(conn.options, more)...)
	if err != nil {
		return nil, nil, errors.Join(err, conn.close())
	}
	return conn, client, nil
}

// named is the address of the portal as it was given; empty when it was not.
func (o *portalOptions) named() string {
	if address := strings.TrimSpace(o.url); address != "" {
		return address
	}
	return strings.TrimSpace(o.sys.Getenv("OINT_URL"))
}

// portal finds the portal of a call: --url and --token, else OINT_URL and
// OINT_TOKEN. The sandbox is never chosen silently.
func (o *portalOptions) portal() (*connection, error) {
	address, token := o.named(), strings.TrimSpace(o.token)
	if address == "" {
		return nil, &usageError{text: "no portal is named", hint: howToNamePortal}
	}
	name, isSandbox := sandboxName(address)
	if token == "" && !isSandbox && !bitrix24.IsWebhook(address) {
		token = strings.TrimSpace(o.sys.Getenv("OINT_TOKEN"))
	}
	if isSandbox {
		return o.sandboxPortal(name, token)
	}
	limits, err := o.limits()
	if err != nil {
		return nil, err
	}
	conn := &connection{address: address, token: token, portal: portalName(address), options: limits, close: func() error { return nil }}
	if token != "" {
		conn.options = append(conn.options, bitrix24.WithToken(token))
	}
	return conn, o.network(conn)
}

// authServer finds the authorization server of GetToken and RefreshToken.
func (o *portalOptions) authServer() (*connection, error) {
	address := o.oauthServer
	if strings.TrimSpace(address) == "" {
		address = o.sys.Getenv("OINT_OAUTH_SERVER")
	}
	address = strings.TrimSpace(address)
	if name, ok := sandboxName(address); ok {
		conn, err := o.sandboxPortal(name, "")
		if err != nil {
			return nil, err
		}
		conn.options = append(conn.options, bitrix24.WithOAuthServer("https://"+sandbox.Host))
		return conn, nil
	}
	conn := &connection{close: func() error { return nil }}
	if address != "" {
		conn.options = append(conn.options, bitrix24.WithOAuthServer(address))
	}
	return conn, o.network(conn)
}

// network adds the options that only a real network needs.
func (o *portalOptions) network(conn *connection) error {
	if o.allowHTTP {
		conn.options = append(conn.options, bitrix24.WithInsecureHTTP())
	}
	if file := o.caFile; file != "" {
		pool, err := certificates(file)
		if err != nil {
			return err
		}
		conn.options = append(conn.options, bitrix24.WithRootCAs(pool))
	}
	return nil
}

// certificates reads a PEM file into the machine's own set of authorities.
func certificates(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, usageErrorf("--%s: %v", optCAFile, err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, usageErrorf("--%s: %s holds no PEM certificate", optCAFile, file)
	}
	return pool, nil
}

// sandboxName splits "sandbox" and "sandbox:NAME".
func sandboxName(address string) (string, bool) {
	if strings.EqualFold(address, "sandbox") {
		return "default", true
	}
	if len(address) > len("sandbox:") && strings.EqualFold(address[:len("sandbox:")], "sandbox:") {
		return address[len("sandbox:"):], true
	}
	return "", false
}

var sandboxNamePattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)
})

// sandboxFile is the database of the named embedded portal; its folder is made
// when it is missing.
func (s System) sandboxFile(name string) (string, error) {
	if !sandboxNamePattern().MatchString(name) {
		return "", usageErrorf("the name of a sandbox has letters, digits, - and _ only, e.g. --url sandbox:test")
	}
	dir, err := s.dataDir()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, "sandbox")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", &usageError{text: fmt.Sprintf("the sandbox needs a folder: %v", err), hint: "Set OINT_DATA_DIR to a folder you can write to."}
	}
	return filepath.Join(dir, name+".db"), nil
}

// sandboxWord is the token of the embedded portal's own application, for those
// who do not want to look it up.
const sandboxWord = "sandbox"

// sandboxPortal opens the embedded portal in this process and connects to it
// without a network.
func (o *portalOptions) sandboxPortal(name, token string) (*connection, error) {
	file, err := o.sys.sandboxFile(name)
	if err != nil {
		return nil, err
	}
	plan, err := planNamed(optSandboxPlan, o.sandboxPlan, sandbox.Off)
	if err != nil {
		return nil, err
	}
	limits, err := limitsFrom("--"+optLimit, o.limit, limitsOf[string(plan)])
	if err != nil {
		return nil, err
	}
	portal, err := sandbox.New(sandbox.Options{DB: file, Plan: plan, More: exampleUsers})
	if err != nil {
		return nil, fmt.Errorf("open the sandbox in %s: %w", file, err)
	}
	conn := &connection{
		address: portal.Access().Webhook,
		token:   token,
		portal:  "sandbox:" + name,
		options: []bitrix24.Option{bitrix24.WithTransport(portal.Transport()), bitrix24.WithLimits(limits)},
		close:   portal.Close,
	}
	if strings.EqualFold(token, sandboxWord) {
		token = portal.Access().Token
		conn.token = token
	}
	if token != "" {
		conn.address = sandbox.Host
		conn.options = append(conn.options, bitrix24.WithToken(token))
	}
	return conn, nil
}

// planNamed reads the name of a plan; blank means the default.
func planNamed(option, name string, blank sandbox.Plan) (sandbox.Plan, error) {
	if strings.TrimSpace(name) == "" {
		return blank, nil
	}
	switch p := sandbox.Plan(strings.ToLower(strings.TrimSpace(name))); p {
	case sandbox.Off, sandbox.Standard, sandbox.Enterprise:
		return p, nil
	}
	return "", usageErrorf("--%s is off, standard or enterprise", option)
}
