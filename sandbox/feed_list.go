package sandbox

import (
	"database/sql"
	"fmt"

	"github.com/oint-go/oint/internal/phpquery"
)

const (
	maxPosts   = 200 // of a page read by id
	maxReaders = 500
)

func feedMethods() []method {
	scope := []string{"log"}
	return []method{
		{name: "log.blogpost.get", scopes: scope, run: postGet},
		{name: "log.blogpost.getusers.important", scopes: scope, run: postReaders},
		{name: "log.blogpost.add", scopes: scope, run: postAdd},
		{name: "log.blogpost.update", scopes: scope, run: postUpdate},
		{name: "log.blogpost.share", scopes: scope, run: postShare},
		{name: "log.blogpost.delete", scopes: scope, run: postDelete},
		{name: "log.blogcomment.add", scopes: scope, run: postCommentAdd},
		{name: "log.blogcomment.delete", scopes: scope, run: postCommentDelete},
		{name: "log.blogcomment.user.get", scopes: scope, run: postCommentsOf},
	}
}

// postGet answers the posts that the caller may see, the newest first. FIRST_ID
// and LAST_ID read on by id, without counting; FIRST_ID goes to the newer ones.
//
// https://apidocs.bitrix24.com/api-reference/log/log-blogpost-get.html
func postGet(c *call) (result, error) {
	return c.reading(func(tx *sql.Tx) (result, error) {
		visible, err := visiblePosts(c, tx)
		if err != nil {
			return result{}, err
		}
		where := and(visible, c.postFilter())
		page := c.postPage()
		query := fmt.Sprintf("SELECT id, doc FROM %s WHERE %s ORDER BY id%s LIMIT %d OFFSET %d",
			postEntity.table(), and(page.where, where).sql, direction(!page.up), page.size, page.start)
		found, err := tx.QueryContext(c.ctx, query, and(page.where, where).args...)
		if err != nil {
			return result{}, fmt.Errorf("list posts: %w", err)
		}
		rows, err := scanRows(found)
		if err != nil {
			return result{}, err
		}
		l := listing{entity: postEntity}
		answer := result{value: showRows(c, l, rows)}
		if page.uncounted {
			return answer, nil
		}
		total, err := l.count(c.ctx, tx, where)
		if err != nil {
			return result{}, err
		}
		answer.total = &total
		if next := page.start + pageSize; next < total {
			answer.next = &next
		}
		return answer, nil
	})
}

func showRows(c *call, l listing, rows []row) *phpquery.Array {
	shown := phpquery.NewArraySize(len(rows))
	fields := l.selected(phpquery.NewArray())
	for _, r := range rows {
		shown.Append(l.entity.show(c, r, fields))
	}
	return shown
}

// postFilter is what the parameters look for. A post's id excludes the recipients.
func (c *call) postFilter() condition {
	var all []condition
	date, _ := postEntity.field("DATE_PUBLISH")
	for name, operator := range map[string]string{"LOG_DATE_FROM": " >= ?", "LOG_DATE_TO": " <= ?"} {
		if v, ok := c.params.GetFold(name); ok && phpquery.Text(v) != "" {
			key, dated := parseMoment(v)
			if !dated {
				return never
			}
			all = append(all, condition{date.expression() + operator, []any{key}})
		}
	}
	if id := c.text("POST_ID"); id != "" {
		return and(append(all, condition{"id = ?", []any{intval(id)}})...)
	}
	given, _ := c.params.GetFold("LOG_RIGHTS")
	var codes []string
	for _, v := range elements(given) {
		codes = append(codes, phpquery.Text(v))
	}
	if len(codes) > 0 {
		all = append(all, addressed(codes))
	}
	return and(all...)
}

// postPage is a part of the list of posts.
type postPage struct {
	where       condition
	size, start int64
	up          bool // from the oldest to the newest
	uncounted   bool
}

func (c *call) postPage() postPage {
	page := postPage{where: always, size: pageSize}
	first, last := c.id("FIRST_ID"), c.id("LAST_ID")
	switch {
	case first > 0:
		page.where, page.up = condition{"id > ?", []any{first}}, true
	case last > 0:
		page.where = condition{"id < ?", []any{last}}
	case c.id("LIMIT") <= 0:
		start, counted := startOf(c.params)
		page.start, page.uncounted = start, !counted
		return page
	}
	page.uncounted = true
	if limit := c.id("LIMIT"); limit > 0 {
		page.size = min(limit, maxPosts)
	}
	return page
}

// postReaders answers who has read an important post: its author and whoever
// commented on it. The list is empty for those who may not see the post.
//
// https://apidocs.bitrix24.com/api-reference/log/log-blogpost-getusers-important.html
func postReaders(c *call) (result, error) {
	id := c.id("POST_ID")
	return c.reading(func(tx *sql.Tx) (result, error) {
		if _, err := postEntity.found(c.ctx, tx, id, errWrongPost("")); err != nil {
			return result{}, err
		}
		post, err := visiblePost(c, tx, id)
		if err != nil {
			return result{}, err
		}
		readers := phpquery.NewArray()
		if post["IMPORTANT"] != true {
			return result{value: readers}, nil
		}
		for _, reader := range ints(post["READERS"]) {
			if readers.Len() < maxReaders {
				readers.Append(number(reader).String())
			}
		}
		return result{value: readers}, nil
	})
}
