package sandbox

import (
	"strings"
	"testing"

	"github.com/oint-go/oint/internal/phpquery"
)

// notifications are those of the caller, the newest first.
func (p *portal) notifications(kv ...any) map[string]any {
	p.tb.Helper()
	return p.ok("im.notify.get", kv...).(map[string]any)
}

func notifyTexts(answer map[string]any) []string {
	texts := []string{}
	for _, n := range answer["notifications"].([]any) {
		texts = append(texts, n.(map[string]any)["text"].(string))
	}
	return texts
}

func TestNotify(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	to := p.member(3)
	diff(t, "none", map[string]any{"notifications": []any{}, "users": []any{}}, to.notifications())
	personal := p.ok("im.notify.personal.add", "USER_ID", 3, "MESSAGE", "  Budget\n", "ATTACH", list(arr("IMAGE", arr("NAME", "Tea", "LINK", "https://example.com/tea.png"))))
	system := p.ok("im.notify.system.add", "USER_ID", 3, "MESSAGE", "Update", "TAG", "RELEASE", "SUB_TAG", "SUB")
	answer := to.notifications()
	diff(t, "totals", map[string]any{"total_count": number(2), "total_unread_count": number(2), "chat_id": number(6)},
		someKeys(answer, "total_count", "total_unread_count", "chat_id"))
	list := answer["notifications"].([]any)
	newest, oldest := list[0].(map[string]any), list[1].(map[string]any)
	diff(t, "system", map[string]any{
		"id": system, "author_id": number(0), "notify_type": number(notifySystem), "notify_module": "rest", "notify_event": "rest_notify",
		"notify_tag": "MP|d41d8|RELEASE", "notify_sub_tag": "MP|d41d8|SUB", "setting_name": "rest|rest_notify", "text": "Update", "notify_read": "N", "params": nil,
	}, someKeys(newest, "id", "author_id", "notify_type", "notify_module", "notify_event", "notify_tag", "notify_sub_tag", "setting_name", "text", "notify_read", "params"))
	diff(t, "personal", map[string]any{
		"id": personal, "author_id": number(1), "notify_type": number(notifyFrom), "text": "Budget",
		"params": map[string]any{"ATTACH": []any{map[string]any{"BLOCKS": []any{map[string]any{"IMAGE": map[string]any{"NAME": "Tea", "LINK": "https://example.com/tea.png"}}}}}},
	}, someKeys(oldest, "id", "author_id", "notify_type", "text", "params"))
	users := answer["users"].([]any)
	if len(users) != 1 || users[0].(map[string]any)["id"] != number(1) {
		t.Errorf("authors %v", users)
	}
}

// TestNotifyTag replaces the notification that had the tag, of the same
// application and for the same user only.
func TestNotifyTag(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	app := p.as(principal{userID: 1, admin: true, scopes: fullScopes, clientID: "local.1"})
	p.ok("im.notify.system.add", "USER_ID", 3, "MESSAGE", "of the webhook", "TAG", "T")
	app.ok("im.notify.system.add", "USER_ID", 3, "MESSAGE", "one", "TAG", "T")
	app.ok("im.notify.system.add", "USER_ID", 4, "MESSAGE", "for 4", "TAG", "T", "SUB_TAG", "S")
	app.ok("im.notify.personal.add", "USER_ID", 3, "MESSAGE", "two", "TAG", "T", "SUB_TAG", "S")
	diff(t, "replaced", []string{"two", "of the webhook"}, notifyTexts(p.member(3).notifications()))
	diff(t, "by sub tag", any(true), app.ok("im.notify.delete", "SUB_TAG", "S"))
	diff(t, "3", []string{"of the webhook"}, notifyTexts(p.member(3).notifications()))
	diff(t, "4", []string{}, notifyTexts(p.member(4).notifications()))
	p.ok("im.notify.system.add", "USER_ID", 3, "MESSAGE", "named", "TAG", "U", "CLIENT_ID", "local.1")
	diff(t, "of another application", any(true), p.ok("im.notify.delete", "TAG", "U", "CLIENT_ID", "local.2"))
	diff(t, "still there", []string{"named", "of the webhook"}, notifyTexts(p.member(3).notifications()))
	diff(t, "by tag", any(true), p.ok("im.notify.delete", "TAG", "U", "CLIENT_ID", "local.1"))
	diff(t, "gone", []string{"of the webhook"}, notifyTexts(p.member(3).notifications()))
}

