package bitrix24_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/oint-go/oint/bitrix24"
)

// TestFilter writes the filters of the documentation.
func TestFilter(t *testing.T) {
	t.Parallel()
	id, status := bitrix24.Where("id"), bitrix24.Where("status")
	tests := []struct {
		filter bitrix24.Filter
		want   string
	}{
		{nil, `[]`},
		{bitrix24.Filter{}, `[]`},
		{bitrix24.Filter{status.Equals("NEW"), id.In(3, 4, 5)}, `[["status","=","NEW"],["id","in",[3,4,5]]]`},
		{
			bitrix24.Filter{status.Equals("NEW"), bitrix24.AnyOf(id.In(1, 2), id.In(3, 4, 5))},
			`[["status","=","NEW"],{"logic":"or","conditions":[["id","in",[1,2]],["id","in",[3,4,5]]]}]`,
		},
		{
			bitrix24.Filter{status.Differs("CLOSED"), id.Above(1), id.AtLeast(2), id.Below(9), id.AtMost(8)},
			`[["status","!=","CLOSED"],["id",">",1],["id",">=",2],["id","<",9],["id","<=",8]]`,
		},
		{
			bitrix24.Filter{bitrix24.Where("date").Between("2025-01-01", "2025-12-31"), bitrix24.Where("parent").Equals(nil)},
			`[["date","between",["2025-01-01","2025-12-31"]],["parent","=",null]]`,
		},
	}
	for _, tt := range tests {
		got, err := bitrix24.NewObject("filter", tt.filter).MarshalJSON()
		if err != nil || string(got) != `{"filter":`+tt.want+`}` {
			t.Errorf("%s, %v; want %s", got, err, tt.want)
		}
	}
	for want, filter := range map[string]bitrix24.Filter{
		"without a field": {bitrix24.Where(" ").Equals(1)},
		"id in no values": {id.In()},
		"alternatives":    {bitrix24.AnyOf()},
		"without a field and without alternatives": {{}},
	} {
		if got, err := json.Marshal(filter); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s, %v; want an error with %q", got, err, want)
		}
	}
}

// TestFilterIsSent takes the filter into the body of a method of REST 3.0, and
// sends nothing when it is wrong.
func TestFilterIsSent(t *testing.T) {
	t.Parallel()
	p := newPortal(t, answer(200, `{"result":{"items":[]}}`))
	c := p.client(t)
	call := func(f bitrix24.Filter) error {
		_, err := c.Call(t.Context(), bitrix24.Request{Method: "tasks.task.list", V3: true, Replay: bitrix24.Safe, Params: bitrix24.Fields{"filter": f}})
		return err
	}
	if err := call(bitrix24.Filter{bitrix24.Where("id").Above(7)}); err != nil {
		t.Fatal(err)
	}
	if err := call(bitrix24.Filter{bitrix24.Where("id").In()}); err == nil {
		t.Error("an empty condition was sent")
	}
	seen := p.seen()
	if len(seen) != 1 || seen[0].path != "/prefix/rest/api/1/"+webhookCode+"/tasks.task.list" || seen[0].body != `{"filter":[["id",">",7]]}` {
		t.Errorf("%+v", seen)
	}
}
