package sandbox

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/oint-go/oint/internal/phpquery"
)

// messageEntity is a message of a chat. Notifications are messages in the chat
// that holds those of one user, so that ids are never given twice.
//
// https://apidocs.bitrix24.com/api-reference/chats/messages/im-dialog-messages-get.html
var messageEntity = &entity{
	name: "im_message",
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "CHAT_ID", kind: integerKind, readOnly: true, indexed: true},
		{name: "AUTHOR_ID", kind: integerKind, readOnly: true}, // 0 for the system
		{name: "DATE", kind: momentKind, readOnly: true},
		{name: "TEXT", kind: textKind, readOnly: true},
		{name: "UUID", kind: textKind, readOnly: true},
		{name: "PARAMS", kind: treeKind, readOnly: true},
		{name: "QUIET", kind: flagKind, readOnly: true}, // never counts as unread
		{name: "DELETED", kind: flagKind, readOnly: true},
		{name: "NOTIFY_TYPE", kind: integerKind, readOnly: true},
		{name: "NOTIFY_TAG", kind: textKind, readOnly: true, indexed: true},
		{name: "NOTIFY_SUB_TAG", kind: textKind, readOnly: true, indexed: true},
		{name: "NOTIFY_READ", kind: flagKind, readOnly: true},
	},
}

// likeSchema is who likes which message.
const likeSchema = `CREATE TABLE IF NOT EXISTS data_im_like (message_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
	PRIMARY KEY (message_id, user_id)) WITHOUT ROWID;
`

const (
	// maxMessage is the length of a message in characters; the rest is cut off.
	maxMessage = 20_000

	// editTime is how long a message can be changed and deleted. On a portal it
	// is a setting.
	editTime = 3 * 24 * time.Hour
)

func errNoMessageID() error { return badRequest("MESSAGE_ID_ERROR", "Message ID can't be empty") }

func errCannotEdit() error {
	return &restError{http.StatusForbidden, "CANT_EDIT_MESSAGE", "Time has expired for modification or you don't have access"}
}

// messageChat is the SQL of the chat that a message is in.
func messageChat() string {
	f, _ := messageEntity.field("CHAT_ID")
	return f.expression()
}

// messageText is a text as it is stored.
func messageText(text string) string {
	text = clean(text)
	if utf8.RuneCountInString(text) > maxMessage {
		text = string([]rune(text)[:maxMessage]) + " (...)"
	}
	return text
}

// postMessage puts a message into a chat. Who writes has read everything before
// it.
func postMessage(c *call, tx *sql.Tx, chatID int64, doc document) (int64, error) {
	doc["CHAT_ID"], doc["DATE"] = number(chatID), storedTime(c.sb.now())
	if intOf(doc["AUTHOR_ID"]) != 0 {
		doc["UUID"] = newUUID()
	}
	id, err := messageEntity.insert(c.ctx, tx, doc)
	if err != nil || doc["QUIET"] == true {
		return id, err
	}
	return id, readUpTo(c, tx, chatID, id)
}

// systemMessage says in a chat what happened to it. Nobody has to read it.
func systemMessage(c *call, tx *sql.Tx, chatID int64, text, code string) error {
	params := phpquery.NewArray()
	if code != "" {
		params.Set("CODE", phpquery.List(code))
	}
	params.Set("NOTIFY", "N")
	_, err := postMessage(c, tx, chatID, document{"AUTHOR_ID": number(0), "TEXT": text, "PARAMS": plain(params), "QUIET": true})
	return err
}

// newUUID is a random UUID (version 4).
func newUUID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// lastMessage is the greatest id of a chat's messages that is not above the
// limit; 0 when there is none.
func lastMessage(ctx context.Context, tx *sql.Tx, chatID, limit int64) (id int64, err error) {
	err = tx.QueryRowContext(ctx, "SELECT ifnull(max(id), 0) FROM "+messageEntity.table()+" WHERE "+messageChat()+" = ? AND id <= ?", chatID, limit).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("read messages: %w", err)
	}
	return id, nil
}

// messageAdd posts a message. Whoever writes into an open chat joins it.
//
// https://apidocs.bitrix24.com/api-reference/chats/messages/im-message-add.html
func messageAdd(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		d, err := writeTo(c, tx)
		if err != nil {
			return result{}, err
		}
		doc := document{"AUTHOR_ID": number(c.who.userID), "TEXT": messageText(c.text("MESSAGE"))}
		params, err := newMessageParams(c, tx, d)
		if err != nil {
			return result{}, err
		}
		if _, attached := params.Get("ATTACH"); doc["TEXT"] == "" && !attached {
			return result{}, badRequest("MESSAGE_EMPTY", "Message can't be empty")
		}
		doc["PARAMS"] = plain(params)
		if strings.EqualFold(c.text("SYSTEM"), "Y") {
			doc["AUTHOR_ID"] = number(0)
		}
		if err := d.join(c, tx); err != nil {
			return result{}, err
		}
		id, err := postMessage(c, tx, d.id, doc)
		return result{value: number(id), record: id}, err
	})
}

// writeTo is the dialog that DIALOG_ID names, in which the caller may write.
func writeTo(c *call, tx *sql.Tx) (*dialog, error) {
	name := c.text("DIALOG_ID")
	if !isDialogName(name) {
		return nil, errNoIMUser()
	}
	d, err := dialogByName(c, tx, name)
	if err != nil {
		return nil, err
	}
	if d == nil {
		if intval(name) > 0 {
			return nil, badRequest("USER_NOT_FOUND", "User not found")
		}
		return nil, badRequest("CHAT_ID", "Error creating message")
	}
	return d, checkEnters(c, tx, d, chatUnavailable)
}

