package sandbox

import (
	"context"
	"crypto/md5"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// The types of notifications: from a user and from the system.
const (
	notifyFrom   = 2
	notifySystem = 4
)

// maxNotifyPage is both the usual and the greatest page of im.notify.get.
const maxNotifyPage = 50

// notifyPair marks the chat that holds the notifications of a user.
func notifyPair(userID int64) string { return fmt.Sprintf("notifications:%d", userID) }

// notifyPersonalAdd notifies a user in the name of the caller.
//
// https://apidocs.bitrix24.com/api-reference/chats/notifications/im-notify-personal-add.html
func notifyPersonalAdd(c *call) (result, error) { return notifyAdd(c, c.who.userID, notifyFrom) }

// notifySystemAdd notifies a user in nobody's name.
//
// https://apidocs.bitrix24.com/api-reference/chats/notifications/im-notify-system-add.html
func notifySystemAdd(c *call) (result, error) { return notifyAdd(c, 0, notifySystem) }

func notifyAdd(c *call, author, kind int64) (result, error) {
	user := c.id("USER_ID")
	if user <= 0 {
		return result{}, errNoIMUser()
	}
	text := messageText(strings.TrimSpace(c.text("MESSAGE")))
	if text == "" {
		return result{}, badRequest("MESSAGE_EMPTY", "Message can't be empty")
	}
	params := phpquery.NewArray()
	if given, ok := c.params.GetFold("ATTACH"); ok {
		attach, err := extras[0].take(given)
		if err != nil {
			return result{}, err
		}
		if attach != nil {
			params.Set("ATTACH", attach)
		}
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		to, err := userEntity.find(c.ctx, tx, user)
		if err != nil || to == nil {
			return result{value: false}, err
		}
		chatID, err := notifyChat(c, tx, user)
		if err != nil {
			return result{}, err
		}
		doc := document{"AUTHOR_ID": number(author), "TEXT": text, "NOTIFY_TYPE": number(kind), "NOTIFY_READ": false}
		if params.Len() > 0 {
			doc["PARAMS"] = plain(params)
		}
		if sub := c.text("SUB_TAG"); sub != "" {
			doc["NOTIFY_SUB_TAG"] = c.appTag(sub)
		}
		if tag := c.text("TAG"); tag != "" {
			doc["NOTIFY_TAG"] = c.appTag(tag)
			if err := dropNotifications(c.ctx, tx, "NOTIFY_TAG", c.appTag(tag), chatID); err != nil {
				return result{}, err
			}
		}
		id, err := postMessage(c, tx, chatID, doc)
		return result{value: number(id), record: id}, err
	})
}

// notifyChat is the chat with the notifications of a user, made when it is
// needed first.
func notifyChat(c *call, tx *sql.Tx, user int64) (int64, error) {
	id, err := chatOfPair(c.ctx, tx, notifyPair(user))
	if err != nil || id != 0 {
		return id, err
	}
	return chatEntity.insert(c.ctx, tx, document{
		"TYPE": chatSystem, "PAIR": notifyPair(user), "OWNER_ID": number(user), "DATE_CREATE": storedTime(c.sb.now()),
	})
}

// client is the application that a tag belongs to: the caller's, or for a
// webhook the one it names.
func (c *call) client() string {
	if c.who.clientID != "" {
		return c.who.clientID
	}
	return c.text("CLIENT_ID")
}

// appTag is a tag as it is stored: a tag is unique within its application only.
func (c *call) appTag(tag string) string {
	sum := md5.Sum([]byte(c.client()))
	return "MP|" + hex.EncodeToString(sum[:])[:5] + "|" + tag
}

// dropNotifications deletes the notifications with a tag, in one chat or with 0
// in all.
func dropNotifications(ctx context.Context, tx *sql.Tx, field, tag string, chatID int64) error {
	f, _ := messageEntity.field(field)
	where := condition{f.expression() + " = ?", []any{fold(tag)}}
	if chatID != 0 {
		where = and(where, condition{messageChat() + " = ?", []any{chatID}})
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM "+messageEntity.table()+" WHERE "+where.sql, where.args...)
	return err
}

// notifyDelete deletes one of the caller's notifications, or those with a tag of
// the caller's application, whoever got them.
//
// https://apidocs.bitrix24.com/api-reference/chats/notifications/im-notify-delete.html
func notifyDelete(c *call) (result, error) {
	id, tag, sub := c.id("ID"), c.text("TAG"), c.text("SUB_TAG")
	switch {
	case id <= 0 && tag == "" && sub == "":
		return result{}, badRequest("PARAMS_ERROR", "Incorrect params")
	case id <= 0 && c.client() == "":
		return result{}, &restError{http.StatusForbidden, "ACCESS_DENIED", "Access denied! Client ID not specified"}
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		switch {
		case id <= 0 && tag != "":
			return result{value: true}, dropNotifications(c.ctx, tx, "NOTIFY_TAG", c.appTag(tag), 0)
		case id <= 0:
			return result{value: true}, dropNotifications(c.ctx, tx, "NOTIFY_SUB_TAG", c.appTag(sub), 0)
		}
		own, err := chatOfPair(c.ctx, tx, notifyPair(c.who.userID))
		if err != nil {
			return result{}, err
		}
		doc, err := messageEntity.find(c.ctx, tx, id)
		if err != nil || doc == nil || own == 0 || intOf(doc["CHAT_ID"]) != own {
			return result{value: false}, err
		}
		return result{value: true, record: id}, messageEntity.remove(c.ctx, tx, id)
	})
}

