package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

// planOfTwo makes a plan that changes two people, on the built-in portal.
func planOfTwo(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	table, plan := filepath.Join(dir, "hr.csv"), filepath.Join(dir, "plan.jsonl")
	if err := os.WriteFile(table, []byte("ID,NAME,UF_DEPARTMENT,PERSONAL_PHOTO\n2,Planned,,\n3,Planned,Sales/North,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, code := runner(t)("plan", "users", "--from", table, "--key", "ID", "--create-departments", "--out", plan); code != 0 {
		t.Fatal(text)
	}
	content, err := os.ReadFile(plan)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// applier applies whatever stands in a plan on a portal that counts requests.
func applier(t *testing.T) (apply func(plan []byte) (stderr string, code int), requests *atomic.Int64) {
	t.Helper()
	requests = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		fmt.Fprint(w, `{"result":true}`)
	}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	return func(plan []byte) (string, int) {
		path := filepath.Join(dir, "plan.jsonl")
		if err := os.WriteFile(path, plan, 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errors strings.Builder
		code := Run(t.Context(), []string{"bitrix24", "apply", path, "--yes", "--url", server.URL + "/rest/1/c0de/"}, System{
			Out: &out, Err: &errors, Getenv: func(string) string { return "" },
		})
		return errors.String(), code
	}, requests
}

// TestNonsensePlans refuses plans that make no sense, with the line and a remedy,
// before anything is sent.
func TestNonsensePlans(t *testing.T) {
	t.Parallel()
	good := string(planOfTwo(t))
	lines := strings.SplitAfter(strings.TrimSuffix(good, "\n"), "\n") // header, the department, two people
	if len(lines) != 4 {
		t.Fatal(good)
	}
	replaced := func(old, text string) string {
		edited := strings.Replace(good, old, text, 1)
		if edited == good {
			t.Fatalf("%s is not in the plan\n%s", old, good)
		}
		return edited
	}
	changed := func(text string) string { // the changes of the first of the people
		edited := strings.Replace(lines[2], `"changes":[`, text, 1)
		return strings.Join([]string{lines[0], lines[1], edited, lines[3]}, "")
	}
	const again = "Make the plan again"
	tests := []struct{ name, plan, want, remedy string }{
		{"empty", "", "line 1: there is no header", again},
		{"binary", "\x00\x01\xff\xfe\n\x00", "line 1: it is no plan", "plan … --out FILE"},
		{"a workbook", "PK\x03\x04" + strings.Repeat("\x00", 99), "line 1: it is no plan", "plan … --out FILE"},
		{"another JSON", "[1,2]\n", "line 1: it is no plan", "plan … --out FILE"},
		{"no header", strings.Join(lines[1:], ""), "line 1: it is no plan", "plan … --out FILE"},
		{"cut in a line", good[:len(good)-20], "line 4: it cannot be read", again},
		{"cut after a line", strings.Join(lines[:3], ""), "was changed after it was made", "--accept-edits"},
		{"header only", lines[0], "was changed after it was made", "--accept-edits"},
		{"a line twice", good + lines[3] + "\n", "line 5: the id 3 stands in a line before", again},
		{"a department twice", strings.Join([]string{lines[0], lines[1], lines[1], lines[2], lines[3]}, ""), `line 3: the key "Sales/North" is created twice`, again},
		{"order", strings.Join([]string{lines[0], lines[2], lines[3] + "\n", lines[1]}, ""), "line 3: UF_DEPARTMENT: no line before makes the department", again},
		{"a blank line", strings.Join([]string{lines[0], "\n", lines[1], lines[2], lines[3]}, ""), "line 2: it cannot be read", again},
		{"two objects in a line", strings.Replace(good, "\n{\"row\":2", "{\"row\":2", 1), "line 2: it cannot be read: more than one object", again},
		{"unknown action", replaced(`"action":"update"`, `"action":"explode"`), `line 3: there is no action "explode"`, again},
		{"action of another type", replaced(`"action":"update"`, `"action":7`), "line 3: it cannot be read", again},
		{"negative id", replaced(`"id":2`, `"id":-2`), "line 3: update needs the id", again},
		{"broken id", replaced(`"id":2`, `"id":2.5`), "line 3: it cannot be read", again},
		{"enormous id", replaced(`"id":2`, `"id":99999999999999999999`), "line 3: it cannot be read", again},
		{"unknown member", replaced(`"id":2`, `"id":2,"sudo":true`), "line 3: it cannot be read", again},
		{"no changes", changed(`"changes":[],"problem":"x","x":[`), "line 3: it cannot be read", again},
		{"field twice", changed(`"changes":[{"field":"NAME","old":"","new":"a"},`), "line 3: NAME stands twice", again},
		{"read-only field", changed(`"changes":[{"field":"IS_ONLINE","old":"","new":"Y"},`), "line 3: IS_ONLINE cannot be written", again},
		{"no picture", changed(`"changes":[{"field":"PERSONAL_PHOTO","old":"","new":"/etc/passwd"},`), `line 3: PERSONAL_PHOTO: "/etc/passwd" is no picture of a plan`, again},
		{"picture from nowhere", changed(`"changes":[{"field":"WORK_LOGO","old":"","new":"sha256:` + strings.Repeat("0f", 32) + `"},`), "line 3: WORK_LOGO is no field of the header", again},
		{"picture without a place", changed(`"changes":[{"field":"PERSONAL_PHOTO","old":"","new":"sha256:` + strings.Repeat("0f", 32) + `"},`), "line 3: PERSONAL_PHOTO: it does not say where the new picture is", again},
		{"a huge line", strings.Join(lines[:2], "") + `{"name":"` + strings.Repeat("x", 65<<20), "line 3: the line is too long", again},
		{"changes of another type", replaced(`"changes":[`, `"changes":"none","x":[`), "line 2: it cannot be read", again},
		{"counts of another type", replaced(`"counts":{`, `"counts":"many","x":{`), "line 1: it is no plan", "plan … --out FILE"},
		{"kind of field", replaced(`"kind":"text"`, `"kind":"poem"`), "line 1: it is no plan", "plan … --out FILE"},
		{"no key", replaced(`"key":"ID"`, `"key":"NAME"`), "line 1: --key: users are not told apart by", again},
	}
	apply, requests := applier(t)
	for _, tt := range tests {
		text, code := apply([]byte(tt.plan))
		if code != exitUsage || !strings.Contains(text, tt.want) || !strings.Contains(text, tt.remedy) || !strings.Contains(text, "plan.jsonl") {
			t.Errorf("%s: exit code %d, %.400s", tt.name, code, text)
		}
	}
	if requests.Load() != 0 {
		t.Errorf("%d requests", requests.Load())
	}
}

// TestDamagedPlans changes a byte anywhere in the rows of a plan: it is never
// applied.
func TestDamagedPlans(t *testing.T) {
	t.Parallel()
	good := planOfTwo(t)
	head := strings.IndexByte(string(good), '\n') + 1
	apply, requests := applier(t)
	rapid.Check(t, func(rt *rapid.T) {
		plan := append([]byte(nil), good...)
		at := rapid.IntRange(head, len(plan)-1).Draw(rt, "at")
		plan[at] ^= rapid.ByteRange(1, 255).Draw(rt, "bits")
		if text, code := apply(plan); code != exitUsage || requests.Load() != 0 {
			rt.Fatalf("exit code %d, %d requests, %s", code, requests.Load(), text)
		}
	})
}
