package sandbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// message finds a message of a dialog by its id.
func (p *portal) message(dialog string, id any) map[string]any {
	p.tb.Helper()
	answer := p.ok("im.dialog.messages.get", "DIALOG_ID", dialog, "LIMIT", 50).(map[string]any)
	for _, m := range answer["messages"].([]any) {
		if m := m.(map[string]any); m["id"] == id {
			return m
		}
	}
	p.tb.Fatalf("%s has no message %v", dialog, id)
	return nil
}

func TestMessageAdd(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	link := arr("LINK", arr("NAME", "Open", "LINK", "https://example.com"))
	id := p.ok("im.message.add", "DIALOG_ID", "chat1", "MESSAGE", "Look", "ATTACH", list(arr("MESSAGE", "[B]New[/B]"), link), "REPLY_ID", 2,
		"KEYBOARD", arr("BUTTONS", list(arr("TEXT", "Yes"))))
	m := p.message("chat1", id)
	diff(t, "message", map[string]any{
		"chat_id": number(1), "author_id": number(1), "text": "Look", "unread": false, "replaces": []any{}, "disappearing_date": nil,
		"params": map[string]any{
			"ATTACH": []any{map[string]any{"BLOCKS": []any{
				map[string]any{"MESSAGE": "[B]New[/B]"},
				map[string]any{"LINK": map[string]any{"NAME": "Open", "LINK": "https://example.com"}},
			}}},
			"KEYBOARD": map[string]any{"BUTTONS": []any{map[string]any{"TEXT": "Yes"}}},
			"REPLY_ID": number(2),
		},
	}, someKeys(m, "chat_id", "author_id", "text", "unread", "replaces", "disappearing_date", "params"))
	if uuid := m["uuid"].(string); len(uuid) != 36 || uuid[14] != '4' {
		t.Errorf("uuid %q", uuid)
	}
	diff(t, "for others", map[string]any{"unread": true}, someKeys(p.member(5).message("chat1", id), "unread"))
	full := arr("ID", 1, "COLOR_TOKEN", "primary", "BLOCKS", list(link))
	text, err := full.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, attach := range []any{full, string(text)} {
		id := p.ok("im.message.add", "DIALOG_ID", "chat1", "ATTACH", attach)
		got := p.message("chat1", id)["params"].(map[string]any)["ATTACH"]
		diff(t, "full form", any([]any{plainValue(full)}), got)
	}
	id = p.ok("im.message.add", "DIALOG_ID", "chat1", "MESSAGE", strings.Repeat("ж", maxMessage+1))
	diff(t, "long", any(strings.Repeat("ж", maxMessage)+" (...)"), p.message("chat1", id)["text"])
	id = p.ok("im.message.add", "DIALOG_ID", "chat1", "MESSAGE", "Maintenance", "SYSTEM", "Y")
	diff(t, "read by who sent it", any(number(0)), p.dialog("chat1")["counter"])
	diff(t, "system", map[string]any{"author_id": number(0), "uuid": nil}, someKeys(p.message("chat1", id), "author_id", "uuid"))
}

// TestPrivateDialog has one chat for both users, from the first message on.
func TestPrivateDialog(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	diff(t, "before", map[string]any{"chat_id": number(0), "messages": []any{}, "users": []any{}, "files": []any{}},
		p.ok("im.dialog.messages.get", "DIALOG_ID", 7).(map[string]any))
	p.ok("im.message.add", "DIALOG_ID", "7", "MESSAGE", "Hello")
	p.member(7).ok("im.message.add", "DIALOG_ID", "1", "MESSAGE", "Hello too")
	for who, dialog := range map[int64]string{1: "7", 7: "1"} {
		diff(t, "said", []string{"Hello too", "Hello"}, p.member(who).said(dialog))
		d := p.member(who).dialog(dialog)
		other := int(intval(dialog))
		diff(t, dialog, map[string]any{"type": "private", "message_type": "P", "name": p.fullName(other), "dialog_id": dialog, "user_counter": number(2)},
			someKeys(d, "type", "message_type", "name", "dialog_id", "user_counter"))
	}
	diff(t, "unread", any(number(1)), p.dialog("7")["counter"])
	diff(t, "notes", any(p.fullName(1)), p.dialog("1")["name"])
	p.ok("im.message.add", "DIALOG_ID", "1", "MESSAGE", "To do")
	diff(t, "own notes", []string{"To do"}, p.said("1"))
	diff(t, "not by number", "403 ACCESS_ERROR: You do not have access to the specified dialog", p.member(9).refused("im.dialog.get", "DIALOG_ID", "chat6"))
	diff(t, "extranet", "400 USER_NOT_FOUND: User not found", p.member(extranetID).refused("im.message.add", "DIALOG_ID", "7", "MESSAGE", "x"))
}

