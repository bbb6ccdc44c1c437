package cli

import "github.com/oint-go/oint/catalog"

// The product-wide options of every function. They have no short form and
// never take a name that a function of the library uses.
const (
	optOut         = "out"
	optConfig      = "config"
	optFormat      = "format"
	optJQ          = "jq"
	optTest        = "test"
	optDebug       = "debug"
	optHelp        = "help"
	optCAFile      = "ca-file"
	optAllowHTTP   = "allow-http"
	optOAuthServer = "oauth-server"
	optSandboxPlan = "sandbox-plan"
	optLimit       = "limit"
	optNoShared    = "no-shared-limit"
	optEach        = "each"
	optSheet       = "sheet"
	optWhere       = "where"
	optEmptyCells  = "empty-cells"
	optReportFile  = "report-file"
	optBackground  = "background"
	optUnique      = "unique"
	optPriority    = "priority"
	optCron        = "cron"
)

type general struct {
	name    string
	value   string // placeholder in help; empty for a switch
	summary string
	remote  bool // only for functions that send something
	oauth   bool // only for functions of the authorization server
	job     bool // makes a background job of the call
}

var generalOptions = []general{
	{name: optFormat, value: "FORMAT", summary: "json (default), compact, yaml, table or csv."},
	{name: optJQ, value: "EXPR", summary: "Print what this jq expression finds in the answer."},
	{name: optOut, value: "FILE", summary: "Write the result to a file; _hex_, _base64_ and _utf8_ print it in that form."},
	{name: optTest, summary: "Show the request without sending it.", remote: true},
	{name: optDebug, summary: "Show the HTTP exchange on stderr, secrets hidden.", remote: true},
	{name: optConfig, value: "JSON", summary: "Settings of the call: timeout, retries, proxy, adv_response, dontwait. Without a value: list them.", remote: true},
	{name: optCAFile, value: "FILE", summary: "PEM file with further certificate authorities to trust.", remote: true},
	{name: optAllowHTTP, summary: "Allow plain http to a host that is not this machine.", remote: true},
	{name: optOAuthServer, value: "URL", summary: "Authorization server; default https://oauth.bitrix.info, or OINT_OAUTH_SERVER; \"sandbox\" is the embedded one.", oauth: true},
	{name: optLimit, value: "LIMIT", summary: "Requests that the portal takes: standard (default, or OINT_LIMIT), enterprise, off for a portal without limits, or its own numbers as BURST/PER-SECOND, e.g. 50/2. With --each a whole number is the first rows.", remote: true},
	{name: optNoShared, summary: "Do not count the requests of other oint processes on this machine.", remote: true},
	{name: optSandboxPlan, value: "PLAN", summary: "Limits of the embedded portal: off (default), standard or enterprise.", remote: true},
	{name: optEach, value: "FILE", summary: "Call the function for every row of a table (.csv, .xlsx, .jsonl, or - for standard input); options name its columns as {Column}.", remote: true},
	{name: optSheet, value: "NAME", summary: "With --each: the sheet of a workbook; default the first.", remote: true},
	{name: optWhere, value: "EXPR", summary: "With --each: only the rows for which this jq expression is true, e.g. '.Dept == \"7\"'.", remote: true},
	{name: optEmptyCells, value: "WAY", summary: "With --each: skip (default) leaves out what an empty cell belongs to, clear sends it empty.", remote: true},
	{name: optReportFile, value: "FILE", summary: "With --each: write what became of every row to a .csv, .xlsx or .jsonl file instead of stdout.", remote: true},
	{name: optBackground, summary: "Put the call into the queue of jobs, print the job and do not wait; \"oint jobs --help\" tells more.", remote: true, job: true},
	{name: optPriority, value: "N", summary: "Priority of the job from 1 (default), the most urgent, to 4.", remote: true, job: true},
	{name: optUnique, summary: "No second job while the same one waits or runs.", remote: true, job: true},
	{name: optCron, value: "FIELDS", summary: "Make a job again and again: minute, hour, day, month, day of the week, e.g. \"0 2 * * *\".", remote: true, job: true},
	{name: optHelp, summary: "Show this page."},
}

func generalOption(name string) *general {
	for i := range generalOptions {
		if generalOptions[i].name == name {
			return &generalOptions[i]
		}
	}
	return nil
}

// usableBy tells whether the option means anything to the function.
func (g *general) usableBy(fn *catalog.Function) bool {
	return (!g.remote || fn.Kind != catalog.Local) && (!g.oauth || fn.Kind == catalog.OAuth) && (!g.job || fn.Kind != catalog.OAuth)
}
