package bind

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/oint-go/oint/catalog"
)

// hire is a function with an option of every kind that Params treats apart.
func hire() *catalog.Function {
	return &catalog.Function{
		Name: "HireUser",
		Options: []catalog.Option{
			{Name: "url", As: catalog.AsURL, Required: true},
			{Name: "userid", Wire: "ID", As: catalog.AsID, Required: true, See: "FindUsers", Summary: "ID of the user."},
			{Name: "fields", As: catalog.AsMerge},
			{Name: "since", Wire: "SINCE", As: catalog.AsDate},
			{Name: "notify", Wire: "NOTIFY", As: catalog.AsYN, Default: "false"},
			{Name: "tags", Wire: "TAGS", As: catalog.AsArray},
			{Name: "token", As: catalog.AsToken},
		},
	}
}

func TestParams(t *testing.T) {
	t.Parallel()
	reordered := hire()
	reordered.Send = []string{"tags", "fields", "userid"}
	withToken := hire()
	withToken.Options[6].Wire = "auth"
	withToken.Send = []string{"token", "userid"}
	for _, test := range []struct {
		name  string
		fn    *catalog.Function
		given map[string]string
		want  string
	}{
		{"only what is required", hire(), map[string]string{"userid": "7"}, `{"ID":"7","NOTIFY":"N"}`},
		{
			"in the order of the function", hire(),
			map[string]string{"tags": "a", "notify": "yes", "since": "20260526", "fields": "{NAME:'Otto',AGE:5.0}", "userid": "7"},
			`{"ID":"7","NAME":"Otto","AGE":5.0,"SINCE":"2026-05-26","NOTIFY":"Y","TAGS":["a"]}`,
		},
		{"in the order it is sent", reordered, map[string]string{"userid": "7", "fields": "{A:1}", "tags": "[]", "since": "2026-05-26"}, `{"TAGS":[],"A":1,"ID":"7"}`},
		{"address and token are no parameters", hire(), map[string]string{"userid": "7", "url": "b24-otto01.example", "token": marker}, `{"ID":"7","NOTIFY":"N"}`},
		{"token that is sent", withToken, map[string]string{"userid": "7", "token": "t0ken"}, `{"auth":"t0ken","ID":"7"}`},
		{"blank is not given", hire(), map[string]string{"userid": "7", "since": " \n\t", "tags": "", "notify": " "}, `{"ID":"7","NOTIFY":"N"}`},
		{"merged key keeps its place", hire(), map[string]string{"userid": "7", "fields": "{B:1,ID:8}"}, `{"ID":8,"B":1,"NOTIFY":"N"}`},
		{"later option wins over a merged key", hire(), map[string]string{"userid": "7", "fields": "{NOTIFY:1,B:2}", "notify": "y"}, `{"ID":"7","NOTIFY":"Y","B":2}`},
		{"unknown names are nothing to it", hire(), map[string]string{"userid": "7", "USERID": "8", "what": "x"}, `{"ID":"7","NOTIFY":"N"}`},
		{"function without options", &catalog.Function{Name: "ServerTime"}, nil, `{}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			params, err := Params(t.Context(), NewSource(nil), test.fn, test.given)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := params.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(raw)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParamsRefuses(t *testing.T) {
	t.Parallel()
	required := func(o catalog.Option) *catalog.Function {
		o.Required = true
		return &catalog.Function{Name: "HireUser", Options: []catalog.Option{o}}
	}
	const help = "\n\"oint bitrix24 HireUser --help\" lists the options."
	for _, test := range []struct {
		name  string
		fn    *catalog.Function
		given map[string]string
		want  string
	}{
		{"missing, with a remedy", hire(), nil, "--userid: missing, HireUser needs it: ID of the user\n\"oint bitrix24 FindUsers\" finds its values."},
		{"blank", hire(), map[string]string{"userid": " "}, "--userid: missing, HireUser needs it: ID of the user\n\"oint bitrix24 FindUsers\" finds its values."},
		{"missing token", required(catalog.Option{Name: "token", As: catalog.AsToken, Summary: "Access token."}), nil, "--token: missing, HireUser needs it: access token" + help},
		{"summary in another script", required(catalog.Option{Name: "o", Summary: "Имя."}), nil, "--o: missing, HireUser needs it: имя" + help},
		{"summary of one letter", required(catalog.Option{Name: "o", Summary: "X"}), nil, "--o: missing, HireUser needs it: x" + help},
		{"no summary", required(catalog.Option{Name: "o"}), nil, "--o: missing, HireUser needs it: " + help},
		{
			"reserved key", hire(),
			map[string]string{"userid": "7", "fields": "{Auth:'" + marker + "'}"},
			"--fields: the key \"Auth\" is reserved for the access token\nGive the token with --token.",
		},
		{
			"broken JSON", hire(),
			map[string]string{"userid": "7", "fields": "{a:\n ?}"},
			"--fields: broken JSON: line 2, column 2: a text without quotes at \"?}\"\nNothing was sent.",
		},
		{
			"no JSON", hire(),
			map[string]string{"userid": "7", "fields": "a=1"},
			"--fields: no JSON, no existing file and no http(s) address: line 1, column 1: a text without quotes at \"a=1\"\n" +
				"Write it as {'KEY':'value'}, or name a file or an address that holds it.",
		},
		{
			"no date", hire(),
			map[string]string{"userid": "7", "since": "soon"},
			"--since: \"soon\" is no date\nWrite it like 2026-05-26, 2026-05-26T14:15:40, 2026-05-26T14:15:40+03:00 or 20260526141540.",
		},
		{
			"no boolean", hire(),
			map[string]string{"userid": "7", "notify": "perhaps"},
			"--notify: \"perhaps\" is neither true nor false\nUse true or false; yes/no, y/n and 1/0 work too.",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			params, err := Params(t.Context(), NewSource(nil), test.fn, test.given)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("Params = %v, %v", params, err)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What is missing is said before anything is downloaded.
func TestParamsLooksBeforeItReads(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("downloaded") }))
	t.Cleanup(server.Close)
	fn := hire()
	fn.Options[1], fn.Options[2] = fn.Options[2], fn.Options[1]
	if _, err := Params(t.Context(), NewSource(server.Client()), fn, map[string]string{"fields": server.URL}); err == nil {
		t.Error("nothing is missing")
	}
}

func TestParamsInterrupted(t *testing.T) {
	t.Parallel()
	src, url := newPages(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Params(ctx, src, hire(), map[string]string{"userid": "7", "fields": url + "/object"})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}

func TestLowerFirst(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "X": "x", "Name of it": "name of it", "ID of it": "ID of it", "Имя": "имя", "ИНН": "ИНН", "already": "already", "1 of": "1 of",
	} {
		if got := lowerFirst(text); got != want {
			t.Errorf("lowerFirst(%q) = %q, want %q", text, got, want)
		}
	}
}

func FuzzParams(f *testing.F) {
	f.Add("7", "{NAME:'Otto'}", "2026-05-26", "y", "[1]")
	f.Add("", "{auth:1}", "soon", "", "a,b")
	f.Fuzz(func(t *testing.T, id, fields, since, notify, tags string) {
		for _, text := range []string{fields, tags} {
			if isAddress(text) || isFile(text) {
				return
			}
		}
		given := map[string]string{"userid": id, "fields": fields, "since": since, "notify": notify, "tags": tags}
		params, err := Params(t.Context(), NewSource(nil), hire(), given)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || given[e.Option] == "" && e.Option != "userid" {
				t.Fatalf("%#v", err)
			}
			return
		}
		if raw, err := params.MarshalJSON(); err != nil || !json.Valid(raw) {
			t.Fatalf("%q became %s, %v", given, raw, err)
		}
	})
}
