package sandbox

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// maxPostComments is the page of log.blogcomment.user.get.
const maxPostComments = 100

// postCommentEntity is a comment on a post.
var postCommentEntity = &entity{
	name: "feed_comment",
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "POST_ID", kind: idKind, readOnly: true, indexed: true},
		{name: "AUTHOR_ID", kind: idKind, readOnly: true, indexed: true},
		{name: "DATE", kind: momentKind, readOnly: true},
		{name: "TEXT", kind: textKind, readOnly: true},
		{name: "FILES", kind: feedFileKind, multiple: true, readOnly: true},
	},
}

func postComments(c *call, tx *sql.Tx, postID int64) ([]row, error) {
	post, _ := postCommentEntity.field("POST_ID")
	return postCommentEntity.all(c.ctx, tx, condition{post.expression() + " = ?", []any{postID}})
}

// postCommentAdd adds a comment to a post that its author can see. Who comments on an
// important post has read it.
//
// https://apidocs.bitrix24.com/api-reference/log/blogcomment/log-blogcomment-add.html
func postCommentAdd(c *call) (result, error) {
	notAdded := badRequest("", "Blog comment hasn't been added")
	postID, text := c.id("POST_ID"), clean(c.text("TEXT"))
	return c.writing(func(tx *sql.Tx) (result, error) {
		author, err := c.onBehalf(tx, notAdded)
		if err != nil {
			return result{}, err
		}
		before, err := visiblePost(c, tx, postID)
		switch {
		case err != nil:
			return result{}, err
		case before == nil:
			return result{}, badRequest("", "No post found")
		case strings.TrimSpace(text) == "":
			return result{}, notAdded
		}
		doc := document{"POST_ID": number(postID), "AUTHOR_ID": number(author), "DATE": storedTime(c.sb.now()), "TEXT": text}
		if err := c.attach(tx, doc); err != nil {
			return result{}, err
		}
		if err := checkDuplicate(c, tx, doc); err != nil {
			return result{}, err
		}
		after := before.clone()
		after["NUM_COMMENTS"] = number(intOf(before["NUM_COMMENTS"]) + 1)
		if readers := ints(before["READERS"]); !slices.Contains(readers, author) {
			after["READERS"] = numbers(append(readers, author))
		}
		if err := postEntity.update(c.ctx, tx, postID, before, after); err != nil {
			return result{}, err
		}
		id, err := postCommentEntity.insert(c.ctx, tx, doc)
		return result{value: number(id), record: id}, err
	})
}

// checkDuplicate refuses a comment without files that its author has made before.
func checkDuplicate(c *call, tx *sql.Tx, comment document) error {
	if comment["FILES"] != nil {
		return nil
	}
	var same []condition
	for _, name := range []string{"POST_ID", "AUTHOR_ID", "TEXT"} {
		f, _ := postCommentEntity.field(name)
		same = append(same, condition{f.expression() + " = ?", []any{f.kind.key(comment[name])}})
	}
	rows, err := postCommentEntity.all(c.ctx, tx, and(same...))
	if err == nil && slices.ContainsFunc(rows, func(r row) bool { return r.doc["TEXT"] == comment["TEXT"] }) {
		err = badRequest("", "Duplicate comment")
	}
	return err
}

// postCommentDelete deletes a comment. Its author may, that of the post, and
// administrators.
//
// https://apidocs.bitrix24.com/api-reference/log/blogcomment/log-blogcomment-delete.html
func postCommentDelete(c *call) (result, error) {
	id := c.id("COMMENT_ID")
	if id <= 0 {
		return result{}, badRequest("", "Wrong comment ID")
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		comment, err := postCommentEntity.found(c.ctx, tx, id, badRequest("", "No comment found"))
		if err != nil {
			return result{}, err
		}
		postID := intOf(comment["POST_ID"])
		before, err := postEntity.find(c.ctx, tx, postID)
		if err != nil {
			return result{}, err
		}
		if intOf(comment["AUTHOR_ID"]) != c.who.userID && !c.ownsPost(before) {
			return result{}, badRequest("", "No delete perms")
		}
		after := before.clone()
		after["NUM_COMMENTS"] = number(intOf(before["NUM_COMMENTS"]) - 1)
		if err := postEntity.update(c.ctx, tx, postID, before, after); err != nil {
			return result{}, err
		}
		return result{value: true, record: id}, removePostComment(c, tx, id, comment)
	})
}

