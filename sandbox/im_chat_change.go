package sandbox

import (
	"bytes"
	"database/sql"
	"fmt"
	"image"
	_ "image/gif"  // avatars
	_ "image/jpeg" // avatars
	_ "image/png"  // avatars
	"net/http"
	"strings"
)

// changingChat runs a change of the looks of the chat that CHAT_ID names. Every
// member may change them. The change answers what the chat says about it.
func (c *call) changingChat(absent error, change func(*sql.Tx, *dialog, document) (string, error)) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		d, err := chatParam(c, tx, absent)
		if err != nil {
			return result{}, err
		}
		if d.me == nil {
			return result{}, errChatAccess(chatUnavailable)
		}
		after := d.doc.clone()
		said, err := change(tx, d, after)
		if err != nil || said == "" {
			return result{value: true, record: d.id}, err
		}
		if err := chatEntity.update(c.ctx, tx, d.id, d.doc, after); err != nil {
			return result{}, err
		}
		me, err := mention(c.ctx, tx, c.who.userID)
		if err != nil {
			return result{}, err
		}
		return result{value: true, record: d.id}, systemMessage(c, tx, d.id, me+" "+said, "")
	})
}

// chatUpdateTitle renames a chat.
//
// https://apidocs.bitrix24.com/api-reference/chats/chat-update/im-chat-update-title.html
func chatUpdateTitle(c *call) (result, error) {
	return c.changingChat(errChatAccess(chatUnavailable), func(_ *sql.Tx, d *dialog, after document) (string, error) {
		field, _ := chatEntity.field("TITLE")
		title, err := field.takeOne(chatTitle(c.text("TITLE")))
		if err != nil {
			return "", err
		}
		rename, _, _, _ := chatLimits(d.doc)
		switch {
		case title == "":
			return "", badRequest("TITLE_EMPTY", "Title can't be empty")
		case !rename:
			return "", errChatAccess("This chat cannot be renamed")
		case title == after["TITLE"]:
			return "", nil
		}
		after["TITLE"] = title
		return fmt.Sprintf("changed the chat title to %q", title), nil
	})
}

// chatUpdateColor changes the colour of a chat.
//
// https://apidocs.bitrix24.com/api-reference/chats/chat-update/im-chat-update-color.html
func chatUpdateColor(c *call) (result, error) {
	same := badRequest("WRONG_REQUEST", "This color currently set or chat doesn't exist")
	return c.changingChat(same, func(_ *sql.Tx, _ *dialog, after document) (string, error) {
		color, ok := chatColorOf(c.text("COLOR"))
		switch {
		case !ok:
			return "", badRequest("WRONG_COLOR", "This color currently unavailable")
		case color.name == after["COLOR"]:
			return "", same
		}
		after["COLOR"] = color.name
		return fmt.Sprintf("changed the chat color to %q", color.title), nil
	})
}

// chatUpdateAvatar replaces the picture of a chat.
//
// https://apidocs.bitrix24.com/api-reference/chats/chat-update/im-chat-update-avatar.html
func chatUpdateAvatar(c *call) (result, error) {
	return c.changingChat(badRequest("WRONG_REQUEST", "Chat doesn't exist"), func(tx *sql.Tx, d *dialog, after document) (string, error) {
		if rename, _, _, _ := chatLimits(d.doc); !rename {
			return "", errChatAccess("The avatar of this chat cannot be changed")
		}
		picture, ok := chatPicture(c.text("AVATAR"))
		if !ok {
			return "", badRequest("AVATAR_ERROR", "Avatar incorrect type")
		}
		size, _, err := image.DecodeConfig(bytes.NewReader(picture.content))
		if err == nil && (size.Width > maxPicture || size.Height > maxPicture) {
			return "", badRequest("AVATAR_ERROR", "Avatar incorrect size (max 5000x5000)")
		}
		stored, err := keepFiles(c.ctx, tx, after["AVATAR"], picture)
		if err != nil {
			return "", err
		}
		after["AVATAR"] = stored
		return "changed the chat avatar", nil
	})
}

// chatSetOwner gives a chat to another member. Only its owner may.
//
// https://apidocs.bitrix24.com/api-reference/chats/chat-update/im-chat-set-owner.html
func chatSetOwner(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		d, err := chatParam(c, tx, errChatAccess(chatUnavailable))
		if err != nil {
			return result{}, err
		}
		user := c.id("USER_ID")
		if user <= 0 {
			return result{}, errNoIMUser()
		}
		if intOf(d.doc["OWNER_ID"]) != c.who.userID || memberOf(d.members, user) == nil {
			return result{}, badRequest("WRONG_REQUEST", "Change owner can only owner and user must be member in chat")
		}
		after := d.doc.clone()
		after["OWNER_ID"] = number(user)
		return result{value: true, record: d.id}, chatEntity.update(c.ctx, tx, d.id, d.doc, after)
	})
}

// chatMute turns the caller's notifications about a dialog off or on.
//
// https://apidocs.bitrix24.com/api-reference/chats/special-operations/im-chat-mute.html
func chatMute(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		d, err := eitherParam(c, tx)
		if err != nil {
			return result{}, err
		}
		if d == nil || d.me == nil {
			return result{}, errChatAccess("This chat cannot be muted")
		}
		if err := d.create(c, tx); err != nil {
			return result{}, err
		}
		_, err = tx.ExecContext(c.ctx, "UPDATE data_im_member SET muted = ? WHERE chat_id = ? AND user_id = ?",
			!strings.EqualFold(c.text("MUTE"), "N"), d.id, c.who.userID)
		return result{value: true, record: d.id}, err
	})
}

func errChatKick(description string) error {
	return &restError{http.StatusForbidden, "ACCESS_DENIED_KICK", description}
}
