package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// oauthPortal is a portal whose clock the test turns.
type oauthPortal struct {
	*Sandbox
	mu sync.Mutex
	at time.Time
}

func newOAuthPortal(t *testing.T, o Options) *oauthPortal {
	t.Helper()
	p := &oauthPortal{Sandbox: newSandbox(t, o), at: time.Now()}
	p.now = func() time.Time {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.at
	}
	return p
}

func (p *oauthPortal) later(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = p.at.Add(d)
}

// authorize presses the button of the page and answers the response.
func (p *oauthPortal) authorize(t *testing.T, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:8024/oauth/authorize/", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", asForm)
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

// code authorizes the application as a user and reads the code from the page.
func (p *oauthPortal) code(t *testing.T, user string) string {
	t.Helper()
	w := p.authorize(t, url.Values{"client_id": {p.Access().ClientID}, "user_id": {user}})
	found := regexp.MustCompile(`[0-9a-f]{70}`).FindString(w.Body.String())
	if w.Code != http.StatusOK || found == "" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return found
}

// grantAnswer is the answer of the token endpoint.
type grantAnswer struct {
	AccessToken    string `json:"access_token"`
	RefreshToken   string `json:"refresh_token"`
	Expires        int64  `json:"expires"`
	ExpiresIn      int    `json:"expires_in"`
	Scope          string `json:"scope"`
	Domain         string `json:"domain"`
	ServerEndpoint string `json:"server_endpoint"`
	ClientEndpoint string `json:"client_endpoint"`
	MemberID       string `json:"member_id"`
	Status         string `json:"status"`
	UserID         int64  `json:"user_id"`
	Error          string `json:"error"`
	Description    string `json:"error_description"`
}

// token asks the token endpoint with a query, as the documentation shows it.
func (p *oauthPortal) token(t *testing.T, query url.Values) (int, grantAnswer) {
	t.Helper()
	status, body := exchange(t, p.Sandbox, http.MethodGet, "http://127.0.0.1:8024/oauth/token/?"+query.Encode(), "", "")
	var a grantAnswer
	if err := json.Unmarshal([]byte(body), &a); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return status, a
}

func (p *oauthPortal) grantOf(kind, name, secret string) url.Values {
	return url.Values{"grant_type": {kind}, "client_id": {p.Access().ClientID}, "client_secret": {p.Access().ClientSecret}, name: {secret}}
}

// calls answers the status and the error of a call with a token.
func (p *oauthPortal) calls(t *testing.T, token string) string {
	t.Helper()
	status, body := exchange(t, p.Sandbox, http.MethodPost, "/rest/user.current", asJSON, `{"auth":"`+token+`"}`)
	var e struct{ Error string }
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d %s", status, e.Error)
}

