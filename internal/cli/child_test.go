package cli

import (
	"encoding/json"
	"io"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/jobs"
	"github.com/oint-go/oint/sandbox"
)

// runJobText runs the hidden command with a pipe that stays open.
func runJobText(t *testing.T, handover string) (code int, stdout, stderr string) {
	t.Helper()
	reader, writer := io.Pipe()
	go func() { _, _ = io.WriteString(writer, handover) }()
	t.Cleanup(func() { _ = writer.Close() })
	var out, messages strings.Builder
	code = Run(t.Context(), []string{childCommand}, System{In: reader, Out: &out, Err: &messages, Getenv: os.Getenv})
	return code, out.String(), messages.String()
}

// TestChildMakesCalls runs jobs that were given in Go.
func TestChildMakesCalls(t *testing.T) {
	t.Parallel()
	portal, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = portal.Close() })
	server := httptest.NewServer(portal)
	t.Cleanup(server.Close)
	access := portal.Access()
	for _, test := range []struct {
		name string
		call jobs.Call
		code int
		want string
	}{
		{"webhook", jobs.Call{Address: server.URL + access.WebhookPath, Method: "user.get", Params: json.RawMessage(`{"ID":2}`)}, 0, `"ID": "2"`},
		{"token", jobs.Call{Address: server.URL, Token: access.Token, Method: "user.update", Params: json.RawMessage(`{"ID":2,"NAME":"Oleg"}`), Replay: uint8(bitrix24.Idempotent)}, 0, `"result": true`},
		{"refused", jobs.Call{Address: server.URL + access.WebhookPath, Method: "no.such.method"}, 1, "ERROR_METHOD_NOT_FOUND"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			text, err := json.Marshal(handover{Command: &jobs.Command{Call: &test.call}})
			if err != nil {
				t.Fatal(err)
			}
			code, stdout, stderr := runJobText(t, string(text)+"\n")
			if code != test.code || !strings.Contains(stdout, test.want) {
				t.Errorf("exit code %d, want %d\n%s%s", code, test.code, stdout, stderr)
			}
		})
	}
}

func TestChildIsForWorkers(t *testing.T) {
	t.Parallel()
	code, _, stderr := runJobText(t, "no job\n")
	if code != exitUsage || !strings.Contains(stderr, "is for workers") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
