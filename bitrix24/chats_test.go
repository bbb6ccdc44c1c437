package bitrix24_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

// TestChats reads what the messenger answers into the types of this package.
func TestChats(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{Users: 150})
	ctx := t.Context()
	var everybody []bitrix24.ID
	for id := range 150 {
		everybody = append(everybody, bitrix24.ID(id+1))
	}
	chat := chatResult(client.CreateChat(ctx, bitrix24.Fields{"TITLE": "All hands", "COLOR": "PINK", "USERS": everybody}))(t)
	name := "chat" + chat.String()

	dialog := chatResult(client.GetDialog(ctx, name))(t)
	if len(dialog.ReadBy) != 149 || dialog.Permissions["manage_ui"] != "member" || !bool(dialog.Restrictions.Leave) {
		t.Errorf("%d readers, %v, %v", len(dialog.ReadBy), dialog.Permissions, dialog.Restrictions)
	}
	dialog.ReadBy, dialog.Permissions, dialog.Restrictions = nil, nil, bitrix24.ChatRestrictions{}
	created := dialog.DateCreate
	want := bitrix24.Dialog{
		ID: chat, DialogID: bitrix24.Text(name), Name: "All hands", Owner: 1, Managers: bitrix24.IDs{1}, MutedBy: bitrix24.IDs{}, Extranet: true,
		Color: "#f76187", Type: "chat", MessageType: "C", Role: "owner", Members: 150, Messages: 2, LastMessage: 10, LastRead: 10, DateCreate: created,
	}
	if diff := cmp.Diff(want, dialog); diff != "" || created == "" {
		t.Errorf("dialog (-want +got):\n%s", diff)
	}

	var members []bitrix24.ID
	for member, err := range client.ChatMembers(ctx, name) {
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, member.ID)
	}
	if !slices.Equal(members, everybody) {
		t.Errorf("members %v", members)
	}

	users := chatResult(client.GetUsers(ctx, []bitrix24.ID{2, 4711}))(t)
	if len(users) != 1 || users[2].Status != "online" || users[2].Phones.Mobile == "" || len(users[2].Departments) == 0 {
		t.Errorf("users %v", users)
	}
	if none := chatResult(client.GetUsers(ctx, []bitrix24.ID{4711}))(t); len(none) != 0 {
		t.Errorf("users %v", none)
	}
}

// TestChatMessages reads messages, files and reading into types.
func TestChatMessages(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{})
	ctx := t.Context()
	chat, name := chatResult(client.CreateChat(ctx, bitrix24.Fields{"TITLE": "Prices"}))(t), "chat6"
	sent := chatResult(client.SendFile(ctx, chat, 8, &bitrix24.SendFileOptions{Description: "Prices"}))(t)
	history := chatResult(client.GetChatMessagesList(ctx, name, nil))(t)
	if len(history.Messages) != 2 || history.Messages[0].ID != sent.Message || history.Messages[0].Text != "Prices" ||
		len(history.Files) != 1 || history.Files[0].ID != sent.DiskIDs[0] || sent.Files["upload8"].Size != 36 {
		t.Errorf("history %v after %v", history, sent)
	}
	read := chatResult(client.MarkMessageAsReaded(ctx, name, sent.Message))(t)
	if read != (bitrix24.DialogRead{Dialog: bitrix24.Text(name), Chat: chat, LastRead: sent.Message}) {
		t.Errorf("read %v", read)
	}
	if read := chatResult(client.MarkMessageAsReaded(ctx, "chat99", 1))(t); read != (bitrix24.DialogRead{}) {
		t.Errorf("read %v of no dialog", read)
	}
	if folder := chatResult(client.GetChatFilesFolder(ctx, chat))(t); folder == 0 {
		t.Error("no folder")
	}
	if id := chatResult(client.CreateSystemNotification(ctx, 4711, "x", nil))(t); id != 0 {
		t.Errorf("notification %v of nobody", id)
	}
}

// chatResult is the result of a call that must succeed.
func chatResult[T any](response *bitrix24.Response[T], err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return response.Result
	}
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"https://example.com/a.png", "HTTP://example.com/a.png", "/disk/a.png"} {
		picture, err := bitrix24.GetPictureBlock("A", address)
		if err != nil {
			t.Fatal(err)
		}
		file, err := bitrix24.GetFileBlock("A", address)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal([]any{picture, file})
		if err != nil {
			t.Fatal(err)
		}
		want := `[{"IMAGE":{"NAME":"A","LINK":"` + address + `"}},{"FILE":{"NAME":"A","LINK":"` + address + `"}}]`
		if string(got) != want {
			t.Errorf("blocks %s", got)
		}
	}
	for _, address := range []string{"", "a.png", "ftp://example.com/a.png", "javascript:alert(1)"} {
		if block, err := bitrix24.GetPictureBlock("A", address); err == nil {
			t.Errorf("%q made %v", address, block)
		}
	}
}
