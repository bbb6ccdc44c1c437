package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

const (
	asJSON = "application/json"
	asForm = "application/x-www-form-urlencoded"
)

// exchange sends a request to the portal without a listener and answers the
// status and the body.
func exchange(tb testing.TB, sb *Sandbox, httpMethod, path, contentType, body string) (int, string) {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), httpMethod, path, strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	w := httptest.NewRecorder()
	sb.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// TestAddresses calls one method by every address that the documentation and
// its samples show.
func TestAddresses(t *testing.T) {
	t.Parallel()
	sb := newPortal(t, companyUsers).sb
	hook, token := sb.Access().WebhookPath, sb.Access().Token
	code := strings.Split(hook, "/")[3]
	tests := []struct {
		name, method, path, contentType, body string
		status                                int
		has                                   string
	}{
		{"a webhook", http.MethodGet, hook + "user.admin", "", "", 200, `{"result":true,`},
		{"JSON asked for", http.MethodPost, hook + "user.admin.json", asJSON, "{}", 200, `{"result":true,`},
		{"a slash at the end", http.MethodPost, hook + "user.admin/", asJSON, "", 200, `{"result":true,`},
		{"JSON and a slash", http.MethodGet, hook + "user.admin.json/", "", "", 200, `{"result":true,`},
		{"any case", http.MethodGet, hook + "User.ADMIN", "", "", 200, `{"result":true,`},
		{"double slashes", http.MethodPost, "/" + strings.Replace(hook, "/rest/", "/rest//", 1) + "/user.admin", asJSON, "{}", 200, `{"result":true,`},
		{"a token in the query", http.MethodGet, "/rest/user.admin?auth=" + token, "", "", 200, `{"result":true,`},
		{"a token in JSON", http.MethodPost, "/rest/user.admin", asJSON, `{"auth":"` + token + `"}`, 200, `{"result":true,`},
		{"a token in a form", http.MethodPost, "/rest/user.admin.json", asForm, "auth=" + token, 200, `{"result":true,`},
		{"a token beside the body", http.MethodPost, "/rest/user.get?auth=" + token, asJSON, `{"ID":2,"select":["ID"]}`, 200, `{"result":[{"ID":"2"}],`},
		{"no token", http.MethodGet, "/rest/user.admin", "", "", 401, `{"error":"NO_AUTH_FOUND",`},
		{"an empty token", http.MethodGet, "/rest/user.admin?auth=", "", "", 401, `{"error":"NO_AUTH_FOUND",`},
		{"a wrong token", http.MethodGet, "/rest/user.admin?auth=" + token[1:], "", "", 401, `{"error":"NO_AUTH_FOUND",`},
		{"a token that is a list", http.MethodPost, "/rest/user.admin", asJSON, `{"auth":["` + token + `"]}`, 401, `{"error":"NO_AUTH_FOUND",`},
		{"a wrong code", http.MethodGet, "/rest/1/" + code[1:] + "/user.admin", "", "", 401, `{"error":"NO_AUTH_FOUND",`},
		{"the code of another user", http.MethodGet, "/rest/2/" + code + "/user.admin", "", "", 401, `{"error":"NO_AUTH_FOUND",`},
		{"a token does not stand in for a code", http.MethodGet, "/rest/1/" + code[1:] + "/user.admin?auth=" + token, "", "", 401, `{"error":"NO_AUTH_FOUND",`},
		{"no method", http.MethodGet, "/rest/", "", "", 404, `{"error":"ERROR_METHOD_NOT_FOUND",`},
		{"an unknown method", http.MethodPost, hook + "crm.nothing.get", asJSON, "{}", 404, `{"error":"ERROR_METHOD_NOT_FOUND",`},
		{"REST 3.0 by webhook", http.MethodPost, strings.Replace(hook, "/rest/", "/rest/api/", 1) + "user.get", asJSON, "{}", 404, `{"error":{"code":"ERROR_METHOD_NOT_FOUND",`},
		{"REST 3.0 by token", http.MethodPost, "/rest/api/user.get", asJSON, "{}", 404, `{"error":{"code":`},
	}
	for _, tt := range tests {
		status, body := exchange(t, sb, tt.method, tt.path, tt.contentType, tt.body)
		if status != tt.status || !strings.HasPrefix(body, tt.has) {
			t.Errorf("%s: got %d %s, want %d %s…", tt.name, status, body, tt.status, tt.has)
		}
	}
}

