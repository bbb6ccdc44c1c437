package sandbox

import (
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/oint-go/oint/internal/phpquery"
)

// The codes of refusals; most of the feed's have none.
const (
	addError    = "SONET_CONTROLLER_LIVEFEED_BLOGPOST_ADD_ERROR"
	updateError = "SONET_CONTROLLER_LIVEFEED_BLOGPOST_UPDATE_ERROR"
)

func errWrongPost(code string) error { return badRequest(code, "Wrong post ID") }

// microTitle is how many characters of its text a post without a title shows as
// one.
const microTitle = 100

// postAdd publishes a post.
//
// https://apidocs.bitrix24.com/api-reference/log/log-blogpost-add.html
func postAdd(c *call) (result, error) {
	notAdded := badRequest(addError, "Blog post hasn't been added")
	if strings.TrimSpace(c.text("POST_MESSAGE")) == "" {
		return result{}, notAdded
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		author, err := c.onBehalf(tx, notAdded)
		if err != nil {
			return result{}, err
		}
		codes, named, err := recipients(c, tx)
		if err != nil {
			return result{}, err
		}
		if !named {
			codes = []any{everyone}
		}
		if len(codes) == 0 {
			return result{}, badRequest(addError, "No destination specified")
		}
		doc := document{
			"AUTHOR_ID": number(author), "PUBLISH_STATUS": "P", "ENABLE_COMMENTS": true, "NUM_COMMENTS": number(0),
			"DATE_PUBLISH": storedTime(c.sb.now()), "DEST": codes, "READERS": numbers([]int64{author}),
		}
		if err := c.writePost(tx, doc); err != nil {
			return result{}, err
		}
		id, err := postEntity.insert(c.ctx, tx, doc)
		return result{value: number(id), record: id}, err
	})
}

// postUpdate changes a post. What is not given stays, except that a new text
// without a title takes the old title away.
//
// https://apidocs.bitrix24.com/api-reference/log/log-blogpost-update.html
func postUpdate(c *call) (result, error) {
	id := c.id("POST_ID")
	if id <= 0 {
		return result{}, errWrongPost(updateError)
	}
	if c.text("POST_TITLE") == "" && c.text("POST_MESSAGE") == "" {
		return result{}, badRequest("EMPTY_TITLE", "Message title is not specified.")
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		before, err := postEntity.found(c.ctx, tx, id, badRequest(updateError, "No post found"))
		if err != nil {
			return result{}, err
		}
		if !c.ownsPost(before) {
			return result{}, badRequest(updateError, "No write perms")
		}
		after := before.clone()
		codes, named, err := recipients(c, tx)
		if err != nil {
			return result{}, err
		}
		if named && len(codes) == 0 {
			return result{}, badRequest(updateError, "No destination specified")
		}
		if named {
			after["DEST"] = codes
		}
		if err := c.writePost(tx, after); err != nil {
			return result{}, err
		}
		return result{value: number(id), record: id}, postEntity.update(c.ctx, tx, id, before, after)
	})
}

// postShare adds recipients to a post.
//
// https://apidocs.bitrix24.com/api-reference/log/log-blogpost-share.html
func postShare(c *call) (result, error) {
	id := c.id("POST_ID")
	return c.writing(func(tx *sql.Tx) (result, error) {
		before, err := postEntity.found(c.ctx, tx, id, errWrongPost(""))
		if err != nil {
			return result{}, err
		}
		codes, _, err := recipients(c, tx)
		switch {
		case err != nil:
			return result{}, err
		case len(codes) == 0:
			return result{}, badRequest("", "Wrong destinations")
		case !c.ownsPost(before):
			return result{}, badRequest("", "No read perms")
		}
		after := before.clone()
		old, _ := before["DEST"].([]any)
		after["DEST"] = slices.Concat(old, slices.DeleteFunc(codes, func(code any) bool { return slices.Contains(old, code) }))
		return result{value: true, record: id}, postEntity.update(c.ctx, tx, id, before, after)
	})
}

