package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/internal/phpquery"
)

// chatPixel is a picture of one dot.
const chatPixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// member is the same portal for somebody who is no administrator.
func (p *portal) member(id int64) *portal {
	return p.as(principal{userID: id, scopes: fullScopes})
}

// dialog is what im.dialog.get answers.
func (p *portal) dialog(name string) map[string]any {
	p.tb.Helper()
	return p.ok("im.dialog.get", "DIALOG_ID", name).(map[string]any)
}

// said is the texts of the messages of a dialog, the newest first.
func (p *portal) said(name string, kv ...any) []string {
	p.tb.Helper()
	answer := p.ok("im.dialog.messages.get", append([]any{"DIALOG_ID", name}, kv...)...).(map[string]any)
	texts := []string{}
	for _, m := range answer["messages"].([]any) {
		texts = append(texts, m.(map[string]any)["text"].(string))
	}
	return texts
}

// someKeys is the part of an object with these keys.
func someKeys(object map[string]any, keys ...string) map[string]any {
	part := map[string]any{}
	for _, k := range keys {
		part[k] = object[k]
	}
	return part
}

func TestChatAdd(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	id := p.ok("im.chat.add", "TYPE", "OPEN", "TITLE", " Deal\nchat ", "DESCRIPTION", "About it", "COLOR", "PINK", "MESSAGE", "Welcome",
		"USERS", list(3, "5", 3, 4711), "AVATAR", chatPixel, "ENTITY_TYPE", "CRM", "ENTITY_ID", "DEAL|1663", "ENTITY_DATA_2", "north")
	diff(t, "id", any(number(6)), id)
	d := p.dialog("chat6")
	diff(t, "dialog", map[string]any{
		"id": number(6), "name": "Deal chat", "description": "About it", "owner": number(1), "color": "#f76187", "type": "crm",
		"message_type": "O", "user_counter": number(3), "message_count": number(3), "counter": number(0), "unread_id": number(0),
		"entity_type": "CRM", "entity_id": "DEAL|1663", "entity_data_1": "", "entity_data_2": "north", "role": "owner", "dialog_id": "chat6", "manager_list": []any{number(1)},
		"mute_list": []any{}, "extranet": false, "background_id": nil,
		"entity_link": map[string]any{"type": "DEAL", "url": "/crm/deal/details/1663/", "id": "DEAL|1663"},
	}, someKeys(d, "id", "name", "description", "owner", "color", "type", "message_type", "user_counter", "message_count", "counter", "unread_id",
		"entity_type", "entity_id", "entity_data_1", "entity_data_2", "role", "dialog_id", "manager_list", "mute_list", "extranet", "background_id", "entity_link"))
	diff(t, "last message", d["last_message_id"], d["last_id"])
	diff(t, "avatar", p.bytes(p.picture(d["avatar"])), decodedBytes(t, chatPixel))
	diff(t, "readers", any([]any{
		map[string]any{"user_id": number(3), "user_name": p.fullName(3), "message_id": number(0), "date": nil},
		map[string]any{"user_id": number(5), "user_name": p.fullName(5), "message_id": number(0), "date": nil},
	}), d["readed_list"])
	diff(t, "texts", []string{
		"Welcome",
		"[USER=1 REPLACE]" + p.fullName(1) + "[/USER] invited [USER=3 REPLACE]" + p.fullName(3) + "[/USER], [USER=5 REPLACE]" + p.fullName(5) + "[/USER] to the chat",
		"[USER=1 REPLACE]" + p.fullName(1) + "[/USER] created the chat",
	}, p.said("chat6"))
	diff(t, "counter", any(number(1)), p.member(3).dialog("chat6")["counter"])
	diff(t, "found", any(map[string]any{"ID": number(6)}), p.ok("im.chat.get", "ENTITY_TYPE", "crm", "ENTITY_ID", "DEAL|1663"))
	for _, kv := range [][]any{{}, {"ENTITY_TYPE", "CRM"}, {"ENTITY_TYPE", "CRM", "ENTITY_ID", "DEAL|1"}, {"ENTITY_TYPE", "TASKS", "ENTITY_ID", "DEAL|1663"}} {
		diff(t, describe(list(kv...)), nil, p.ok("im.chat.get", kv...))
	}
}

