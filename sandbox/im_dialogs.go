package sandbox

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// dialog is a chat as the caller meets it.
type dialog struct {
	id      int64 // of the chat; 0 for a private dialog without any message yet
	doc     document
	name    string // the DIALOG_ID: chat7, sg1, or the id of the other user
	members []member
	me      *member // the caller among the members; nil when it is none of them
}

// enters tells whether the caller may look into the chat. Open chats are open
// to employees.
func (d *dialog) enters(c *call, tx *sql.Tx) (bool, error) {
	if d.me != nil || d.id == 0 {
		return true, nil
	}
	if d.doc["TYPE"] != chatOpen {
		return false, nil
	}
	limit, err := visibleUsers(c, tx)
	return limit.sql == "", err
}

// visible is the condition of the messages that the caller may see.
func (d *dialog) visible() condition {
	start := int64(0)
	if d.me != nil {
		start = d.me.start
	}
	return condition{messageChat() + " = ? AND id > ?", []any{d.id, start}}
}

// loadDialog reads a chat by its id; nil when there is none.
func loadDialog(c *call, tx *sql.Tx, id int64, name string) (*dialog, error) {
	doc, err := chatEntity.find(c.ctx, tx, id)
	if err != nil || doc == nil || doc["TYPE"] == chatSystem {
		return nil, err
	}
	members, err := membersOf(c.ctx, tx, id)
	if err != nil {
		return nil, err
	}
	return &dialog{id: id, doc: doc, name: name, members: members, me: memberOf(members, c.who.userID)}, nil
}

// dialogByName finds the dialog that a DIALOG_ID names: chatN, sgN of a
// workgroup, or N of a user. It is nil when there is none. A private dialog
// without any message yet has no chat.
func dialogByName(c *call, tx *sql.Tx, name string) (*dialog, error) {
	if text, ok := strings.CutPrefix(name, "sg"); ok {
		id, err := chatOfObject(c.ctx, tx, "SONET_GROUP", text)
		if err != nil || id == 0 {
			return nil, err
		}
		return loadDialog(c, tx, id, name)
	}
	if text, ok := strings.CutPrefix(name, "chat"); ok {
		return loadDialog(c, tx, intval(text), name)
	}
	other := intval(name)
	visible, err := imSees(c, tx, other)
	if err != nil {
		return nil, err
	}
	user, err := userEntity.find(c.ctx, tx, other)
	if err != nil || user == nil {
		return nil, err
	}
	id, err := privateChat(c, tx, other)
	if err != nil {
		return nil, err
	}
	if id != 0 {
		return loadDialog(c, tx, id, name)
	}
	if !visible {
		return nil, nil
	}
	return newPrivate(c.who.userID, other), nil
}

// isDialogName tells whether a text has one of the forms of a DIALOG_ID.
func isDialogName(name string) bool {
	for _, prefix := range []string{"chat", "sg"} {
		if text, ok := strings.CutPrefix(name, prefix); ok {
			return intval(text) > 0
		}
	}
	return intval(name) > 0
}

// newPrivate is a dialog of two users that have not written yet.
func newPrivate(me, other int64) *dialog {
	members := []member{{userID: me}, {userID: other}}
	if me == other {
		members = members[:1]
	}
	return &dialog{
		doc:  document{"TYPE": chatPrivate, "PAIR": pairOf(me, other), "OWNER_ID": number(me)},
		name: phpquery.Text(other), members: members, me: &members[0],
	}
}

// pairOf names the two users of a private dialog, whoever began it.
func pairOf(a, b int64) string { return fmt.Sprintf("%d:%d", min(a, b), max(a, b)) }

// privateChat is the chat of the caller and another user; 0 when they have none.
func privateChat(c *call, tx *sql.Tx, other int64) (int64, error) {
	return chatOfPair(c.ctx, tx, pairOf(c.who.userID, other))
}

// create makes the chat of a private dialog that has none.
func (d *dialog) create(c *call, tx *sql.Tx) error {
	if d.id != 0 {
		return nil
	}
	d.doc["DATE_CREATE"] = storedTime(c.sb.now())
	var err error
	if d.id, err = chatEntity.insert(c.ctx, tx, d.doc); err != nil {
		return err
	}
	for _, m := range d.members {
		if err := addMember(c.ctx, tx, d.id, m.userID, 0, 0); err != nil {
			return err
		}
	}
	return nil
}

