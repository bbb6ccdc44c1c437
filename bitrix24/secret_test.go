package bitrix24_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/oint-go/oint/bitrix24"
)

func TestSecretDoesNotPrintItself(t *testing.T) {
	t.Parallel()
	s := bitrix24.NewSecret("hunter2hunter2")
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "s", s, "p", &s)
	raw, err := json.Marshal(map[string]any{"s": s, "p": bitrix24.Proxy{Host: "h", Password: s}})
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("%v %+v %#v %s %q %x %d", s, s, s, s, s, s, s) + fmt.Sprintf("%v %+v %#v", &s, struct{ S bitrix24.Secret }{s}, bitrix24.Proxy{Password: s}) + b.String() + string(raw)
	if strings.Contains(text, "hunter") || strings.Contains(text, "68756e") {
		t.Error(text)
	}
	if s.Reveal() != "hunter2hunter2" || s.IsZero() || !bitrix24.NewSecret("").IsZero() {
		t.Error("the secret is lost")
	}
}

// Nothing that leaves the package holds a secret: errors, events, previews and
// the client itself, whatever goes wrong.
func TestNoSecretLeaves(t *testing.T) {
	t.Parallel()
	secrets := []string{webhookCode, accessToken, proxyPassword, "ref/esh&s3cr3t", "s3cr3t-password"}
	echo := func(w http.ResponseWriter, r *http.Request) {
		// A portal that repeats what it was sent, in a page, a header and an error.
		w.Header().Set("X-Echo", r.URL.String())
		w.Header().Set("Set-Cookie", "session="+accessToken)
		w.WriteHeader(http.StatusBadGateway)
		_, _ = fmt.Fprintf(w, "<html>%s auth=%s refresh_token=%s</html>", r.URL.Path, accessToken, "ref%2Fesh%26s3cr3t")
	}
	p := newPortal(t, echo)
	broken := newPortal(t, func(w http.ResponseWriter, r *http.Request) {
		hijack(t, func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) })(w, r)
	})
	var out strings.Builder
	hooks := bitrix24.Hooks{
		Request: func(_ context.Context, e bitrix24.RequestEvent) { fmt.Fprintf(&out, "%+v %s\n", e, e.Body) },
		Response: func(_ context.Context, e bitrix24.ResponseEvent) {
			fmt.Fprintf(&out, "%+v %s\n", e, e.Body)
		},
		Repeat: func(_ context.Context, e bitrix24.RepeatEvent) { fmt.Fprintf(&out, "%+v\n", e) },
	}
	note := func(values ...any) {
		for _, v := range values {
			fmt.Fprintf(&out, "%v %+v %#v\n", v, v, v)
		}
	}
	for _, server := range []*portal{p, broken} {
		byWebhook := server.client(t, bitrix24.WithHooks(hooks), bitrix24.WithProxy(bitrix24.Proxy{Host: "127.0.0.1", Port: 1, User: "u", Password: bitrix24.NewSecret(proxyPassword)}))
		byToken, err := bitrix24.New(server.URL, bitrix24.WithToken(accessToken), bitrix24.WithHooks(hooks))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(byToken.CloseIdleConnections)
		auth, err := bitrix24.NewAuthServer(bitrix24.WithOAuthServer(server.URL), bitrix24.WithHooks(hooks))
		if err != nil {
			t.Fatal(err)
		}
		note(byWebhook, byToken, auth)
		fields := bitrix24.Fields{"PASSWORD": "s3cr3t-password"}
		for _, c := range []*bitrix24.Client{byWebhook, byToken} {
			_, err = c.CreateUser(t.Context(), fields, bitrix24.WithRetries(1))
			note(err)
			for _, verb := range []string{"GET", "POST"} {
				preview, perr := c.Preview(bitrix24.Request{Method: "user.add", HTTP: verb, Params: fields})
				if perr != nil {
					t.Fatal(perr)
				}
				note(*preview, string(preview.Body))
			}
		}
		_, err = auth.RefreshToken(t.Context(), "local.1", bitrix24.NewSecret("s3cr3t-password"), bitrix24.NewSecret("ref/esh&s3cr3t"), bitrix24.WithRetries(1))
		note(err)
	}
	for _, secret := range secrets {
		if i := strings.Index(out.String(), secret); i >= 0 {
			t.Errorf("%q leaves: …%s", secret, out.String()[max(0, i-200):i+len(secret)])
		}
	}
}
