package bitrix24_test

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/bitrix24"
)

func TestUpdateUserByWebhook(t *testing.T) {
	t.Parallel()
	p := newPortal(t, answer(200, okAnswer))
	got, err := p.client(t).UpdateUser(t.Context(), 2958, bitrix24.Fields{"UF_DEPARTMENT": []int{7}, "NAME": "Oleg"})
	if err != nil {
		t.Fatal(err)
	}
	if !got.Result || got.Time.Duration != 0.75094199180603 || got.Time.ResetAt().Unix() != 1779805540 {
		t.Errorf("answer %+v", got)
	}
	if string(got.Raw) != okAnswer {
		t.Errorf("raw bytes changed: %s", got.Raw)
	}
	want := []received{{
		"POST", "/prefix/rest/1/" + webhookCode + "/user.update", "", "application/json; charset=utf-8", "oint/" + bitrix24.Version,
		`{"NAME":"Oleg","UF_DEPARTMENT":[7],"ID":"2958"}`,
	}}
	if diff := cmp.Diff(want, p.seen(), cmp.AllowUnexported(received{})); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

func TestUpdateUserByToken(t *testing.T) {
	t.Parallel()
	p := newPortal(t, answer(200, okAnswer))
	c, err := bitrix24.New(strings.TrimPrefix(p.URL, "http://"), bitrix24.WithToken(accessToken))
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	if _, err := c.UpdateUser(t.Context(), 2960, bitrix24.NewObject("NAME", "Oleg", "LAST_NAME", "Lama", "ID", 5)); err != nil {
		t.Fatal(err)
	}
	got := p.seen()[0]
	if got.path != "/rest/user.update" {
		t.Errorf("path %s", got.path)
	}
	// The parameter wins over an ID among the fields.
	if want := `{"auth":"` + accessToken + `","NAME":"Oleg","LAST_NAME":"Lama","ID":"2960"}`; got.body != want {
		t.Errorf("body %s, want %s", got.body, want)
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	p := newPortal(t, answer(200, `{"result":"2026-05-26T14:15:40+00:00"}`))
	c, err := bitrix24.New(p.URL, bitrix24.WithToken(accessToken))
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	params := bitrix24.NewObject("select", []string{"ID", "NAME"}, "filter", bitrix24.NewObject(">=DATE", "a b&c"), "n", json.Number("1.10"), "none", nil)
	_, err = c.Call(t.Context(), bitrix24.Request{Method: "server.time", HTTP: "GET", Params: params})
	if err != nil {
		t.Fatal(err)
	}
	got := p.seen()[0]
	want := "auth=" + accessToken + "&select%5B0%5D=ID&select%5B1%5D=NAME&filter%5B%3E%3DDATE%5D=a%20b%26c&n=1.10&none="
	if got.verb != "GET" || got.query != want || got.body != "" {
		t.Errorf("got %+v\nwant query %s", got, want)
	}
}

func TestReservedAndInvalidParameters(t *testing.T) {
	t.Parallel()
	p := newPortal(t, answer(200, okAnswer))
	c := p.client(t)
	for name, r := range map[string]bitrix24.Request{
		"auth":       {Method: "user.update", Params: bitrix24.Fields{"AUTH": "x"}},
		"path":       {Method: "../1/other/user.get"},
		"empty":      {},
		"verb":       {Method: "user.get", HTTP: "DELETE"},
		"no JSON":    {Method: "user.get", Params: bitrix24.Fields{"F": func() {}}},
		"broken raw": {Method: "user.get", Params: bitrix24.Fields{"F": json.RawMessage(`{"a":`)}},
	} {
		if _, err := c.Call(t.Context(), r); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if n := len(p.seen()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestErrorForms(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		status      int
		body        string
		code        string
		description string
	}{
		{"text", 400, `{"error":"ERROR_CORE","error_description":"access_denied"}`, "ERROR_CORE", "access_denied"},
		{"status 200", 200, `{"error":"ERR","error_description":"d"}`, "ERR", "d"},
		{"number", 400, `{"error":200040300010,"error_description":"d"}`, "200040300010", "d"},
		{"zero", 400, `{"error":0,"error_description":"d"}`, "0", "d"},
		{"empty code", 400, `{"error":"","error_description":"Not found"}`, "", "Not found"},
		{"empty code and 200", 200, `{"error":"","error_description":"Not found"}`, "", "Not found"},
		{"status alone", 403, `{"message":"no"}`, "", ""},
		{"third key", 400, `{"error":"E","error_description":"d","argument":"a"}`, "E", "d"},
		{"REST 3.0", 400, `{"error":{"code":"BITRIX_REST_V3_X","message":"bad","validation":[{"field":"id","message":"required"}]}}`, "BITRIX_REST_V3_X", "bad; id: required"},
		{"object of another shape", 400, `{"error":{"code":[]}}`, "", ""},
		{"description is a list", 400, `{"error":"E","error_description":["a"]}`, "E", `["a"]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(t, answer(test.status, test.body))
			_, err := p.client(t).GetUser(t.Context(), 1)
			var got *bitrix24.Error
			if !errors.As(err, &got) {
				t.Fatalf("error %v", err)
			}
			want := &bitrix24.Error{Code: test.code, Description: test.description, Status: test.status, Method: "user.get", Raw: []byte(test.body), Header: got.Header}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestErrorCodesMatchInAnyCase(t *testing.T) {
	t.Parallel()
	p := newPortal(t, answer(401, `{"error":"EXPIRED_TOKEN","error_description":"The access token provided has expired."}`))
	_, err := p.client(t).GetCurrentUser(t.Context())
	if !errors.Is(err, bitrix24.ErrExpiredToken) || errors.Is(err, bitrix24.ErrNoAuth) {
		t.Errorf("error %v", err)
	}
	if n := len(p.seen()); n != 1 {
		t.Errorf("%d requests for an error of the portal", n)
	}
}

func TestEmptyErrorBesideResultIsNoError(t *testing.T) {
	t.Parallel()
	p := newPortal(t, answer(200, `{"time":{"start":"now","duration":[]},"result":[],"error":"","time":[]}`))
	if _, err := p.client(t).GetUser(t.Context(), 1); err != nil {
		t.Error(err)
	}
}

func TestUnusableAnswers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, body, reason string
		status             int
		ambiguous          bool
	}{
		{"HTML", "<html><body>Bad gateway</body></html>", "not JSON", 502, true},
		{"HTML and 200", "<html>login</html>", "not JSON", 200, true},
		{"page not found", "<html>404</html>", "not JSON", 404, false},
		{"empty", "", "empty body", 200, true},
		{"cut JSON", `{"result":tr`, "broken JSON", 200, true},
		{"a list", `[1]`, "no object", 200, true},
		{"no result", `{"time":{}}`, "without a result", 200, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(t, answer(test.status, test.body))
			_, err := p.client(t).CreateUser(t.Context(), bitrix24.Fields{"EMAIL": "a@example.org"})
			var got *bitrix24.AnswerError
			if !errors.As(err, &got) {
				t.Fatalf("error %v", err)
			}
			if !strings.Contains(got.Error(), test.reason) || got.Status != test.status || string(got.Raw) != test.body {
				t.Errorf("error %v", got)
			}
			if bitrix24.Ambiguous(err) != test.ambiguous {
				t.Errorf("ambiguous: %v", !test.ambiguous)
			}
			if n := len(p.seen()); n != 1 {
				t.Errorf("a create was sent %d times", n)
			}
		})
	}
}

func TestResultOfAnotherShape(t *testing.T) {
	t.Parallel()
	p := newPortal(t, answer(200, `{"result":{"a":1}}`))
	_, err := p.client(t).UpdateUser(t.Context(), 1, nil)
	var got *bitrix24.AnswerError
	if !errors.As(err, &got) || !strings.Contains(got.Reason, "bool") {
		t.Errorf("error %v", err)
	}
}

func TestGzipAndSizeLimit(t *testing.T) {
	t.Parallel()
	big := `{"result":"` + strings.Repeat("x", 10_000) + `"}`
	p := newPortal(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Error("gzip is not asked for")
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = z.Write([]byte(big))
		_ = z.Close()
	})
	got, err := p.client(t).ServerTime(t.Context())
	if err != nil || string(got.Raw) != big {
		t.Errorf("%v, %d bytes", err, len(got.Raw))
	}
	_, err = p.client(t, bitrix24.WithMaxBody(1000), bitrix24.WithRetries(1)).ServerTime(t.Context())
	var unusable *bitrix24.AnswerError
	if !errors.As(err, &unusable) || !strings.Contains(err.Error(), "more than 1000 bytes") {
		t.Errorf("error %v", err)
	}
}

func TestListNumbers(t *testing.T) {
	t.Parallel()
	p := newPortal(t, answer(200, `{"result":[{"ID":"7","ACTIVE":true,"NAME":null,"UF_DEPARTMENT":false,"UF_USR_1":"x"},{"ID":8,"ACTIVE":"N","UF_DEPARTMENT":["3",4]}],"next":50,"total":"73"}`))
	got, err := p.client(t).FindUsers(t.Context(), bitrix24.Fields{"NAME": "A"})
	if err != nil {
		t.Fatal(err)
	}
	if *got.Next != 50 || *got.Total != 73 {
		t.Errorf("next %d, total %d", *got.Next, *got.Total)
	}
	first, second := got.Result[0], got.Result[1]
	if first.ID != 7 || !bool(first.Active) || first.Departments != nil || string(first.Fields["UF_USR_1"]) != `"x"` {
		t.Errorf("first %+v", first)
	}
	if diff := cmp.Diff(bitrix24.IDs{3, 4}, second.Departments); diff != "" || bool(second.Active) {
		t.Errorf("second %+v", second)
	}
	if body := p.seen()[0].body; body != `{"FILTER":{"NAME":"A"}}` {
		t.Errorf("body %s", body)
	}
}

func TestOptionalParameters(t *testing.T) {
	t.Parallel()
	p := newPortal(t, answer(200, `{"result":12}`))
	c := p.client(t)
	got, err := c.CreateDepartment(t.Context(), "Sales", &bitrix24.CreateDepartmentOptions{HeadID: 4})
	if err != nil || got.Result != 12 {
		t.Fatal(got, err)
	}
	no := false
	p2 := newPortal(t, answer(200, okAnswer))
	if _, err := p2.client(t).ChangeUserStatus(t.Context(), 5, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := p2.client(t).ChangeUserStatus(t.Context(), 5, &bitrix24.ChangeUserStatusOptions{Fire: &no}); err != nil {
		t.Fatal(err)
	}
	var bodies []string
	for _, r := range append(p.seen(), p2.seen()...) {
		bodies = append(bodies, r.body)
	}
	want := []string{`{"NAME":"Sales","UF_HEAD":"4"}`, `{"ACTIVE":"N","ID":"5"}`, `{"ACTIVE":"Y","ID":"5"}`}
	if diff := cmp.Diff(want, bodies); diff != "" {
		t.Error(diff)
	}
}