// TestRefusedBeforeCommand wants those who may not call to change nothing and
// to leave no trace in the log of commands.
func TestRefusedBeforeCommand(t *testing.T) {
	t.Parallel()
	sb := newPortal(t, companyUsers).sb
	for _, path := range []string{"/rest/user.update", "/rest/1/x/user.update"} {
		if status, body := exchange(t, sb, http.MethodPost, path, asJSON, `{"ID":2,"NAME":"x"}`); status != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if n := len(sb.Log()); n != 0 {
		t.Errorf("%d commands ran", n)
	}
	if stats := sb.Stats(); stats.Requests != 2 || stats.Commands != 0 {
		t.Errorf("%+v", stats)
	}
}

// TestBodies sends the same change in every form that a portal reads.
func TestBodies(t *testing.T) {
	t.Parallel()
	sb := newPortal(t, companyUsers).sb
	path := sb.Access().WebhookPath + "user.update"
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	for _, field := range [][2]string{{"ID", "2"}, {"NAME", "Ada"}, {"UF_DEPARTMENT[]", "3"}, {"UF_DEPARTMENT[]", "5"}} {
		if err := parts.WriteField(field[0], field[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := parts.Close(); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, method, query, contentType, body string }{
		{"JSON", http.MethodPost, "", asJSON, `{"ID":2,"NAME":"Ada","UF_DEPARTMENT":[3,5]}`},
		{"JSON with a charset", http.MethodPost, "", asJSON + "; charset=utf-8", `{"ID":"2","NAME":"Ada","UF_DEPARTMENT":["3","5"]}`},
		{"JSON with PHP's keys", http.MethodPost, "", asJSON, `{"ID":2,"NAME":"Ada","UF_DEPARTMENT":{"0":3,"1":5}}`},
		{"JSON that is not named", http.MethodPost, "", "", `{"ID":2,"NAME":"Ada","UF_DEPARTMENT":[3,5]}`},
		{"JSON called text", http.MethodPost, "", "text/plain", `{"ID":2,"NAME":"Ada","UF_DEPARTMENT":[3,5]}`},
		{"a form", http.MethodPost, "", asForm, "ID=2&NAME=Ada&UF_DEPARTMENT[]=3&UF_DEPARTMENT[]=5"},
		{"a form with numbers", http.MethodPost, "", asForm, "ID=2&NAME=Ada&UF_DEPARTMENT%5B0%5D=3&UF_DEPARTMENT%5B1%5D=5"},
		{"a form without a name", http.MethodPost, "", "", "ID=2&NAME=Ada&UF_DEPARTMENT[]=3&UF_DEPARTMENT[]=5"},
		{"a multipart form", http.MethodPost, "", parts.FormDataContentType(), form.String()},
		{"a query", http.MethodGet, "?ID=2&NAME=Ada&UF_DEPARTMENT[]=3&UF_DEPARTMENT[]=5", "", ""},
		{"a query and JSON, which wins", http.MethodPost, "?ID=2&NAME=Bob&UF_DEPARTMENT[]=9", asJSON, `{"NAME":"Ada","UF_DEPARTMENT":[3,5]}`},
	}
	for _, tt := range tests {
		if status, body := exchange(t, sb, http.MethodPost, path, asJSON, `{"ID":2,"NAME":"-","UF_DEPARTMENT":[1]}`); status != http.StatusOK {
			t.Fatal(body)
		}
		if status, body := exchange(t, sb, tt.method, path+tt.query, tt.contentType, tt.body); status != http.StatusOK {
			t.Errorf("%s: %d %s", tt.name, status, body)
			continue
		}
		_, body := exchange(t, sb, http.MethodGet, sb.Access().WebhookPath+"user.get?ID=2&select[]=NAME&select[]=UF_DEPARTMENT", "", "")
		if !strings.HasPrefix(body, `{"result":[{"NAME":"Ada","UF_DEPARTMENT":[3,5]}]`) {
			t.Errorf("%s: %s", tt.name, body)
		}
	}
}

// TestBadBodies gets a refusal in the portal's form, and nothing is run.
func TestBadBodies(t *testing.T) {
	t.Parallel()
	sb := newPortal(t, companyUsers).sb
	tests := []struct{ name, contentType, body, has string }{
		{"broken JSON", asJSON, `{"ID":2`, "no JSON object"},
		{"JSON that is a number", asJSON, `2`, "no JSON object"},
		{"two JSON texts", asJSON, `{"ID":2}{"ID":3}`, "no JSON object"},
		{"no boundary", "multipart/form-data", "x", "boundary"},
		{"a cut multipart form", `multipart/form-data; boundary="b"`, "--b\r\nContent-Disposition: form-data; name=\"ID\"\r\n\r\n2", "could not be read"},
	}
	for _, tt := range tests {
		status, body := exchange(t, sb, http.MethodPost, sb.Access().WebhookPath+"user.update", tt.contentType, tt.body)
		if status != http.StatusBadRequest || !strings.HasPrefix(body, `{"error":"INVALID_REQUEST","error_description":"`) || !strings.Contains(body, tt.has) {
			t.Errorf("%s: %d %s", tt.name, status, body)
		}
	}
	if n := len(sb.Log()); n != 0 {
		t.Errorf("%d commands ran", n)
	}
}

// TestAnswerTime reads the account of the time beside a result.
func TestAnswerTime(t *testing.T) {
	t.Parallel()
	const commandTime = 20 * time.Millisecond
	sb := newSandbox(t, Options{CommandTime: commandTime, Latency: 10 * time.Millisecond})
	before := time.Now()
	_, body := exchange(t, sb, http.MethodGet, sb.Access().WebhookPath+"user.admin", "", "")
	var answer struct {
		Time struct {
			Start, Finish, Duration, Processing, Operating float64
			DateStart                                      time.Time `json:"date_start"`
			DateFinish                                     time.Time `json:"date_finish"`
			ResetAt                                        int64     `json:"operating_reset_at"`
		}
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	got := answer.Time
	if d := got.Finish - got.Start - got.Duration; d < -0.001 || d > 0.001 {
		t.Errorf("%+v: duration is not finish - start", got)
	}
	if got.Processing < commandTime.Seconds() || got.Processing > got.Duration || got.Operating < commandTime.Seconds() || got.Operating > got.Processing {
		t.Errorf("%+v: processing is the command's time, operating the same without waiting for the database", got)
	}
	if at := time.Unix(got.ResetAt, 0).Sub(before); at < 9*time.Minute || at > 11*time.Minute {
		t.Errorf("operating is reset in %s", at)
	}
	if got.DateStart.Unix() != int64(got.Start) || got.DateFinish.Before(got.DateStart) {
		t.Errorf("%+v: dates", got)
	}
	if order := regexp.MustCompile(`"time":\{"start":[0-9.]+,"finish":[0-9.]+,"duration":[0-9.]+,"processing":[0-9.]+,"date_start":"[^"]+\+00:00","date_finish":"[^"]+\+00:00","operating_reset_at":[0-9]+,"operating":[0-9.]+\}\}$`); !order.MatchString(body) {
		t.Error(body)
	}
}

// TestXML reads the answer of an address that ends with .xml.
func TestXML(t *testing.T) {
	t.Parallel()
	sb := newPortal(t, companyUsers).sb
	hook := sb.Access().WebhookPath
	if status, body := exchange(t, sb, http.MethodPost, hook+"user.update", asJSON, `{"ID":2,"NAME":"A & B <c>"}`); status != http.StatusOK {
		t.Fatal(body)
	}
	const head = `<?xml version="1.0" encoding="utf-8"?>` + "\n<response>"
	tests := []struct {
		method string
		status int
		begins string
	}{
		{"user.admin.xml", 200, "<result>1</result><time><start>"},
		{"user.get.xml?ID=2&select[]=NAME&select[]=UF_DEPARTMENT", 200, "<result><item><NAME>A &amp; B &lt;c&gt;</NAME><UF_DEPARTMENT><item>2</item></UF_DEPARTMENT></item></result><total>1</total><time>"},
		{"nothing.at.all.xml/", 404, "<error>ERROR_METHOD_NOT_FOUND</error><error_description>Method not found: nothing.at.all</error_description></response>"},
	}
	for _, tt := range tests {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, hook+tt.method, nil)
		w := httptest.NewRecorder()
		sb.ServeHTTP(w, r)
		if w.Code != tt.status || !strings.HasPrefix(w.Body.String(), head+tt.begins) || w.Header().Get("Content-Type") != "text/xml; charset=utf-8" {
			t.Errorf("%s: %d %s\n%s", tt.method, w.Code, w.Header(), w.Body)
		}
	}
}

// TestSystemMethods asks the portal about itself and the caller.
func TestSystemMethods(t *testing.T) {
	t.Parallel()
	sb := newPortal(t, companyUsers).sb
	hook, token := sb.Access().WebhookPath, "?auth="+sb.Access().Token
	employee, err := sb.NewWebhook(t.Context(), 3, "user")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		path   string
		status int
		begins string
	}{
		{hook + "server.time", 200, `{"result":"20`},
		{hook + "profile", 200, `{"result":{"ID":"1","ADMIN":true,"NAME":"`},
		{employee + "profile", 200, `{"result":{"ID":"3","ADMIN":false,"NAME":"`},
		{employee + "user.admin", 200, `{"result":false,`},
		{employee + "scope", 200, `{"result":["user"],`},
		{employee + "scope?full=1", 200, `{"result":["basic","user",`},
		{employee + "methods?scope=department", 200, `{"result":["batch"],`},
		{employee + "methods?scope=department&full=true", 200, `{"result":["department.add",`},
		{employee + "method.get?name=user.get", 200, `{"result":{"isExisting":true,"isAvailable":true},`},
		{employee + "method.get?name=department.get", 200, `{"result":{"isExisting":true,"isAvailable":false},`},
		{employee + "method.get?name=batch", 200, `{"result":{"isExisting":true,"isAvailable":true},`},
		{employee + "method.get?name=no.such", 200, `{"result":{"isExisting":false,"isAvailable":false},`},
		{hook + "feature.get?CODE=rest_offline_extended", 200, `{"result":{"value":"Y"},`},
		{hook + "feature.get", 400, `{"error":"CODE_EMPTY",`},
		{hook + "app.info", 400, `{"error":"ACCESS_DENIED","error_description":"Access denied! Application context required"`},
		{"/rest/app.info" + token, 200, `{"result":{"ID":1,"CODE":"` + sb.Access().ClientID + `",`},
		{employee + "user.access?ACCESS[]=G1", 200, `{"result":false,`},
		{employee + "user.access?ACCESS[]=G1&ACCESS[]=u3", 200, `{"result":true,`},
		{employee + "user.access?ACCESS=AU", 200, `{"result":true,`},
		{employee + "user.access", 400, `{"error":"ERROR_ARGUMENT",`},
		{employee + "department.get", 403, `{"error":"insufficient_scope",`},
	}
	for _, tt := range tests {
		status, body := exchange(t, sb, http.MethodGet, tt.path, "", "")
		if status != tt.status || !strings.HasPrefix(body, tt.begins) || !json.Valid([]byte(body)) {
			t.Errorf("%s: got %d %s, want %d %s…", tt.path, status, body, tt.status, tt.begins)
		}
	}
}

// TestUnknownMethodsAreCounted tells what a script needs that the sandbox does
// not have.
func TestUnknownMethodsAreCounted(t *testing.T) {
	t.Parallel()
	sb := newPortal(t, companyUsers).sb
	for _, name := range []string{"crm.lead.convert", "CRM.lead.convert", "im.dance"} {
		exchange(t, sb, http.MethodGet, sb.Access().WebhookPath+name, "", "")
	}
	diff(t, "unknown", map[string]int64{"crm.lead.convert": 2, "im.dance": 1}, sb.Stats().Unknown)
}

// TestAbandonedRequest ends with its client, before the command has run.
func TestAbandonedRequest(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t, Options{Latency: time.Minute})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, sb.Access().Webhook+"user.update", strings.NewReader(`{"ID":2,"NAME":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := sb.Client().Do(r)
	if err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		t.Fatal("answered")
	}
	if n := len(sb.Log()); n != 0 {
		t.Errorf("%d commands ran", n)
	}
}

// FuzzRequest sends anything as a request: the portal always answers, in its
// own form, and never with a fault of its own.
func FuzzRequest(f *testing.F) {
	sb := newPortal(f, companyUsers).sb
	hook := sb.Access().WebhookPath
	for _, seed := range [][3]string{
		{"user.get", asJSON, `{"FILTER":{">ID":1,"@UF_DEPARTMENT":[1,2],"LOGIC":"OR"},"start":-1}`},
		{"user.get.xml", asForm, "FILTER[%25NAME]=%D0&select[]=*&start=9999999999999999999"},
		{"user.update/", asJSON, `{"ID":2,"UF_DEPARTMENT":{"a":[]},"PERSONAL_PHOTO":["x","!"]}`},
		{"user.add", asJSON, `{"EMAIL":"a@example.org","UF_DEPARTMENT":1}`},
		{"department.add", asForm, "NAME=x&PARENT=1&SORT=-1e9"},
		{"department.update", asJSON, `{"ID":2,"PARENT":4}`},
		{"user.userfield.add", asJSON, `{"fields":{"FIELD_NAME":"X","USER_TYPE_ID":"enumeration","LIST":[{"VALUE":"a"}]}}`},
		{"batch", asJSON, `{"cmd":{"a":"user.get?ID=1","b":"user.get?ID=$result[a][0][ID]"},"halt":1}`},
		{"profile", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"a[]\"; filename=\"f\"\r\n\r\n2\r\n--b--"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, method, contentType, body string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		// The path is set past the parser: a server hands on any path.
		r.URL.Path = hook + method
		r.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		sb.ServeHTTP(w, r)
		answer := w.Body.Bytes()
		if w.Code >= http.StatusInternalServerError {
			t.Fatalf("%d %s", w.Code, answer)
		}
		if kind := w.Header().Get("Content-Type"); strings.HasPrefix(kind, asJSON) && !json.Valid(answer) {
			t.Fatalf("no JSON: %s", answer)
		}
	})
}
