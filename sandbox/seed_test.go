package sandbox

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestSeedCompany(t *testing.T) {
	t.Parallel()
	p := newPortal(t, 0)
	if got := p.ids("user.get"); len(got) != companyUsers || got[0] != adminID {
		t.Fatalf("users %v", got)
	}
	emails := map[string]bool{}
	for id := 1; id <= companyUsers; id++ {
		u := p.user(id)
		email := u["EMAIL"].(string)
		if emails[email] || !isEmail(email) || !strings.HasSuffix(email, "@b24-sandbox.example") && !strings.HasSuffix(email, "@example.org") {
			t.Errorf("e-mail of %d: %q", id, email)
		}
		if strings.ContainsFunc(email, func(r rune) bool { return r > 127 }) {
			t.Errorf("e-mail of %d is not plain: %q", id, email)
		}
		emails[email] = true
		if u["NAME"] == "" || u["LAST_NAME"] == "" || u["WORK_POSITION"] == "" || u["PERSONAL_BIRTHDAY"] == "" {
			t.Errorf("user %d is incomplete: %v", id, u)
		}
		extranet := id == extranetID
		if departments := u["UF_DEPARTMENT"].([]any); (len(departments) == 0) != extranet || (u["USER_TYPE"] == "extranet") != extranet {
			t.Errorf("user %d: %v in %v", id, u["USER_TYPE"], departments)
		}
	}
	departments := p.ok("department.get").([]any)
	if len(departments) != len(companyDepartments) {
		t.Errorf("%d departments", len(departments))
	}
	for _, v := range departments {
		d := v.(map[string]any)
		head, _ := strconv.Atoi(d["UF_HEAD"].(string))
		if p.user(head)["UF_DEPARTMENT"].([]any)[0] != number(intval(d["ID"].(string))) {
			t.Errorf("the head of %s works elsewhere", d["NAME"])
		}
	}
}

// TestSeedAgain gives the same people however many are seeded and in how many
// steps, and leaves alone who is there.
func TestSeedAgain(t *testing.T) {
	t.Parallel()
	once, twice := newPortal(t, 300), newPortal(t, companyUsers)
	twice.ok("user.update", "ID", 3, "NAME", "Kept")
	for _, users := range []int{300, 10} {
		err := twice.sb.store.write(t.Context(), func(tx *sql.Tx) error { return seedCompany(t.Context(), tx, users) })
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := len(twice.ids("user.get")); got != 300 {
		t.Errorf("%d users", got)
	}
	diff(t, "kept", any("Kept"), twice.user(3)["NAME"])
	for _, id := range []int{1, 42, 43, 200, 300} {
		diff(t, "user "+strconv.Itoa(id), once.user(id), twice.user(id))
	}
	diff(t, "departments", once.ok("department.get"), twice.ok("department.get"))
	if next := twice.ok("user.add", "EMAIL", "new@example.org", "UF_DEPARTMENT", 12); next != number(301) {
		t.Errorf("next id %v", next)
	}
}

// TestSeedIndexes builds the indexes anew after many users.
func TestSeedIndexes(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	undo := errors.New("undo")
	err := p.sb.store.write(t.Context(), func(tx *sql.Tx) error {
		for _, statements := range [][]string{userEntity.dropIndexes(), userEntity.createIndexes()} {
			if err := execAll(t.Context(), tx, statements); err != nil {
				return err
			}
			var n int
			err := tx.QueryRowContext(t.Context(), "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND tbl_name = 'data_user' AND sql IS NOT NULL").Scan(&n)
			if err != nil {
				return err
			}
			t.Logf("%d indexes", n)
			if want := len(statements); n != 0 && n != want {
				t.Errorf("%d indexes", n)
			}
		}
		return undo
	})
	if !errors.Is(err, undo) {
		t.Fatal(err)
	}
}

// The page costs what it costs whatever the size of the company: compare
// BenchmarkUserGet/1000 and BenchmarkUserGet/1000000.
func BenchmarkUserGet(b *testing.B) {
	for _, users := range []int{1_000, 1_000_000} {
		b.Run(strconv.Itoa(users), func(b *testing.B) {
			p := benchPortal(b, users)
			params := arr("start", -1, "filter", arr(">ID", users/2))
			b.ReportAllocs()
			for b.Loop() {
				if r, err := p.run("user.get", params); err != nil || r.total != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkUserUpdate(b *testing.B) {
	p := benchPortal(b, 1_000)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if _, err := p.run("user.update", arr("ID", 1+n%1000, "NAME", "Oleg", "WORK_POSITION", strconv.Itoa(n))); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSeed(b *testing.B) {
	for b.Loop() {
		benchPortal(b, 10_000)
	}
}

// benchPortal keeps its users in a file, as a big portal does.
func benchPortal(b *testing.B, users int) *portal {
	b.Helper()
	sb, err := New(Options{DB: filepath.Join(b.TempDir(), "portal.db"), Plan: Off, Users: users})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := sb.Close(); err != nil {
			b.Error(err)
		}
	})
	return &portal{b, sb, principal{userID: adminID, admin: true, scopes: fullScopes}}
}

// TestSeedMore leaves a gap below a further user, which a later seed fills.
func TestSeedMore(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t, Options{More: []int64{50, 3766}})
	p := &portal{t, sb, principal{userID: adminID, admin: true, scopes: fullScopes}}
	ids := p.ids("user.get")
	if len(ids) != companyUsers+2 || ids[companyUsers] != 50 || ids[companyUsers+1] != 3766 {
		t.Fatalf("users %v", ids)
	}
	before := p.user(50)
	if err := sb.Seed(t.Context(), 60); err != nil {
		t.Fatal(err)
	}
	if ids := p.ids("user.get"); len(ids) != 61 || ids[59] != 60 || ids[60] != 3766 {
		t.Errorf("users %v", ids)
	}
	diff(t, "user 50", before, p.user(50))
}