// postDelete deletes a post with its comments and files.
//
// https://apidocs.bitrix24.com/api-reference/log/log-blogpost-delete.html
func postDelete(c *call) (result, error) {
	id := c.id("POST_ID")
	return c.writing(func(tx *sql.Tx) (result, error) {
		post, err := postEntity.found(c.ctx, tx, id, errWrongPost("100"))
		if err != nil {
			return result{}, err
		}
		if !c.ownsPost(post) {
			return result{}, badRequest("403", "You do not have permission to delete this message")
		}
		comments, err := postComments(c, tx, id)
		if err != nil {
			return result{}, err
		}
		for _, comment := range comments {
			if err := removePostComment(c, tx, comment.id, comment.doc); err != nil {
				return result{}, err
			}
		}
		if _, err := keepFiles(c.ctx, tx, post["FILES"], nil); err != nil {
			return result{}, err
		}
		return result{value: true, record: id}, postEntity.remove(c.ctx, tx, id)
	})
}

// ownsPost tells whether the caller may change a post: its author may, and
// administrators.
func (c *call) ownsPost(post document) bool {
	return c.who.admin || intOf(post["AUTHOR_ID"]) == c.who.userID
}

// onBehalf is the user in whose name an administrator calls: that of USER_ID. For
// others it is the caller.
func (c *call) onBehalf(tx *sql.Tx, absent error) (int64, error) {
	id := c.id("USER_ID")
	if !c.who.admin || id <= 0 {
		return c.who.userID, nil
	}
	_, err := userEntity.found(c.ctx, tx, id, absent)
	return id, err
}

// writePost writes what is given besides the recipients.
func (c *call) writePost(tx *sql.Tx, doc document) error {
	title, text := strings.TrimSpace(c.text("POST_TITLE")), c.text("POST_MESSAGE")
	if text != "" {
		doc["DETAIL_TEXT"] = clean(text)
		doc["TITLE"], doc["MICRO"] = microTitleOf(text), true
	}
	if title != "" {
		doc["TITLE"], doc["MICRO"] = shortened(title, 255), false
	}
	if v, ok := c.params.GetFold("IMPORTANT"); ok {
		doc["IMPORTANT"] = isYes(v)
	}
	if v, ok := c.params.GetFold("IMPORTANT_DATE_END"); ok {
		if end, err := takeMoment(v); err == nil {
			doc["IMPORTANT_DATE_END"] = end
		}
	}
	if v, ok := c.params.GetFold("TAGS"); ok {
		tags, err := c.tags(tx, phpquery.Text(v))
		if err != nil {
			return err
		}
		doc["CATEGORY_ID"] = tags
	}
	return c.attach(tx, doc)
}

var bbCode = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\[/?[a-zA-Z]+[^\]\[]*\]`)
})

// microTitleOf is the title of a post that has none: the beginning of its text.
func microTitleOf(text string) string {
	return shortened(strings.Join(strings.Fields(bbCode().ReplaceAllString(clean(text), "")), " "), microTitle)
}

func shortened(text string, most int) string {
	runes := []rune(clean(text))
	return string(runes[:min(len(runes), most)])
}

// tags are the ids of the tags in a text with commas.
func (c *call) tags(tx *sql.Tx, text string) (string, error) {
	var ids []string
	for tag := range strings.SplitSeq(text, ",") {
		tag = clean(strings.TrimSpace(tag))
		if tag == "" {
			continue
		}
		var id string
		err := tx.QueryRowContext(c.ctx, "INSERT INTO data_feed_tag (name) VALUES (?) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id", tag).Scan(&id)
		if err != nil {
			return "", fmt.Errorf("keep a tag: %w", err)
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return strings.Join(ids, ","), nil
}

// attach adds the given files to a post or comment and takes away those whose id
// comes with "del". Without any left, answers have no FILES.
func (c *call) attach(tx *sql.Tx, doc document) error {
	given, _ := c.params.GetFold("FILES")
	list, ok := given.(*phpquery.Array)
	if !ok {
		return nil
	}
	before, _ := doc["FILES"].([]any)
	files := slices.Clone(before)
	for key, v := range list.All() {
		if phpquery.Text(v) == "del" {
			at := slices.IndexFunc(files, func(f any) bool { id, _ := fileOf(f); return id == intval(key) })
			if at >= 0 {
				if _, err := keepFiles(c.ctx, tx, files[at], nil); err != nil {
					return err
				}
				files = slices.Delete(files, at, at+1)
			}
			continue
		}
		// A file that cannot be read is passed over, as everywhere on a portal.
		taken, err := takeFile(v)
		u, ok := taken.(upload)
		if err != nil || !ok {
			continue
		}
		stored, err := u.store(c.ctx, tx)
		if err != nil {
			return err
		}
		files = append(files, stored)
	}
	delete(doc, "FILES")
	if len(files) > 0 {
		doc["FILES"] = files
	}
	return nil
}
