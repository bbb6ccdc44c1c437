package sandbox

import (
	"encoding/json"
	"testing"
)

func TestReadState(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	reader := p.member(2)
	state := func() map[string]any { return someKeys(reader.dialog("chat1"), "counter", "unread_id", "last_id") }
	answer := func(last, counter int64) any {
		return map[string]any{"dialogId": "chat1", "chatId": number(1), "lastId": number(last), "counter": number(counter)}
	}
	diff(t, "at first", map[string]any{"counter": number(3), "unread_id": number(1), "last_id": number(0)}, state())
	diff(t, "some", answer(2, 1), reader.ok("im.dialog.read", "DIALOG_ID", "chat1", "MESSAGE_ID", 2))
	diff(t, "state", map[string]any{"counter": number(1), "unread_id": number(3), "last_id": number(2)}, state())
	diff(t, "never back", answer(2, 1), reader.ok("im.dialog.read", "DIALOG_ID", "chat1", "MESSAGE_ID", 1))
	diff(t, "unread flags", []any{true, false, false}, unreadFlags(reader))
	diff(t, "all", answer(3, 0), reader.ok("im.dialog.read", "DIALOG_ID", "chat1"))
	diff(t, "seen by", any(map[string]any{"message_id": number(3), "count_of_viewers": number(1)}),
		any(someKeys(p.dialog("chat1")["last_message_views"].(map[string]any), "message_id", "count_of_viewers")))
	for _, r := range p.dialog("chat1")["readed_list"].([]any) {
		if r := r.(map[string]any); r["user_id"] == number(2) && (r["message_id"] != number(3) || r["date"] == nil) {
			t.Errorf("2 has read %v on %v", r["message_id"], r["date"])
		}
	}
	diff(t, "unread", any(true), reader.ok("im.dialog.unread", "DIALOG_ID", "chat1", "MESSAGE_ID", 2))
	diff(t, "state", map[string]any{"counter": number(2), "unread_id": number(2), "last_id": number(1)}, state())
	diff(t, "own messages stay read", []any{false, false, false}, unreadFlags(p))
	diff(t, "read all", any(true), reader.ok("im.dialog.read.all"))
	diff(t, "state", map[string]any{"counter": number(0), "unread_id": number(0), "last_id": number(3)}, state())
	diff(t, "private too", any(number(0)), reader.dialog("1")["counter"])
	diff(t, "not others", any(number(1)), p.dialog("2")["counter"])
}

// unreadFlags are those of chat 1, the newest message first.
func unreadFlags(p *portal) []any {
	p.tb.Helper()
	var flags []any
	for _, m := range p.ok("im.dialog.messages.get", "DIALOG_ID", "chat1").(map[string]any)["messages"].([]any) {
		flags = append(flags, m.(map[string]any)["unread"])
	}
	return flags
}

func TestReadRefusals(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	for _, dialog := range []string{"chat99", "4711", "7", "sg9"} {
		diff(t, "read "+dialog, any(false), p.ok("im.dialog.read", "DIALOG_ID", dialog))
		diff(t, "unread "+dialog, any(false), p.ok("im.dialog.unread", "DIALOG_ID", dialog, "MESSAGE_ID", 1))
	}
	diff(t, "stranger", any(false), p.member(7).ok("im.dialog.read", "DIALOG_ID", "chat1"))
	const empty = "400 DIALOG_ID_EMPTY: Dialog ID can't be empty"
	diff(t, "no dialog", empty, p.refused("im.dialog.read"))
	diff(t, "no dialog", empty, p.refused("im.dialog.unread", "MESSAGE_ID", 1))
	diff(t, "no message", "400 MESSAGE_ID_ERROR: First unread message id can't be empty", p.refused("im.dialog.unread", "DIALOG_ID", "chat1", "MESSAGE_ID", 0))
	diff(t, "writing", any(true), p.ok("im.dialog.writing", "DIALOG_ID", "chat1"))
	diff(t, "writing to a user", any(true), p.ok("im.dialog.writing", "DIALOG_ID", "7"))
}

func TestIMUsers(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	byID := p.ok("im.user.list.get", "ID", list(2, "5", 4711, 2)).(map[string]any)
	if len(byID) != 2 || byID["2"] == nil || byID["5"] == nil {
		t.Fatalf("users %v", byID)
	}
	u, want := byID["2"].(map[string]any), p.user(2)
	diff(t, "user", map[string]any{
		"id": number(2), "active": true, "first_name": want["NAME"], "last_name": want["LAST_NAME"], "name": p.fullName(2),
		"work_position": want["WORK_POSITION"], "email": want["EMAIL"], "departments": []any{number(2)}, "status": "online",
		"extranet": false, "idle": false, "bot_data": nil, "avatar": "", "birthday": want["PERSONAL_BIRTHDAY"].(string)[8:10] + "-" + want["PERSONAL_BIRTHDAY"].(string)[5:7],
		"phones": map[string]any{"work_phone": want["WORK_PHONE"], "personal_mobile": want["PERSONAL_MOBILE"], "inner_phone": want["UF_PHONE_INNER"]},
	}, someKeys(u, "id", "active", "first_name", "last_name", "name", "work_position", "email", "departments", "status", "extranet", "idle",
		"bot_data", "avatar", "birthday", "phones"))
	if rows := p.ok("im.user.list.get", "ID", "[2,5]", "RESULT_TYPE", "array").([]any); len(rows) != 2 {
		t.Errorf("%d users as a list", len(rows))
	}
	diff(t, "one", any(u), p.ok("im.user.get", "ID", 2))
	diff(t, "me", any(number(1)), p.ok("im.user.get").(map[string]any)["id"])
	outside := p.member(extranetID)
	diff(t, "from outside", any([]any{}), outside.ok("im.user.list.get", "ID", list(2)))
	diff(t, "from outside", "400 ACCESS_DENIED: You can request only users who are part of your extranet group", outside.refused("im.user.get", "ID", 2))
	for _, kv := range [][]any{{}, {"ID", 2}, {"ID", "2"}, {"ID", "x"}} {
		diff(t, describe(list(kv...)), "400 INVALID_FORMAT: A wrong format for the ID field is passed", p.refused("im.user.list.get", kv...))
	}
	diff(t, "no id", "400 ID_EMPTY: User ID can't be empty", p.refused("im.user.get", "ID", 0))
	diff(t, "nobody", "400 USER_NOT_EXISTS: User does not exist", p.refused("im.user.get", "ID", 4711))
}

func TestIMStatus(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	diff(t, "at first", any("online"), p.ok("im.user.status.get"))
	for _, status := range []string{"dnd", "away", "break", "online", "dnd"} {
		diff(t, "set", any(true), p.ok("im.user.status.set", "STATUS", status))
		diff(t, "get", any(status), p.ok("im.user.status.get"))
	}
	diff(t, "in the profile", any("dnd"), p.member(2).ok("im.user.get", "ID", 1).(map[string]any)["status"])
	diff(t, "others", any("online"), p.member(2).ok("im.user.status.get"))
	for _, status := range []any{"", "DND", "busy", json.Number("1")} {
		diff(t, describe(status), "400 STATUS_ERROR: Status is not available", p.refused("im.user.status.set", "STATUS", status))
	}
}
