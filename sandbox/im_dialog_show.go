package sandbox

import (
	"database/sql"
	"fmt"

	"github.com/oint-go/oint/internal/phpquery"
)

// readState is how far the caller has read a dialog.
type readState struct{ counter, firstUnread, last, messages int64 }

// reading counts the messages that the caller sees and those it has not read.
func (d *dialog) reading(c *call, tx *sql.Tx) (r readState, err error) {
	visible := d.visible()
	err = tx.QueryRowContext(c.ctx, "SELECT count(*), ifnull(max(id), 0) FROM "+messageEntity.table()+" WHERE "+visible.sql, visible.args...).
		Scan(&r.messages, &r.last)
	if err != nil {
		return r, fmt.Errorf("count messages: %w", err)
	}
	if d.me == nil {
		return r, nil
	}
	unread := and(visible, unreadBy(d.me))
	err = tx.QueryRowContext(c.ctx, "SELECT count(*), ifnull(min(id), 0) FROM "+messageEntity.table()+" WHERE "+unread.sql, unread.args...).
		Scan(&r.counter, &r.firstUnread)
	if err != nil {
		return r, fmt.Errorf("count messages: %w", err)
	}
	return r, nil
}

// show is the dialog as im.dialog.get answers it.
func (d *dialog) show(c *call, tx *sql.Tx) (*phpquery.Array, error) {
	read, err := d.reading(c, tx)
	if err != nil {
		return nil, err
	}
	readers, muted, extranet, err := d.others(c, tx)
	if err != nil {
		return nil, err
	}
	views, err := d.views(c, tx, read.last)
	if err != nil {
		return nil, err
	}
	title, color, picture, err := d.face(c, tx)
	if err != nil {
		return nil, err
	}
	lastRead := int64(0)
	if d.me != nil {
		lastRead = d.me.last
	}
	created := ""
	if t, ok := timeOf(d.doc["DATE_CREATE"]); ok {
		created = t.Format(isoLayout)
	}
	owner := intOf(d.doc["OWNER_ID"])
	return imObject("id", d.id, "parent_chat_id", int64(0), "parent_message_id", int64(0),
		"name", title, "description", imText(d.doc, "DESCRIPTION"), "owner", owner, "extranet", extranet,
		"avatar", picture, "color", color, "type", chatKind(d.doc),
		"counter", read.counter, "user_counter", int64(len(d.members)), "message_count", read.messages,
		"unread_id", read.firstUnread, "restrictions", d.restrictions(), "last_message_id", read.last, "last_id", lastRead,
		"marked_id", int64(0), "disk_folder_id", intOf(d.doc["FOLDER_ID"]),
		"entity_type", imText(d.doc, "ENTITY_TYPE"), "entity_id", imText(d.doc, "ENTITY_ID"),
		"entity_data_1", imText(d.doc, "ENTITY_DATA_A"), "entity_data_2", imText(d.doc, "ENTITY_DATA_B"),
		"entity_data_3", imText(d.doc, "ENTITY_DATA_C"), "mute_list", imNumbers(muted), "date_create", created,
		"message_type", imText(d.doc, "TYPE"), "public", "", "role", d.role(c), "entity_link", showChatLink(d.doc),
		"text_field_enabled", true, "background_id", nil, "permissions", chatPermissions(), "is_new", false,
		"readed_list", readers, "manager_list", imNumbers([]int64{owner}), "last_message_views", views,
		"dialog_id", d.name), nil
}

// face is what a dialog is recognized by. A private one has the other user's.
func (d *dialog) face(c *call, tx *sql.Tx) (title, color string, picture any, err error) {
	if d.doc["TYPE"] != chatPrivate {
		named, _ := chatColorOf(imText(d.doc, "COLOR"))
		return imText(d.doc, "TITLE"), named.hex, showChatPicture(c, d.doc), nil
	}
	other := c.who.userID
	for _, m := range d.members {
		if m.userID != c.who.userID {
			other = m.userID
		}
	}
	doc, err := userEntity.find(c.ctx, tx, other)
	if err != nil {
		return "", "", nil, err
	}
	user, err := imUser(c, tx, row{other, doc}, false)
	if err != nil {
		return "", "", nil, err
	}
	picture, _ = user.Get("avatar")
	shade, _ := user.Get("color")
	return fullName(doc), phpquery.Text(shade), picture, nil
}

// others tells how far the other members have read, who muted the chat and
// whether somebody from outside the company is in it.
func (d *dialog) others(c *call, tx *sql.Tx) (readers *phpquery.Array, muted []int64, extranet bool, err error) {
	readers = phpquery.NewArray()
	for _, m := range d.members {
		doc, err := userEntity.find(c.ctx, tx, m.userID)
		if err != nil {
			return nil, nil, false, err
		}
		extranet = extranet || doc["USER_TYPE"] == "extranet"
		if m.muted {
			muted = append(muted, m.userID)
		}
		if m.userID != c.who.userID {
			readers.Append(imObject("user_id", m.userID, "user_name", fullName(doc), "message_id", m.last, "date", m.readDate()))
		}
	}
	return readers, muted, extranet, nil
}

// readDate is when the member read last, or nil.
func (m *member) readDate() any {
	if t, ok := timeOf(m.readAt); ok {
		return t.Format(isoLayout)
	}
	return nil
}

// views tells who has seen the last message besides its author.
func (d *dialog) views(c *call, tx *sql.Tx, last int64) (*phpquery.Array, error) {
	first, count := phpquery.NewArray(), int64(0)
	message, err := messageEntity.find(c.ctx, tx, last)
	if err != nil {
		return nil, err
	}
	for _, m := range d.members {
		if message == nil || m.last < last || m.readAt == "" || m.userID == intOf(message["AUTHOR_ID"]) {
			continue
		}
		if count++; count == 1 {
			doc, err := userEntity.find(c.ctx, tx, m.userID)
			if err != nil {
				return nil, err
			}
			first.Append(imObject("user_id", m.userID, "user_name", fullName(doc), "date", m.readDate()))
		}
	}
	return imObject("message_id", last, "first_viewers", first, "count_of_viewers", count), nil
}

func (d *dialog) restrictions() *phpquery.Array {
	rename, extend, leave, leaveOwner := chatLimits(d.doc)
	return imObject("avatar", rename, "rename", rename, "extend", extend, "call", true, "mute", true,
		"leave", leave, "leave_owner", leaveOwner, "send", true, "user_list", true, "path", "", "path_title", "")
}

func (d *dialog) role(c *call) string {
	switch {
	case d.me == nil:
		return "guest"
	case intOf(d.doc["OWNER_ID"]) == c.who.userID:
		return "owner"
	}
	return "member"
}

// chatPermissions is who may do what in every chat of the sandbox.
func chatPermissions() *phpquery.Array {
	return imObject("manage_users_add", "member", "manage_users_delete", "manager", "manage_ui", "member",
		"manage_settings", "owner", "manage_messages", "member", "can_post", "member")
}
