package sandbox

import (
	"database/sql"
	"fmt"

	"github.com/oint-go/oint/internal/phpquery"
)

// unreadBy is the condition of the messages that a member still has to read.
// Nobody has to read own messages and what the system says.
func unreadBy(m *member) condition {
	author, _ := messageEntity.field("AUTHOR_ID")
	quiet, _ := messageEntity.field("QUIET")
	return condition{"id > ? AND " + author.expression() + " <> ? AND ifnull(" + quiet.expression() + ", 0) = 0", []any{m.last, m.userID}}
}

// readUpTo notes that the caller has read a chat up to a message, or all of it.
// What was read stays read.
func readUpTo(c *call, tx *sql.Tx, chatID, messageID int64) error {
	last, err := lastMessage(c.ctx, tx, chatID, messageID)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(c.ctx, "UPDATE data_im_member SET last_id = max(last_id, ?), read_at = ? WHERE chat_id = ? AND user_id = ?",
		last, storedTime(c.sb.now()), chatID, c.who.userID)
	if err != nil {
		return fmt.Errorf("mark as read: %w", err)
	}
	return nil
}

// ownDialog is the dialog that DIALOG_ID names; nil when the caller is no
// member of it.
func ownDialog(c *call, tx *sql.Tx) (*dialog, error) {
	name := c.text("DIALOG_ID")
	if !isDialogName(name) {
		return nil, errNoDialogID()
	}
	d, err := dialogByName(c, tx, name)
	if err != nil || d == nil || d.me == nil || d.id == 0 {
		return nil, err
	}
	return d, nil
}

// dialogRead marks messages as read, up to one of them or all.
//
// https://apidocs.bitrix24.com/api-reference/chats/messages/im-dialog-read.html
func dialogRead(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		d, err := ownDialog(c, tx)
		if err != nil || d == nil {
			return result{value: false}, err
		}
		upTo := c.id("MESSAGE_ID")
		if upTo <= 0 {
			upTo = allMessages
		}
		if err := readUpTo(c, tx, d.id, upTo); err != nil {
			return result{}, err
		}
		if d, err = loadDialog(c, tx, d.id, d.name); err != nil {
			return result{}, err
		}
		read, err := d.reading(c, tx)
		return result{value: imObject("dialogId", d.name, "chatId", d.id, "lastId", d.me.last, "counter", read.counter), record: d.id}, err
	})
}

// dialogUnread marks messages as unread, from one of them on.
//
// https://apidocs.bitrix24.com/api-reference/chats/messages/im-dialog-unread.html
func dialogUnread(c *call) (result, error) {
	first := c.id("MESSAGE_ID")
	if !isDialogName(c.text("DIALOG_ID")) {
		return result{}, errNoDialogID()
	}
	if first <= 0 {
		return result{}, badRequest("MESSAGE_ID_ERROR", "First unread message id can't be empty")
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		d, err := ownDialog(c, tx)
		if err != nil || d == nil {
			return result{value: false}, err
		}
		before, err := lastMessage(c.ctx, tx, d.id, first-1)
		if err != nil {
			return result{}, err
		}
		_, err = tx.ExecContext(c.ctx, "UPDATE data_im_member SET last_id = min(last_id, max(start_id, ?)) WHERE chat_id = ? AND user_id = ?",
			before, d.id, c.who.userID)
		return result{value: true, record: d.id}, err
	})
}

// dialogReadAll marks all messages of the caller's chats as read.
//
// https://apidocs.bitrix24.com/api-reference/chats/special-operations/im-dialog-read-all.html
func dialogReadAll(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		_, err := tx.ExecContext(c.ctx, "UPDATE data_im_member SET read_at = ?, last_id = max(last_id, (SELECT ifnull(max(m.id), 0) FROM "+
			messageEntity.table()+" m WHERE json_extract(m.keys, '$.CHAT_ID') = chat_id)) WHERE user_id = ?", storedTime(c.sb.now()), c.who.userID)
		return result{value: true}, err
	})
}

const (
	memberPage    = 50
	maxMemberPage = 200
)

// dialogUsers answers the members of a dialog, a page at a time.
//
// https://apidocs.bitrix24.com/api-reference/chats/chat-users/im-dialog-users-list.html
func dialogUsers(c *call) (result, error) {
	return c.reading(func(tx *sql.Tx) (result, error) {
		d, err := dialogParam(c, tx, dialogUnavailable)
		if err != nil {
			return result{}, err
		}
		ids := memberIDs(d.members)
		total := int64(len(ids))
		limit := c.id("LIMIT")
		if limit <= 0 {
			limit = memberPage
		}
		limit = min(limit, maxMemberPage)
		start := max(0, c.id("OFFSET"))
		if last := c.id("LAST_ID"); last > 0 {
			start = 0
			for i, id := range ids {
				if id == last {
					start = int64(i) + 1
				}
			}
		}
		end := min(start+limit, total)
		users := phpquery.NewArray()
		if start < end {
			if users, err = imUsers(c, tx, ids[start:end]); err != nil {
				return result{}, err
			}
		}
		answer := result{value: users, total: &total}
		if end < total {
			answer.next = &end
		}
		return answer, nil
	})
}
