package bitrix24_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/oint-go/oint/bitrix24"
)

// noop is a portal that reads a request and answers at once.
func noop(b *testing.B) string {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = io.WriteString(w, okAnswer)
	}))
	b.Cleanup(server.Close)
	return server.URL
}

// BenchmarkUpdateUser is one call through the client; compare it with
// BenchmarkBareHTTP of the same run.
func BenchmarkUpdateUser(b *testing.B) {
	c, err := bitrix24.New(noop(b)+"/rest/1/abc/", bitrix24.WithLimits(bitrix24.NoLimits))
	if err != nil {
		b.Fatal(err)
	}
	defer c.CloseIdleConnections()
	ctx := context.Background()
	fields := bitrix24.Fields{"NAME": "Oleg", "LAST_NAME": "Lama", "UF_DEPARTMENT": []int{7}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.UpdateUser(ctx, 2958, fields); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBareHTTP does the same with net/http and encoding/json alone: the
// body from a map, the answer into a struct.
func BenchmarkBareHTTP(b *testing.B) {
	url := noop(b) + "/rest/1/abc/user.update"
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	b.ReportAllocs()
	for b.Loop() {
		body, err := json.Marshal(map[string]any{"NAME": "Oleg", "LAST_NAME": "Lama", "UF_DEPARTMENT": []int{7}, "ID": "2958"})
		if err != nil {
			b.Fatal(err)
		}
		request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		answer, err := client.Do(request)
		if err != nil {
			b.Fatal(err)
		}
		raw, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil {
			b.Fatal(err)
		}
		var decoded struct {
			Result bool           `json:"result"`
			Time   map[string]any `json:"time"`
		}
		if err := json.Unmarshal(raw, &decoded); err != nil {
			b.Fatal(err)
		}
	}
}
