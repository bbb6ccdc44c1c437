package bitrix24_test

import (
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/oint-go/oint/bitrix24"
)

// TestSingleUseGetIsSentOnce breaks a kept connection after a grant was read from
// it: net/http would send a GET again, and the code in it works once.
func TestSingleUseGetIsSentOnce(t *testing.T) {
	t.Parallel()
	var grants atomic.Int32
	p := newPortal(t, func(w http.ResponseWriter, r *http.Request) {
		if grants.Add(1) == 1 {
			answer(200, okAnswer)(w, r)
			return
		}
		hijack(t, func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) })(w, r)
	})
	c := p.client(t, bitrix24.WithLimits(bitrix24.NoLimits))
	get := bitrix24.Request{Method: "app.info", HTTP: "GET", Replay: bitrix24.Safe}
	if _, err := c.Call(t.Context(), get); err != nil { // leaves a connection that is kept
		t.Fatal(err)
	}
	get.Replay = bitrix24.Once
	if _, err := c.Call(t.Context(), get); !bitrix24.Ambiguous(err) {
		t.Errorf("%v", err)
	}
	if n := grants.Load(); n != 2 {
		t.Errorf("the portal received it %d times", n-1)
	}
}
