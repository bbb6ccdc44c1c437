package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// batchAnswer is the result of a batch, each section as it was written.
type batchAnswer struct {
	Result struct {
		Result, Error, Total, Next, Time json.RawMessage
	}
}

func (b *batchAnswer) UnmarshalJSON(text []byte) error {
	var raw struct {
		Result map[string]json.RawMessage `json:"result"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	r := raw.Result
	b.Result.Result, b.Result.Error, b.Result.Total, b.Result.Next, b.Result.Time =
		r["result"], r["result_error"], r["result_total"], r["result_next"], r["result_time"]
	return nil
}

// runBatch sends a batch as JSON.
func runBatch(tb testing.TB, sb *Sandbox, body string) (int, batchAnswer, string) {
	tb.Helper()
	status, text := exchange(tb, sb, http.MethodPost, sb.Access().WebhookPath+"batch", asJSON, body)
	var answer batchAnswer
	if status == http.StatusOK {
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			tb.Fatalf("%v: %s", err, text)
		}
	}
	return status, answer, text
}

func TestBatch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body          string
		result, failed      string // whole sections
		total, next, timeOf string // timeOf is how result_time begins
	}{
		{
			"names", `{"cmd":{"b":"user.get?ID=2&select[]=ID","a":"user.get?ID=1&select[]=ID"}}`,
			`{"b":[{"ID":"2"}],"a":[{"ID":"1"}]}`, `[]`, `{"b":1,"a":1}`, `[]`, `{"b":{"start":`,
		},
		{
			"positions are a list", `{"cmd":["user.admin","user.admin"]}`,
			`[true,true]`, `[]`, `[]`, `[]`, `[{"start":`,
		},
		{
			"a list with a hole is an object", `{"cmd":["user.admin","no.such","user.admin"]}`,
			`{"0":true,"2":true}`, `{"1":{"error":"ERROR_METHOD_NOT_FOUND","error_description":"Method not found: no.such"}}`, `[]`, `[]`, `{"0":{"start":`,
		},
		{
			"a next page", `{"cmd":{"u":"user.get?select[]=ID&filter[<ID]=3&start=0","d":"user.get?select[]=ID&filter[>ID]=9999"}}`,
			`{"u":[{"ID":"1"},{"ID":"2"}],"d":[]}`, `[]`, `{"u":2,"d":0}`, `[]`, `{"u":`,
		},
		{
			"nothing but failures", `{"cmd":{"x":"user.update?ID=4711&NAME=y","y":"batch?cmd[]=user.admin","z":"user.userfield.file.get?id=1"}}`,
			`[]`,
			`{"x":{"error":"ERROR_CORE","error_description":""},` +
				`"y":{"error":"ERROR_BATCH_METHOD_NOT_ALLOWED","error_description":"Method is not allowed for batch usage"},` +
				`"z":{"error":"ERROR_BATCH_METHOD_NOT_ALLOWED","error_description":"Method is not allowed for batch usage"}}`,
			`[]`, `[]`, `[]`,
		},
		{
			"halt", `{"halt":1,"cmd":{"a":"user.admin","b":"no.such","c":"user.admin"}}`,
			`{"a":true}`, `{"b":{"error":"ERROR_METHOD_NOT_FOUND","error_description":"Method not found: no.such"}}`, `[]`, `[]`, `{"a":`,
		},
		{
			"halt that is off", `{"halt":"0","cmd":{"b":"no.such","c":"user.admin"}}`,
			`{"c":true}`, `{"b":{"error":"ERROR_METHOD_NOT_FOUND","error_description":"Method not found: no.such"}}`, `[]`, `[]`, `{"c":`,
		},
		{
			"one value, encoded once", `{"cmd":["user.get?filter[NAME]=` + url.QueryEscape("Ян & Co=50% + ü") + `&select[]=ID"]}`,
			`[[]]`, `[]`, `[0]`, `[]`, `[`,
		},
		{
			"a slash, spaces and .json around the method", `{"cmd":{"a":"/user.admin.json","b":" user.admin ?x=1"}}`,
			`{"a":true,"b":true}`, `[]`, `[]`, `[]`, `{`,
		},
		{
			"auth of a command is not read", `{"cmd":{"a":"user.admin?auth=x"}}`,
			`{"a":true}`, `[]`, `[]`, `[]`, `{`,
		},
		{
			"no commands", `{"cmd":[]}`, `[]`, `[]`, `[]`, `[]`, `[]`,
		},
	}
	sb := newPortal(t, companyUsers).sb
	for _, tt := range tests {
		status, got, text := runBatch(t, sb, tt.body)
		if status != http.StatusOK {
			t.Errorf("%s: %d %s", tt.name, status, text)
			continue
		}
		r := got.Result
		if string(r.Result) != tt.result || string(r.Error) != tt.failed || string(r.Total) != tt.total ||
			string(r.Next) != tt.next || !strings.HasPrefix(string(r.Time), tt.timeOf) {
			t.Errorf("%s:\n%s", tt.name, text)
		}
	}
}

// TestBatchNext moves the address of the next page into its section.
func TestBatchNext(t *testing.T) {
	t.Parallel()
	sb := newPortal(t, 120).sb
	_, got, text := runBatch(t, sb, `{"cmd":{"u":"user.get?select[]=ID","v":"user.get?select[]=ID&start=-1"}}`)
	if string(got.Result.Total) != `{"u":120}` || string(got.Result.Next) != `{"u":50}` {
		t.Error(text)
	}
}

// TestBatchReferences follows references into the results of earlier commands.
func TestBatchReferences(t *testing.T) {
	t.Parallel()
	sb := newPortal(t, companyUsers).sb
	tests := []struct{ name, cmd, key, want string }{
		{"a field of a row", `{"a":"user.get?ID=2","b":"user.get?ID=$result[a][0][ID]&select[]=ID"}`, "b", `[{"ID":"2"}]`},
		{"inside a text", `{"a":"user.get?ID=2","b":"user.update?ID=3&WORK_NOTES=user-$result[a][0][ID]!","c":"user.get?ID=3&select[]=WORK_NOTES"}`, "c", `[{"WORK_NOTES":"user-2!"}]`},
		{"a list as it is", `{"a":"user.get?ID=2&select[]=UF_DEPARTMENT","b":"user.get?filter[@UF_DEPARTMENT]=$result[a][0][UF_DEPARTMENT]&filter[ID]=2&select[]=ID"}`, "b", `[{"ID":"2"}]`},
		{"by position", `["user.get?ID=5","user.get?ID=$result[0][0][ID]&select[]=ID"]`, "1", `[{"ID":"5"}]`},
		{"deep in parameters", `{"a":"user.get?ID=2","b":"user.get?filter[@ID][]=$result[a][0][ID]&select[]=ID"}`, "b", `[{"ID":"2"}]`},
		{"encoded", `{"a":"user.get?ID=2","b":"user.get?ID=%24result%5Ba%5D%5B0%5D%5BID%5D&select%5B%5D=ID"}`, "b", `[{"ID":"2"}]`},
		{"of a command to come stays text", `{"b":"user.update?ID=3&WORK_NOTES=$result[z][0][ID]","c":"user.get?ID=3&select[]=WORK_NOTES"}`, "c", `[{"WORK_NOTES":"$result[z][0][ID]"}]`},
		{"of a command that failed stays text", `{"a":"no.such","b":"user.update?ID=3&WORK_NOTES=$result[a]","c":"user.get?ID=3&select[]=WORK_NOTES"}`, "c", `[{"WORK_NOTES":"$result[a]"}]`},
		{"too deep stays text", `{"a":"user.admin","b":"user.update?ID=3&WORK_NOTES=$result[a][0]","c":"user.get?ID=3&select[]=WORK_NOTES"}`, "c", `[{"WORK_NOTES":"$result[a][0]"}]`},
		{"a list inside a text stays text", `{"a":"user.get?ID=2","b":"user.update?ID=3&WORK_NOTES=x$result[a]","c":"user.get?ID=3&select[]=WORK_NOTES"}`, "c", `[{"WORK_NOTES":"x$result[a]"}]`},
	}
	for _, tt := range tests {
		_, got, text := runBatch(t, sb, `{"cmd":`+tt.cmd+`}`)
		results := map[string]json.RawMessage{}
		if err := json.Unmarshal(got.Result.Result, &results); err != nil {
			var list []json.RawMessage
			if err := json.Unmarshal(got.Result.Result, &list); err != nil {
				t.Fatal(err)
			}
			for i, v := range list {
				results[fmt.Sprint(i)] = v
			}
		}
		if string(results[tt.key]) != tt.want {
			t.Errorf("%s: %s", tt.name, text)
		}
	}
}

// TestBatchForms sends a batch as a form and as a query, where the commands are
// encoded twice.
func TestBatchForms(t *testing.T) {
	t.Parallel()
	sb := newPortal(t, companyUsers).sb
	hook := sb.Access().WebhookPath
	command := "user.update?ID=3&WORK_NOTES=" + url.QueryEscape("a & b=c")
	form := url.Values{"halt": {"0"}, "cmd[first]": {command}, "cmd[second]": {"user.get?ID=3&select[]=WORK_NOTES"}}.Encode()
	const want = `{"result":{"result":{"first":true,"second":[{"WORK_NOTES":"a & b=c"}]},"result_error":[],`
	if _, body := exchange(t, sb, http.MethodPost, hook+"batch.json", asForm, form); !strings.HasPrefix(body, want) {
		t.Error(body)
	}
	if _, body := exchange(t, sb, http.MethodGet, hook+"batch?"+form, "", ""); !strings.HasPrefix(body, want) {
		t.Error(body)
	}
}

// TestBatchRefused is refused as a whole, and none of its commands runs.
func TestBatchRefused(t *testing.T) {
	t.Parallel()
	sb := newPortal(t, companyUsers).sb
	commands := make([]string, maxBatch+1)
	for i := range commands {
		commands[i] = fmt.Sprintf("user.update?ID=%d&NAME=x", i+2)
	}
	many, err := json.Marshal(map[string]any{"cmd": commands})
	if err != nil {
		t.Fatal(err)
	}
	for body, code := range map[string]string{
		string(many): "ERROR_BATCH_LENGTH_EXCEEDED", `{}`: "ERROR_ARGUMENT", `{"cmd":"user.admin"}`: "ERROR_ARGUMENT",
	} {
		status, _, text := runBatch(t, sb, body)
		if status != http.StatusBadRequest || !strings.Contains(text, `"error":"`+code+`"`) {
			t.Errorf("%d %s", status, text)
		}
	}
	if commands := sb.Stats().Commands; commands != 3 { // the batches themselves
		t.Errorf("%d commands ran", commands)
	}
}

// TestBatchOfFifty runs the largest batch there is, in order, as one request.
func TestBatchOfFifty(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t, Options{Plan: Standard})
	commands := make([]string, maxBatch)
	for i := range commands {
		commands[i] = fmt.Sprintf("user.update?ID=2&WORK_NOTES=%d", i)
	}
	body, err := json.Marshal(map[string]any{"cmd": commands})
	if err != nil {
		t.Fatal(err)
	}
	if status, got, text := runBatch(t, sb, string(body)); status != http.StatusOK || string(got.Result.Error) != "[]" {
		t.Fatalf("%d %s", status, text)
	}
	if fill := sb.bucket.fill("192.0.2.1", time.Now()); fill > 1.0/50 {
		t.Errorf("the batch filled %g of the bucket", fill)
	}
	_, answer := exchange(t, sb, http.MethodGet, sb.Access().WebhookPath+"user.get?ID=2&select[]=WORK_NOTES", "", "")
	if !strings.HasPrefix(answer, `{"result":[{"WORK_NOTES":"49"}]`) {
		t.Error(answer)
	}
}

// FuzzBatch sends any command: the batch itself succeeds, and the command ends
// in exactly one of result and result_error.
func FuzzBatch(f *testing.F) {
	sb := newPortal(f, companyUsers).sb
	for _, seed := range []string{
		"user.get?ID=$result[first][0][ID]", "user.get?filter[$result[first]]=1", "batch?cmd[]=x", "?", "", "$result[first]", "user.update?ID=2&NAME=%zz",
		"department.get?start=$result[first][0]", "user.get?x[$result[first][0][ID]][]=1", "user.search?FILTER[NAME]=%25",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, command string) {
		body, err := json.Marshal(map[string]any{"cmd": map[string]string{"first": "user.get?ID=1", "second": command}})
		if err != nil {
			t.Fatal(err)
		}
		status, got, text := runBatch(t, sb, string(body))
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, text)
		}
		has := func(section json.RawMessage) int {
			var m map[string]json.RawMessage
			if json.Unmarshal(section, &m) != nil {
				return 0 // the list of an empty section
			}
			if _, ok := m["second"]; ok {
				return 1
			}
			return 0
		}
		if has(got.Result.Result)+has(got.Result.Error) != 1 {
			t.Fatal(text)
		}
	})
}