func TestMessageErrors(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	const cannot = "403 CANT_EDIT_MESSAGE: Time has expired for modification or you don't have access"
	huge := list(arr("MESSAGE", strings.Repeat("x", maxExtra)))
	tests := []struct {
		method string
		params []any
		want   string
	}{
		{"im.message.add", []any{"MESSAGE", "x"}, "400 USER_ID_EMPTY: User ID can't be empty"},
		{"im.message.add", []any{"DIALOG_ID", "vera", "MESSAGE", "x"}, "400 USER_ID_EMPTY: User ID can't be empty"},
		{"im.message.add", []any{"DIALOG_ID", 4711, "MESSAGE", "x"}, "400 USER_NOT_FOUND: User not found"},
		{"im.message.add", []any{"DIALOG_ID", "chat99", "MESSAGE", "x"}, "400 CHAT_ID: Error creating message"},
		{"im.message.add", []any{"DIALOG_ID", "chat1"}, "400 MESSAGE_EMPTY: Message can't be empty"},
		{"im.message.add", []any{"DIALOG_ID", "chat1", "ATTACH", list()}, "400 MESSAGE_EMPTY: Message can't be empty"},
		{"im.message.add", []any{"DIALOG_ID", "chat1", "MESSAGE", "x", "ATTACH", "hello"}, "400 ATTACH_ERROR: Incorrect attach params"},
		{"im.message.add", []any{"DIALOG_ID", "chat1", "MESSAGE", "x", "ATTACH", list("hello")}, "400 ATTACH_ERROR: Incorrect attach params"},
		{"im.message.add", []any{"DIALOG_ID", "chat1", "MESSAGE", "x", "ATTACH", list(arr("PICTURE", "x"))}, "400 ATTACH_ERROR: Incorrect attach params"},
		{"im.message.add", []any{"DIALOG_ID", "chat1", "MESSAGE", "x", "ATTACH", arr("ID", 1, "BLOCKS", list())}, "400 ATTACH_ERROR: Incorrect attach params"},
		{"im.message.add", []any{"DIALOG_ID", "chat1", "MESSAGE", "x", "ATTACH", huge}, "400 ATTACH_OVERSIZE: You have exceeded the maximum allowable size of attach"},
		{"im.message.add", []any{"DIALOG_ID", "chat1", "MESSAGE", "x", "KEYBOARD", list("x")}, "400 KEYBOARD_ERROR: Incorrect keyboard params"},
		{"im.message.add", []any{"DIALOG_ID", "chat1", "MESSAGE", "x", "MENU", arr("ITEMS", "x")}, "400 MENU_ERROR: Incorrect menu params"},
		{"im.message.add", []any{"DIALOG_ID", "chat1", "MESSAGE", "x", "REPLY_ID", 99}, "403 REPLY_ACCESS_ERROR: Action unavailable"},
		{"im.message.add", []any{"DIALOG_ID", "chat1", "MESSAGE", "x", "REPLY_ID", 5}, "400 REPLY_FROM_OTHER_CHAT_ERROR: You can only reply to a message within the same chat"},
		{"im.message.update", []any{"MESSAGE", "x"}, "400 MESSAGE_ID_ERROR: Message ID can't be empty"},
		{"im.message.update", []any{"MESSAGE_ID", "x", "MESSAGE", "x"}, "400 MESSAGE_ID_ERROR: Message ID can't be empty"},
		{"im.message.update", []any{"MESSAGE_ID", 99, "MESSAGE", "x"}, cannot},
		{"im.message.update", []any{"MESSAGE_ID", 2, "MESSAGE", "x"}, cannot},
		{"im.message.update", []any{"MESSAGE_ID", 7, "MESSAGE", "x"}, cannot},
		{"im.message.update", []any{"MESSAGE_ID", 1, "ATTACH", "hello"}, "400 ATTACH_ERROR: Incorrect attach params"},
		{"im.message.delete", []any{}, "400 MESSAGE_ID_ERROR: Message ID can't be empty"},
		{"im.message.delete", []any{"MESSAGE_ID", 99}, cannot},
		{"im.message.delete", []any{"MESSAGE_ID", 4}, cannot},
		{"im.message.delete", []any{"MESSAGE_ID", 6}, cannot},
		{"im.message.like", []any{}, "400 MESSAGE_ID_ERROR: Message ID can't be empty"},
		{"im.message.like", []any{"MESSAGE_ID", 99}, "400 WITHOUT_CHANGES: Action completed without changes"},
		{"im.message.like", []any{"MESSAGE_ID", 2, "ACTION", "plus"}, "400 WITHOUT_CHANGES: Action completed without changes"},
		{"im.message.like", []any{"MESSAGE_ID", 1, "ACTION", "minus"}, "400 WITHOUT_CHANGES: Action completed without changes"},
		{"im.dialog.messages.get", []any{}, "400 DIALOG_ID_EMPTY: Dialog ID can't be empty"},
		{"im.dialog.messages.get", []any{"DIALOG_ID", "chat99"}, "403 ACCESS_ERROR: You do not have access to the specified dialog"},
		{"im.dialog.messages.get", []any{"DIALOG_ID", "chat1", "FIRST_ID", "x"}, "400 FIRST_ID_STRING: First ID can't be string"},
		{"im.dialog.messages.get", []any{"DIALOG_ID", "chat1", "LAST_ID", "x"}, "400 LAST_ID_STRING: Last ID can't be string"},
	}
	before := p.said("chat1")
	for _, tt := range tests {
		diff(t, tt.method+" "+describe(list(tt.params...)), tt.want, p.refused(tt.method, tt.params...))
	}
	diff(t, "said", before, p.said("chat1"))
	stranger := p.member(7)
	diff(t, "write", "403 ACCESS_ERROR: Action unavailable", stranger.refused("im.message.add", "DIALOG_ID", "chat1", "MESSAGE", "x"))
	diff(t, "like", "400 WITHOUT_CHANGES: Action completed without changes", stranger.refused("im.message.like", "MESSAGE_ID", 1))
	diff(t, "delete", cannot, stranger.refused("im.message.delete", "MESSAGE_ID", 1))
}

