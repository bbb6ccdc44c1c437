package bitrix24_test

import (
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

// row is a row of any list.
type row struct{ ID bitrix24.ID }

var emptyIsNil = cmpopts.EquateEmpty()

// idsOf reads the ids of a list.
func idsOf(tb rapid.TB, rows iter.Seq2[row, error]) []int64 {
	var got []int64
	for r, err := range rows {
		if err != nil {
			tb.Fatal(err)
		}
		got = append(got, int64(r.ID))
	}
	return got
}

// TestKeysetOverGaps reads lists whose ids have gaps of every kind: of the portal
// only the users that were drawn are left.
func TestKeysetOverGaps(t *testing.T) {
	t.Parallel()
	const users = 800
	file := filepath.Join(t.TempDir(), "portal.db")
	full, err := sandbox.New(sandbox.Options{DB: file, Users: users})
	if err != nil {
		t.Fatal(err)
	}
	if err := full.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			rt.Fatal(err)
		}
		portal, err := sandbox.New(sandbox.Options{DB: file})
		if err != nil {
			rt.Fatal(err)
		}
		server := httptest.NewServer(portal)
		defer server.Close()
		defer portal.Close() //nolint:errcheck // the file goes with its folder
		left := []int64{1}   // who calls cannot be deleted
		var gone []string
		id := int64(2)
		for id <= users {
			keep := int64(rapid.SampledFrom([]int{1, 2, 49, 50, 51, 120, 300}).Draw(rt, "kept"))
			drop := int64(rapid.SampledFrom([]int{1, 2, 50, 170, 400}).Draw(rt, "dropped"))
			for i := id; i < id+keep && i <= users; i++ {
				left = append(left, i)
			}
			if id+keep <= users {
				gone = append(gone, fmt.Sprintf("id BETWEEN %d AND %d", id+keep, min(id+keep+drop-1, users)))
			}
			id += keep + drop
		}
		remove(rt, file, gone)
		client, err := bitrix24.New(server.URL+portal.Access().WebhookPath, bitrix24.WithLimits(bitrix24.NoLimits))
		if err != nil {
			rt.Fatal(err)
		}
		defer client.CloseIdleConnections()
		from := int64(rapid.IntRange(0, users).Draw(rt, "from"))
		until := int64(rapid.IntRange(0, users).Draw(rt, "until"))
		for name, test := range map[string]struct {
			filter bitrix24.Fields
			keep   func(int64) bool
		}{
			"all":        {nil, func(int64) bool { return true }},
			"above":      {bitrix24.Fields{">ID": from}, func(id int64) bool { return id > from }},
			"up to":      {bitrix24.Fields{"<=ID": fmt.Sprint(until)}, func(id int64) bool { return id <= until }},
			"both":       {bitrix24.Fields{">=ID": from, "<ID": until}, func(id int64) bool { return id >= from && id < until }},
			"one of few": {bitrix24.Fields{"@ID": []int64{1, from, until}}, func(id int64) bool { return id == 1 || id == from || id == until }},
		} {
			var want []int64
			for _, id := range left {
				if test.keep(id) {
					want = append(want, id)
				}
			}
			params := bitrix24.Fields{"select": []string{"NAME", "ID"}}
			if test.filter != nil {
				params["FILTER"] = test.filter
			}
			if diff := cmp.Diff(want, idsOf(rt, bitrix24.Rows[row](t.Context(), client, "user.get", params)), emptyIsNil); diff != "" {
				rt.Fatalf("%s of %d users (-want +got):\n%s", name, len(left), diff)
			}
		}
	})
}

// remove deletes users from the file of a portal.
func remove(t *rapid.T, file string, conditions []string) {
	if len(conditions) == 0 {
		return
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // what it did is checked
	if _, err := db.ExecContext(t.Context(), "DELETE FROM data_user WHERE "+strings.Join(conditions, " OR ")); err != nil {
		t.Fatal(err)
	}
}

// TestKeysetWhileRowsAreAdded reads the rows that were there, and those that came
// later once each.
func TestKeysetWhileRowsAreAdded(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{Users: 600})
	var got []int64
	added := 0
	for r, err := range bitrix24.Rows[row](t.Context(), client, "user.get", nil) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, int64(r.ID))
		if len(got)%100 == 0 && added < 8 {
			added++
			_, err := client.CreateUser(t.Context(), bitrix24.Fields{"EMAIL": fmt.Sprintf("new%d@example.org", added), "UF_DEPARTMENT": []int{1}})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Error("rows out of order or twice")
	}
	if diff := cmp.Diff(upTo(600), got[:600]); diff != "" {
		t.Error(diff)
	}
}

// TestKeysetThatIsNotKept ends with an error when the portal does not keep the
// order, the filter, or gives rows without the id.
func TestKeysetThatIsNotKept(t *testing.T) {
	t.Parallel()
	ascending := func(from, n int) []string {
		var rows []string
		for id := from; id < from+n; id++ {
			rows = append(rows, fmt.Sprintf(`{"ID":"%d"}`, id))
		}
		return rows
	}
	mixed := ascending(1, 50)
	mixed[20], mixed[30] = mixed[30], mixed[20]
	descending := ascending(51, 50)
	slices.Reverse(descending)
	unnamed := ascending(1, 50)
	unnamed[30] = `{"NAME":"x"}`
	for name, rows := range map[string][]string{
		"mixed": mixed, "descending": descending, "the filter has no use": ascending(1, 50), "a row without its id": unnamed,
	} {
		page := "[" + strings.Join(rows, ",") + "]"
		p := newPortal(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/batch") {
				answer(200, `{"result":{"result":{"c0":`+page+`,"c1":`+page+`},"result_error":[],"result_total":{"c0":100},"result_next":[],"result_time":[]}}`)(w, r)
				return
			}
			answer(200, `{"result":`+page+`}`)(w, r)
		})
		var last error
		for _, err := range bitrix24.Rows[row](t.Context(), p.client(t), "user.get", nil) {
			last = err
		}
		var broken *bitrix24.ListError
		if !errors.As(last, &broken) || broken.Rows > 50 {
			t.Errorf("%s: %v", name, last)
		}
	}
}
