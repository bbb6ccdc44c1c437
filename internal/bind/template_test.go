package bind

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/oint-go/oint/catalog"
)

// every is a function with an option of every conversion.
func every() *catalog.Function {
	return &catalog.Function{
		Name: "Every",
		Options: []catalog.Option{
			{Name: "url", As: catalog.AsURL, Required: true},
			{Name: "userid", Wire: "ID", As: catalog.AsID, Required: true},
			{Name: "fields", As: catalog.AsMerge},
			{Name: "note", Wire: "NOTE", As: catalog.AsString, Max: 20},
			{Name: "kind", Wire: "KIND", As: catalog.AsString, Enum: []string{"chat#", "user"}},
			{Name: "since", Wire: "SINCE", As: catalog.AsDate},
			{Name: "count", Wire: "COUNT", As: catalog.AsNumber},
			{Name: "active", Wire: "ACTIVE", As: catalog.AsYN, Default: "yes"},
			{Name: "tags", Wire: "TAGS", As: catalog.AsArray},
			{Name: "data", Wire: "data", As: catalog.AsObject},
			{Name: "title", Wire: "data.TITLE", As: catalog.AsString},
			{Name: "period", As: catalog.AsPick, Pick: []catalog.Picked{{Key: "from", As: catalog.AsDate}, {Key: "section", As: catalog.AsArray}}},
			{Name: "files", Wire: "FILES", As: catalog.AsFiles},
			{Name: "photo", Wire: "PHOTO", As: catalog.AsBase64},
			{Name: "text", Wire: "TEXT", As: catalog.AsContent},
			{Name: "token", As: catalog.AsToken},
		},
	}
}

// cellsOf are the cells of a row: "json:" before a text marks a value with a
// type.
func cellsOf(row map[string]string) Cells {
	return func(column string) Cell {
		text := row[column]
		if raw, ok := strings.CutPrefix(text, "json:"); ok {
			return Cell{Text: raw, JSON: json.RawMessage(raw)}
		}
		return Cell{Text: text}
	}
}

