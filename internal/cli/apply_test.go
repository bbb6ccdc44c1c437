package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAsk plans a table and applies it after a yes on a terminal, and not without.
func TestAsk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	table := filepath.Join(dir, "hr.csv")
	if err := os.WriteFile(table, []byte("ID,NAME\n2,Asked\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(answer string) (code int, stdout, stderr string) {
		var out, messages strings.Builder
		code = Run(t.Context(), []string{"bitrix24", "apply", "users", "--url", "sandbox", "--from", table, "--key", "ID"}, System{
			In: strings.NewReader(answer), Out: &out, Err: &messages, InTerminal: true, ErrTerminal: true,
			Getenv: func(name string) string { return map[string]string{"OINT_DATA_DIR": dir, "TERM": "dumb"}[name] },
		})
		return code, out.String(), messages.String()
	}
	for _, answer := range []string{"n\n", "\n", ""} {
		code, stdout, stderr := run(answer)
		if code != exitUsage || !strings.Contains(stdout, `NAME: "Émile" → "Asked"`) || !strings.Contains(stderr, "Apply 1 rows? [y/N] ") || !strings.Contains(stderr, "nothing was applied") {
			t.Errorf("answer %q: exit code %d\n%s%s", answer, code, stdout, stderr)
		}
	}
	if code, stdout, stderr := run("y\n"); code != exitOK || !strings.Contains(stderr, "1 of 1 rows are done") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	if code, stdout, stderr := run(""); code != exitOK || !strings.Contains(stderr, "nothing is to be changed") {
		t.Errorf("the second time: exit code %d\n%s%s", code, stdout, stderr)
	}
}

// TestAskAgain makes a plan anew after a no: the next can be applied.
func TestAskAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	table, plan := filepath.Join(dir, "hr.csv"), filepath.Join(dir, "plan.jsonl")
	run := func(want int, answer string, args ...string) {
		t.Helper()
		var messages strings.Builder
		code := Run(t.Context(), append([]string{"bitrix24"}, args...), System{
			In: strings.NewReader(answer), Out: &messages, Err: &messages, InTerminal: true, ErrTerminal: true,
			Getenv: func(name string) string {
				return map[string]string{"OINT_DATA_DIR": dir, "OINT_URL": "sandbox", "TERM": "dumb"}[name]
			},
		})
		if code != want {
			t.Fatalf("%s: exit code %d\n%s", args[0], code, messages.String())
		}
	}
	for _, name := range []string{"First", "Second"} {
		if err := os.WriteFile(table, []byte("ID,NAME\n2,"+name+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		run(exitOK, "", "plan", "users", "--from", table, "--key", "ID", "--out", plan)
		run(exitUsage, "n\n", "apply", plan)
	}
	run(exitOK, "y\n", "apply", plan)
}