// TestChatAddFor creates a chat for somebody else.
func TestChatAddFor(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.ok("im.chat.add", "OWNER_ID", 3)
	diff(t, "role", any("owner"), p.member(3).dialog("chat6")["role"])
	diff(t, "members", any([]any{number(1), number(3)}), p.ok("im.chat.user.list", "CHAT_ID", 6))
	p.ok("im.chat.add", "OWNER_ID", 4711)
	diff(t, "nobody", any("owner"), p.dialog("chat7")["role"])
}

// TestChatAddBare creates a chat of nothing: closed, with a drawn colour and a
// title made of it.
func TestChatAddBare(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	titles := map[string]bool{}
	for range 20 {
		id := p.ok("im.chat.add", "COLOR", "BEIGE", "AVATAR", "bm8gcGljdHVyZQ==")
		d := p.dialog("chat" + id.(json.Number).String())
		title := d["name"].(string)
		if titles[title] || !strings.Contains(title, " chat №") {
			t.Errorf("title %q, after %v", title, titles)
		}
		titles[title] = true
		diff(t, "rest", map[string]any{"message_type": "C", "type": "chat", "avatar": "", "user_counter": number(1), "description": ""},
			someKeys(d, "message_type", "type", "avatar", "user_counter", "description"))
	}
}

