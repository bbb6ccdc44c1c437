package sandbox

import (
	"database/sql"
	"net/http"

	"github.com/oint-go/oint/internal/phpquery"
)

// chatUserList answers the ids of a chat's members.
//
// https://apidocs.bitrix24.com/api-reference/chats/chat-users/im-chat-user-list.html
func chatUserList(c *call) (result, error) {
	return c.reading(func(tx *sql.Tx) (result, error) {
		d, err := chatParam(c, tx, errChatAccess(chatUnavailable))
		if err != nil {
			return result{}, err
		}
		return result{value: imNumbers(memberIDs(d.members))}, nil
	})
}

// chatUserAdd invites users into a chat. An employee may let himself into an
// open one.
//
// https://apidocs.bitrix24.com/api-reference/chats/chat-users/im-chat-user-add.html
func chatUserAdd(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		d, err := chatParam(c, tx, errChatAccess(chatUnavailable))
		if err != nil {
			return result{}, err
		}
		if _, extend, _, _ := chatLimits(d.doc); !extend {
			return result{}, errChatAccess("It is forbidden to add users to this chat")
		}
		given, _ := c.params.GetFold("USERS")
		users := elements(given)
		if d.me == nil && (len(users) != 1 || intval(phpquery.Text(users[0])) != c.who.userID) {
			return result{}, &restError{http.StatusForbidden, "ACCESS_DENIED_EXTEND", "Insufficient permissions to add participants to the chat"}
		}
		last, err := lastMessage(c.ctx, tx, d.id, allMessages)
		if err != nil {
			return result{}, err
		}
		start := last
		if c.text("HIDE_HISTORY") == "N" {
			start = 0
		}
		return result{value: true, record: d.id}, invite(c, tx, d, users, start, last)
	})
}

// chatUserDelete excludes a member from a chat. The owner may, and everybody may
// go.
//
// https://apidocs.bitrix24.com/api-reference/chats/chat-users/im-chat-user-delete.html
func chatUserDelete(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		d, err := chatParam(c, tx, errChatAccess(chatUnavailable))
		if err != nil {
			return result{}, err
		}
		user := c.id("USER_ID")
		owner := intOf(d.doc["OWNER_ID"])
		switch {
		case user <= 0:
			return result{}, errNoIMUser()
		case d.me == nil:
			return result{}, errChatKick("Insufficient rights to exclude participants from the chat")
		case memberOf(d.members, user) == nil:
			return result{}, badRequest("USER_NOT_FOUND", "The specified user is not in the chat")
		case user != c.who.userID && owner != c.who.userID:
			return result{}, errChatKick("Insufficient rights to exclude participants from the chat")
		}
		return result{value: true, record: d.id}, d.leave(c, tx, user)
	})
}

// chatLeave takes the caller out of a chat.
//
// https://apidocs.bitrix24.com/api-reference/chats/chat-users/im-chat-leave.html
func chatLeave(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		d, err := chatParam(c, tx, errChatAccess(chatUnavailable))
		if err != nil {
			return result{}, err
		}
		if d.me == nil {
			return result{}, errChatKick("Access denied to kick user from chat")
		}
		return result{value: true, record: d.id}, d.leave(c, tx, c.who.userID)
	})
}

// leave takes a member out of the chat. When its owner goes, the chat belongs to
// the member that is longest there.
func (d *dialog) leave(c *call, tx *sql.Tx, user int64) error {
	owner := intOf(d.doc["OWNER_ID"])
	if _, _, leave, leaveOwner := chatLimits(d.doc); !leave || user == owner && !leaveOwner {
		return errChatAccess("It is forbidden to delete users of this chat")
	}
	if err := dropMember(c, tx, d.id, user); err != nil {
		return err
	}
	if err := shareFolder(c, tx, d); err != nil {
		return err
	}
	if user == owner {
		after := d.doc.clone()
		for _, m := range d.members {
			if m.userID != user {
				after["OWNER_ID"] = number(m.userID)
				break
			}
		}
		if err := chatEntity.update(c.ctx, tx, d.id, d.doc, after); err != nil {
			return err
		}
	}
	me, err := mention(c.ctx, tx, c.who.userID)
	if err != nil {
		return err
	}
	if user == c.who.userID {
		return systemMessage(c, tx, d.id, me+" left the chat", "CHAT_LEAVE")
	}
	other, err := mention(c.ctx, tx, user)
	if err != nil {
		return err
	}
	return systemMessage(c, tx, d.id, me+" excluded "+other+" from the chat", "CHAT_LEAVE")
}