// notifyGet answers the caller's notifications, the newest first.
//
// https://apidocs.bitrix24.com/api-reference/chats/notifications/im-notify-get.html
func notifyGet(c *call) (result, error) {
	last, lastGiven := c.params.GetFold("LAST_ID")
	_, typeGiven := c.params.GetFold("LAST_TYPE")
	if lastGiven != typeGiven {
		return result{}, badRequest("LAST_ID_AND_LAST_TYPE", "Parameters LAST_ID and LAST_TYPE should be used together.")
	}
	before := int64(allMessages)
	if lastGiven {
		n, ok := phpquery.Int(last)
		if !ok {
			return result{}, badRequest("LAST_ID_STRING", "Last notification ID can't be string")
		}
		before = n
	}
	limit := c.id("LIMIT")
	if limit <= 0 || limit > maxNotifyPage {
		limit = maxNotifyPage
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		chatID, err := chatOfPair(c.ctx, tx, notifyPair(c.who.userID))
		if err != nil {
			return result{}, err
		}
		answer := phpquery.NewArray()
		if err := countNotifications(c.ctx, tx, chatID, answer); err != nil {
			return result{}, err
		}
		query := fmt.Sprintf("SELECT id, doc FROM %s WHERE %s = ? AND id < ? ORDER BY id DESC LIMIT %d", messageEntity.table(), messageChat(), limit)
		found, err := tx.QueryContext(c.ctx, query, chatID, before)
		if err != nil {
			return result{}, fmt.Errorf("read notifications: %w", err)
		}
		rows, err := scanRows(found)
		if err != nil {
			return result{}, err
		}
		list, authors := phpquery.NewArray(), []int64{}
		for _, r := range rows {
			list.Append(showNotification(r))
			authors = append(authors, intOf(r.doc["AUTHOR_ID"]))
		}
		users, err := imUsers(c, tx, authors)
		answer.Set("notifications", list)
		answer.Set("users", users)
		return result{value: answer}, err
	})
}

// countNotifications sets the totals, unless there are no notifications at all.
func countNotifications(ctx context.Context, tx *sql.Tx, chatID int64, answer *phpquery.Array) error {
	read, _ := messageEntity.field("NOTIFY_READ")
	var total, unread int64
	err := tx.QueryRowContext(ctx, "SELECT count(*), count(*) FILTER (WHERE ifnull("+read.expression()+", 0) = 0) FROM "+
		messageEntity.table()+" WHERE "+messageChat()+" = ?", chatID).Scan(&total, &unread)
	if err != nil {
		return fmt.Errorf("count notifications: %w", err)
	}
	if total > 0 {
		answer.Set("total_count", number(total))
		answer.Set("total_unread_count", number(unread))
		answer.Set("chat_id", number(chatID))
	}
	return nil
}

func showNotification(r row) *phpquery.Array {
	params := any(nil)
	if a := messageParams(r.doc); a.Len() > 0 {
		params = a
	}
	return imObject("id", r.id, "chat_id", intOf(r.doc["CHAT_ID"]), "author_id", intOf(r.doc["AUTHOR_ID"]), "date", messageDate(r.doc),
		"notify_type", intOf(r.doc["NOTIFY_TYPE"]), "notify_module", "rest", "notify_event", "rest_notify",
		"notify_tag", imText(r.doc, "NOTIFY_TAG"), "notify_sub_tag", imText(r.doc, "NOTIFY_SUB_TAG"), "notify_title", "",
		"setting_name", "rest|rest_notify", "text", imText(r.doc, "TEXT"), "notify_read", showLetter(showing{}, r.doc["NOTIFY_READ"]),
		"params", params)
}
