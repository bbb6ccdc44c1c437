package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/catalog"
	"github.com/oint-go/oint/internal/bind"
)

// answers are what the portal and the authorization server of these tests say.
var answers = map[string]string{
	"ID": "7", "bool": "true", "string": `"2026-05-26T14:15:40+00:00"`, "User": `{"ID":"1"}`,
	"[]CalendarSection": "[]", "BusyTimes": "[]", "CalendarEvent": `{"ID":"1"}`, "[]CalendarEvent": "[]", "UpdatedEvent": "7", "json.RawMessage": "{}",
	"Dialog": "{}", "ChatUsers": "{}", "[]ChatUser": "[]", "ChatHistory": "{}", "SentFiles": "{}", "DialogRead": "{}",
	"[]User": "[]", "[]Department": "[]", "map[string]string": `{"ID":"ID"}`,
	"Task": `{"id":"1"}`, "[]Task": "[]", "[]TaskChange": "[]", "TaskAccess": "[]", "map[string]TaskField": "{}",
	"ChecklistItem": `{"ID":"1"}`, "[]ChecklistItem": "[]", "TaskComment": `{"ID":"1"}`, "[]TaskComment": "[]",
	"TaskResult": `{"id":1}`, "[]TaskResult": "[]", "KanbanStages": "[]", "ElapsedTime": `{"ID":"1"}`, "[]ElapsedTime": "[]",
	"Workday": `{"STATUS":"CLOSED"}`, "WorkdaySettings": "{}",
	"TaskUserfield": `{"ID":"1"}`, "[]TaskUserfield": "[]", "IDs": "[]",
	"Storage": `{"ID":"1"}`, "[]Storage": "[]", "DiskFolder": `{"ID":"6"}`, "DiskFile": `{"ID":"8"}`, "[]DiskObject": "[]",
	"[]ID": `["1"]`, "[]Post": "[]", "Lead": `{"ID":"1"}`, "[]Lead": "[]", "Deal": `{"ID":"1"}`, "[]Deal": "[]",
	"map[string]CRMField": `{"ID":{"type":"integer"}}`,
}

// sent is what a server received.
type sent struct{ Verb, Path, Query, Body string }