// dialogParam is the dialog that DIALOG_ID names, which the caller may look
// into.
func dialogParam(c *call, tx *sql.Tx, refusal string) (*dialog, error) {
	name := c.text("DIALOG_ID")
	if !isDialogName(name) {
		return nil, errNoDialogID()
	}
	d, err := dialogByName(c, tx, name)
	if err != nil {
		return nil, err
	}
	return d, checkEnters(c, tx, d, refusal)
}

// chatParam is the group chat that CHAT_ID names, or DIALOG_ID in its place.
// absent is the error for a chat that does not exist.
func chatParam(c *call, tx *sql.Tx, absent error) (*dialog, error) {
	id := c.id("CHAT_ID")
	if name := c.text("DIALOG_ID"); id <= 0 && name != "" {
		text, isChat := strings.CutPrefix(name, "chat")
		if id = intval(text); !isChat || id <= 0 {
			return nil, errNoDialogID()
		}
	}
	if id <= 0 {
		return nil, errNoChatID()
	}
	d, err := loadDialog(c, tx, id, "chat"+phpquery.Text(number(id)))
	switch {
	case err != nil:
		return nil, err
	case d == nil:
		return nil, absent
	case d.doc["TYPE"] == chatPrivate:
		return nil, errChatAccess(chatUnavailable)
	}
	return d, checkEnters(c, tx, d, chatUnavailable)
}

// eitherParam is the dialog of any kind that CHAT_ID or DIALOG_ID names; nil
// when there is none.
func eitherParam(c *call, tx *sql.Tx) (*dialog, error) {
	_, given := c.params.GetFold("DIALOG_ID")
	id := c.id("CHAT_ID")
	switch {
	case id > 0:
		return loadDialog(c, tx, id, "")
	case !given:
		return nil, errNoChatID()
	case !isDialogName(c.text("DIALOG_ID")):
		return nil, errNoDialogID()
	}
	return dialogByName(c, tx, c.text("DIALOG_ID"))
}

// join makes the caller a member, of an open chat or of a private dialog that
// begins.
func (d *dialog) join(c *call, tx *sql.Tx) error {
	if err := d.create(c, tx); err != nil || d.me != nil {
		return err
	}
	last, err := lastMessage(c.ctx, tx, d.id, allMessages)
	if err != nil {
		return err
	}
	return invite(c, tx, d, []any{number(c.who.userID)}, 0, last)
}

// checkEnters refuses a dialog that does not exist or that is closed to the
// caller.
func checkEnters(c *call, tx *sql.Tx, d *dialog, refusal string) error {
	if d == nil {
		return errChatAccess(refusal)
	}
	enters, err := d.enters(c, tx)
	if err == nil && !enters {
		err = errChatAccess(refusal)
	}
	return err
}

// dialogWriting accepts that the caller is typing. Nobody sees it in the
// sandbox, so only the rights are checked.
//
// https://apidocs.bitrix24.com/api-reference/chats/messages/im-dialog-writing.html
func dialogWriting(c *call) (result, error) {
	return c.reading(func(tx *sql.Tx) (result, error) {
		_, err := dialogParam(c, tx, chatUnavailable)
		return result{value: true}, err
	})
}

// dialogGet answers what the caller knows of a dialog. A private one gets its
// chat by being asked for.
//
// https://apidocs.bitrix24.com/api-reference/chats/im-dialog-get.html
func dialogGet(c *call) (result, error) {
	answer, err := c.reading(func(tx *sql.Tx) (result, error) { return showDialog(c, tx, false) })
	if err != nil || answer.value != nil {
		return answer, err
	}
	return c.writing(func(tx *sql.Tx) (result, error) { return showDialog(c, tx, true) })
}

// showDialog answers nothing for a dialog that has no chat, unless it may make
// one.
func showDialog(c *call, tx *sql.Tx, begin bool) (result, error) {
	d, err := dialogParam(c, tx, dialogUnavailable)
	if err == nil && begin {
		err = d.create(c, tx)
	}
	if err != nil || d.id == 0 {
		return result{}, err
	}
	shown, err := d.show(c, tx)
	return result{value: shown}, err
}

// chatOfPair is the chat with that mark; 0 when there is none.
func chatOfPair(ctx context.Context, tx *sql.Tx, pair string) (int64, error) {
	f, _ := chatEntity.field("PAIR")
	rows, err := chatEntity.all(ctx, tx, condition{f.expression() + " = ?", []any{pair}})
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].id, nil
}
