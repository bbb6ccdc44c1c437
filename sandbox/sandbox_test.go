package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// nameOf reads a user's name over the portal's own protocol.
func nameOf(t *testing.T, sb *Sandbox, id int) string {
	t.Helper()
	_, body := exchange(t, sb, http.MethodGet, fmt.Sprintf("%suser.get?ID=%d&select[]=NAME", sb.Access().WebhookPath, id), "", "")
	var answer struct{ Result []struct{ NAME string } }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || len(answer.Result) != 1 {
		t.Fatalf("%v: %s", err, body)
	}
	return answer.Result[0].NAME
}

func rename(t *testing.T, sb *Sandbox, id int, name string) {
	t.Helper()
	status, body := exchange(t, sb, http.MethodPost, sb.Access().WebhookPath+"user.update", asJSON, fmt.Sprintf(`{"ID":%d,"NAME":%q}`, id, name))
	if status != http.StatusOK {
		t.Fatal(body)
	}
}

// TestReopen finds the same portal in the file: data, addresses and tokens.
func TestReopen(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "портал %41.db") // a name that an address would have to encode
	first, err := New(Options{DB: file})
	if err != nil {
		t.Fatal(err)
	}
	rename(t, first, 2, "Oleg")
	access := first.Access()
	if err := first.ExpireTokens(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode != 0o600 {
		t.Errorf("the file with the tokens has the rights %v", mode)
	}
	second := newSandbox(t, Options{DB: file})
	diff(t, "access", access, second.Access())
	if got := nameOf(t, second, 2); got != "Oleg" {
		t.Errorf("name %q", got)
	}
	// The token printed by the first works anew.
	if status, body := exchange(t, second, http.MethodGet, "/rest/user.admin?auth="+access.Token, "", ""); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
}

// TestTwoAtOnce opens one file twice, as two processes do: each sees what the
// other has written, and neither loses a change.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "portal.db")
	var portals [2]*Sandbox
	var all sync.WaitGroup
	errs := make([]error, len(portals))
	for i := range portals {
		all.Go(func() { portals[i], errs[i] = New(Options{DB: file}) })
	}
	all.Wait()
	for i, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := portals[i].Close(); err != nil {
				t.Error(err)
			}
		})
	}
	diff(t, "access", portals[0].Access(), portals[1].Access())
	const each = 40
	for i, sb := range portals {
		all.Go(func() {
			for n := range each {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, sb.Access().WebhookPath+"user.add",
					strings.NewReader(fmt.Sprintf(`{"EMAIL":"p%d-%d@example.org","UF_DEPARTMENT":1}`, i, n)))
				w := httptest.NewRecorder()
				sb.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					t.Errorf("%d %s", w.Code, w.Body)
				}
			}
		})
	}
	all.Wait()
	for _, sb := range portals {
		info, err := sb.Info(t.Context())
		if err != nil || info.Users != companyUsers+2*each || info.DB != file {
			t.Errorf("%+v, %v", info, err)
		}
	}
}

// TestConcurrentCalls reads and writes from many goroutines, in memory and in a
// file.
func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{"memory": "", "file": filepath.Join(t.TempDir(), "portal.db")} {
		sb := newSandbox(t, Options{DB: file})
		var all sync.WaitGroup
		for worker := range 8 {
			all.Go(func() {
				for n := range 20 {
					for _, call := range [][2]string{
						{"user.update", fmt.Sprintf(`{"ID":%d,"NAME":"w%d-%d"}`, worker+2, worker, n)},
						{"user.get", `{"sort":"NAME","filter":{">ID":5}}`},
						{"batch", `{"cmd":["user.get?ID=1","department.get?ID=$result[0][0][UF_DEPARTMENT][0]"]}`},
					} {
						r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, sb.Access().WebhookPath+call[0], strings.NewReader(call[1]))
						w := httptest.NewRecorder()
						sb.ServeHTTP(w, r)
						if w.Code != http.StatusOK {
							t.Errorf("%s: %s: %d %s", name, call[0], w.Code, w.Body)
						}
					}
				}
			})
		}
		all.Wait()
		for worker := range 8 {
			if got, want := nameOf(t, sb, worker+2), fmt.Sprintf("w%d-19", worker); got != want {
				t.Errorf("%s: user %d is called %q, want %q", name, worker+2, got, want)
			}
		}
		if stats := sb.Stats(); stats.Failed != 0 {
			t.Errorf("%s: %+v", name, stats)
		}
		ids := map[int64]bool{}
		for _, c := range sb.Log() {
			if ids[c.ID] {
				t.Fatalf("%s: the log has %d twice", name, c.ID)
			}
			ids[c.ID] = true
		}
	}
}