func TestNotifyDelete(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	diff(t, "seeded", []string{"Your portal is ready.", "Please confirm the budget."}, notifyTexts(p.notifications()))
	for _, id := range []any{1, 99, 8} {
		diff(t, "another's", any(false), p.member(2).ok("im.notify.delete", "ID", id))
	}
	diff(t, "no notification", any(false), p.ok("im.notify.delete", "ID", 1))
	diff(t, "own", any(true), p.ok("im.notify.delete", "ID", 8))
	diff(t, "twice", any(false), p.ok("im.notify.delete", "ID", 8))
	diff(t, "left", []string{"Please confirm the budget."}, notifyTexts(p.notifications()))
	diff(t, "no message", "403 CANT_EDIT_MESSAGE: Time has expired for modification or you don't have access", p.refused("im.message.delete", "MESSAGE_ID", 7))
}

func TestNotifyErrors(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	for _, method := range []string{"im.notify.personal.add", "im.notify.system.add"} {
		for _, tt := range []struct {
			params []any
			want   string
		}{
			{[]any{"MESSAGE", "x"}, "400 USER_ID_EMPTY: User ID can't be empty"},
			{[]any{"USER_ID", -1, "MESSAGE", "x"}, "400 USER_ID_EMPTY: User ID can't be empty"},
			{[]any{"USER_ID", 3}, "400 MESSAGE_EMPTY: Message can't be empty"},
			{[]any{"USER_ID", 3, "MESSAGE", " \n"}, "400 MESSAGE_EMPTY: Message can't be empty"},
			{[]any{"USER_ID", 3, "MESSAGE", "x", "ATTACH", "x"}, "400 ATTACH_ERROR: Incorrect attach params"},
			{[]any{"USER_ID", 3, "MESSAGE", "x", "ATTACH", list(arr("MESSAGE", strings.Repeat("x", maxExtra)))}, "400 ATTACH_OVERSIZE: You have exceeded the maximum allowable size of attach"},
		} {
			diff(t, method+" "+describe(list(tt.params...)), tt.want, p.refused(method, tt.params...))
		}
		diff(t, "nobody", any(false), p.ok(method, "USER_ID", 4711, "MESSAGE", "x"))
	}
	diff(t, "nothing", "400 PARAMS_ERROR: Incorrect params", p.refused("im.notify.delete"))
	diff(t, "no application", "403 ACCESS_DENIED: Access denied! Client ID not specified", p.refused("im.notify.delete", "TAG", "T"))
	const together = "400 LAST_ID_AND_LAST_TYPE: Parameters LAST_ID and LAST_TYPE should be used together."
	diff(t, "id alone", together, p.refused("im.notify.get", "LAST_ID", 5))
	diff(t, "type alone", together, p.refused("im.notify.get", "LAST_TYPE", 3))
	diff(t, "text", "400 LAST_ID_STRING: Last notification ID can't be string", p.refused("im.notify.get", "LAST_ID", "x", "LAST_TYPE", 3))
}

func TestNotifyPages(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	for range 70 {
		p.ok("im.notify.system.add", "USER_ID", 4, "MESSAGE", "x")
	}
	seen, last := map[string]bool{}, []any{}
	for _, want := range []int{50, 20, 0} {
		rows := p.member(4).notifications(last...)["notifications"].([]any)
		if len(rows) != want {
			t.Fatalf("a page of %d, want %d", len(rows), want)
		}
		for _, r := range rows {
			id := phpquery.Text(r.(map[string]any)["id"])
			if seen[id] {
				t.Errorf("%s is there twice", id)
			}
			seen[id] = true
			last = []any{"LAST_ID", id, "LAST_TYPE", 3}
		}
	}
	if rows := p.member(4).notifications("LIMIT", 3)["notifications"].([]any); len(rows) != 3 {
		t.Errorf("%d of 3", len(rows))
	}
}