func TestMessageChange(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	first := number(1)
	diff(t, "update", any(true), p.ok("im.message.update", "MESSAGE_ID", 1, "MESSAGE", "In summer", "ATTACH", list(arr("DELIMITER", arr("SIZE", 200)))))
	m := p.message("chat1", first)
	diff(t, "updated", map[string]any{"text": "In summer", "params": map[string]any{
		"IS_EDITED": "Y", "ATTACH": []any{map[string]any{"BLOCKS": []any{map[string]any{"DELIMITER": map[string]any{"SIZE": number(200)}}}}},
	}}, someKeys(m, "text", "params"))
	p.ok("im.message.update", "MESSAGE_ID", 1, "ATTACH", "N")
	diff(t, "without attachment", map[string]any{"text": "In summer", "params": map[string]any{"IS_EDITED": "Y"}},
		someKeys(p.message("chat1", first), "text", "params"))
	p.ok("im.message.update", "MESSAGE_ID", 3, "ATTACH", "", "IS_EDITED", "N")
	p.ok("im.message.update", "MESSAGE_ID", 3)
	diff(t, "unmarked", any([]any{}), p.message("chat1", number(3))["params"])

	p.member(2).ok("im.message.like", "MESSAGE_ID", 2)
	diff(t, "likes", any(map[string]any{"LIKE": []any{number(1), number(2)}}), p.message("chat1", number(2))["params"])
	p.ok("im.message.like", "MESSAGE_ID", 2)
	p.member(2).ok("im.message.like", "MESSAGE_ID", 2, "ACTION", "minus")
	diff(t, "no likes", any([]any{}), p.message("chat1", number(2))["params"])
	p.ok("im.message.like", "MESSAGE_ID", 2, "ACTION", "plus")

	diff(t, "emptied", any(true), p.ok("im.message.update", "MESSAGE_ID", 3, "MESSAGE", ""))
	diff(t, "owner deletes another's", any(true), p.ok("im.message.delete", "MESSAGE_ID", 2))
	for _, id := range []int64{2, 3} {
		diff(t, fmt.Sprint("deleted ", id), map[string]any{"text": "This message was deleted.", "params": map[string]any{"IS_DELETED": "Y"}},
			someKeys(p.message("chat1", number(id)), "text", "params"))
	}
	const cannot = "403 CANT_EDIT_MESSAGE: Time has expired for modification or you don't have access"
	diff(t, "deleted twice", cannot, p.refused("im.message.delete", "MESSAGE_ID", 3))
	p.sb.now = func() time.Time { return time.Now().Add(editTime + time.Minute) }
	diff(t, "too late", cannot, p.refused("im.message.update", "MESSAGE_ID", 1, "MESSAGE", "x"))
	diff(t, "too late for the author", cannot, p.refused("im.message.delete", "MESSAGE_ID", 5))
	diff(t, "never too late for the owner", any(true), p.ok("im.message.delete", "MESSAGE_ID", 1))
}

