package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/catalog"
)

// page builds a help page wrapped to a width.
type page struct {
	strings.Builder
	sys   System
	width int
}

func newPage(sys System) *page { return &page{sys: sys, width: sys.helpWidth()} }

// heading writes a section title, coloured on a terminal.
func (p *page) heading(title string) {
	if p.Len() > 0 {
		p.WriteString("\n")
	}
	if p.sys.color() {
		title = "\x1b[1;36m" + title + "\x1b[0m"
	}
	p.WriteString(title + "\n")
}

// text writes a paragraph with every line indented.
func (p *page) text(indent int, text string) {
	pad := strings.Repeat(" ", indent)
	for _, line := range wrap(text, p.width-indent) {
		p.WriteString(strings.TrimRight(pad+line, " ") + "\n")
	}
}

// entry is one line of a two-column list.
type entry struct{ name, text string }

// list writes names and wrapped descriptions in two columns. A name too long
// for its column stands on a line of its own.
func (p *page) list(entries []entry) {
	const indent = 2
	column := 0
	for _, e := range entries {
		column = max(column, len(e.name))
	}
	column = min(column, 24)
	left := indent + column + 2
	for _, e := range entries {
		lines := wrap(e.text, p.width-left)
		name := strings.Repeat(" ", indent) + e.name
		if len(e.name) > column {
			p.WriteString(name + "\n")
			name = ""
		}
		for _, line := range lines {
			p.WriteString(strings.TrimRight(fmt.Sprintf("%-*s%s", left, name, line), " ") + "\n")
			name = ""
		}
	}
}

// wrap breaks a text into lines of at most width columns, at spaces only.
func wrap(text string, width int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		line := ""
		for _, word := range strings.Fields(paragraph) {
			if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
				lines = append(lines, line)
				line = ""
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		lines = append(lines, line)
	}
	return lines
}

// printStart is the page of "oint" and "oint --help".
func printStart(sys System) error {
	p := newPage(sys)
	p.text(0, "oint "+bitrix24.Version+" — Bitrix24 from the terminal.")
	p.heading("Usage")
	p.text(2, "oint bitrix24 <Function> [--option value]...")
	p.heading("Try it (needs no portal)")
	p.WriteString("  oint bitrix24 UpdateUser --url sandbox --userid 2 \\\n    --fields \"{'NAME':'Oleg','LAST_NAME':'Lama'}\"\n")
	p.heading("Commands")
	p.list([]entry{
		{"bitrix24", "Call a function of Bitrix24; --help lists them."},
		{"sandbox", "Serve, show, reset or fill the built-in portal."},
		{"jobs", "List, show, await, cancel or retry background jobs."},
		{"worker", "Run background jobs."},
		{"completion", "Print the completion script for bash, zsh, fish or PowerShell."},
		{"version", "Print the version."},
		{"help", "Show the help of a command or function."},
	})
	p.heading("Environment")
	p.list([]entry{
		{"OINT_URL", "Portal or webhook address when --url is not given."},
		{"OINT_TOKEN", "Access token when --token is not given."},
		{"OINT_LIMIT", "Requests that the portal takes when --limit is not given: standard, enterprise, off or 50/2."},
		{"OINT_OAUTH_SERVER", "Authorization server; default " + bitrix24.DefaultOAuthServer + "."},
		{"OINT_DATA_DIR", "Folder of the built-in portal's data and of the background jobs."},
		{"OINT_JOBS", "PostgreSQL database of the background jobs, postgres://…, for several machines."},
		{"OINT_JOBS_KEY", "Key of the background jobs; needed with OINT_JOBS."},
		{"OINT_NO_WORKER", "1 starts no worker in the background."},
		{"NO_COLOR", "Never colour the output."},
	})
	p.heading("Exit codes")
	p.list([]entry{
		{"0", "Done."},
		{"1", "The portal answered with an error; its answer is on stdout."},
		{"2", "The command line or its input is wrong; nothing was sent."},
		{"3", "No usable answer: network, time-out, not JSON."},
		{"5", "plan --detailed-exitcode: something would change."},
		{"130", "Interrupted."},
	})
	_, err := fmt.Fprint(sys.Out, p.String())
	return err
}