// filled is what a row makes of options, or the error.
func filled(t *testing.T, empty Empty, given, cells map[string]string) string {
	t.Helper()
	source := NewSource(http.DefaultClient)
	if _, ok := given["userid"]; !ok {
		given["userid"] = "7"
	}
	template, err := NewTemplate(t.Context(), source, every(), given, empty)
	if err != nil {
		return err.Error()
	}
	if err := template.Check(t.Context(), cellsOf(cells)); err != nil {
		e := err.(*Error) //nolint:errorlint // the type is part of what is tested
		return "[" + e.Column + "] " + err.Error()
	}
	call, err := template.Call(t.Context(), cellsOf(cells))
	if err != nil {
		return err.Error()
	}
	raw, err := call.Params.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	type texts = map[string]string
	secret := filepath.Join(t.TempDir(), "secret.txt")
	if err := os.WriteFile(secret, []byte("inside"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		given, cells texts
		want         string
	}{
		"texts":                  {texts{"userid": "{ID}", "note": "{A} and { B }"}, texts{"ID": " 12 ", "A": "x", "B": "y"}, `{"ID":"12","NOTE":"x and y","ACTIVE":"Y"}`},
		"braces":                 {texts{"note": "{{A}} {{{A}}}"}, texts{"A": "x"}, `{"ID":"7","NOTE":"{A} {x}","ACTIVE":"Y"}`},
		"braces only":            {texts{"note": "a {{b}}"}, nil, `{"ID":"7","NOTE":"a {b}","ACTIVE":"Y"}`},
		"escapes of the option":  {texts{"note": `{A}\n`}, texts{"A": `x\n`}, `{"ID":"7","NOTE":"x\\n\n","ACTIVE":"Y"}`},
		"member":                 {texts{"fields": "{'A':'{A}','n':1.10,'deep':{'x':['{A}','k']}}"}, texts{"A": `it's "{B}"`}, `{"ID":"7","A":"it's \"{B}\"","n":1.10,"deep":{"x":["it's \"{B}\"","k"]},"ACTIVE":"Y"}`},
		"typed member":           {texts{"fields": "{'A':'{A}','B':'no {A}'}"}, texts{"A": "json:[1,2]"}, `{"ID":"7","A":[1,2],"B":"no [1,2]","ACTIVE":"Y"}`},
		"braces in a member":     {texts{"fields": "{'A':'{{x}}'}", "note": "{A}"}, texts{"A": "n"}, `{"ID":"7","A":"{x}","NOTE":"n","ACTIVE":"Y"}`},
		"list of one":            {texts{"tags": "{A}"}, texts{"A": "a, b"}, `{"ID":"7","ACTIVE":"Y","TAGS":["a, b"]}`},
		"list in a cell":         {texts{"tags": "{A}"}, texts{"A": `["a","b"]`}, `{"ID":"7","ACTIVE":"Y","TAGS":["a","b"]}`},
		"typed list":             {texts{"tags": "{A}"}, texts{"A": `json:[1,2]`}, `{"ID":"7","ACTIVE":"Y","TAGS":[1,2]}`},
		"typed number in a list": {texts{"tags": "{A}"}, texts{"A": `json:1`}, `{"ID":"7","ACTIVE":"Y","TAGS":[1]}`},
		"brackets of a text":     {texts{"tags": "{A}"}, texts{"A": `[urgent] call`}, `{"ID":"7","ACTIVE":"Y","TAGS":["[urgent] call"]}`},
		"element":                {texts{"tags": "['{A}','{B}']"}, texts{"A": `["a","b"]`, "B": "json:2"}, `{"ID":"7","ACTIVE":"Y","TAGS":["[\"a\",\"b\"]",2]}`},
		"text in a list":         {texts{"tags": "x-{A}"}, texts{"A": secret}, `{"ID":"7","ACTIVE":"Y","TAGS":["x-` + secret + `"]}`},
		"path as an element":     {texts{"tags": "{A}"}, texts{"A": secret}, `{"ID":"7","ACTIVE":"Y","TAGS":["` + secret + `"]}`},
		"path as a text":         {texts{"text": "{A}"}, texts{"A": secret}, `{"ID":"7","ACTIVE":"Y","TEXT":"` + secret + `"}`},
		"structure in a cell":    {texts{"fields": " {A} "}, texts{"A": `{'X':"{B}"}`}, `{"ID":"7","X":"{B}","ACTIVE":"Y"}`},
		"structures side by side": {
			texts{"data": "{'A':'{A}'}", "title": "{A}"},
			texts{"A": "x"},
			`{"ID":"7","ACTIVE":"Y","data":{"A":"x","TITLE":"x"}}`,
		},
		"conversions":  {texts{"since": "{A}", "count": "{B}", "active": "{C}", "kind": "chat{D}"}, texts{"A": "20260526", "B": "json:1.10", "C": "json:false", "D": "5"}, `{"ID":"7","KIND":"chat5","SINCE":"2026-05-26","COUNT":1.10,"ACTIVE":"N"}`},
		"picked":       {texts{"period": "{from:'{A}',section:'{B}'}"}, texts{"A": "20260526", "B": "json:3"}, `{"ID":"7","ACTIVE":"Y","from":"2026-05-26","section":[3]}`},
		"files":        {texts{"files": "{'a.txt':'{A}'}", "photo": "{A}"}, texts{"A": secret}, `{"ID":"7","ACTIVE":"Y","FILES":[["a.txt","aW5zaWRl"]],"PHOTO":"aW5zaWRl"}`},
		"empty option": {texts{"note": "{A}", "since": "{A}", "active": "{A}", "tags": "{A}", "fields": "{A}", "photo": "{A}"}, texts{"A": " "}, `{"ID":"7","ACTIVE":"Y"}`},
		"empty member": {texts{"fields": "{'A':'{A}','B':'{B}','C':['{A}'],'D':{'E':'{A}'},'F':{},'G':'{A} {A}'}"}, texts{"B": "b"}, `{"ID":"7","B":"b","F":{},"ACTIVE":"Y"}`},
		"empty list":   {texts{"tags": "['{A}','{B}']"}, nil, `{"ID":"7","ACTIVE":"Y"}`},
		"half empty":   {texts{"note": "{A}, {B}"}, texts{"B": "b"}, `{"ID":"7","NOTE":", b","ACTIVE":"Y"}`},

		"empty and required":     {texts{"userid": "{ID}"}, nil, "[ID] --userid: the cell is empty, and Every needs the option\nFill the cell, or leave such rows out with --where."},
		"no id":                  {texts{"userid": "{ID}"}, texts{"ID": "x"}, "[ID] --userid: \"x\" is no id\nGive the whole number that the portal shows as ID."},
		"too long":               {texts{"note": "{A}"}, texts{"A": strings.Repeat("x", 21)}, "[A] --note: 21 characters are too long\nShorten it to 20."},
		"none of the list":       {texts{"kind": "{A}{B}"}, texts{"A": "x", "B": "y"}, "[A, B] --kind: \"xy\" is none of the known values\nUse one of chatN, user, where N is a number."},
		"no date in a structure": {texts{"period": "{from:'{A}'}"}, texts{"A": "soon"}, "[A] --period: \"from\": \"soon\" is no date\nWrite it like 2026-05-26, 2026-05-26T14:15:40, 2026-05-26T14:15:40+03:00 or 20260526141540."},
		"no JSON in the cell":    {texts{"fields": "{A}"}, texts{"A": "x"}, "[A] --fields: the cell holds no JSON: line 1, column 1: a text without quotes at \"x\"\nNothing was sent."},
		"other JSON in the cell": {texts{"fields": "{A}"}, texts{"A": "json:7"}, "[A] --fields: expected a structure, got a number\nWrite it as {'KEY':'value'}."},
		"token in the cell":      {texts{"fields": "{A}"}, texts{"A": "{auth:1}"}, "[A] --fields: the key \"auth\" is reserved for the access token\nGive the token with --token."},
		"no file":                {texts{"files": "{'a.txt':'{A}'}"}, texts{"A": "none.bin"}, "[A] --files: \"a.txt\": \"none.bin\" is no existing file, no address and no base64\nGive the path of a file, an http(s) address or base64."},

		"address":            {texts{"url": "{A}"}, nil, "--url: the portal and its token are the same for every row\nWrite it out, or run the command once for every portal."},
		"token":              {texts{"token": "{A}"}, nil, "--token: the portal and its token are the same for every row\nWrite it out, or run the command once for every portal."},
		"missing":            {texts{"userid": " "}, nil, "--userid: missing, Every needs it: \n\"oint bitrix24 Every --help\" lists the options."},
		"open brace":         {texts{"note": "a {b"}, nil, "--note: a { without its }\n" + braces},
		"brace in braces":    {texts{"note": "{a{b}}"}, nil, "--note: a { without its }\n" + braces},
		"closing brace":      {texts{"fields": "{'A':['x}']}"}, nil, "--fields: \"A\": a } without its {\n" + braces},
		"nameless":           {texts{"note": "a{ }"}, nil, "--note: braces without the name of a column\n" + braces},
		"key":                {texts{"fields": "{'{A}':1}"}, nil, "--fields: the key \"{A}\" has a column in it\nWrite the key out; only values can come from the table."},
		"broken JSON":        {texts{"fields": "{'A':'{A}'"}, nil, "--fields: broken JSON: line 1, column 1: the '{' that opens here is never closed at \"{'A':'{A}'\"\nNothing was sent."},
		"another kind":       {texts{"fields": "['{A}']"}, nil, "--fields: expected a structure, got an array\nWrite it as {'KEY':'value'}."},
		"wrong in every row": {texts{"userid": "x", "note": "{A}"}, nil, "--userid: \"x\" is no id\nGive the whole number that the portal shows as ID."},
		"wrong everywhere":   {texts{"period": "{to:1}", "note": "{A}"}, nil, "--period: the key \"to\" is unknown\nKnown are from, section."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, filled(t, Skip, test.given, test.cells)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTemplateClears(t *testing.T) {
	t.Parallel()
	given := map[string]string{
		"fields": "{'A':'{A}','B':['{A}'],'C':'{C}'}", "note": "{A}", "since": "{A}", "active": "{A}", "tags": "{A}", "data": "{A}",
		"period": "{A}", "files": "{A}", "photo": "{A}", "kind": "{A}",
	}
	want := `{"ID":"7","A":"","B":[""],"C":"c","NOTE":"","KIND":"","SINCE":"","ACTIVE":"","TAGS":[],"data":{}}`
	got := filled(t, Clear, given, map[string]string{"C": "c"})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := filled(t, Clear, map[string]string{"userid": "{A}"}, nil); !strings.HasPrefix(got, "[A] --userid: the cell is empty") {
		t.Errorf("a required option: %s", got)
	}
}

// TestRowsShareNothing sets a member of a structure that is the same for every
// row.
func TestRowsShareNothing(t *testing.T) {
	t.Parallel()
	given := map[string]string{"userid": "7", "data": "{'X':1}", "title": "{A}"}
	template, err := NewTemplate(t.Context(), NewSource(http.DefaultClient), every(), given, Skip)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ cell, want string }{
		{"x", `{"ID":"7","ACTIVE":"Y","data":{"X":1,"TITLE":"x"}}`},
		{"", `{"ID":"7","ACTIVE":"Y","data":{"X":1}}`},
	} {
		call, err := template.Call(t.Context(), cellsOf(map[string]string{"A": test.cell}))
		if err != nil {
			t.Fatal(err)
		}
		if raw, err := call.Params.MarshalJSON(); string(raw) != test.want || err != nil {
			t.Errorf("%s, %v; want %s", raw, err, test.want)
		}
	}
}

func TestTemplateColumns(t *testing.T) {
	t.Parallel()
	given := map[string]string{"userid": "{ID}", "note": "{B} {ID}", "fields": "{'x':['{C}',{'y':'{B}{D}'}]}", "tags": "{E}"}
	template, err := NewTemplate(t.Context(), NewSource(http.DefaultClient), every(), given, Skip)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"ID", "C", "B", "D", "E"}, template.Columns()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAddressIsNotAsked checks rows that name an address: it is not read then.
func TestAddressIsNotAsked(t *testing.T) {
	t.Parallel()
	asked := NewSource(&http.Client{Transport: http.NewFileTransport(http.Dir(t.TempDir()))})
	given := map[string]string{"userid": "7", "photo": "{A}"}
	template, err := NewTemplate(t.Context(), asked, every(), given, Skip)
	if err != nil {
		t.Fatal(err)
	}
	cells := cellsOf(map[string]string{"A": "https://files.example/none.png"})
	if err := template.Check(t.Context(), cells); err != nil {
		t.Errorf("Check: %v", err)
	}
	if _, err := template.Call(t.Context(), cells); err == nil || !strings.Contains(err.Error(), "files.example answered with HTTP 404") {
		t.Errorf("Call: %v", err)
	}
}

// TestCellStaysOneValue puts any text into every place a cell may have, and
// wants exactly that text to arrive.
func TestCellStaysOneValue(t *testing.T) {
	t.Parallel()
	template, err := NewTemplate(t.Context(), NewSource(http.DefaultClient), every(), map[string]string{
		"userid": "7", "fields": "{'A':'{A}','B':{'C':['{A}','<{A}>']}}", "title": "{A}", "text": "({A})", "tags": "['{A}']", "data": "{'X':'{A}'}",
	}, Skip)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(
			rapid.StringMatching(`.*[^\s].*`),
			rapid.StringMatching(`[{}\[\]"':,\\nrtu0-9\n\r\t /#*A]{1,30}`),
		).Filter(func(s string) bool { return !isBlank(s) }).Draw(rt, "cell")
		call, err := template.Call(t.Context(), func(string) Cell { return Cell{Text: text} })
		if err != nil {
			rt.Fatal(err)
		}
		raw, err := call.Params.MarshalJSON()
		if err != nil {
			rt.Fatal(err)
		}
		var got struct {
			A    string
			B    struct{ C []string }
			TEXT string
			TAGS []string
			Data struct{ X, TITLE string } `json:"data"`
		}
		if err := json.Unmarshal(raw, &got); err != nil {
			rt.Fatal(err)
		}
		want := got
		want.A, want.B.C, want.TEXT, want.TAGS = text, []string{text, "<" + text + ">"}, "("+text+")", []string{text}
		want.Data.X, want.Data.TITLE = text, text
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("%s", diff)
		}
		if n := call.Params.Len(); n != 7 { // ID, A, B, ACTIVE, TAGS, data, TEXT
			rt.Fatalf("%d parameters: %s", n, raw)
		}
	})
}

// TestBracesAreText doubles the braces of any text: the pattern is the text.
func TestBracesAreText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[{}a ]*`)).Draw(rt, "text")
		p, err := parsePattern(strings.NewReplacer("{", "{{", "}", "}}").Replace(text))
		if err != nil || len(p.columns()) > 0 {
			rt.Fatalf("%v, %v", p, err)
		}
		if got, _ := p.fill(nil); got != text {
			rt.Fatalf("%q became %q", text, got)
		}
	})
}

func FuzzPattern(f *testing.F) {
	for _, seed := range []string{"{A}", "a {{ {B } }}", "{", "}", "{}", "{{{A}}}"} {
		f.Add(seed, "cell")
	}
	f.Fuzz(func(t *testing.T, text, cell string) {
		p, err := parsePattern(text)
		if err != nil {
			return
		}
		got, _ := p.fill(func(string) Cell { return Cell{Text: cell} })
		want := len(cell) * len(p.columns())
		for _, piece := range p {
			want += len(piece.literal)
		}
		if len(got) != want {
			t.Errorf("%q with %q became %q", text, cell, got)
		}
	})
}
