package bitrix24_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/oint-go/oint/bitrix24"
)

// v3Portal runs writes of REST 3.0 as the documentation says: a key that came
// before is answered with the first result and nothing is run
// (https://apidocs.bitrix24.com/api-reference/rest-v3.html).
type v3Portal struct {
	mu     sync.Mutex
	runs   int
	keys   []string
	known  map[string]string // key → body
	breaks int               // answers that do not arrive, after the run
}

func (p *v3Portal) ServeHTTP(w http.ResponseWriter, r *http.Request, body string) {
	p.mu.Lock()
	key := r.Header.Get("Idempotency-Key")
	p.keys = append(p.keys, key)
	first, replayed := p.known[key]
	if !replayed || key == "" {
		p.runs++
		p.known[key] = body
	}
	lost := p.breaks > 0
	p.breaks--
	p.mu.Unlock()
	switch {
	case replayed && first != body:
		answer(422, `{"error":{"code":"BITRIX_REST_V3_EXCEPTION_IDEMPOTENCYKEYREUSEDEXCEPTION","message":"key"}}`)(w, r)
	case lost:
		panic(http.ErrAbortHandler)
	default:
		answer(200, `{"result":{"item":{"id":7}}}`)(w, r)
	}
}

func newV3Portal(t *testing.T, breaks int) (*v3Portal, *portal) {
	t.Helper()
	v3 := &v3Portal{known: map[string]string{}, breaks: breaks}
	var p *portal
	p = newPortal(t, func(w http.ResponseWriter, r *http.Request) {
		seen := p.seen()
		v3.ServeHTTP(w, r, seen[len(seen)-1].body)
	})
	return v3, p
}

// TestIdempotencyKey repeats a write whose answer was lost under the same key, so
// that it runs once.
func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	v3, p := newV3Portal(t, 1)
	c := p.client(t)
	write := func(opts ...bitrix24.CallOption) error {
		_, err := c.Call(t.Context(), bitrix24.Request{Method: "tasks.task.add", V3: true, Params: bitrix24.Fields{"fields": bitrix24.Fields{"title": "x"}}}, opts...)
		return err
	}
	if err := write(); err != nil {
		t.Fatal(err)
	}
	if v3.runs != 1 || len(v3.keys) != 2 || v3.keys[0] != v3.keys[1] || len(v3.keys[0]) != 32 {
		t.Errorf("%d runs under %q", v3.runs, v3.keys)
	}
	if err := write(); err != nil || v3.runs != 2 || v3.keys[2] == v3.keys[0] {
		t.Errorf("another write: %v, %d runs under %q", err, v3.runs, v3.keys)
	}
	if err := write(bitrix24.WithIdempotencyKey("order 17")); err != nil || v3.keys[3] != "order 17" {
		t.Errorf("%v, %q", err, v3.keys)
	}
	if err := write(bitrix24.WithIdempotencyKey("order 17")); err != nil || v3.runs != 3 {
		t.Errorf("the same key again: %v, %d runs", err, v3.runs)
	}
}

// TestReadsHaveNoKey and methods of REST v2 know none.
func TestReadsHaveNoKey(t *testing.T) {
	t.Parallel()
	v3, p := newV3Portal(t, 0)
	c := p.client(t)
	if _, err := c.Call(t.Context(), bitrix24.Request{Method: "tasks.task.get", V3: true, Replay: bitrix24.Safe}); err != nil {
		t.Fatal(err)
	}
	if v3.keys[0] != "" {
		t.Errorf("a read has the key %q", v3.keys[0])
	}
	for key, says := range map[string]string{"": "0 characters", strings.Repeat("x", 256): "256 characters", "tab\t": "printable ASCII", "ключ": "printable ASCII"} {
		_, err := c.Call(t.Context(), bitrix24.Request{Method: "tasks.task.add", V3: true}, bitrix24.WithIdempotencyKey(key))
		var config *bitrix24.ConfigError
		if !errors.As(err, &config) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", key, err)
		}
	}
	if _, err := c.Call(t.Context(), bitrix24.Request{Method: "user.update"}, bitrix24.WithIdempotencyKey("k")); err == nil || !strings.Contains(err.Error(), "REST 3.0, which alone knows keys") {
		t.Error(err)
	}
	if len(v3.keys) != 1 {
		t.Errorf("%d requests", len(v3.keys))
	}
}

// TestV3Addresses puts /api/ behind /rest/, and the token into the body.
func TestV3Addresses(t *testing.T) {
	t.Parallel()
	p := newPortal(t, answer(200, `{"result":{"items":[]}}`))
	if _, err := p.client(t).Call(t.Context(), bitrix24.Request{Method: "main.eventlog.list", V3: true, Replay: bitrix24.Safe}); err != nil {
		t.Fatal(err)
	}
	c, err := bitrix24.New(p.URL, bitrix24.WithToken(accessToken))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	if _, err := c.Call(t.Context(), bitrix24.Request{Method: "main.eventlog.list", V3: true, Replay: bitrix24.Safe, Params: bitrix24.Fields{"select": []string{"id"}}}); err != nil {
		t.Fatal(err)
	}
	seen := p.seen()
	if seen[0].path != "/prefix/rest/api/1/"+webhookCode+"/main.eventlog.list" || seen[0].body != "{}" {
		t.Errorf("%+v", seen[0])
	}
	if seen[1].path != "/rest/api/main.eventlog.list" || seen[1].body != `{"auth":"`+accessToken+`","select":["id"]}` || seen[1].query != "" {
		t.Errorf("%+v", seen[1])
	}
}