// printLibrary lists the functions by region.
func printLibrary(sys System, index *catalog.Index) error {
	p := newPage(sys)
	headings := index.Headings()
	p.text(0, "Bitrix24: "+fmt.Sprint(len(headings))+" functions.")
	p.heading("Usage")
	p.text(2, "oint bitrix24 <Function> [--option value]...")
	p.text(2, "oint bitrix24 <Function> --help")
	p.heading("Beside the functions")
	var own []entry
	for _, verb := range verbs(sys) {
		own = append(own, entry{verb.Name(), verb.Short + "."})
	}
	p.list(own)
	for i := 0; i < len(headings); {
		region := headings[i].Region
		p.heading(region.Title)
		var entries []entry
		for ; i < len(headings) && headings[i].Region == region; i++ {
			entries = append(entries, entry{headings[i].Name, headings[i].Summary})
		}
		p.list(entries)
	}
	p.WriteString("\n")
	p.text(0, "Names are matched without regard to case.")
	_, err := fmt.Fprint(sys.Out, p.String())
	return err
}

// printFunction is the help page of one function.
func printFunction(sys System, fn *catalog.Function) error {
	p := newPage(sys)
	p.text(0, fn.Name+" — "+fn.Summary)
	if fn.Details != "" {
		p.WriteString("\n")
		p.text(0, fn.Details)
	}
	p.heading("Usage")
	p.usage(fn)
	if len(fn.Options) > 0 {
		p.heading("Options")
		var entries []entry
		for i := range fn.Options {
			entries = append(entries, optionEntry(&fn.Options[i]))
		}
		p.list(entries)
	}
	p.heading("General options")
	var entries []entry
	for i := range generalOptions {
		g := &generalOptions[i]
		if !g.usableBy(fn) {
			continue
		}
		name := "--" + g.name
		if g.value != "" {
			name += " " + g.value
		}
		entries = append(entries, entry{name, g.summary})
	}
	p.list(entries)
	p.heading("Example")
	p.command(append([]string{"oint", "bitrix24", fn.Name}, fn.Example...))
	p.heading("Answer")
	p.text(2, answerText(fn))
	if fn.Doc != "" {
		p.heading("Documentation")
		p.address(fn.Doc)
	}
	_, err := fmt.Fprint(sys.Out, p.String())
	return err
}

// usage writes the call with its options, the optional ones in brackets.
func (p *page) usage(fn *catalog.Function) {
	line := "oint bitrix24 " + fn.Name
	for i := range fn.Options {
		o := &fn.Options[i]
		word := "--" + o.Name + " " + placeholder(o)
		if !o.Required {
			word = "[" + word + "]"
		}
		if len(line)+1+len(word) > p.width-2 {
			p.WriteString("  " + line + "\n")
			line = "   "
		}
		line += " " + word
	}
	p.WriteString("  " + line + "\n")
}

// address writes an address, broken at its last slash when it is too long.
func (p *page) address(url string) {
	if cut := strings.LastIndex(url, "/") + 1; len(url)+2 > p.width {
		p.WriteString("  " + url[:cut] + "\n")
		url = url[cut:]
	}
	p.WriteString("  " + url + "\n")
}

// command writes an example for the shell, an option a line when it is long.
func (p *page) command(words []string) {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = shellQuote(w)
	}
	if line := "  " + strings.Join(quoted, " "); len(line) <= p.width {
		p.WriteString(line + "\n")
		return
	}
	line := "  " + strings.Join(quoted[:3], " ")
	for _, w := range quoted[3:] {
		if strings.HasPrefix(w, "-") {
			p.WriteString(line + " \\\n")
			line = "   "
		}
		line = p.value(line+" ", w)
	}
	p.WriteString(line + "\n")
}

// value adds a word to a line. JSON that is too long goes on in the next line:
// blanks between its members mean nothing, and a shell keeps a quoted line end.
func (p *page) value(line, word string) string {
	isJSON := strings.HasPrefix(word, `"{`) || strings.HasPrefix(word, `"[`)
	for isJSON && len(line)+len(word)+2 > p.width {
		room := max(0, min(len(word), p.width-len(line)))
		cut := strings.LastIndex(word[:room], ",'")
		if cut < 0 {
			break
		}
		p.WriteString(line + word[:cut+1] + "\n")
		line, word = "      ", word[cut+1:]
	}
	return line + word
}