func TestChatErrors(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	const (
		noChat   = "400 CHAT_ID_EMPTY: Chat ID can't be empty"
		noDialog = "400 DIALOG_ID_EMPTY: Dialog ID can't be empty"
		noUser   = "400 USER_ID_EMPTY: User ID can't be empty"
		closed   = "403 ACCESS_ERROR: Action unavailable"
		dialog   = "403 ACCESS_ERROR: You do not have access to the specified dialog"
		mute     = "403 ACCESS_ERROR: This chat cannot be muted"
	)
	tests := []struct {
		method string
		params []any
		want   string
	}{
		{"im.chat.user.list", []any{}, noChat},
		{"im.chat.user.list", []any{"CHAT_ID", "chat1"}, noChat},
		{"im.chat.user.list", []any{"CHAT_ID", 99}, closed},
		{"im.chat.user.list", []any{"CHAT_ID", 4}, closed},
		{"im.chat.user.add", []any{"USERS", list(3)}, noChat},
		{"im.chat.user.add", []any{"CHAT_ID", 3, "USERS", list(3)}, "403 ACCESS_ERROR: It is forbidden to add users to this chat"},
		{"im.chat.user.delete", []any{"CHAT_ID", 1}, noUser},
		{"im.chat.user.delete", []any{"CHAT_ID", 1, "USER_ID", 3}, "400 USER_NOT_FOUND: The specified user is not in the chat"},
		{"im.chat.user.delete", []any{"CHAT_ID", 2, "USER_ID", 9}, "403 ACCESS_DENIED_KICK: Insufficient rights to exclude participants from the chat"},
		{"im.chat.leave", []any{"CHAT_ID", 3}, "403 ACCESS_ERROR: It is forbidden to delete users of this chat"},
		{"im.chat.leave", []any{"CHAT_ID", 99}, closed},
		{"im.chat.updateTitle", []any{"CHAT_ID", 1, "TITLE", " \n "}, "400 TITLE_EMPTY: Title can't be empty"},
		{"im.chat.updateTitle", []any{"CHAT_ID", 3, "TITLE", "x"}, "403 ACCESS_ERROR: This chat cannot be renamed"},
		{"im.chat.updateTitle", []any{"CHAT_ID", 99, "TITLE", "x"}, closed},
		{"im.chat.updateTitle", []any{"DIALOG_ID", "5", "TITLE", "x"}, noDialog},
		{"im.chat.updateTitle", []any{"DIALOG_ID", "chatx", "TITLE", "x"}, noDialog},
		{"im.chat.updateColor", []any{"CHAT_ID", 1, "COLOR", "BEIGE"}, "400 WRONG_COLOR: This color currently unavailable"},
		{"im.chat.updateColor", []any{"CHAT_ID", 1, "COLOR", "AZURE"}, "400 WRONG_REQUEST: This color currently set or chat doesn't exist"},
		{"im.chat.updateColor", []any{"CHAT_ID", 99, "COLOR", "AZURE"}, "400 WRONG_REQUEST: This color currently set or chat doesn't exist"},
		{"im.chat.updateAvatar", []any{"CHAT_ID", 1, "AVATAR", "bm8gcGljdHVyZQ=="}, "400 AVATAR_ERROR: Avatar incorrect type"},
		{"im.chat.updateAvatar", []any{"CHAT_ID", 1, "AVATAR", "!"}, "400 AVATAR_ERROR: Avatar incorrect type"},
		{"im.chat.updateAvatar", []any{"CHAT_ID", 1, "AVATAR", widePicture()}, "400 AVATAR_ERROR: Avatar incorrect size (max 5000x5000)"},
		{"im.chat.updateAvatar", []any{"CHAT_ID", 3, "AVATAR", chatPixel}, "403 ACCESS_ERROR: The avatar of this chat cannot be changed"},
		{"im.chat.updateAvatar", []any{"CHAT_ID", 99, "AVATAR", chatPixel}, "400 WRONG_REQUEST: Chat doesn't exist"},
		{"im.chat.setOwner", []any{"CHAT_ID", 1}, noUser},
		{"im.chat.setOwner", []any{"CHAT_ID", 1, "USER_ID", 3}, "400 WRONG_REQUEST: Change owner can only owner and user must be member in chat"},
		{"im.chat.setOwner", []any{"CHAT_ID", 2, "USER_ID", 1}, "400 WRONG_REQUEST: Change owner can only owner and user must be member in chat"},
		{"im.chat.mute", []any{}, noChat},
		{"im.chat.mute", []any{"CHAT_ID", "x"}, noChat},
		{"im.chat.mute", []any{"DIALOG_ID", ""}, noDialog},
		{"im.chat.mute", []any{"CHAT_ID", 99}, mute},
		{"im.chat.mute", []any{"DIALOG_ID", "4711"}, mute},
		{"im.dialog.get", []any{}, noDialog},
		{"im.dialog.get", []any{"DIALOG_ID", "chat"}, noDialog},
		{"im.dialog.get", []any{"DIALOG_ID", "chat99"}, dialog},
		{"im.dialog.get", []any{"DIALOG_ID", "chat5"}, dialog},
		{"im.dialog.get", []any{"DIALOG_ID", "sg77"}, dialog},
		{"im.dialog.get", []any{"DIALOG_ID", 4711}, dialog},
		{"im.dialog.users.list", []any{"DIALOG_ID", "x"}, noDialog},
		{"im.dialog.users.list", []any{"DIALOG_ID", "chat99"}, dialog},
		{"im.dialog.writing", []any{}, noDialog},
		{"im.dialog.writing", []any{"DIALOG_ID", "chat99"}, closed},
	}
	before := p.dialog("chat1")
	for _, tt := range tests {
		diff(t, tt.method+" "+describe(list(tt.params...)), tt.want, p.refused(tt.method, tt.params...))
	}
	diff(t, "chat 1", before, p.dialog("chat1"))
	stranger := p.member(7)
	for _, method := range []string{"im.chat.user.list", "im.chat.user.add", "im.chat.user.delete", "im.chat.leave", "im.chat.updateTitle", "im.chat.updateColor", "im.chat.setOwner"} {
		diff(t, method, closed, stranger.refused(method, "CHAT_ID", 1, "USERS", list(7), "USER_ID", 7, "TITLE", "x", "COLOR", "RED"))
	}
	diff(t, "mute", mute, stranger.refused("im.chat.mute", "CHAT_ID", 1))
	diff(t, "scope", "403 insufficient_scope: The request requires higher privileges than provided by the access token",
		p.as(principal{userID: 1, admin: true, scopes: []string{"user"}}).refused("im.chat.add"))
}

