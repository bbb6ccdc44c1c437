package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/oint-go/oint/internal/table"
)

// TestCellsArrive writes tables with any texts in their cells, sends them to the
// built-in portal and reads the texts back from there.
func TestCellsArrive(t *testing.T) {
	t.Parallel()
	const users = 8
	run := runner(t)
	rapid.Check(t, func(rt *rapid.T) {
		kind := rapid.SampledFrom([]string{".csv", ".xlsx", ".jsonl"}).Draw(rt, "kind")
		text := rapid.StringMatching(`[{}\[\]"',;:$&=%+@\\/ aЖ0-9<>\n\t]{0,20}[a-z]`)
		want := rapid.SliceOfN(text, users, users).Draw(rt, "cells")
		path := filepath.Join(t.TempDir(), "rows"+kind)
		file, err := os.Create(path)
		if err != nil {
			rt.Fatal(err)
		}
		writer, err := table.NewWriter(file, path, []string{"ID", "Note"})
		if err != nil {
			rt.Fatal(err)
		}
		for i, note := range want {
			if err := writer.Write([]any{i + 2, note}); err != nil {
				rt.Fatal(err)
			}
		}
		if err := writer.Close(); err != nil {
			rt.Fatal(err)
		}
		if err := file.Close(); err != nil {
			rt.Fatal(err)
		}
		out, code := run("UpdateUser", "--each", path, "--userid", "{ID}", "--fields", "{'WORK_POSITION':'<{Note}>'}")
		if code != 0 || strings.Count(out, `"outcome":"done"`) != users {
			rt.Fatalf("exit code %d: %s", code, out)
		}
		out, _ = run("FindUsers", "--filter", fmt.Sprintf("{'<=ID':%d,'>ID':1,'SORT':'ID'}", users+1), "--jq", "[.result | sort_by(.ID | tonumber)[].WORK_POSITION]")
		var got []string
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			rt.Fatalf("%v: %s", err, out)
		}
		for i := range want {
			want[i] = "<" + want[i] + ">"
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("%s (-want +got):\n%s", kind, diff)
		}
	})
}

// runner runs functions on a built-in portal of the test.
func runner(t *testing.T) func(words ...string) (stdout string, code int) {
	t.Helper()
	home := t.TempDir()
	return func(words ...string) (string, int) {
		var out, errors strings.Builder
		code := Run(t.Context(), append([]string{"bitrix24"}, append(words, "--url", "sandbox")...), System{
			Out: &out, Err: &errors,
			Getenv: func(name string) string { return map[string]string{"OINT_DATA_DIR": home}[name] },
		})
		if code != 0 {
			return errors.String(), code
		}
		return out.String(), code
	}
}

// changing is a portal that takes every call, and saves a table anew before its
// first answer.
type changing struct {
	*httptest.Server
	calls atomic.Int64
}

func newChanging(t *testing.T, save func()) *changing {
	t.Helper()
	c := &changing{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if c.calls.Add(1) == 1 {
			save()
		}
		fmt.Fprint(w, `{"result":true}`)
	}))
	t.Cleanup(c.Close)
	return c
}

// TestTableChanges saves a table anew while its rows are sent, and between the
// check and the first call: no row is sent that was not checked.
func TestTableChanges(t *testing.T) {
	t.Parallel()
	const rows = 60
	content := func(last string, rows int) []byte {
		var b strings.Builder
		b.WriteString("ID,Note\n")
		for i := range rows {
			note := "a"
			if i == rows-1 {
				note = last
			}
			fmt.Fprintf(&b, "%d,%s\n", i+2, strings.Repeat(note, 64<<10)) // more than a reader holds
		}
		return []byte(b.String())
	}
	tests := []struct {
		name   string
		after  []byte
		before bool // the first call
		code   int
		calls  int64
		want   string
	}{
		{"another cell", content("b", rows), false, exitNoAnswer, rows - 1, "row 61: the table has changed since it was checked: this row is another one"},
		{"fewer rows", content("a", rows-1), false, exitNoAnswer, rows - 1, "the table has changed since it was checked: 59 rows of 60 are there"},
		{"more rows", content("a", rows+1), false, exitNoAnswer, rows, "row 62: the table has changed since it was checked"},
		{"before", content("a", rows+1), true, exitUsage, 0, "has changed since it was checked\nRun it again"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "rows.csv")
			if err := os.WriteFile(path, content("a", rows), 0o600); err != nil {
				t.Fatal(err)
			}
			save := func() {
				if err := os.WriteFile(path, tt.after, 0o600); err != nil {
					t.Error(err)
				}
			}
			portal := newChanging(t, func() {
				if !tt.before {
					save()
				}
			})
			var out, errors strings.Builder
			code := Run(t.Context(), []string{
				"bitrix24", "UpdateUser", "--each", path, "--userid", "{ID}", "--fields", "{'NAME':'{Note}'}", "--config", "{retries:1}",
			}, System{Out: &out, Err: &errors, Getenv: func(name string) string {
				switch {
				case name == "OINT_URL" && tt.before:
					save() // the portal is looked for once the rows have been checked
				case name == "OINT_LIMIT":
					return "off"
				case name != "OINT_URL":
					return ""
				}
				return portal.URL + "/rest/1/c0de/"
			}})
			if code != tt.code || portal.calls.Load() != tt.calls || !strings.Contains(errors.String(), tt.want) {
				t.Errorf("exit code %d, %d calls, %s", code, portal.calls.Load(), errors.String())
			}
		})
	}
}
