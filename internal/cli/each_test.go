package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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