// newMessageParams are the params of a new message: its blocks, its buttons and
// what it replies to.
func newMessageParams(c *call, tx *sql.Tx, d *dialog) (*phpquery.Array, error) {
	params := phpquery.NewArray()
	if err := setExtras(c, params); err != nil {
		return nil, err
	}
	if reply := c.id("REPLY_ID"); reply > 0 {
		message, err := messageEntity.find(c.ctx, tx, reply)
		switch {
		case err != nil:
			return nil, err
		case message == nil:
			return nil, &restError{http.StatusForbidden, "REPLY_ACCESS_ERROR", chatUnavailable}
		case intOf(message["CHAT_ID"]) != d.id:
			return nil, badRequest("REPLY_FROM_OTHER_CHAT_ERROR", "You can only reply to a message within the same chat")
		}
		params.Set("REPLY_ID", number(reply))
	}
	return params, nil
}

// changeable is the message that MESSAGE_ID names, which the caller may change:
// its author for some days, and for deleting also the owner of a group chat.
func changeable(c *call, tx *sql.Tx, byOwner bool) (int64, document, error) {
	id := c.id("MESSAGE_ID")
	if id <= 0 {
		return 0, nil, errNoMessageID()
	}
	doc, err := messageEntity.found(c.ctx, tx, id, errCannotEdit())
	if err != nil {
		return 0, nil, err
	}
	d, err := loadDialog(c, tx, intOf(doc["CHAT_ID"]), "")
	if err != nil {
		return 0, nil, err
	}
	written, ok := timeOf(doc["DATE"])
	switch {
	case d == nil || d.me == nil || doc["DELETED"] == true:
		return 0, nil, errCannotEdit()
	case byOwner && d.doc["TYPE"] != chatPrivate && intOf(d.doc["OWNER_ID"]) == c.who.userID:
	case intOf(doc["AUTHOR_ID"]) != c.who.userID, !ok || c.sb.now().Sub(written) > editTime:
		return 0, nil, errCannotEdit()
	}
	return id, doc, nil
}

// messageUpdate changes a message. An empty text deletes it.
//
// https://apidocs.bitrix24.com/api-reference/chats/messages/im-message-update.html
func messageUpdate(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		id, before, err := changeable(c, tx, false)
		if err != nil {
			return result{}, err
		}
		after := before.clone()
		params := messageParams(before)
		if err := setExtras(c, params); err != nil {
			return result{}, err
		}
		_, rewritten := c.params.GetFold("MESSAGE")
		if rewritten {
			after["TEXT"] = messageText(c.text("MESSAGE"))
		}
		if after["TEXT"] == "" && rewritten {
			return result{value: true, record: id}, erase(c, tx, id, before)
		}
		_, attached := c.params.GetFold("ATTACH")
		if rewritten || attached && !strings.EqualFold(c.text("IS_EDITED"), "N") {
			params.Set("IS_EDITED", "Y")
		}
		after["PARAMS"] = plain(params)
		return result{value: true, record: id}, messageEntity.update(c.ctx, tx, id, before, after)
	})
}

// messageDelete deletes a message: what it said is gone, that it was there is
// not.
//
// https://apidocs.bitrix24.com/api-reference/chats/messages/im-message-delete.html
func messageDelete(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		id, doc, err := changeable(c, tx, true)
		if err != nil {
			return result{}, err
		}
		return result{value: true, record: id}, erase(c, tx, id, doc)
	})
}

func erase(c *call, tx *sql.Tx, id int64, before document) error {
	after := before.clone()
	after["TEXT"], after["DELETED"] = "This message was deleted.", true
	after["PARAMS"] = plain(imObject("IS_DELETED", "Y"))
	if _, err := tx.ExecContext(c.ctx, "DELETE FROM data_im_like WHERE message_id = ?", id); err != nil {
		return err
	}
	return messageEntity.update(c.ctx, tx, id, before, after)
}

// messageParams are the stored params of a message.
func messageParams(doc document) *phpquery.Array {
	if a, ok := wire(doc["PARAMS"]).(*phpquery.Array); ok {
		return a
	}
	return phpquery.NewArray()
}

// messageLike sets, takes away or turns round the caller's like.
//
// https://apidocs.bitrix24.com/api-reference/chats/messages/im-message-like.html
func messageLike(c *call) (result, error) {
	id := c.id("MESSAGE_ID")
	if id <= 0 {
		return result{}, errNoMessageID()
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		doc, err := messageEntity.find(c.ctx, tx, id)
		if err != nil {
			return result{}, err
		}
		d, err := loadDialog(c, tx, intOf(doc["CHAT_ID"]), "")
		if err != nil {
			return result{}, err
		}
		unchanged := badRequest("WITHOUT_CHANGES", "Action completed without changes")
		if d == nil || d.me == nil || id <= d.me.start || doc["DELETED"] == true {
			return result{}, unchanged
		}
		change := "DELETE FROM data_im_like WHERE message_id = ? AND user_id = ?"
		likes, err := likesOf(c, tx, id)
		if err != nil {
			return result{}, err
		}
		liked := likes[c.who.userID]
		switch action := strings.ToLower(c.text("ACTION")); {
		case action == "plus" && liked, action == "minus" && !liked:
			return result{}, unchanged
		case !liked:
			change = "INSERT INTO data_im_like VALUES (?, ?)"
		}
		_, err = tx.ExecContext(c.ctx, change, id, c.who.userID)
		return result{value: true, record: id}, err
	})
}