func TestChatLooks(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	member := p.member(5)
	diff(t, "title", any(true), member.ok("im.chat.updateTitle", "CHAT_ID", 1, "TITLE", "  Relaunch\n"))
	diff(t, "same title", any(true), member.ok("im.chat.updateTitle", "DIALOG_ID", "chat1", "TITLE", "Relaunch"))
	diff(t, "color", any(true), member.ok("im.chat.updateColor", "CHAT_ID", 1, "COLOR", "GRAPHITE"))
	diff(t, "avatar", any(true), member.ok("im.chat.updateAvatar", "CHAT_ID", 1, "AVATAR", chatPixel))
	who := "[USER=5 REPLACE]" + p.fullName(5) + "[/USER] "
	diff(t, "said", []string{who + "changed the chat avatar", who + `changed the chat color to "Graphite"`, who + `changed the chat title to "Relaunch"`},
		p.said("chat1")[:3])
	d := p.dialog("chat1")
	diff(t, "looks", map[string]any{"name": "Relaunch", "color": "#5e5f5e", "counter": number(0)}, someKeys(d, "name", "color", "counter"))
	first := d["avatar"]
	p.ok("im.chat.updateAvatar", "CHAT_ID", 1, "AVATAR", chatPixel)
	if again := p.dialog("chat1")["avatar"]; again == first {
		t.Errorf("the avatar is still at %v", again)
	}
	long := strings.Repeat("ы", 300)
	p.ok("im.chat.updateTitle", "CHAT_ID", 1, "TITLE", long)
	diff(t, "long title", any(long[:2*255]), p.dialog("chat1")["name"])
	for _, mute := range []struct {
		value string
		want  []any
	}{{"Y", []any{number(1)}}, {"N", []any{}}, {"", []any{number(1)}}} {
		p.ok("im.chat.mute", "CHAT_ID", 1, "MUTE", mute.value)
		diff(t, "muted by "+mute.value, any(mute.want), p.dialog("chat1")["mute_list"])
	}
	p.ok("im.chat.mute", "DIALOG_ID", 3)
	diff(t, "muted dialog", any([]any{number(1)}), p.dialog("3")["mute_list"])
}

func TestChatMembers(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	ids := func() any { return p.ok("im.chat.user.list", "CHAT_ID", 1) }
	diff(t, "seeded", any([]any{number(1), number(2), number(5)}), ids())
	diff(t, "add", any(true), p.member(2).ok("im.chat.user.add", "CHAT_ID", 1, "USERS", list(7, 2, 4711)))
	diff(t, "add one", any(true), p.ok("im.chat.user.add", "CHAT_ID", 1, "USERS", 8, "HIDE_HISTORY", "N"))
	diff(t, "added", any([]any{number(1), number(2), number(5), number(7), number(8)}), ids())
	if got := p.member(7).said("chat1"); len(got) != 2 || !strings.HasSuffix(got[1], "invited [USER=7 REPLACE]"+p.fullName(7)+"[/USER] to the chat") {
		t.Errorf("with a hidden history 7 sees %q", got)
	}
	if got := p.member(8).said("chat1"); len(got) != 5 {
		t.Errorf("with the history 8 sees %q", got)
	}
	diff(t, "nothing to read", any(number(0)), p.member(8).dialog("chat1")["counter"])
	diff(t, "others may not exclude", "403 ACCESS_DENIED_KICK: Insufficient rights to exclude participants from the chat",
		p.member(2).refused("im.chat.user.delete", "CHAT_ID", 1, "USER_ID", 5))
	diff(t, "exclude", any(true), p.ok("im.chat.user.delete", "CHAT_ID", 1, "USER_ID", 7))
	diff(t, "gone", "403 ACCESS_ERROR: You do not have access to the specified dialog", p.member(7).refused("im.dialog.get", "DIALOG_ID", "chat1"))
	diff(t, "leave", any(true), p.member(5).ok("im.chat.leave", "CHAT_ID", 1))
	diff(t, "the rest", any([]any{number(1), number(2), number(8)}), ids())
	diff(t, "owner goes", any(true), p.ok("im.chat.leave", "CHAT_ID", 1))
	d := p.member(2).dialog("chat1")
	diff(t, "heir", map[string]any{"owner": number(2), "role": "owner", "user_counter": number(2)}, someKeys(d, "owner", "role", "user_counter"))
	diff(t, "give", any(true), p.member(2).ok("im.chat.setOwner", "CHAT_ID", 1, "USER_ID", 8))
	diff(t, "given", any("member"), p.member(2).dialog("chat1")["role"])
}

