package sync_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/sync"
	"github.com/oint-go/oint/sandbox"
)

// TestHeadsByKey names heads of departments and managers by whatever tells people
// apart.
func TestHeadsByKey(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	own := bitrix24.Fields{"FIELD_NAME": "UF_USR_BOSS", "USER_TYPE_ID": "employee"}
	if _, err := b.client.Call(t.Context(), bitrix24.Request{Method: "user.userfield.add", Params: bitrix24.Fields{"fields": own}}); err != nil {
		t.Fatal(err)
	}
	number := bitrix24.Fields{"FIELD_NAME": "UF_USR_CODE", "USER_TYPE_ID": "string"}
	if _, err := b.client.Call(t.Context(), bitrix24.Request{Method: "user.userfield.add", Params: bitrix24.Fields{"fields": number}}); err != nil {
		t.Fatal(err)
	}
	for id := int64(2); id <= 12; id++ {
		b.set(id, bitrix24.Fields{"XML_ID": fmt.Sprintf("P-%02d", id), "UF_USR_CODE": fmt.Sprint(100 + id)})
	}
	b.set(12, bitrix24.Fields{"XML_ID": "p-11"})
	email := string(b.user(9).Email)
	text := b.shown(sync.Departments(), "ID,UF_HEAD\n2,p-09\n3,P-11\n4,9\n5,"+email+"\n", sync.PlanOptions{Key: "ID", PersonKey: "xml_id"})
	has(t, text, `→ "9"`, `several users with the XML_ID are "P-11"`, `there is no user with the XML_ID "9"`, `there is no user with the XML_ID "`+email, "1 update, 0 dismiss, 0 reactivate, 0 unchanged, 3 conflict")
	text = b.shown(sync.Departments(), "ID,UF_HEAD\n2,109\n", sync.PlanOptions{Key: "ID", PersonKey: "UF_USR_CODE"})
	has(t, text, `→ "9"`)
	text = b.shown(sync.Departments(), "ID,UF_HEAD\n2,9\n3,"+strings.ToUpper(email)+"\n", sync.PlanOptions{Key: "ID"})
	has(t, text, `→ "9"`, "2 update")
	// The manager of a person is a field of the portal's own.
	const table = "XML_ID,UF_USR_BOSS\nP-02,P-09\nP-03,P-02\nP-04,nobody\n"
	options := sync.PlanOptions{Key: "XML_ID", PersonKey: "XML_ID"}
	path := b.saved("plan.jsonl", sync.Users(), table, options)
	if got := b.apply(path, sync.ApplyOptions{}); got != (sync.Tally{Total: 2, Done: 2}) {
		t.Errorf("%+v", got)
	}
	has(t, b.shown(sync.Users(), table, options), "0 update, 0 dismiss, 0 reactivate, 2 unchanged, 1 conflict")
	if got := string(b.user(3).Fields["UF_USR_BOSS"]); strings.Trim(got, `"`) != "2" {
		t.Errorf("the manager is %s", got)
	}
	var input *sync.InputError
	if _, err := b.plan(sync.Departments(), "ID,UF_HEAD\n2,x\n", sync.PlanOptions{Key: "ID", PersonKey: "NAME"}); !errors.As(err, &input) || !strings.Contains(err.Error(), `--person-key: users are not told apart by "NAME"`) {
		t.Error(err)
	}
	heads := b.saved("heads.jsonl", sync.Departments(), "ID,UF_HEAD\n2,9\n", sync.PlanOptions{Key: "ID"})
	edited := b.file("edited.jsonl", strings.Replace(read(t, heads), `"new":"9"`, `"new":"`+email+`"`, 1))
	if _, err := sync.OpenPlan(edited, true); !errors.As(err, &input) || !strings.Contains(err.Error(), "line 2: UF_HEAD: ") || !strings.Contains(err.Error(), "is no id of a user") {
		t.Error(err)
	}
}
