package bitrix24_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

// ids reads the ids of a list.
func ids(t *testing.T, rows iter.Seq2[bitrix24.User, error]) []int64 {
	t.Helper()
	var got []int64
	for user, err := range rows {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, int64(user.ID))
	}
	return got
}

// upTo is the numbers from 1 to n.
func upTo(n int) []int64 {
	list := make([]int64, n)
	for i := range list {
		list[i] = int64(i + 1)
	}
	return list
}

func TestRowsAreCompleteAndInOrder(t *testing.T) {
	t.Parallel()
	for _, users := range []int{42, 49, 50, 51, 100, 101, 2600} {
		t.Run(fmt.Sprint(users), func(t *testing.T) {
			t.Parallel()
			_, client := company(t, sandbox.Options{Users: users})
			want := upTo(max(users, 42))
			if diff := cmp.Diff(want, ids(t, bitrix24.Rows[bitrix24.User](t.Context(), client, "user.get", nil))); diff != "" {
				t.Errorf("by id (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(want, ids(t, bitrix24.Rows[bitrix24.User](t.Context(), client, "user.search", nil))); diff != "" {
				t.Errorf("counted (-want +got)\n%s", diff)
			}
		})
	}
}

func TestRowsWithFilterOrderAndSelect(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{Users: 700})
	rows := func(params bitrix24.Fields) []int64 {
		return ids(t, bitrix24.Rows[bitrix24.User](t.Context(), client, "user.get", params))
	}
	if diff := cmp.Diff(upTo(700)[300:600], rows(bitrix24.Fields{"FILTER": map[string]any{">ID": 300, "<=ID": "600"}})); diff != "" {
		t.Errorf("the caller's bounds (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(upTo(700)[299:599], rows(bitrix24.Fields{"filter": map[string]any{">=ID": 300, "<ID": 600}})); diff != "" {
		t.Errorf("other bounds (-want +got)\n%s", diff)
	}
	backwards := rows(bitrix24.Fields{"sort": "ID", "order": "DESC"})
	if len(backwards) != 700 || backwards[0] != 700 || backwards[699] != 1 {
		t.Errorf("%d rows from %d to %d", len(backwards), backwards[0], backwards[len(backwards)-1])
	}
	n := 0
	for row, err := range bitrix24.Rows[json.RawMessage](t.Context(), client, "user.get", bitrix24.Fields{"select": []string{"NAME", "EMAIL"}}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; strings.Contains(string(row), `"ID"`) || !strings.Contains(string(row), `"NAME"`) {
			t.Fatalf("row %s", row)
		}
	}
	if n != 700 {
		t.Errorf("%d rows with a select", n)
	}
}

func TestRowsRefuses(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{})
	for _, test := range []struct {
		method string
		params bitrix24.Fields
		want   string
	}{
		{"crm.unheard.list", nil, "how crm.unheard.list pages is not documented"},
		{"user.get", bitrix24.Fields{"start": 50}, `"start" is set by Rows`},
		{"user.get", bitrix24.Fields{"select": 5}, "select must be a list of fields"},
	} {
		n := 0
		for _, err := range bitrix24.Rows[json.RawMessage](t.Context(), client, test.method, test.params) {
			n++
			var config *bitrix24.ConfigError
			if !errors.As(err, &config) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: %v", test.method, err)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d rows", test.method, n)
		}
	}
}

// A method that is not documented can be described.
func TestRowsOfDescribedMethod(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{Users: 130})
	rows := bitrix24.Rows[bitrix24.User](t.Context(), client, "user.search", nil, bitrix24.WithList(bitrix24.List{Paging: bitrix24.Start, ID: "ID"}))
	if diff := cmp.Diff(upTo(130), ids(t, rows)); diff != "" {
		t.Error(diff)
	}
}

func TestRowsLeftEarly(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{Users: 3000})
	n := 0
	for _, err := range bitrix24.Rows[bitrix24.User](t.Context(), client, "user.get", nil) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 60 {
			break
		}
	}
}

// A list that breaks off says how far it came.
func TestRowsBreakOff(t *testing.T) {
	t.Parallel()
	portal, client := company(t, sandbox.Options{Users: 1000})
	n := 0
	for _, err := range bitrix24.Rows[bitrix24.User](t.Context(), client, "user.get", nil) {
		if err != nil {
			var broken *bitrix24.ListError
			if !errors.As(err, &broken) || broken.Rows != int64(n) || n < 50 {
				t.Errorf("after %d rows: %v", n, err)
			}
			return
		}
		if n++; n == 1 {
			if err := portal.SetFaults(sandbox.Fault{Kind: sandbox.FaultOverload}); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Errorf("the list ended after %d rows without an error", n)
}
