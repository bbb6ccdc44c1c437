package bitrix24_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/oint-go/oint/bitrix24"
)

// TestLargeCommands sends pictures: no request grows without bounds, and not all
// of them are in memory.
func TestLargeCommands(t *testing.T) {
	t.Parallel()
	const commands, each = 40, 2 << 20
	var largest atomic.Int64
	p := newPortal(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		for seen := largest.Load(); int64(len(body)) > seen && !largest.CompareAndSwap(seen, int64(len(body))); seen = largest.Load() {
		}
		var results []string
		for i := range commands {
			if bytes.Contains(body, fmt.Appendf(nil, `"c%d":`, i)) {
				results = append(results, fmt.Sprintf(`"c%d":true`, i))
			}
		}
		fmt.Fprintf(w, `{"result":{"result":{%s},"result_error":[]}}`, strings.Join(results, ","))
	})
	client, err := bitrix24.New(p.URL+"/rest/1/"+webhookCode+"/", bitrix24.WithLimits(bitrix24.NoLimits))
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	picture := bytes.Repeat([]byte{0}, each/4*3) // its base64 has no character that a query escapes
	var read, yielded, ahead atomic.Int64
	list := func(yield func(bitrix24.Command) bool) {
		for i := range commands {
			ahead.Store(max(ahead.Load(), read.Add(1)-yielded.Load()))
			file := bitrix24.File{Name: "a.png", Content: bitrix24.Bytes(picture)}
			if !yield(bitrix24.Command{Method: "user.update", Params: bitrix24.NewObject("ID", i, "PERSONAL_PHOTO", file), Replay: bitrix24.Idempotent}) {
				return
			}
		}
	}
	done := 0
	for o := range client.Batch(t.Context(), list, bitrix24.WithoutReferences(), bitrix24.WithFullRequests()) {
		yielded.Add(1)
		if o.State != bitrix24.Done || o.Index != done {
			t.Errorf("%d: %v, %v", o.Index, o.State, o.Err)
		}
		done++
	}
	if most := int64(8<<20 + 1<<10); done != commands || largest.Load() > most {
		t.Errorf("%d done, the largest request has %d bytes", done, largest.Load())
	}
	if ahead.Load() > 2*(32/2)+2 { // on their way, and done but not counted here yet
		t.Errorf("%d commands were read ahead", ahead.Load())
	}
	ref := bitrix24.Command{Method: "user.get", Params: bitrix24.NewObject("ID", bitrix24.Ref("0", ""))}
	for _, o := range client.BatchAll(t.Context(), []bitrix24.Command{{Method: "user.current"}, ref}, bitrix24.WithoutReferences()) {
		if o.Index == 1 && (o.State != bitrix24.NotSent || !strings.Contains(o.Err.Error(), "one without references")) {
			t.Errorf("%v, %v", o.State, o.Err)
		}
	}
}
