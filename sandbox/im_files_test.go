package sandbox

import (
	"database/sql"
	"strings"
	"testing"
)

// stored puts a file into a folder of the drive and answers its id.
func (p *portal) stored(folder int64, name string, content []byte) int64 {
	p.tb.Helper()
	c := &call{ctx: p.tb.Context(), sb: p.sb, params: arr(), who: p.who}
	var id int64
	_, err := c.writing(func(tx *sql.Tx) (result, error) {
		dr := c.drive(tx)
		parent, _, err := dr.object(folder)
		if err != nil {
			return result{}, err
		}
		kept, err := keepFile(c.ctx, within(tx), name, strings.NewReader(string(content)))
		if err != nil {
			return result{}, err
		}
		object, err := dr.addFile(parent, name, kept)
		id = object.id
		return result{}, err
	})
	if err != nil {
		p.tb.Fatal(err)
	}
	return id
}

func (p *portal) chatFolder(kv ...any) int64 {
	p.tb.Helper()
	return intOf(p.ok("im.disk.folder.get", kv...).(map[string]any)["ID"])
}

func TestChatFiles(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	folder := p.chatFolder("CHAT_ID", 1)
	if again := p.member(5).chatFolder("DIALOG_ID", "chat1"); again != folder || folder == 0 {
		t.Fatalf("folders %d and %d", folder, again)
	}
	diff(t, "in the dialog", any(number(folder)), p.dialog("chat1")["disk_folder_id"])
	content := decodedBytes(t, chatPixel)
	id := p.stored(folder, "Dot.PNG", content)
	answer := p.member(2).ok("im.disk.file.commit", "CHAT_ID", "1", "UPLOAD_ID", id, "MESSAGE", "A dot").(map[string]any)
	diff(t, "ids", any([]any{number(id).String()}), answer["DISK_ID"])
	key := "upload" + number(id).String()
	model := answer["FILE_MODELS"].(map[string]any)[key].(map[string]any)
	diff(t, "model", map[string]any{"id": number(id), "name": "Dot.PNG", "parentId": number(folder), "size": number(int64(len(content))), "createdBy": "1", "typeFile": number(2)},
		someKeys(model, "id", "name", "parentId", "size", "createdBy", "typeFile"))
	file := answer["FILES"].(map[string]any)[key].(map[string]any)
	diff(t, "file", map[string]any{
		"id": number(id), "chatId": number(1), "type": "image", "name": "Dot.PNG", "extension": "png", "size": number(int64(len(content))),
		"image": map[string]any{"height": number(1), "width": number(1)}, "status": "done", "progress": number(100), "authorId": number(1), "authorName": p.fullName(1),
	}, someKeys(file, "id", "chatId", "type", "name", "extension", "size", "image", "status", "progress", "authorId", "authorName"))
	diff(t, "content", content, p.bytes(p.picture(file["urlDownload"])))
	m := p.message("chat1", answer["MESSAGE_ID"])
	diff(t, "message", map[string]any{"author_id": number(2), "text": "A dot", "params": map[string]any{"FILE_ID": []any{number(id)}}},
		someKeys(m, "author_id", "text", "params"))
	listed := p.ok("im.dialog.messages.get", "DIALOG_ID", "chat1").(map[string]any)["files"].([]any)
	if len(listed) != 1 || listed[0].(map[string]any)["id"] != number(id) {
		t.Errorf("files %v", listed)
	}
}

// TestChatFileCopies posts files that lie elsewhere: the chat has its own.
func TestChatFileCopies(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	const shared, draft, notes, own = 8, 11, 12, 13 // see objectSeeds
	answer := p.ok("im.disk.file.commit", "DIALOG_ID", "5", "FILE_ID", list(shared, own), "AS_FILE", "Y").(map[string]any)
	ids := answer["DISK_ID"].([]any)
	files := answer["FILES"].(map[string]any)
	if len(ids) != 2 || len(files) != 2 || ids[0] == "8" {
		t.Fatalf("ids %v of %d files", ids, len(files))
	}
	diff(t, "name", map[string]any{"name": "Price list.csv", "type": "file", "image": false}, someKeys(files["disk8"].(map[string]any), "name", "type", "image"))
	again := p.ok("im.disk.file.commit", "DIALOG_ID", "5", "FILE_ID", shared).(map[string]any)["FILES"].(map[string]any)
	diff(t, "free name", any("Price list (1).csv"), again["disk8"].(map[string]any)["name"])
	const save = "400 SAVE_ERROR: Error during saving file to chat"
	for _, tt := range []struct {
		params []any
		want   string
	}{
		{[]any{"FILE_ID", shared}, "400 CHAT_ID_EMPTY: Chat ID can't be empty"},
		{[]any{"CHAT_ID", "chat1", "FILE_ID", shared}, "400 CHAT_ID_EMPTY: Chat ID can't be empty"},
		{[]any{"DIALOG_ID", "", "FILE_ID", shared}, "400 DIALOG_ID_EMPTY: Dialog ID can't be empty"},
		{[]any{"CHAT_ID", 99, "FILE_ID", shared}, "403 ACCESS_ERROR: You do not have access to the specified dialog"},
		{[]any{"CHAT_ID", 1}, "400 FILES_ERROR: List of files is not specified"},
		{[]any{"CHAT_ID", 1, "UPLOAD_ID", ""}, save},
		{[]any{"CHAT_ID", 1, "UPLOAD_ID", 9999}, save},
		{[]any{"CHAT_ID", 1, "UPLOAD_ID", list(shared, 9999)}, save},
		{[]any{"CHAT_ID", 1, "UPLOAD_ID", notes}, save},
		{[]any{"CHAT_ID", 1, "UPLOAD_ID", draft}, save},
	} {
		diff(t, describe(list(tt.params...)), tt.want, p.refused("im.disk.file.commit", tt.params...))
	}
	diff(t, "another's file", save, p.member(2).refused("im.disk.file.commit", "CHAT_ID", 1, "FILE_ID", own))
	diff(t, "stranger", "403 ACCESS_ERROR: You do not have access to the specified dialog", p.member(7).refused("im.disk.folder.get", "CHAT_ID", 1))
	diff(t, "nothing was posted", any(number(3)), p.dialog("chat1")["message_count"])
}

// TestChatFolderRights follow the members of the chat.
func TestChatFolderRights(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	folder := p.chatFolder("CHAT_ID", 1)
	permits := func(user int64) (may permit) {
		c := &call{ctx: t.Context(), sb: p.sb, who: principal{userID: user}}
		_, err := c.reading(func(tx *sql.Tx) (result, error) {
			object, _, err := c.drive(tx).object(folder)
			if err != nil {
				return result{}, err
			}
			may, err = c.permit(c.drive(tx), object)
			return result{}, err
		})
		if err != nil {
			t.Fatal(err)
		}
		return may
	}
	p.ok("im.chat.user.add", "CHAT_ID", 1, "USERS", list(7))
	p.ok("im.chat.user.delete", "CHAT_ID", 1, "USER_ID", 5)
	for user, want := range map[int64]permit{2: mayEdit, 7: mayEdit, 5: mayNothing, 9: mayNothing} {
		diff(t, number(user).String(), want, permits(user))
	}
}
