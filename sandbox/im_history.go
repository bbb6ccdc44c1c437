package sandbox

import (
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"

	"github.com/oint-go/oint/internal/phpquery"
)

const (
	historyPage    = 20
	maxHistoryPage = 50
)

// dialogMessages answers a part of a dialog: the latest messages, those before
// LAST_ID from the newest to the oldest, or those after FIRST_ID the other way.
//
// https://apidocs.bitrix24.com/api-reference/chats/messages/im-dialog-messages-get.html
func dialogMessages(c *call) (result, error) {
	for _, p := range []struct{ name, code, what string }{{"FIRST_ID", "FIRST_ID_STRING", "First"}, {"LAST_ID", "LAST_ID_STRING", "Last"}} {
		if v, given := c.params.GetFold(p.name); given && phpquery.Text(v) != "" {
			if _, ok := phpquery.Int(v); !ok {
				return result{}, badRequest(p.code, p.what+" ID can't be string")
			}
		}
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		d, err := dialogParam(c, tx, dialogUnavailable)
		if err != nil {
			return result{}, err
		}
		rows, err := d.history(c, tx)
		if err != nil {
			return result{}, err
		}
		shown, err := showHistory(c, tx, d, rows)
		return result{value: shown}, err
	})
}

// history reads the messages that the parameters ask for.
func (d *dialog) history(c *call, tx *sql.Tx) ([]row, error) {
	limit := c.id("LIMIT")
	if limit <= 0 {
		limit = historyPage
	}
	where, order := d.visible(), " ORDER BY id DESC"
	last, first := c.id("LAST_ID"), c.id("FIRST_ID")
	_, after := c.params.GetFold("FIRST_ID")
	switch {
	case last > 0:
		where = and(where, condition{"id < ?", []any{last}}, d.has(last))
	case after && c.text("FIRST_ID") != "":
		where, order = and(where, condition{"id > ?", []any{first}}, d.has(first)), " ORDER BY id"
	}
	query := fmt.Sprintf("SELECT id, doc FROM %s WHERE %s%s LIMIT %d", messageEntity.table(), where.sql, order, min(limit, maxHistoryPage))
	found, err := tx.QueryContext(c.ctx, query, where.args...)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	return scanRows(found)
}

// has is true when the message is one of the chat's: the portal answers nothing
// around one that is not. 0 stands for the beginning.
func (d *dialog) has(id int64) condition {
	if id == 0 {
		return always
	}
	return condition{"EXISTS (SELECT 1 FROM " + messageEntity.table() + " WHERE id = ? AND " + messageChat() + " = ?)", []any{id, d.id}}
}

// mentioned is a user in the text of a message.
var mentioned = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\[USER=(\d+)`)
})

// showHistory answers messages with the users and files that they name.
func showHistory(c *call, tx *sql.Tx, d *dialog, rows []row) (*phpquery.Array, error) {
	messages, people, files := phpquery.NewArray(), []int64{}, []int64{}
	for _, r := range rows {
		params := messageParams(r.doc)
		likes, err := likesOf(c, tx, r.id)
		if err != nil {
			return nil, err
		}
		if len(likes) > 0 {
			params.Set("LIKE", imNumbers(sortedKeys(likes)))
		}
		if attached, ok := params.Get("FILE_ID"); ok {
			for _, v := range elements(attached) {
				files = append(files, intval(phpquery.Text(v)))
			}
		}
		author := intOf(r.doc["AUTHOR_ID"])
		people = append(append(people, author), sortedKeys(likes)...)
		for _, m := range mentioned().FindAllStringSubmatch(imText(r.doc, "TEXT"), -1) {
			people = append(people, intval(m[1]))
		}
		uuid := any(nil)
		if s := imText(r.doc, "UUID"); s != "" {
			uuid = s
		}
		messages.Append(imObject("id", r.id, "chat_id", d.id, "author_id", author, "date", messageDate(r.doc),
			"text", imText(r.doc, "TEXT"), "unread", d.isUnread(r), "uuid", uuid, "replaces", phpquery.NewArray(),
			"params", params, "disappearing_date", nil))
	}
	users, err := imUsers(c, tx, people)
	if err != nil {
		return nil, err
	}
	shownFiles, err := imFiles(c, tx, d.id, files)
	if err != nil {
		return nil, err
	}
	return imObject("chat_id", d.id, "messages", messages, "users", users, "files", shownFiles), nil
}

func messageDate(doc document) string {
	t, _ := timeOf(doc["DATE"])
	return t.Format(isoLayout)
}

// isUnread tells whether the caller still has to read a message.
func (d *dialog) isUnread(r row) bool {
	return d.me != nil && r.id > d.me.last && intOf(r.doc["AUTHOR_ID"]) != d.me.userID && r.doc["QUIET"] != true
}

// likesOf is who likes a message.
func likesOf(c *call, tx *sql.Tx, messageID int64) (likes map[int64]bool, err error) {
	found, err := tx.QueryContext(c.ctx, "SELECT user_id FROM data_im_like WHERE message_id = ?", messageID)
	if err != nil {
		return nil, fmt.Errorf("read likes: %w", err)
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	likes = map[int64]bool{}
	for found.Next() {
		var id int64
		if err := found.Scan(&id); err != nil {
			return nil, fmt.Errorf("read likes: %w", err)
		}
		likes[id] = true
	}
	return likes, found.Err()
}

func sortedKeys(set map[int64]bool) []int64 {
	keys := make([]int64, 0, len(set))
	for k := range set {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