// TestRequests sends functions twice: as the Go method and as the command line
// does, by binding texts. Both must make the request that is written here.
func TestRequests(t *testing.T) {
	t.Parallel()
	post := func(method, body string) sent { return sent{http.MethodPost, "/rest/1/code/" + method, "", body} }
	no := false
	client := func(call func(context.Context, *bitrix24.Client) error) func(context.Context, string) error {
		return func(ctx context.Context, address string) error {
			c, err := bitrix24.New(address + "/rest/1/code/")
			if err != nil {
				return err
			}
			return call(ctx, c)
		}
	}
	server := func(call func(context.Context, *bitrix24.AuthServer) error) func(context.Context, string) error {
		return func(ctx context.Context, address string) error {
			a, err := bitrix24.NewAuthServer(bitrix24.WithOAuthServer(address))
			if err != nil {
				return err
			}
			return call(ctx, a)
		}
	}
	tests := []struct {
		function string
		given    map[string]string
		call     func(ctx context.Context, address string) error
		want     sent
	}{
		{
			"GetToken",
			map[string]string{"clientid": "local.1", "clientsecret": "s e", "code": "c"},
			server(func(ctx context.Context, a *bitrix24.AuthServer) error {
				_, err := a.GetToken(ctx, "local.1", bitrix24.NewSecret("s e"), bitrix24.NewSecret("c"))
				return err
			}),
			sent{"GET", "/oauth/token/", "grant_type=authorization_code&client_id=local.1&client_secret=s%20e&code=c", ""},
		},
		{
			"RefreshToken",
			map[string]string{"clientid": "local.1", "clientsecret": "s", "refresh": "r"},
			server(func(ctx context.Context, a *bitrix24.AuthServer) error {
				_, err := a.RefreshToken(ctx, "local.1", bitrix24.NewSecret("s"), bitrix24.NewSecret("r"))
				return err
			}),
			sent{"GET", "/oauth/token/", "grant_type=refresh_token&client_id=local.1&client_secret=s&refresh_token=r", ""},
		},
		{
			"ServerTime", nil,
			client(func(ctx context.Context, c *bitrix24.Client) error { _, err := c.ServerTime(ctx); return err }),
			sent{"GET", "/rest/1/code/server.time", "", ""},
		},
		{
			"GetCurrentUser", nil,
			client(func(ctx context.Context, c *bitrix24.Client) error { _, err := c.GetCurrentUser(ctx); return err }),
			post("user.current", "{}"),
		},
		{
			"GetUser",
			map[string]string{"userid": "2958"},
			client(func(ctx context.Context, c *bitrix24.Client) error { _, err := c.GetUser(ctx, 2958); return err }),
			post("user.get", `{"ID":"2958"}`),
		},
		{
			"CreateUser",
			map[string]string{"fields": "{'EMAIL':'v@example.org','UF_DEPARTMENT':[1]}"},
			client(func(ctx context.Context, c *bitrix24.Client) error {
				_, err := c.CreateUser(ctx, bitrix24.Fields{"UF_DEPARTMENT": []int{1}, "EMAIL": "v@example.org"})
				return err
			}),
			post("user.add", `{"EMAIL":"v@example.org","UF_DEPARTMENT":[1]}`),
		},
		{
			"UpdateUser",
			map[string]string{"userid": "2", "fields": "{'NAME':'Oleg','LAST_NAME':'Lama'}"},
			client(func(ctx context.Context, c *bitrix24.Client) error {
				_, err := c.UpdateUser(ctx, 2, bitrix24.NewObject("NAME", "Oleg", "LAST_NAME", "Lama"))
				return err
			}),
			post("user.update", `{"NAME":"Oleg","LAST_NAME":"Lama","ID":"2"}`),
		},
		{
			"UpdateUser",
			map[string]string{"userid": "2", "fields": "{'ID':9,'NAME':'Oleg'}"},
			client(func(ctx context.Context, c *bitrix24.Client) error {
				_, err := c.UpdateUser(ctx, 2, bitrix24.NewObject("ID", 9, "NAME", "Oleg"))
				return err
			}),
			post("user.update", `{"ID":"2","NAME":"Oleg"}`),
		},
		{
			"ChangeUserStatus",
			map[string]string{"userid": "40"},
			client(func(ctx context.Context, c *bitrix24.Client) error {
				_, err := c.ChangeUserStatus(ctx, 40, nil)
				return err
			}),
			post("user.update", `{"ACTIVE":"N","ID":"40"}`),
		},
		{
			"ChangeUserStatus",
			map[string]string{"userid": "40", "fire": "нет"},
			client(func(ctx context.Context, c *bitrix24.Client) error {
				_, err := c.ChangeUserStatus(ctx, 40, &bitrix24.ChangeUserStatusOptions{Fire: &no})
				return err
			}),
			post("user.update", `{"ACTIVE":"Y","ID":"40"}`),
		},
		{
			"FindUsers",
			map[string]string{"filter": "{NAME: 'Oleg'}"},
			client(func(ctx context.Context, c *bitrix24.Client) error {
				_, err := c.FindUsers(ctx, bitrix24.Fields{"NAME": "Oleg"})
				return err
			}),
			post("user.search", `{"FILTER":{"NAME":"Oleg"}}`),
		},
		{
			"GetUserFieldsStructure", nil,
			client(func(ctx context.Context, c *bitrix24.Client) error {
				_, err := c.GetUserFieldsStructure(ctx)
				return err
			}),
			post("user.fields", "{}"),
		},
		{
			"CreateDepartment",
			map[string]string{"headid": "3", "parentid": "1", "title": "Sales"},
			client(func(ctx context.Context, c *bitrix24.Client) error {
				_, err := c.CreateDepartment(ctx, "Sales", &bitrix24.CreateDepartmentOptions{HeadID: 3, ParentID: 1})
				return err
			}),
			post("department.add", `{"NAME":"Sales","PARENT":"1","UF_HEAD":"3"}`),
		},
		{
			"CreateDepartment",
			map[string]string{"title": "Sales", "parentid": " "},
			client(func(ctx context.Context, c *bitrix24.Client) error {
				_, err := c.CreateDepartment(ctx, "Sales", nil)
				return err
			}),
			post("department.add", `{"NAME":"Sales"}`),
		},
		{
			"UpdateDepartment",
			map[string]string{"depid": "2", "title": "Sales", "parentid": "1", "headid": "3"},
			client(func(ctx context.Context, c *bitrix24.Client) error {
				_, err := c.UpdateDepartment(ctx, 2, &bitrix24.UpdateDepartmentOptions{Name: "Sales", HeadID: 3, ParentID: 1})
				return err
			}),
			post("department.update", `{"ID":"2","NAME":"Sales","PARENT":"1","UF_HEAD":"3"}`),
		},
		{
			"GetDepartments",
			map[string]string{"parentid": "1", "depid": "2"},
			client(func(ctx context.Context, c *bitrix24.Client) error {
				_, err := c.GetDepartments(ctx, &bitrix24.GetDepartmentsOptions{ParentID: 1, DepartmentID: 2})
				return err
			}),
			post("department.get", `{"ID":"2","PARENT":"1"}`),
		},
		{
			"DeleteDepartment",
			map[string]string{"depid": "10"},
			client(func(ctx context.Context, c *bitrix24.Client) error { _, err := c.DeleteDepartment(ctx, 10); return err }),
			post("department.delete", `{"ID":"10"}`),
		},
	}
	index, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.function, func(t *testing.T) {
			t.Parallel()
			fn, ok := index.Find(test.function)
			if !ok {
				t.Fatal("not in the catalog")
			}
			for way, call := range map[string]func(context.Context, string) error{
				"Go": test.call,
				"command line": func(ctx context.Context, address string) error {
					return callByText(ctx, fn, address, test.given)
				},
			} {
				if diff := cmp.Diff(test.want, requestOf(t, fn, call)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", way, diff)
				}
			}
		})
	}
}