// TestReset puts the company back and leaves the addresses as they are.
func TestReset(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t, Options{DB: filepath.Join(t.TempDir(), "portal.db")})
	access, name := sb.Access(), nameOf(t, sb, 2)
	rename(t, sb, 2, "Changed")
	if err := sb.Seed(t.Context(), companyUsers+10); err != nil {
		t.Fatal(err)
	}
	if err := sb.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	info, err := sb.Info(t.Context())
	if err != nil || info.Users != companyUsers {
		t.Errorf("%+v %v", info, err)
	}
	if got := nameOf(t, sb, 2); got != name {
		t.Errorf("name %q, want %q", got, name)
	}
	diff(t, "access", access, sb.Access())
}

// TestForeignFile leaves a file alone that is not the sandbox's.
func TestForeignFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database at all\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "other.db")
	makeDatabase(t, other, "CREATE TABLE mine (a)")
	newer := filepath.Join(dir, "newer.db")
	makeDatabase(t, newer, "PRAGMA user_version = 99")
	for file, want := range map[string]string{
		text:                                 "no database of the sandbox",
		other:                                "a database of another program",
		newer:                                "another version of the sandbox (99, this one needs",
		filepath.Join(dir, "no", "where.db"): "no file for the database",
	} {
		before, _ := os.ReadFile(file)
		sb, err := New(Options{DB: file})
		if err == nil {
			_ = sb.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", file, err)
		}
		if after, _ := os.ReadFile(file); file == text && string(after) != string(before) {
			t.Errorf("%s was changed", file)
		}
	}
}

func makeDatabase(t *testing.T, file, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(context.Background(), statement); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestWelcome tells a person in a browser where they are.
func TestWelcome(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t, Options{})
	if status, body := exchange(t, sb, http.MethodGet, "/", "", ""); status != http.StatusOK || !strings.Contains(body, "oint sandbox info") {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := exchange(t, sb, http.MethodGet, "/crm/deal/", "", ""); status != http.StatusNotFound {
		t.Errorf("another page: %d", status)
	}
}

// TestUploadedPage is never run as a page of the portal.
func TestUploadedPage(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t, Options{})
	const page = "<script>alert(1)</script>"
	body := `{"ID":2,"PERSONAL_PHOTO":["x.html","PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=="]}`
	if status, answer := exchange(t, sb, http.MethodPost, sb.Access().WebhookPath+"user.update", asJSON, body); status != http.StatusOK {
		t.Fatal(answer)
	}
	_, answer := exchange(t, sb, http.MethodGet, "http://127.0.0.1:8024"+sb.Access().WebhookPath+"user.get?ID=2&select[]=PERSONAL_PHOTO", "", "")
	var got struct{ Result []map[string]string }
	if err := json.Unmarshal([]byte(answer), &got); err != nil || len(got.Result) != 1 {
		t.Fatalf("%v: %s", err, answer)
	}
	link := got.Result[0]["PERSONAL_PHOTO"]
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	w := httptest.NewRecorder()
	sb.ServeHTTP(w, r)
	if w.Body.String() != page || w.Header().Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}
