package bitrix24_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/oint-go/oint/bitrix24"
)

// TestDownload follows a portal to another host, which learns no secret.
func TestDownload(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	cdn := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := fmt.Sprint(r.URL, r.Header)
		if strings.Contains(head, webhookCode) || strings.Contains(head, accessToken) || r.Header.Get("Authorization") != "" || r.Header.Get("Referer") != "" {
			t.Errorf("the other host got a secret: %s", head)
		}
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "picture")
	}))
	defer cdn.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("/upload/face.png", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, cdn.URL+"/b1/face.png", http.StatusFound)
	})
	mux.HandleFunc("/upload/far.png", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://b24-xxxxxx.example/face.png", http.StatusFound)
	})
	mux.HandleFunc("/upload/cut.png", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
	})
	mux.HandleFunc("/upload/loop.png", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path, http.StatusFound)
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	client, err := bitrix24.New(server.URL+"/rest/1/"+webhookCode+"/", bitrix24.WithLimits(bitrix24.NoLimits))
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	get := func(address string) (string, error) {
		body, err := client.Download(t.Context(), address)
		if err != nil {
			return "", err
		}
		defer body.Close() //nolint:errcheck // it was only read
		text, err := io.ReadAll(body)
		return string(text), err
	}
	for _, address := range []string{"/upload/face.png", server.URL + "/upload/face.png"} {
		if text, err := get(address); text != "picture" || err != nil {
			t.Errorf("%s: %q, %v", address, text, err)
		}
	}
	tests := []struct{ address, want string }{
		{"/upload/none-s3cr3t.png", "HTTP 404, there is no file"},
		{"/upload/far.png", "no https address"},
		{"/upload/loop.png", "more than 5 redirects"},
		{"/upload/cut.png", "the file was cut off"},
		{"ftp://b24-xxxxxx.example/s3cr3t", "no https address"},
	}
	for _, tt := range tests {
		if _, err := get(tt.address); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: %v", tt.address, err)
		}
	}
	var answer *bitrix24.AnswerError
	if _, err := get("/upload/none.png"); !errors.As(err, &answer) || answer.Status != http.StatusNotFound {
		t.Errorf("%v", err)
	}
}
