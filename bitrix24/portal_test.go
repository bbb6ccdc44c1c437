package bitrix24_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/oint-go/oint/bitrix24"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The secrets of all tests; none may ever appear in a text.
const (
	webhookCode = "s3cr3tc0dewebhook"
	accessToken = "s3cr3tt0kenaccess"
)

// received is a request as a portal saw it.
type received struct {
	verb, path, query, contentType, userAgent, body string
}

// portal is a server that answers like a portal and keeps what it received.
type portal struct {
	*httptest.Server
	mu       sync.Mutex
	requests []received
}

// newPortal serves handler under a path of its own, so that an address that
// forgets the prefix is found out.
func newPortal(t *testing.T, handler http.HandlerFunc) *portal {
	t.Helper()
	p := &portal{}
	p.Server = httptest.NewServer(p.record(handler))
	t.Cleanup(p.Close)
	return p
}

func (p *portal) record(handler http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		p.mu.Lock()
		p.requests = append(p.requests, received{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Get("Content-Type"), r.UserAgent(), string(body)})
		p.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		handler(w, r)
	})
}

// seen returns the requests so far.
func (p *portal) seen() []received {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]received(nil), p.requests...)
}

func (p *portal) webhook() string { return p.URL + "/prefix/rest/1/" + webhookCode + "/" }

// client makes a client of the portal by its webhook.
func (p *portal) client(t *testing.T, opts ...bitrix24.Option) *bitrix24.Client {
	t.Helper()
	c, err := bitrix24.New(p.webhook(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

const okAnswer = `{"result":true,"time":{"start":1779804940,"finish":1779804940.75094,"duration":0.75094199180603,"processing":0,` +
	`"date_start":"2026-05-26T14:15:40+00:00","date_finish":"2026-05-26T14:15:40+00:00","operating_reset_at":1779805540,"operating":0.403472900390625}}`

// answer writes a fixed answer.
func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}
