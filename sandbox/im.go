package sandbox

import (
	"net/http"

	"github.com/oint-go/oint/internal/phpquery"
)

// imModule is the messenger: chats, messages, what each user has read of them,
// and notifications.
func imModule() module {
	return module{
		entities: []*entity{chatEntity, messageEntity},
		tables:   memberSchema + likeSchema + statusSchema,
		methods:  imMethods,
		seed:     seedMessenger,
	}
}

func imMethods() []method {
	scope := []string{"im"}
	return []method{
		{name: "im.chat.add", scopes: scope, run: chatAdd},
		{name: "im.chat.get", scopes: scope, run: chatGet},
		{name: "im.chat.leave", scopes: scope, run: chatLeave},
		{name: "im.chat.mute", scopes: scope, run: chatMute},
		{name: "im.chat.setowner", scopes: scope, run: chatSetOwner},
		{name: "im.chat.updateavatar", scopes: scope, run: chatUpdateAvatar},
		{name: "im.chat.updatecolor", scopes: scope, run: chatUpdateColor},
		{name: "im.chat.updatetitle", scopes: scope, run: chatUpdateTitle},
		{name: "im.chat.user.add", scopes: scope, run: chatUserAdd},
		{name: "im.chat.user.delete", scopes: scope, run: chatUserDelete},
		{name: "im.chat.user.list", scopes: scope, run: chatUserList},
		{name: "im.dialog.get", scopes: scope, run: dialogGet},
		{name: "im.dialog.messages.get", scopes: scope, run: dialogMessages},
		{name: "im.dialog.read", scopes: scope, run: dialogRead},
		{name: "im.dialog.read.all", scopes: scope, run: dialogReadAll},
		{name: "im.dialog.unread", scopes: scope, run: dialogUnread},
		{name: "im.dialog.users.list", scopes: scope, run: dialogUsers},
		{name: "im.dialog.writing", scopes: scope, run: dialogWriting},
		{name: "im.disk.file.commit", scopes: scope, run: chatFileCommit},
		{name: "im.disk.folder.get", scopes: scope, run: chatFolderGet},
		{name: "im.message.add", scopes: scope, run: messageAdd},
		{name: "im.message.delete", scopes: scope, run: messageDelete},
		{name: "im.message.like", scopes: scope, run: messageLike},
		{name: "im.message.update", scopes: scope, run: messageUpdate},
		{name: "im.notify.delete", scopes: scope, run: notifyDelete},
		{name: "im.notify.get", scopes: scope, run: notifyGet},
		{name: "im.notify.personal.add", scopes: scope, run: notifyPersonalAdd},
		{name: "im.notify.system.add", scopes: scope, run: notifySystemAdd},
		{name: "im.user.get", scopes: scope, run: imUserGet},
		{name: "im.user.list.get", scopes: scope, run: imUserListGet},
		{name: "im.user.status.get", scopes: scope, run: imStatusGet},
		{name: "im.user.status.set", scopes: scope, run: imStatusSet},
	}
}

// The errors that several methods of the messenger share. Where the
// documentation names the status 403, it is that of the rights.
func errNoChatID() error { return badRequest("CHAT_ID_EMPTY", "Chat ID can't be empty") }

func errNoDialogID() error { return badRequest("DIALOG_ID_EMPTY", "Dialog ID can't be empty") }

func errNoIMUser() error { return badRequest("USER_ID_EMPTY", "User ID can't be empty") }

func errChatAccess(description string) error {
	return &restError{http.StatusForbidden, "ACCESS_ERROR", description}
}

// What ACCESS_ERROR says depends on whether the method asks for a chat or for a
// dialog.
const (
	chatUnavailable   = "Action unavailable"
	dialogUnavailable = "You do not have access to the specified dialog"
)

// imObject is object whose whole numbers are values like those of parameters, so
// that whatever reads an answer finds one kind of number.
func imObject(pairs ...any) *phpquery.Array {
	for i, v := range pairs {
		if n, ok := v.(int64); ok {
			pairs[i] = number(n)
		}
	}
	return object(pairs...)
}

// imNumbers is a list of ids in an answer.
func imNumbers(ids []int64) *phpquery.Array {
	a := phpquery.NewArraySize(len(ids))
	for _, id := range ids {
		a.Append(number(id))
	}
	return a
}

// imText is a text of a stored document.
func imText(doc document, name string) string {
	s, _ := doc[name].(string)
	return s
}
