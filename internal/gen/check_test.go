package main

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// good is a source without a problem. Its lines are numbered in the messages
// below.
const good = `region: users
title: Users
order: 10
functions:
  - name: GetUser
    summary: Reads a user.
    method: user.get
    replay: safe
    result: "[]User"
    doc: https://example.org/user-get
    options:
      - {name: url, short: u}
      - {name: userid, short: s, param: UserID, as: id, wire: ID, required: true, summary: Id.}
      - {name: active, short: a, param: Active, as: yn, wire: ACTIVE, default: true, summary: Flag., see: GetUser}
      - {name: token, short: t}
    example: [--url, sandbox, --userid, 2]
  - name: GetStructure
    summary: Prints a template.
    kind: local
    replay: safe
    result: "*Object"
    doc: https://example.org/structure
    options:
      - {name: empty, short: e, param: Clear, as: bool, default: false, summary: Bare.}
    template:
      - {name: A, summary: First}
    example: []
  - name: GetToken
    summary: Makes a token.
    kind: oauth
    method: refresh_token
    replay: once
    result: Token
    doc: https://example.org/oauth
    options:
      - {name: code, short: c, param: Code, as: string, wire: code, required: true, secret: true, summary: Code.}
    example: [--oauth-server, sandbox, --code, CODE]
`

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		old, with string // a replacement in good
		want      string // problems, a line each, without "catalog/users.yaml:"
	}{
		{"nothing", "", "", ""},
		{"unknown key of the region", "title: Users\n", "title: Users\ncolour: red\n", `3: unknown key "colour"`},
		{"unknown key of a function", "    replay: safe\n    result: \"[]User\"", "    replay: safe\n    retry: 3\n    result: \"[]User\"", `9: unknown key "retry"`},
		{"unknown key of an option", "summary: Id.}", "summary: Id., kind: x}", `13: unknown key "kind"`},
		{"unknown key of the template", "summary: First}", "summary: First, as: id}", `26: unknown key "as"`},
		{"key twice", "title: Users\n", "title: Users\ntitle: People\n", `3: the key title stands twice`},
		{"broken YAML", "    example: [--url, sandbox, --userid, 2]", "    example: [--url", `15: did not find expected ',' or ']'`},
		{"empty file", good, "", `1: the file is empty`},
		{"no mapping", good, "- a\n", "1: expected keys with values"},
		{"function that is no mapping", "functions:\n", "functions:\n  - GetTask\n", "5: expected keys with values"},
		{"option that is no mapping", "      - {name: token, short: t}\n", "      - {name: token, short: t}\n      - page\n", "16: expected keys with values"},
		{"field that is no mapping", "      - {name: A, summary: First}", "      - A", "26: expected keys with values"},
		{"list expected", "    example: []", "    example: none", "27: example: expected a list"},
		{"text expected", "    summary: Reads a user.", "    summary: [a]", "6: summary: expected a value\n6: GetUser: summary is one line that ends with a full stop"},
		{"empty value", "    doc: https://example.org/oauth", "    doc:", "34: doc: expected a value\n34: GetToken: doc is the https address of a page"},
		{"boolean expected", "wire: ID, required: true", "wire: ID, required: yes", `13: required: expected true or false, not "yes"` + "\n"},
		{"number expected", "order: 10", "order: first", `3: order: expected a whole number, not "first"` + "\n" +
			"3: order is missing: the place of the region in lists, 10, 20, 30 …"},

		{"region", "region: users", "region: people", `1: region is "people", expected the name of the file, "users"`},
		{"title", "title: Users\n", "", "1: title is missing"},
		{"order", "order: 10\n", "", "1: order is missing: the place of the region in lists, 10, 20, 30 …"},
		{"function's name", "name: GetStructure", "name: getStructure", "17: getStructure: a name is letters and digits and begins with a capital"},
		{"function twice", "name: GetStructure", "name: GETUSER", "17: GETUSER: the name GETUSER is taken by GetUser"},
		{
			"alias twice", "    summary: Prints a template.", "    aliases: [getuser]\n    summary: Prints a template.",
			`18: GetStructure: the alias "getuser" is no name` + "\n18: GetStructure: the name getuser is taken by GetUser",
		},
		{"no summary", "    summary: Reads a user.\n", "", "5: GetUser: summary is one line that ends with a full stop"},
		{"summary without full stop", "Reads a user.", "Reads a user", "6: GetUser: summary is one line that ends with a full stop"},
		{"kind", "kind: local", "kind: here", `19: GetStructure: kind is rest, oauth, local or composed, not "here"` + "\n" +
			`24: GetStructure: option empty: wire is the key in the request, not ""`},
		{"local with a method", "kind: local", "kind: local\n    method: x", "19: GetStructure: a local function has neither method nor http"},
		{"no method", "    method: user.get\n", "", "5: GetUser: method is missing"},
		{"http", "method: user.get", "method: user.get\n    http: PUT", `8: GetUser: http is POST or GET, not "PUT"`},
		{"oauth by POST", "kind: oauth", "kind: oauth\n    http: POST", "31: GetToken: the authorization server takes GET"},
		{"oauth without token", "result: Token", "result: bool", "33: GetToken: the authorization server answers with a Token"},
		{"replay", "replay: once", "replay: often", `32: GetToken: replay is safe, idempotent or once, not "often"`},
		{"no replay", "    replay: once\n", "", `28: GetToken: replay is safe, idempotent or once, not ""`},
		{"result", `"[]User"`, "Person", `9: GetUser: unknown result type "Person"; known are ` + resultNames()},
		{"template's result", `"*Object"`, "string", "21: GetStructure: a template is an *Object"},
		{"template of a REST function", "    method: user.get\n", "    method: user.get\n    template: [{name: A, summary: a}]\n", "8: GetUser: only a local function has a template"},
		{"field without a summary", "{name: A, summary: First}", "{name: A}", "26: GetStructure: a field of the template has a name and a summary"},
		{"no doc", "    doc: https://example.org/structure\n", "", "17: GetStructure: doc is the https address of a page"},
		{"no example", "    example: []\n", "", "17: GetStructure: example is missing; [] for a call without options"},
		{"no token", "      - {name: token, short: t}\n", "", "11: GetUser: a REST function has the options url and token"},
		{"unknown reference", "see: GetUser", "see: GetUsers", `14: GetUser: option active: see names the unknown function "GetUsers"`},

		{"option's name", "name: userid", "name: UserID", "13: GetUser: option UserID: a name is lower-case letters and digits\n" +
			"16: GetUser: example: unknown option --userid\n16: GetUser: example: the required option --UserID is missing"},
		{"product-wide option", "name: active", "name: limit", "14: GetUser: option limit: the name belongs to a product-wide option"},
		{"option twice", "name: active", "name: userid", "14: GetUser: option userid stands twice"},
		{"alias of two options", "short: a,", "short: s,", "14: GetUser: option active: the alias s is taken by userid"},
		{"long alias", "short: a,", "short: ac,", `14: GetUser: option active: short is one lower-case letter, not "ac"`},
		{"no alias", " short: a,", "", `14: GetUser: option active: short is one lower-case letter, not ""`},
		{
			"url with more", "{name: url, short: u}", "{name: url, short: u, wire: url, required: true}",
			"12: GetUser: option url: required is the same for every function; write name and short only\n" +
				"12: GetUser: option url: wire is the same for every function; write name and short only",
		},
		{"no param", " param: Active,", "", `14: GetUser: option active: param is the name in the original's signature, not ""`},
		{"param twice", "param: Active", "param: UserIDStructure", "14: GetUser: option active: the Go name UserID is taken by userid"},
		{"no summary of an option", ", summary: Id.", "", "13: GetUser: option userid: summary is one line that ends with a full stop"},
		{"no conversion", "as: id, ", "", "13: GetUser: option userid: as is missing; conversions are " + conversionNames()},
		{"unknown conversion", "as: id", "as: uuid", `13: GetUser: option userid: unknown conversion "uuid"; known are ` + conversionNames()},
		{"file without a name", "as: id", "as: file-pair", `13: GetUser: option userid: named is the option with the name of the file, not ""`},
		{"name without a file", "as: id", "as: id, named: active", "13: GetUser: option userid: only a file has a name"},
		{"wire of an upload", "as: id", "as: upload, named: active", "13: GetUser: option userid: the option is no part of the request\n" +
			"14: GetUser: option active: the option is no part of the request"},
		{"unless of nothing", "as: id", "as: id, unless: none", `13: GetUser: option userid: unless is an option of conversion id, not "none"`},
		{"pick without keys", "as: id, wire: ID", "as: pick", "13: GetUser: option userid: the conversion pick, and no other, has pick: its keys with their conversions"},
		{"odd pick", "as: id, wire: ID", "as: pick, pick: {a: files}", `13: GetUser: option userid: a picked value is array, date or string, not "files"`},
		{"pick that is no mapping", "as: id, wire: ID", "as: pick, pick: [a]", "13: pick: expected keys with values\n" +
			"13: GetUser: option userid: the conversion pick, and no other, has pick: its keys with their conversions"},
		{"of without an array", "as: id", "as: id, of: number", "13: GetUser: option userid: of is what an array holds: structure, number or string"},
		{"odd of", "as: id", "as: array, of: lists", "13: GetUser: option userid: of is what an array holds: structure, number or string"},
		{"max of an id", "as: id", "as: id, max: 5", "13: GetUser: option userid: max is the number of characters of an option of conversion string"},
		{"constants of a local function", "kind: local", "kind: local\n    constants: {A: b}", "19: GetStructure: only a REST method has unwrap, partial and constants"},
		{"no wire", "wire: ID, ", "", `13: GetUser: option userid: wire is the key in the request, not ""`},
		{"broken nested wire", "wire: ID", "wire: FIELDS..ID", `13: GetUser: option userid: wire is the key in the request, not "FIELDS..ID"`},
		{"wire of merge", "as: id, wire: ID", "as: merge, wire: ID", "13: GetUser: option userid: the keys of the structure are the keys of the request"},
		{"wire of a local function", "as: bool,", "as: bool, wire: x,", "24: GetStructure: option empty: a local function sends nothing"},
		{"required with default", "required: true, summary: Id.", "required: true, default: 1, summary: Id.", "13: GetUser: option userid: a required option has no default"},
		{"default of a boolean", "default: true", "default: Y", `14: GetUser: option active: the default "Y" does not convert (yn)`},
		{"default of an id", "required: true, summary: Id.", "default: me, summary: Id.", `13: GetUser: option userid: the default "me" does not convert (id)`},
		{"default of a structure", "as: yn", "as: object", "14: GetUser: option active: an option of conversion object has no default"},
		{"blank default", "as: yn, wire: ACTIVE, default: true", "as: string, wire: ACTIVE, default: ' '", `14: GetUser: option active: the default " " does not convert (string)`},
		{"default that is no value", "as: yn, wire: ACTIVE, default: true", "as: string, wire: ACTIVE, default: C, enum: [A, B]", `14: GetUser: option active: the default "C" is none of A, B`},
		{"secret number", "as: string, wire: code", "as: number, wire: code", "36: GetToken: option code: only an option of conversion string can be secret"},

		{
			"send", "    example: [--url, sandbox, --userid, 2]", "    send: [userid, age]\n    example: [--url, sandbox, --userid, 2]",
			`16: GetUser: send names the unknown option "age"` + "\n16: GetUser: send leaves out the option active",
		},
		{
			"send twice", "    example: [--url, sandbox, --userid, 2]", "    send: [userid, active, userid, url]\n    example: [--url, sandbox, --userid, 2]",
			"16: GetUser: send names userid twice\n16: GetUser: send names url, which is no parameter",
		},
		{"example without a required option", "[--url, sandbox, --userid, 2]", "[--url, sandbox]", "16: GetUser: example: the required option --userid is missing"},
		{"example with an unknown option", "[--url, sandbox, --userid, 2]", "[--url, sandbox, --userid, 2, --usr, 3]", "16: GetUser: example: unknown option --usr"},
		{"example without a value", "[--url, sandbox, --userid, 2]", "[--url, sandbox, --userid]", `16: GetUser: example: expected --option value at "--userid"`},
		{"example with another portal", "[--url, sandbox, --userid, 2]", "[--url, b24.example, --userid, 2]", "16: GetUser: example: --url is sandbox, so that it runs anywhere"},
		{
			"everything at once", "    summary: Reads a user.\n    method: user.get\n    replay: safe\n", "",
			"5: GetUser: summary is one line that ends with a full stop\n5: GetUser: method is missing\n" +
				`5: GetUser: replay is safe, idempotent or once, not ""`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.old != "" && strings.Count(good, test.old) != 1 {
				t.Fatalf("%q stands %d times in the source", test.old, strings.Count(good, test.old))
			}
			text := good
			if test.old != "" {
				text = strings.Replace(good, test.old, test.with, 1)
			}
			want := ""
			for line := range strings.SplitSeq(strings.TrimSpace(test.want), "\n") {
				if line != "" {
					want += "catalog/users.yaml:" + line + "\n"
				}
			}
			if diff := cmp.Diff(strings.TrimSpace(want), problemsIn(t, map[string]string{"users.yaml": text})); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckAcrossRegions(t *testing.T) {
	t.Parallel()
	second := strings.NewReplacer("region: users", "region: people", "GetStructure", "GetOther", "GetToken", "GetAnother").Replace(good)
	want := "catalog/users.yaml:3: order 10 is taken by the region people\n" +
		"catalog/users.yaml:5: GetUser: the name GetUser is taken by GetUser"
	if diff := cmp.Diff(want, problemsIn(t, map[string]string{"users.yaml": good, "people.yaml": second})); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	// A file that cannot be read must not make the references to it wrong.
	want = "catalog/people.yaml:1: did not find expected ',' or ']'"
	refers := strings.Replace(good, "see: GetUser", "see: GetOther", 1)
	if diff := cmp.Diff(want, problemsIn(t, map[string]string{"users.yaml": refers, "people.yaml": "region: [people"})); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// TestProductWide holds the names apart that the original's functions use.
func TestProductWide(t *testing.T) {
	t.Parallel()
	golden, err := os.ReadFile("../../catalog/testdata/functions.golden")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range productWide {
		if strings.Contains(string(golden), "\t--"+name+"\t") {
			t.Errorf("--%s is an option of a function", name)
		}
	}
}

func problemsIn(t *testing.T, files map[string]string) string {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	if _, err := readSource(fsys); err != nil {
		return err.Error()
	}
	return ""
}

func FuzzSource(f *testing.F) {
	f.Add(good)
	f.Add("a: &a [*a]")
	f.Add("functions: [{name: {}, options: [3, [], {}]}]")
	f.Fuzz(func(t *testing.T, text string) {
		found := &problems{}
		if source := parseSource("catalog/users.yaml", []byte(text), found); source != nil {
			check([]*sourceRegion{source}, true, found)
		}
		if err := found.err(); err != nil && !strings.HasPrefix(err.Error(), "catalog/users.yaml:") {
			t.Errorf("a problem without its file: %v", err)
		}
	})
}