// callByText does what the command line does with the texts of options.
func callByText(ctx context.Context, fn *catalog.Function, address string, given map[string]string) error {
	params, err := bind.Params(ctx, bind.NewSource(http.DefaultClient), fn, given)
	if err != nil {
		return err
	}
	if fn.Kind == catalog.OAuth {
		server, err := bitrix24.NewAuthServer(bitrix24.WithOAuthServer(address))
		if err != nil {
			return err
		}
		_, err = server.Call(ctx, fn.Method, params)
		return err
	}
	client, err := bitrix24.New(address + "/rest/1/code/")
	if err != nil {
		return err
	}
	_, err = client.Call(ctx, bitrix24.Request{Method: fn.Method, HTTP: fn.HTTP, Params: params})
	return err
}

// requestOf makes a call to a server of its own and returns what that received.
func requestOf(t *testing.T, fn *catalog.Function, call func(context.Context, string) error) sent {
	t.Helper()
	received := make(chan sent, 8)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		received <- sent{r.Method, r.URL.Path, r.URL.RawQuery, string(body)}
		w.Header().Set("Content-Type", "application/json")
		answer := `{"access_token":"a","refresh_token":"r","expires_in":3600}`
		if fn.Kind == catalog.REST {
			answer = answers[fn.Result]
			if fn.Unwrap != "" {
				answer = `{"` + fn.Unwrap + `":` + answer + `}`
			}
			answer = `{"result":` + answer + `}`
		}
		if _, err := io.WriteString(w, answer); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	if err := call(t.Context(), server.URL); err != nil {
		t.Errorf("call: %v", err)
	}
	select {
	case request := <-received:
		return request
	default:
		return sent{}
	}
}
