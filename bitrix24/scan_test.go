package bitrix24

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parts cuts JSON as deep as it goes and puts it together as encoding/json would
// read it.
func parts(raw json.RawMessage) any {
	switch raw[0] {
	case '{':
		object := map[string]any{}
		for name, value := range objectMembers(raw) {
			object[name] = parts(value)
		}
		return object
	case '[':
		list := []any{}
		for value := range arrayElements(raw) {
			list = append(list, parts(value))
		}
		return list
	}
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return err.Error()
	}
	return value
}

func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `{"a":1}`, ` { "a" : [ 1 , 2.5e3 , -1 ] , "b" : { "c" : null } } `, `["\"]","\\",{"}":"{"}]`,
		`{"\u0061\"":"x"}`, `[[[]],[{}]]`, `[true,false,null,"",0]`, `{"a":"\\"}`, "[\n1,\t2\r]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var want any
		if json.Unmarshal(data, &want) != nil {
			return
		}
		trimmed := data[skipSpace(data, 0):]
		if diff := cmp.Diff(want, parts(trimmed)); diff != "" {
			t.Errorf("%q (-want +got)\n%s", data, diff)
		}
	})
}

func TestScanOfOtherKinds(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"", "null", "5", `"x"`, "[]", "{}"} {
		for name := range objectMembers(json.RawMessage(raw)) {
			t.Errorf("%q has member %q", raw, name)
		}
		for element := range arrayElements(json.RawMessage(raw)) {
			t.Errorf("%q has element %s", raw, element)
		}
	}
	if got := objectMember(json.RawMessage(`{"a":1,"b":[2]}`), "b"); string(got) != "[2]" {
		t.Errorf("member %s", got)
	}
}
