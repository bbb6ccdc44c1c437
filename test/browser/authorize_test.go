// Package browser_test looks at the sandbox's authorization page with a real
// Chromium. It is a module of its own: run it with
//
//	cd test/browser && go test ./...
//
// on a machine where chromium is installed.
package browser_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

// complaints collects what the browser's console says.
type complaints struct {
	mu   sync.Mutex
	said []string
}

func (c *complaints) hear(event any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		// The status of an answer is no complaint about the page.
		if e.Entry.Source != log.EntrySourceNetwork {
			c.said = append(c.said, e.Entry.Text+" "+e.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		c.said = append(c.said, e.ExceptionDetails.Text)
	}
}

// into is an action that keeps the value of another.
func into[T any](value *T, action chromedp.Action[T]) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (nothing chromedp.Void, err error) {
		*value, err = action(ctx, target)
		return nothing, err
	}
}

// browse runs actions in a new browser and wants a silent console.
func browse(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox)...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("no browser: %v", err)
	}
	ctx, cancel = context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var c complaints
	if err := chromedp.Listen(ctx, c.hear); err != nil {
		t.Fatal(err)
	}
	_, err := chromedp.Call(ctx, log.Enable, cdp.Empty{})
	if err == nil {
		err = chromedp.Do(ctx, actions...)
	}
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.said) > 0 {
		t.Errorf("the console says %q", c.said)
	}
}

func servePortal(t *testing.T, o sandbox.Options) (*sandbox.Sandbox, *httptest.Server) {
	t.Helper()
	portal, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(portal)
	t.Cleanup(func() {
		server.Close()
		if err := portal.Close(); err != nil {
			t.Error(err)
		}
	})
	return portal, server
}

// userOf trades a code for a token and asks whose it is.
func userOf(t *testing.T, portal *sandbox.Sandbox, origin, code string) string {
	t.Helper()
	server, err := bitrix24.NewAuthServer(bitrix24.WithOAuthServer(origin))
	if err != nil {
		t.Fatal(err)
	}
	access := portal.Access()
	token, err := server.GetToken(t.Context(), access.ClientID, bitrix24.NewSecret(access.ClientSecret), bitrix24.NewSecret(code))
	if err != nil {
		t.Fatal(err)
	}
	client, err := bitrix24.New(strings.TrimPrefix(origin, "http://"), bitrix24.WithToken(token.Result.AccessToken.Reveal()))
	if err != nil {
		t.Fatal(err)
	}
	user, err := client.GetCurrentUser(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(int64(user.Result.ID))
}

func TestApplicationReceivesCode(t *testing.T) {
	t.Parallel()
	received := make(chan url.Values, 1)
	application := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/callback" {
			received <- r.URL.Query()
		}
		_, _ = fmt.Fprint(w, "<!doctype html><title>app</title><h1>Welcome</h1>")
	}))
	defer application.Close()
	portal, server := servePortal(t, sandbox.Options{RedirectURI: application.URL + "/callback"})

	link := server.URL + "/oauth/authorize/?client_id=" + url.QueryEscape(portal.Access().ClientID) + "&state=a%26b"
	var question, welcome string
	browse(t,
		chromedp.Navigate(link),
		into(&question, chromedp.Text(chromedp.CSS("h1"))),
		chromedp.SetValue(chromedp.CSS("#user"), "3"),
		chromedp.Click(chromedp.CSS("button")),
		chromedp.WaitVisible("//h1[text()='Welcome']"),
		into(&welcome, chromedp.Text(chromedp.CSS("h1"))),
	)
	if !strings.Contains(question, "Sandbox application") {
		t.Errorf("the page asks %q", question)
	}
	query := <-received
	if query.Get("state") != "a&b" || query.Get("domain") != strings.TrimPrefix(server.URL, "http://") {
		t.Errorf("the application receives %v", query)
	}
	if id := userOf(t, portal, server.URL, query.Get("code")); id != "3" {
		t.Errorf("the token is of user %s", id)
	}
}

func TestPageShowsCode(t *testing.T) {
	t.Parallel()
	portal, server := servePortal(t, sandbox.Options{})
	var code string
	browse(t,
		chromedp.EmulateViewport(320, 640),
		chromedp.Navigate(server.URL+"/oauth/authorize/?client_id="+url.QueryEscape(portal.Access().ClientID)),
		chromedp.Click(chromedp.CSS("button")),
		into(&code, chromedp.Text(chromedp.CSS("#code"))),
	)
	if id := userOf(t, portal, server.URL, code); id != "1" {
		t.Errorf("the token is of user %s", id)
	}
}

func TestUnknownApplication(t *testing.T) {
	t.Parallel()
	_, server := servePortal(t, sandbox.Options{})
	var text string
	browse(t,
		chromedp.Navigate(server.URL+"/oauth/authorize/?client_id=%3Cscript%3Ethrow%201%3C/script%3E"),
		into(&text, chromedp.Text(chromedp.CSS("main"))),
	)
	if !strings.Contains(text, "Unknown application") || !strings.Contains(text, "oint sandbox info") {
		t.Errorf("the page says %q", text)
	}
}