func removePostComment(c *call, tx *sql.Tx, id int64, comment document) error {
	if _, err := keepFiles(c.ctx, tx, comment["FILES"], nil); err != nil {
		return err
	}
	return postCommentEntity.remove(c.ctx, tx, id)
}

// postCommentsOf answers the comments of a user, or of the caller, on posts that
// the caller may see, with their files: the newest first, or from FIRST_ID on.
//
// https://apidocs.bitrix24.com/api-reference/log/blogcomment/log-blogcomment-user-get.html
func postCommentsOf(c *call) (result, error) {
	author := c.id("USER_ID")
	if author <= 0 {
		author = c.who.userID
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		visible, err := visiblePosts(c, tx)
		if err != nil {
			return result{}, err
		}
		by, _ := postCommentEntity.field("AUTHOR_ID")
		post, _ := postCommentEntity.field("POST_ID")
		where := and(condition{by.expression() + " = ?", []any{author}},
			visible.within(post.expression()+" IN (SELECT id FROM "+postEntity.table()+" WHERE ", ")"))
		first, last := c.id("FIRST_ID"), c.id("LAST_ID")
		if first > 0 {
			where = and(where, condition{"id > ?", []any{first}})
		} else if last > 0 {
			where = and(where, condition{"id < ?", []any{last}})
		}
		size := c.id("LIMIT")
		if size <= 0 || size > maxPostComments {
			size = maxPostComments
		}
		query := fmt.Sprintf("SELECT id, doc FROM %s WHERE %s ORDER BY id%s LIMIT %d", postCommentEntity.table(), where.sql, direction(first <= 0), size)
		found, err := tx.QueryContext(c.ctx, query, where.args...)
		if err != nil {
			return result{}, fmt.Errorf("list comments: %w", err)
		}
		rows, err := scanRows(found)
		if err != nil {
			return result{}, err
		}
		return c.showPostComments(tx, author, rows)
	})
}

func (c *call) showPostComments(tx *sql.Tx, author int64, rows []row) (result, error) {
	user, err := userEntity.find(c.ctx, tx, author)
	if err != nil {
		return result{}, err
	}
	name := strings.TrimSpace(phpquery.Text(user["NAME"]) + " " + phpquery.Text(user["LAST_NAME"]))
	comments, files := phpquery.NewArray(), phpquery.NewArray()
	for _, r := range rows {
		date := showMoment(isoLayout)(showing{}, r.doc["DATE"])
		attached := phpquery.NewArray()
		list, _ := r.doc["FILES"].([]any)
		for _, stored := range list {
			id, title := fileOf(stored)
			f, err := findFile(c.ctx, tx, id)
			if err != nil {
				return result{}, err
			}
			kind := "file"
			if strings.HasPrefix(f.contentType, "image/") {
				kind = "image"
			}
			link := c.fileURL(id, title)
			attached.Append(id)
			files.Set(number(id).String(), object("id", id, "date", date, "type", kind, "name", title, "size", f.size,
				"authorId", author, "authorName", name, "urlPreview", link, "urlShow", link, "urlDownload", link))
		}
		comments.Append(object("id", r.id, "comment_id", r.id, "log_id", intOf(r.doc["POST_ID"]), "date", date,
			"text", phpquery.Text(r.doc["TEXT"]), "attach", attached))
	}
	return result{value: object("comments", comments, "files", files)}, nil
}