// TestHistory walks a long dialog in both directions.
func TestHistory(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	var want []string
	var ids []any
	for i := range 70 {
		text := fmt.Sprint("message ", i)
		ids = append(ids, p.ok("im.message.add", "DIALOG_ID", "9", "MESSAGE", text))
		want = append(want, text)
		p.ok("im.message.add", "DIALOG_ID", "8", "MESSAGE", "elsewhere")
	}
	reversed := func(list []string) []string {
		turned := make([]string, 0, len(list))
		for i := range list {
			turned = append(turned, list[len(list)-1-i])
		}
		return turned
	}
	for _, tt := range []struct {
		params []any
		want   []string
	}{
		{nil, reversed(want[50:])},
		{[]any{"LIMIT", 1000}, reversed(want[20:])},
		{[]any{"LIMIT", 0}, reversed(want[50:])},
		{[]any{"LAST_ID", ids[50]}, reversed(want[30:50])},
		{[]any{"LAST_ID", ids[3], "LIMIT", 50}, reversed(want[:3])},
		{[]any{"LAST_ID", 0}, reversed(want[50:])},
		{[]any{"FIRST_ID", ids[10], "LIMIT", 5}, want[11:16]},
		{[]any{"FIRST_ID", "0"}, want[:20]},
		{[]any{"FIRST_ID", ids[69]}, []string{}},
		{[]any{"FIRST_ID", 1}, []string{}},
		{[]any{"LAST_ID", 99999}, []string{}},
		{[]any{"LAST_ID", "", "FIRST_ID", ""}, reversed(want[50:])},
	} {
		diff(t, describe(list(tt.params...)), tt.want, p.said("9", tt.params...))
	}
}

// TestHistoryUsers are those who wrote, who like something and who are named.
func TestHistoryUsers(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.ok("im.chat.add", "USERS", list(5, 3, 7, 9), "MESSAGE", "Hello")
	p.ok("im.chat.user.delete", "CHAT_ID", 6, "USER_ID", 9)
	users := func(kv ...any) (ids []any) {
		answer := p.ok("im.dialog.messages.get", append([]any{"DIALOG_ID", "chat6"}, kv...)...).(map[string]any)
		for _, u := range answer["users"].([]any) {
			ids = append(ids, u.(map[string]any)["id"])
		}
		return ids
	}
	diff(t, "all", []any{number(1), number(9), number(5), number(3), number(7)}, users())
	p.member(7).ok("im.message.like", "MESSAGE_ID", 11)
	diff(t, "one and who likes it", []any{number(1), number(7)}, users("LAST_ID", 12, "LIMIT", 1))
}

// TestMessageOrder keeps keys in the documented order.
func TestMessageOrder(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	for _, tt := range []struct{ method, within, want string }{
		{"im.dialog.messages.get", "", "chat_id messages users files"},
		{"im.dialog.messages.get", "messages", "id chat_id author_id date text unread uuid replaces params disappearing_date"},
		{"im.dialog.messages.get", "users", "id active name first_name last_name work_position color avatar avatar_hr gender birthday extranet " +
			"network bot connector external_auth_id status idle last_activity_date mobile_last_date desktop_last_date absent departments phones " +
			"bot_data type website email"},
		{"im.dialog.get", "", "id parent_chat_id parent_message_id name description owner extranet avatar color type counter user_counter " +
			"message_count unread_id restrictions last_message_id last_id marked_id disk_folder_id entity_type entity_id entity_data_1 " +
			"entity_data_2 entity_data_3 mute_list date_create message_type public role entity_link text_field_enabled background_id " +
			"permissions is_new readed_list manager_list last_message_views dialog_id"},
	} {
		r, err := p.run(tt.method, arr("DIALOG_ID", "chat1"))
		if err != nil {
			t.Fatal(err)
		}
		a := r.value.(*phpquery.Array)
		if tt.within != "" {
			rows, _ := a.Get(tt.within)
			first, _ := rows.(*phpquery.Array).Get("0")
			a = first.(*phpquery.Array)
		}
		diff(t, tt.method+" "+tt.within, strings.Fields(tt.want), keysIn(a))
	}
}