// shellQuote quotes a word so that bash, cmd and PowerShell read the same.
func shellQuote(word string) string {
	if word != "" && !strings.ContainsAny(word, " '\"{}[]()<>|&;*?$#~!`\\") {
		return word
	}
	return `"` + strings.ReplaceAll(word, `"`, `\"`) + `"`
}

func optionEntry(o *catalog.Option) entry {
	name := "    --" + o.Name
	if o.Short != "" {
		name = "-" + o.Short + ", --" + o.Name
	}
	text := o.Summary
	if o.See != "" {
		text += " See " + o.See + "."
	}
	if len(o.Enum) > 0 {
		text += " One of " + o.Values() + "."
	}
	if o.Max > 0 {
		text += fmt.Sprintf(" At most %d characters.", o.Max)
	}
	notes := []string{o.Type}
	switch {
	case o.As == catalog.AsURL:
		notes = append(notes, "required, or OINT_URL")
	case o.As == catalog.AsToken:
		notes = append(notes, "optional, or OINT_TOKEN")
	case o.Required:
		notes = append(notes, "required")
	case o.Default != "":
		notes = append(notes, "default "+o.Default)
	default:
		notes = append(notes, "optional")
	}
	return entry{name, text + " (" + strings.Join(notes, "; ") + ")"}
}

// placeholder names the kind of value an option takes.
func placeholder(o *catalog.Option) string {
	switch o.As {
	case catalog.AsURL:
		return "URL"
	case catalog.AsToken:
		return "TOKEN"
	case catalog.AsID:
		return "ID"
	case catalog.AsNumber:
		return "NUMBER"
	case catalog.AsBool, catalog.AsYN, catalog.AsNotYN:
		return "true|false"
	case catalog.AsArray, catalog.AsObject, catalog.AsMerge, catalog.AsPick, catalog.AsJSON, catalog.AsFiles:
		return "JSON"
	case catalog.AsDate, catalog.AsTime, catalog.AsTimeZ, catalog.AsZoned, catalog.AsUnix:
		return "DATE"
	case catalog.AsBase64, catalog.AsPair, catalog.AsUpload:
		return "FILE"
	default:
		return "TEXT"
	}
}

// answerText says what a function prints.
func answerText(fn *catalog.Function) string {
	switch fn.Kind {
	case catalog.Local:
		return "Computed here; nothing is sent."
	case catalog.Composed:
		return fmt.Sprintf("A structure as JSON, made of the portal's answer to %s.", fn.Method)
	case catalog.OAuth:
		return "The answer of the authorization server as JSON: access_token, refresh_token, expires_in and more."
	default:
		return fmt.Sprintf("The portal's answer to %s as JSON, its keys and texts unchanged.", fn.Method)
	}
}

// options stands for the options in the usage line of a command that has some.
func options(cmd *cobra.Command) string {
	if cmd.HasSubCommands() {
		return ""
	}
	return " [--option value]..."
}

// commandHelp is the page of the commands that are not functions.
func commandHelp(cmd *cobra.Command) string {
	p := &page{width: 80, sys: System{Getenv: func(string) string { return "" }}}
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	p.text(0, text)
	p.heading("Usage")
	p.text(2, strings.TrimSuffix(cmd.UseLine(), " [flags]")+options(cmd))
	var commands []entry
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			commands = append(commands, entry{c.Name(), c.Short + "."})
		}
	}
	if len(commands) > 0 {
		p.heading("Commands")
		p.list(commands)
	}
	var flags []entry
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden || cmd.HasSubCommands() {
			return
		}
		kind, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if kind != "" {
			name += " " + kind
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "0s" {
			usage += " (default " + f.DefValue + ")"
		}
		flags = append(flags, entry{name, strings.ToUpper(usage[:1]) + usage[1:] + "."})
	})
	if len(flags) > 0 {
		p.heading("Options")
		p.list(flags)
	}
	if cmd.Example != "" {
		p.heading("Example")
		p.WriteString(cmd.Example + "\n")
	}
	return p.String()
}
