package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// memberSchema is who is in which chat and how far they have read it. Messages
// up to start_id are hidden from the member. The order of ids is that of joining.
const memberSchema = `CREATE TABLE IF NOT EXISTS data_im_member (
	id INTEGER PRIMARY KEY AUTOINCREMENT, chat_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
	start_id INTEGER NOT NULL, last_id INTEGER NOT NULL, read_at TEXT NOT NULL DEFAULT '', muted INTEGER NOT NULL DEFAULT 0,
	UNIQUE (chat_id, user_id));
CREATE INDEX IF NOT EXISTS data_im_member_by_user ON data_im_member (user_id);
`

// member is a user in a chat.
type member struct {
	userID int64
	start  int64  // the last message that is hidden
	last   int64  // the last message that was read
	readAt string // stored time; empty when nothing was read
	muted  bool
}

// allMessages stands for the id of the last message of a chat.
const allMessages = math.MaxInt64

// addMember lets a user in. Messages up to start stay hidden, those up to last
// need not be read.
func addMember(ctx context.Context, tx *sql.Tx, chatID, userID, start, last int64) error {
	_, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO data_im_member (chat_id, user_id, start_id, last_id) VALUES (?, ?, ?, ?)",
		chatID, userID, start, last)
	if err != nil {
		return fmt.Errorf("add member: %w", err)
	}
	return nil
}

func dropMember(c *call, tx *sql.Tx, chatID, userID int64) error {
	_, err := tx.ExecContext(c.ctx, "DELETE FROM data_im_member WHERE chat_id = ? AND user_id = ?", chatID, userID)
	return err
}

// membersOf are the members of a chat in the order they came.
func membersOf(ctx context.Context, tx *sql.Tx, chatID int64) (list []member, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT user_id, start_id, last_id, read_at, muted FROM data_im_member WHERE chat_id = ? ORDER BY id", chatID)
	if err != nil {
		return nil, fmt.Errorf("read members: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var m member
		if err := rows.Scan(&m.userID, &m.start, &m.last, &m.readAt, &m.muted); err != nil {
			return nil, fmt.Errorf("read members: %w", err)
		}
		list = append(list, m)
	}
	return list, rows.Err()
}

// memberOf is a user in a list of members; nil when it is not there.
func memberOf(list []member, userID int64) *member {
	for i := range list {
		if list[i].userID == userID {
			return &list[i]
		}
	}
	return nil
}

func memberIDs(list []member) []int64 {
	ids := make([]int64, len(list))
	for i, m := range list {
		ids[i] = m.userID
	}
	return ids
}

// invite lets users in and says so in the chat. Ids of nobody and of members
// are passed over. What was said up to start they never see, what was said up to
// last they need not read.
func invite(c *call, tx *sql.Tx, d *dialog, users []any, start, last int64) error {
	in, err := membersOf(c.ctx, tx, d.id)
	if err != nil {
		return err
	}
	var names []string
	for _, v := range users {
		id := intval(phpquery.Text(v))
		if memberOf(in, id) != nil {
			continue
		}
		name, err := mention(c.ctx, tx, id)
		if err != nil {
			return err
		}
		if name == "" {
			continue
		}
		if err := addMember(c.ctx, tx, d.id, id, start, last); err != nil {
			return err
		}
		in = append(in, member{userID: id})
		if id == c.who.userID {
			if err := systemMessage(c, tx, d.id, name+" joined the chat", "CHAT_JOIN"); err != nil {
				return err
			}
			continue
		}
		names = append(names, name)
	}
	if err := shareFolder(c, tx, d); err != nil || len(names) == 0 {
		return err
	}
	me, err := mention(c.ctx, tx, c.who.userID)
	if err != nil {
		return err
	}
	return systemMessage(c, tx, d.id, me+" invited "+strings.Join(names, ", ")+" to the chat", "CHAT_JOIN")
}

// mention is a user as system messages name it; empty when there is none.
func mention(ctx context.Context, tx *sql.Tx, userID int64) (string, error) {
	doc, err := userEntity.find(ctx, tx, userID)
	if err != nil || doc == nil {
		return "", err
	}
	return fmt.Sprintf("[USER=%d REPLACE]%s[/USER]", userID, fullName(doc)), nil
}

// fullName is a user's first and last name.
func fullName(doc document) string {
	return strings.TrimSpace(imText(doc, "NAME") + " " + imText(doc, "LAST_NAME"))
}
