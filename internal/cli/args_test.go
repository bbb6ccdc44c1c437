package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/catalog"
)

func grammarFor(t *testing.T, name string) *grammar {
	t.Helper()
	index, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	fn, ok := index.Find(name)
	if !ok {
		t.Fatalf("no function %s", name)
	}
	return grammarOf(fn)
}

func TestParse(t *testing.T) {
	t.Parallel()
	type given = map[string]string
	tests := []struct {
		name, function string
		words          []string
		own, general   given
		flags          map[string]bool
	}{
		{"nothing", "UpdateUser", nil, nil, nil, nil},
		{"long", "UpdateUser", []string{"--userid", "2"}, given{"userid": "2"}, nil, nil},
		{"long with =", "UpdateUser", []string{"--userid=2"}, given{"userid": "2"}, nil, nil},
		{"= in the value", "UpdateUser", []string{"--fields=a=b"}, given{"fields": "a=b"}, nil, nil},
		{"empty after =", "UpdateUser", []string{"--userid="}, given{"userid": ""}, nil, nil},
		{"empty word", "UpdateUser", []string{"--userid", ""}, given{"userid": ""}, nil, nil},
		{"short", "UpdateUser", []string{"-u", "a", "-s", "2", "-f", "{}", "-t", "x"}, given{"url": "a", "userid": "2", "fields": "{}", "token": "x"}, nil, nil},
		{"name in capitals", "UpdateUser", []string{"--UserID", "2"}, given{"userid": "2"}, nil, nil},
		{"last wins", "UpdateUser", []string{"-s", "1", "--userid", "2", "-s", "3"}, given{"userid": "3"}, nil, nil},
		{"value with a dash", "UpdateUser", []string{"--userid", "-5", "--fields", "--x"}, given{"userid": "-5", "fields": "--x"}, nil, nil},
		{"value like a short option of others", "UpdateUser", []string{"--userid", "-z"}, given{"userid": "-z"}, nil, nil},
		{"a lone dash", "UpdateUser", []string{"--userid", "-"}, given{"userid": "-"}, nil, nil},
		{"two dashes", "UpdateUser", []string{"--userid", "--"}, given{"userid": "--"}, nil, nil},
		{"spaces and quotes stay", "UpdateUser", []string{"--fields", ` {"A": "b c"} `}, given{"fields": ` {"A": "b c"} `}, nil, nil},
		{"flags", "UpdateUser", []string{"--test", "-s", "2", "--debug"}, given{"userid": "2"}, nil, map[string]bool{"test": true, "debug": true}},
		{"product-wide", "UpdateUser", []string{"--jq", ".result", "--format=csv", "--out", "x"}, nil, given{"jq": ".result", "format": "csv", "out": "x"}, nil},
		{"bare --config at the end", "UpdateUser", []string{"--config"}, nil, given{"config": ""}, nil},
		{"bare --config before an option", "UpdateUser", []string{"--config", "-s", "2"}, given{"userid": "2"}, given{"config": ""}, nil},
		{"a function's -h is its own", "GetDepartments", []string{"-h", "1"}, given{"headid": "1"}, nil, nil},
		{"--help after anything", "UpdateUser", []string{"-s", "2", "--help"}, given{"userid": "2"}, nil, map[string]bool{"help": true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := grammarFor(t, tt.function).parse(tt.words)
			if err != nil {
				t.Fatal(err)
			}
			want := arguments{own: tt.own, general: tt.general, flags: tt.flags}
			for _, m := range []struct {
				what      string
				got, want any
			}{{"own", nilIfEmpty(got.own), want.own}, {"general", nilIfEmpty(got.general), want.general}, {"flags", nilIfEmpty(got.flags), want.flags}} {
				if diff := cmp.Diff(m.want, m.got); diff != "" {
					t.Errorf("%s (-want +got)\n%s", m.what, diff)
				}
			}
		})
	}
}

func nilIfEmpty[V any](m map[string]V) map[string]V {
	if len(m) == 0 {
		return nil
	}
	return m
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const secret = "0123456789abcdef"
	tests := []struct {
		words []string
		want  string
	}{
		{[]string{"--userd", "2"}, "unknown option --userd for UpdateUser\nDid you mean --userid?"},
		{[]string{"-x", "2"}, "unknown option -x for UpdateUser"},
		{[]string{"--" + secret}, "unknown option for UpdateUser"},
		{[]string{"-" + secret}, "unknown option for UpdateUser"},
		{[]string{secret}, "word 1 after UpdateUser is neither an option"},
		{[]string{"--userid", "2", "3"}, "word 3 after UpdateUser is neither an option"},
		{[]string{"--userid"}, "option --userid needs a value"},
		{[]string{"--userid", "--fields", "{}"}, "option --userid needs a value"},
		{[]string{"-s", "-f", "{}"}, "option --userid needs a value"},
		{[]string{"-s=2"}, "write -s VALUE or --userid=VALUE"},
		{[]string{"--debug=yes"}, "option --debug takes no value"},
		{[]string{"--test", "yes"}, "word 2 after UpdateUser is neither an option"},
		{[]string{"--"}, "unknown option for UpdateUser"},
		{[]string{"-"}, "word 1 after UpdateUser"},
		{[]string{""}, "word 1 after UpdateUser"},
		{[]string{"--=x"}, "unknown option for UpdateUser"},
	}
	for _, tt := range tests {
		_, err := grammarFor(t, "UpdateUser").parse(tt.words)
		if err == nil {
			t.Errorf("%q: no error", tt.words)
			continue
		}
		if !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%q: %q, want %q", tt.words, err, tt.want)
		}
		if code := exitCode(err); code != exitUsage {
			t.Errorf("%q: exit code %d", tt.words, code)
		}
	}
}

