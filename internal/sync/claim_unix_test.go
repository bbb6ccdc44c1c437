//go:build unix

package sync_test

import (
	"os"
	"testing"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/sync"
	"github.com/oint-go/oint/sandbox"
)

// name is the first name of a user on the portal.
func (b *bench) name(id int64) string {
	b.t.Helper()
	answer, err := b.client.GetUser(b.t.Context(), bitrix24.ID(id))
	if err != nil || len(answer.Result) != 1 {
		b.t.Fatal(answer, err)
	}
	return string(answer.Result[0].Name)
}

// TestReplacedMeanwhile overwrites a plan while it is applied: the one that was
// opened is carried out.
func TestReplacedMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	path := b.saved("plan.jsonl", sync.Users(), "ID,NAME\n2,Opened\n", sync.PlanOptions{Key: "ID"})
	plan, err := sync.OpenPlan(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close() //nolint:errcheck // it is only read
	run, err := sync.Open(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close() //nolint:errcheck // the test is about its rows
	other := b.saved("other.jsonl", sync.Users(), "ID,NAME\n3,Other\n", sync.PlanOptions{Key: "ID"})
	if err := os.Rename(other, path); err != nil {
		t.Fatal(err)
	}
	if err := run.Apply(t.Context(), b.client, sync.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if opened, other := b.name(2), b.name(3); opened != "Opened" || other == "Other" {
		t.Errorf("the names are %s and %s", opened, other)
	}
}