// TestOpenChat lets employees look in and join, and nobody from outside.
func TestOpenChat(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	guest := p.member(20)
	diff(t, "role", any("guest"), guest.dialog("chat2")["role"])
	diff(t, "texts", []string{"The office is closed on Friday."}, guest.said("chat2"))
	diff(t, "not others", "403 ACCESS_DENIED_EXTEND: Insufficient permissions to add participants to the chat",
		guest.refused("im.chat.user.add", "CHAT_ID", 2, "USERS", list(20, 21)))
	diff(t, "no looks", "403 ACCESS_ERROR: Action unavailable", guest.refused("im.chat.updateTitle", "CHAT_ID", 2, "TITLE", "x"))
	diff(t, "not a member", "403 ACCESS_DENIED_KICK: Access denied to kick user from chat", guest.refused("im.chat.leave", "CHAT_ID", 2))
	guest.ok("im.chat.user.add", "CHAT_ID", 2, "USERS", list(20))
	diff(t, "joined", any("member"), guest.dialog("chat2")["role"])
	p.member(21).ok("im.message.add", "DIALOG_ID", "chat2", "MESSAGE", "Good to know")
	diff(t, "said", []string{
		"Good to know", "[USER=21 REPLACE]" + p.fullName(21) + "[/USER] joined the chat", "[USER=20 REPLACE]" + p.fullName(20) + "[/USER] joined the chat",
	}, p.said("chat2")[:3])
	diff(t, "outside", "403 ACCESS_ERROR: You do not have access to the specified dialog", p.member(extranetID).refused("im.dialog.get", "DIALOG_ID", "chat2"))
	diff(t, "partner", any(true), p.member(extranetID).dialog("sg1")["extranet"])
}

func TestDialogUsers(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	page := func(kv ...any) (ids []string, total, next int64) {
		r, err := p.run("im.dialog.users.list", arr(append([]any{"DIALOG_ID", "chat1"}, kv...)...))
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range r.value.(*phpquery.Array).All() {
			id, _ := u.(*phpquery.Array).Get("id")
			ids = append(ids, phpquery.Text(id))
		}
		if r.next != nil {
			next = *r.next
		}
		return ids, *r.total, next
	}
	for _, tt := range []struct {
		params []any
		ids    []string
		next   int64
	}{
		{nil, []string{"1", "2", "5"}, 0},
		{[]any{"LIMIT", 2}, []string{"1", "2"}, 2},
		{[]any{"LIMIT", 2, "OFFSET", 2}, []string{"5"}, 0},
		{[]any{"LIMIT", 1, "LAST_ID", 1}, []string{"2"}, 2},
		{[]any{"OFFSET", 9}, nil, 0},
	} {
		ids, total, next := page(tt.params...)
		if d := cmp.Diff(tt.ids, ids); d != "" || total != 3 || next != tt.next {
			t.Errorf("%v: total %d, next %d: %s", tt.params, total, next, d)
		}
	}
	private := p.ok("im.dialog.users.list", "DIALOG_ID", 20).([]any)
	if len(private) != 2 {
		t.Errorf("a private dialog has %d members", len(private))
	}
}

// fullName is a user's first and last name.
func (p *portal) fullName(id int) string {
	u := p.user(id)
	return u["NAME"].(string) + " " + u["LAST_NAME"].(string)
}

// picture is the file behind an address.
func (p *portal) picture(address any) *file {
	p.tb.Helper()
	text, _ := address.(string)
	_, path, _ := strings.Cut(text, "/sandbox-files/")
	f, err := p.file(intval(path))
	if err != nil {
		p.tb.Fatalf("%q: %v", text, err)
	}
	return f
}

func decodedBytes(t *testing.T, text string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// widePicture is a GIF that says it is 6000 dots wide.
func widePicture() string {
	return base64.StdEncoding.EncodeToString([]byte("GIF89a\x70\x17\x01\x00\x00\x00\x00;"))
}