// windowsWords splits a line as Windows hands it to a program: by spaces and
// tabs outside double quotes, where \" is a quote and "" in quotes one too.
func windowsWords(line string) []string {
	var words []string
	var word strings.Builder
	inWord, inQuotes := false, false
	for i := 0; i < len(line); i++ {
		c := line[i]
		slashes := 0
		for c == '\\' && i+1 < len(line) {
			slashes++
			i++
			c = line[i]
		}
		if c == '"' {
			word.WriteString(strings.Repeat(`\`, slashes/2))
			inWord = true
			switch {
			case slashes%2 == 1:
				word.WriteByte('"')
			case inQuotes && i+1 < len(line) && line[i+1] == '"':
				word.WriteByte('"')
				i++
			default:
				inQuotes = !inQuotes
			}
			continue
		}
		word.WriteString(strings.Repeat(`\`, slashes))
		if (c == ' ' || c == '\t') && !inQuotes {
			if inWord {
				words = append(words, word.String())
				word.Reset()
			}
			inWord = false
			continue
		}
		inWord = true
		word.WriteByte(c)
	}
	if inWord {
		words = append(words, word.String())
	}
	return words
}

// block returns the command of a fenced block of the README, on one line.
func block(t *testing.T, language, comment, continued string) string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(readme), "```"+language+"\n"+comment)
	text, _, closed := strings.Cut(text, "```")
	if !ok || !closed {
		t.Fatalf("the README has no %s block", language)
	}
	_, text, _ = strings.Cut(text, "\n")
	return strings.TrimSpace(strings.ReplaceAll(text, continued+"\n", " "))
}

// TestReadmeShells checks that the README's CMD block is the same call as its
// Bash block. In both shells double quotes keep these values together.
func TestReadmeShells(t *testing.T) {
	t.Parallel()
	cmd := windowsWords(block(t, "bat", ":: CMD", "^"))
	bash := windowsWords(block(t, "bash", "# Bash", `\`))
	if diff := cmp.Diff(bash, cmd); diff != "" {
		t.Errorf("CMD and Bash differ (-bash +cmd)\n%s", diff)
	}
	if len(cmd) < 3 || cmd[0] != "oint" {
		t.Fatalf("the words are %q", cmd)
	}
	got, err := grammarFor(t, cmd[2]).parse(cmd[3:])
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"url": "b24-xxxxxx.example", "userid": "3766", "token": "***",
		"fields": "{'EMAIL':'o.lama@example.org','NAME':'Oleg','LAST_NAME':'Lama','UF_DEPARTMENT':'7'}",
	}
	if diff := cmp.Diff(want, got.own); diff != "" {
		t.Error(diff)
	}
}

// TestWindowsJSON sends JSON through the quoting that CMD and PowerShell ask
// for.
func TestWindowsJSON(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, fields string }{
		{`--fields "{'NAME':'Oleg'}"`, `{'NAME':'Oleg'}`},
		{`--fields "{\"NAME\":\"Oleg\"}"`, `{"NAME":"Oleg"}`},
		{`--fields {\"NAME\":\"Oleg\"}`, `{"NAME":"Oleg"}`},
		{`--fields "{""NAME"":""Oleg Lama""}"`, `{"NAME":"Oleg Lama"}`},
		{`--fields C:\Users\o.lama\fields.json`, `C:\Users\o.lama\fields.json`},
		{`--fields "C:\My Data\fields.json"`, `C:\My Data\fields.json`},
		{`"--fields={'NAME':'Oleg'}"`, `{'NAME':'Oleg'}`},
	}
	for _, tt := range tests {
		got, err := grammarFor(t, "UpdateUser").parse(windowsWords(tt.line))
		if err != nil {
			t.Errorf("%s: %v", tt.line, err)
			continue
		}
		if got.own["fields"] != tt.fields {
			t.Errorf("%s: %q, want %q", tt.line, got.own["fields"], tt.fields)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"--userid\x002", "-s\x00-5", "--config", "-u=x", "--\x00-", "--test=1"} {
		f.Add(seed)
	}
	index, err := catalog.Load()
	if err != nil {
		f.Fatal(err)
	}
	fn, _ := index.Find("UpdateUser")
	g := grammarOf(fn)
	f.Fuzz(func(t *testing.T, text string) {
		words := strings.Split(text, "\x00")
		a, err := g.parse(words)
		if err != nil {
			if exitCode(err) != exitUsage {
				t.Errorf("%q: %v is no usage error", words, err)
			}
			return
		}
		if n := len(a.own) + len(a.general) + len(a.flags); n > len(words) {
			t.Errorf("%d options of %d words", n, len(words))
		}
	})
}
