package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// served is a portal behind a real listener.
func served(t *testing.T) (*Sandbox, string) {
	t.Helper()
	p := newPortal(t, companyUsers)
	server := httptest.NewServer(p.sb)
	t.Cleanup(server.Close)
	return p.sb, server.URL
}

// send posts a body and answers status and body.
func send(t *testing.T, address, contentType, body string) (int, string) {
	t.Helper()
	resp, err := http.Post(address, contentType, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(readAll(t, resp))
}

func readAll(t *testing.T, resp *http.Response) []byte {
	t.Helper()
	content, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return content
}

// TestUsersOverHTTP sends what real clients send and reads the bytes they get.
func TestUsersOverHTTP(t *testing.T) {
	t.Parallel()
	sb, server := served(t)
	hook := server + sb.Access().WebhookPath
	tests := []struct {
		method, contentType, body string
		status                    int
		begins                    string
	}{
		{"user.update", asJSON, `{"NAME":"Oleg","UF_DEPARTMENT":[7,"3"],"ACTIVE":true,"ID":"2"}`, 200, `{"result":true,"time":{`},
		{"user.get", asJSON, `{"ID":2,"select":["ID","ACTIVE","NAME","UF_DEPARTMENT"]}`, 200, `{"result":[{"ID":"2","ACTIVE":true,"NAME":"Oleg","UF_DEPARTMENT":[7,3]}],`},
		{"user.update.json", asForm, "ID=3&NAME=%D0%9E%D0%BB%D1%8F&UF_DEPARTMENT[]=5&UF_DEPARTMENT[]=6&PERSONAL_CITY=", 200, `{"result":true,`},
		{"user.get", asForm, "filter[%3DNAME]=%D0%9E%D0%9B%D0%AF&select[]=NAME&select[]=PERSONAL_CITY&select[]=UF_DEPARTMENT", 200, `{"result":[{"NAME":"Оля","PERSONAL_CITY":"","UF_DEPARTMENT":[5,6]}],`},
		{"user.get", asJSON, `{"filter":{">ID":40},"order":{"ID":"DESC"},"select":["ID"],"start":-1}`, 200, `{"result":[{"ID":"42"},{"ID":"41"}],"time":{`},
		{"user.get", asJSON, `{"ID":42,"select":["UF_DEPARTMENT"]}`, 200, `{"result":[{"UF_DEPARTMENT":[]}],`},
		{"user.get", asJSON, `{"NAME":"nobody"}`, 200, `{"result":[],`},
		{"user.fields", asJSON, `{}`, 200, `{"result":{"ID":"ID","XML_ID":"External code","ACTIVE":"Activity",`},
		{"user.add", asJSON, `{"EMAIL":"x"}`, 400, `{"error":"ERROR_ARGUMENT","error_description":"wrong_email"`},
		{"user.update", asJSON, `{"ID":4711,"NAME":"x"}`, 400, `{"error":"ERROR_CORE","error_description":""`},
		{"user.userfield.delete", asJSON, `{}`, 400, `{"error":"","error_description":"ID is not defined or invalid"`},
		{"department.add", asJSON, `{}`, 400, `{"error":"ERROR_CORE","error_description":"Department name not provided.`},
		{"department.get", asJSON, `{"PARENT":2,"sort":"ID","order":"DESC"}`, 200, `{"result":[{"ID":"4","NAME":"Отдел продаж","SORT":500,"PARENT":"2","UF_HEAD":"4"},`},
	}
	for _, tt := range tests {
		status, body := send(t, hook+tt.method, tt.contentType, tt.body)
		if status != tt.status || !strings.HasPrefix(body, tt.begins) || !json.Valid([]byte(body)) {
			t.Errorf("%s %s\n got %d %s\nwant %d %s", tt.method, tt.body, status, body, tt.status, tt.begins)
		}
	}
}

// TestPhotoOverHTTP follows the link of a photo and gets its bytes.
func TestPhotoOverHTTP(t *testing.T) {
	t.Parallel()
	sb, server := served(t)
	hook := server + sb.Access().WebhookPath
	photo := []byte("\x89PNG\r\n\x1a\n\x00\x01\x02 a photo")
	pair := []any{"моё фото.png", base64.StdEncoding.EncodeToString(photo)}
	body, err := json.Marshal(map[string]any{"ID": 2, "PERSONAL_PHOTO": pair})
	if err != nil {
		t.Fatal(err)
	}
	if status, answer := send(t, hook+"user.update", "application/json", string(body)); status != http.StatusOK {
		t.Fatal(answer)
	}
	form := url.Values{"ID": {"3"}, "PERSONAL_PHOTO[0]": {"b.png"}, "PERSONAL_PHOTO[1]": {pair[1].(string)}}
	if status, answer := send(t, hook+"user.update", "application/x-www-form-urlencoded", form.Encode()); status != http.StatusOK {
		t.Fatal(answer)
	}
	for _, id := range []string{"2", "3"} {
		_, answer := send(t, hook+"user.get", "application/json", `{"ID":`+id+`,"select":["PERSONAL_PHOTO"]}`)
		var got struct {
			Result []map[string]string `json:"result"`
		}
		if err := json.Unmarshal([]byte(answer), &got); err != nil || len(got.Result) != 1 {
			t.Fatalf("%v: %s", err, answer)
		}
		resp, err := http.Get(got.Result[0]["PERSONAL_PHOTO"])
		if err != nil {
			t.Fatal(err)
		}
		content := readAll(t, resp)
		if !bytes.Equal(content, photo) || resp.Header.Get("Content-Type") != "image/png" {
			t.Errorf("user %s: %s %q", id, resp.Header.Get("Content-Type"), content)
		}
	}
}

// TestScopesOverHTTP gives the limited scopes no way to write.
func TestScopesOverHTTP(t *testing.T) {
	t.Parallel()
	sb, server := served(t)
	path, err := sb.NewWebhook(t.Context(), adminID, "user_basic", "user_brief")
	if err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"user.update", "user.add", "user.userfield.list", "department.get"} {
		status, body := send(t, server+path+method, "application/json", `{"ID":2,"NAME":"x"}`)
		if status != http.StatusForbidden || !strings.Contains(body, "insufficient_scope") {
			t.Errorf("%s: %d %s", method, status, body)
		}
	}
	if status, body := send(t, server+path+"user.get", "application/json", `{"ID":2}`); status != http.StatusOK || strings.Contains(body, "LAST_LOGIN") {
		t.Errorf("user.get: %d %s", status, body)
	}
}