// TestOAuth walks the whole way: code, tokens, call, expiry, renewal.
func TestOAuth(t *testing.T) {
	t.Parallel()
	p := newOAuthPortal(t, Options{})
	code := p.code(t, "5")
	status, got := p.token(t, p.grantOf("authorization_code", "code", code))
	if status != http.StatusOK {
		t.Fatalf("%d %+v", status, got)
	}
	want := grantAnswer{
		AccessToken: got.AccessToken, RefreshToken: got.RefreshToken, Expires: p.now().Unix() + 3600, ExpiresIn: 3600,
		Scope: strings.Join(allScopes, ","), Domain: "127.0.0.1:8024", ServerEndpoint: "http://127.0.0.1:8024/rest/",
		ClientEndpoint: "http://127.0.0.1:8024/rest/", MemberID: p.Access().MemberID, Status: "L", UserID: 5,
	}
	if got != want {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if again, answer := p.token(t, p.grantOf("authorization_code", "code", code)); again != http.StatusBadRequest || answer.Error != "invalid_grant" {
		t.Errorf("a code worked twice: %d %+v", again, answer)
	}
	if s := p.calls(t, got.AccessToken); s != "200 " {
		t.Error(s)
	}
	p.later(time.Hour - time.Second)
	if s := p.calls(t, got.AccessToken); s != "200 " {
		t.Errorf("within the hour: %s", s)
	}
	p.later(time.Second)
	if s := p.calls(t, got.AccessToken); s != "401 expired_token" {
		t.Errorf("after the hour: %s", s)
	}
	status, renewed := p.token(t, p.grantOf("refresh_token", "refresh_token", got.RefreshToken))
	if status != http.StatusOK || renewed.UserID != 5 || renewed.AccessToken == got.AccessToken || renewed.RefreshToken == got.RefreshToken {
		t.Fatalf("%d %+v", status, renewed)
	}
	if s := p.calls(t, renewed.AccessToken); s != "200 " {
		t.Error(s)
	}
	if s := p.calls(t, got.AccessToken); s != "401 expired_token" {
		t.Errorf("the old token after the renewal: %s", s)
	}
	if status, answer := p.token(t, p.grantOf("refresh_token", "refresh_token", got.RefreshToken)); status != http.StatusBadRequest || answer.Error != "invalid_grant" {
		t.Errorf("a refresh token worked twice: %d %+v", status, answer)
	}
	p.later(refreshLife)
	if status, answer := p.token(t, p.grantOf("refresh_token", "refresh_token", renewed.RefreshToken)); status != http.StatusBadRequest || answer.Error != "invalid_grant" {
		t.Errorf("a refresh token worked after 180 days: %d %+v", status, answer)
	}
}

// TestOAuthCodeLife lets a code live for half a minute.
func TestOAuthCodeLife(t *testing.T) {
	t.Parallel()
	p := newOAuthPortal(t, Options{})
	code := p.code(t, "5")
	p.later(codeLife - time.Second)
	if status, a := p.token(t, p.grantOf("authorization_code", "code", code)); status != http.StatusOK {
		t.Errorf("%d %+v", status, a)
	}
	code = p.code(t, "5")
	p.later(codeLife)
	if status, a := p.token(t, p.grantOf("authorization_code", "code", code)); status != http.StatusBadRequest || a.Error != "invalid_grant" {
		t.Errorf("%d %+v", status, a)
	}
}

// TestOAuthRenewedBesides keeps the access token good that a renewal was made
// beside, as long as its hour lasts.
func TestOAuthRenewedBesides(t *testing.T) {
	t.Parallel()
	p := newOAuthPortal(t, Options{})
	before := p.Access()
	if status, a := p.token(t, p.grantOf("refresh_token", "refresh_token", before.RefreshToken)); status != http.StatusOK {
		t.Fatalf("%d %+v", status, a)
	}
	if s := p.calls(t, before.Token); s != "200 " {
		t.Error(s)
	}
}

// TestOAuthRenewedOnce gives one new pair to ten who ask at once.
func TestOAuthRenewedOnce(t *testing.T) {
	t.Parallel()
	p := newOAuthPortal(t, Options{DB: t.TempDir() + "/portal.db"})
	query := p.grantOf("refresh_token", "refresh_token", p.Access().RefreshToken)
	statuses := make(chan int, 10)
	var all sync.WaitGroup
	for range cap(statuses) {
		all.Go(func() {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/oauth/token/?"+query.Encode(), nil)
			w := httptest.NewRecorder()
			p.ServeHTTP(w, r)
			statuses <- w.Code
		})
	}
	all.Wait()
	close(statuses)
	count := map[int]int{}
	for s := range statuses {
		count[s]++
	}
	diff(t, "statuses", map[int]int{200: 1, 400: 9}, count)
}

func TestOAuthErrors(t *testing.T) {
	t.Parallel()
	p := newOAuthPortal(t, Options{})
	good := func() url.Values { return p.grantOf("refresh_token", "refresh_token", p.Access().RefreshToken) }
	tests := []struct {
		name   string
		change func(url.Values)
		want   string
	}{
		{"another secret", func(v url.Values) { v.Set("client_secret", "x") }, "invalid_client"},
		{"another application", func(v url.Values) { v.Set("client_id", "local.0.0") }, "invalid_client"},
		{"no secret", func(v url.Values) { v.Del("client_secret") }, "invalid_request"},
		{"no application", func(v url.Values) { v.Del("client_id") }, "invalid_request"},
		{"another grant", func(v url.Values) { v.Set("grant_type", "password") }, "unsupported_grant_type"},
		{"no grant", func(v url.Values) { v.Del("grant_type") }, "unsupported_grant_type"},
		{"no refresh token", func(v url.Values) { v.Del("refresh_token") }, "invalid_grant"},
		{"a wrong refresh token", func(v url.Values) { v.Set("refresh_token", "x") }, "invalid_grant"},
		{"an access token", func(v url.Values) { v.Set("refresh_token", p.Access().Token) }, "invalid_grant"},
		{"a wrong code", func(v url.Values) { v.Set("grant_type", "authorization_code"); v.Set("code", "x") }, "invalid_grant"},
	}
	for _, tt := range tests {
		query := good()
		tt.change(query)
		status, a := p.token(t, query)
		if status != http.StatusBadRequest || a.Error != tt.want || a.Description == "" || a.AccessToken != "" {
			t.Errorf("%s: %d %+v", tt.name, status, a)
		}
	}
	// None of them used the refresh token up. A form is read like a query.
	status, body := exchange(t, p.Sandbox, http.MethodPost, "/oauth/token/", asForm, good().Encode())
	if status != http.StatusOK || !strings.Contains(body, `"access_token":"`) {
		t.Errorf("%d %s", status, body)
	}
}

// TestAuthorizeRedirect sends the browser on with what the documentation lists.
func TestAuthorizeRedirect(t *testing.T) {
	t.Parallel()
	p := newOAuthPortal(t, Options{RedirectURI: "https://app.example.org/install?lang=en"})
	w := p.authorize(t, url.Values{"client_id": {p.Access().ClientID}, "user_id": {"3"}, "state": {"a b&c"}})
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != http.StatusFound {
		t.Fatalf("%d %v %s", w.Code, err, w.Body)
	}
	query := to.Query()
	code := query.Get("code")
	diff(t, "query", url.Values{
		"lang": {"en"}, "code": {code}, "state": {"a b&c"}, "domain": {"127.0.0.1:8024"}, "member_id": {p.Access().MemberID},
		"scope": {strings.Join(allScopes, ",")}, "server_domain": {"127.0.0.1:8024"},
	}, query)
	if to.Host != "app.example.org" || to.Path != "/install" {
		t.Error(to)
	}
	if status, a := p.token(t, p.grantOf("authorization_code", "code", code)); status != http.StatusOK || a.UserID != 3 {
		t.Errorf("%d %+v", status, a)
	}
}

// TestAuthorizeRefused shows what is wrong on the page and goes nowhere.
func TestAuthorizeRefused(t *testing.T) {
	t.Parallel()
	p := newOAuthPortal(t, Options{RedirectURI: "https://app.example.org/"})
	if status, body := exchange(t, p.Sandbox, http.MethodPost, p.Access().WebhookPath+"user.update", asJSON, `{"ID":6,"ACTIVE":"N"}`); status != http.StatusOK {
		t.Fatal(body)
	}
	for name, form := range map[string]url.Values{
		"an unknown application": {"client_id": {"<script>"}, "user_id": {"3"}},
		"no user":                {"client_id": {p.Access().ClientID}},
		"an unknown user":        {"client_id": {p.Access().ClientID}, "user_id": {"4711"}},
		"a dismissed user":       {"client_id": {p.Access().ClientID}, "user_id": {"6"}},
	} {
		w := p.authorize(t, form)
		if w.Code != http.StatusBadRequest || w.Header().Get("Location") != "" || strings.Contains(w.Body.String(), "<script>") {
			t.Errorf("%s: %d %s", name, w.Code, w.Header())
		}
	}
	status, body := exchange(t, p.Sandbox, http.MethodGet, "/oauth/authorize/?client_id=%3Cscript%3E", "", "")
	if status != http.StatusBadRequest || strings.Contains(body, "<script>") {
		t.Errorf("%d %s", status, body)
	}
}

// TestDismissedUser may not call any more, by webhook or by token.
func TestDismissedUser(t *testing.T) {
	t.Parallel()
	p := newOAuthPortal(t, Options{})
	status, a := p.token(t, p.grantOf("authorization_code", "code", p.code(t, "5")))
	if status != http.StatusOK {
		t.Fatal(a)
	}
	hook, err := p.NewWebhook(t.Context(), 5, "user")
	if err != nil {
		t.Fatal(err)
	}
	if status, body := exchange(t, p.Sandbox, http.MethodPost, p.Access().WebhookPath+"user.update", asJSON, `{"ID":5,"ACTIVE":false}`); status != http.StatusOK {
		t.Fatal(body)
	}
	if s := p.calls(t, a.AccessToken); s != "401 NO_AUTH_FOUND" {
		t.Error(s)
	}
	if status, body := exchange(t, p.Sandbox, http.MethodGet, hook+"user.current", "", ""); status != http.StatusUnauthorized {
		t.Errorf("%d %s", status, body)
	}
}
