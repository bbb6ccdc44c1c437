package sandbox

import (
	"database/sql"

	"github.com/oint-go/oint/internal/phpquery"
)

// commentEntity is a comment of a task. The author's name is the one it had
// when the comment was written.
//
// https://apidocs.bitrix24.com/api-reference/tasks/comment-item/index.html
var commentEntity = &entity{
	name: "task_comment",
	fields: []field{
		{name: "POST_MESSAGE_HTML", compute: func(showing, document) any { return nil }, readOnly: true},
		{name: "ID", kind: idKind, readOnly: true},
		{name: "AUTHOR_ID", kind: idKind, always: true},
		{name: "AUTHOR_NAME", kind: textKind, max: 255, always: true},
		{name: "AUTHOR_EMAIL", kind: textKind, max: 255, always: true},
		{name: "POST_DATE", kind: momentKind, always: true},
		{name: "POST_MESSAGE", kind: textKind, always: true},
		{name: "TASK_ID", kind: idKind, readOnly: true, asked: true, indexed: true},
	},
}

func commentMethods() []method {
	keys := []string{"ID", "AUTHOR_ID", "AUTHOR_NAME", "AUTHOR_EMAIL", "POST_DATE"}
	fields := argument{name: "arFields", array: true, keys: []string{
		"POST_MESSAGE", "AUTHOR_ID", "AUTHOR_NAME", "AUTHOR_EMAIL", "POST_DATE", "USE_SMILES", "UF_FORUM_MESSAGE_DOC",
	}}
	changed := argument{name: "arFields", array: true, keys: []string{"POST_MESSAGE", "USE_SMILES", "UF_FORUM_MESSAGE_DOC"}}
	order := argument{name: "arOrder", array: true, optional: true, keys: keys}
	filter := argument{name: "arFilter", array: true, optional: true, keys: []string{"ID", "AUTHOR_ID", "AUTHOR_NAME", "POST_DATE"}, compared: true}
	return []method{
		positionalMethod("task.commentitem.add", commentAdd, taskArgument, fields),
		positionalMethod("task.commentitem.update", commentUpdate, taskArgument, itemArgument, changed),
		positionalMethod("task.commentitem.delete", commentDelete, taskArgument, itemArgument),
		positionalMethod("task.commentitem.get", commentGet, taskArgument, itemArgument),
		positionalMethod("task.commentitem.getlist", commentList, argument{name: "taskId", typed: true}, order, filter),
	}
}

// commentError is how writing a comment is refused.
func commentError(problem string) error { return badRequest("ERROR_CORE", problem+"<br>") }

// commentAdd writes a comment, for the caller or whom AUTHOR_ID names.
//
// https://apidocs.bitrix24.com/api-reference/tasks/comment-item/task-comment-item-add.html
func commentAdd(c *call) (result, error) {
	taskID, fields := c.id("taskId"), c.nested("arFields")
	return c.writing(func(tx *sql.Tx) (result, error) {
		task, err := visibleTask(c, tx, taskID)
		if err != nil {
			return result{}, err
		}
		if task == nil {
			return result{}, commentError("Insufficient permissions to add a comment.")
		}
		doc := document{
			"TASK_ID": number(taskID), "AUTHOR_ID": number(c.who.userID), "AUTHOR_EMAIL": "", "POST_DATE": storedTime(c.sb.now()),
		}
		if err := writeComment(c, tx, doc, fields); err != nil {
			return result{}, err
		}
		author, err := userEntity.found(c.ctx, tx, intOf(doc["AUTHOR_ID"]), commentError("Insufficient permissions to add a comment."))
		if err != nil {
			return result{}, err
		}
		if isBlank(doc["AUTHOR_NAME"]) {
			doc["AUTHOR_NAME"] = authorName(author)
		}
		files, err := c.commentFiles(tx, fields, row{doc: doc})
		if err != nil {
			return result{}, err
		}
		id, err := commentEntity.insert(c.ctx, tx, doc)
		if err != nil {
			return result{}, err
		}
		if err := files.save(c, tx, row{id, doc}); err != nil {
			return result{}, err
		}
		if err := countComments(c, tx, taskID, 1); err != nil {
			return result{}, err
		}
		return result{value: number(id), record: id}, logTaskChange(c, tx, taskID, "COMMENT", nil, phpquery.Text(id))
	})
}

// writeComment writes the parameters into the document.
func writeComment(c *call, tx *sql.Tx, doc document, fields *phpquery.Array) error {
	if err := commentEntity.assign(c.ctx, tx, doc, fields); err != nil {
		return partError(err)
	}
	if isBlank(doc["POST_MESSAGE"]) {
		return commentError("Comment text is not specified")
	}
	return nil
}

// countComments keeps the number of comments in the task.
func countComments(c *call, tx *sql.Tx, taskID, more int64) error {
	return noteTask(c, tx, taskID, func(task document) {
		task["COMMENTS_COUNT"] = number(intOf(task["COMMENTS_COUNT"]) + more)
		task["ACTIVITY_DATE"] = storedTime(c.sb.now())
	})
}

// ownComment reads a comment that the caller may change: the caller's own, or
// any for an administrator. Its id is 0 when there is none.
func ownComment(c *call, tx *sql.Tx) (row, error) {
	comment, err := seenComment(c, tx)
	if err == nil && !c.who.admin && intOf(comment.doc["AUTHOR_ID"]) != c.who.userID {
		return row{}, nil
	}
	return comment, err
}

// seenComment reads a comment of a task that the caller may see; its id is 0
// when there is none.
func seenComment(c *call, tx *sql.Tx) (row, error) {
	taskID, id := c.id("taskId"), c.id("itemId")
	task, err := visibleTask(c, tx, taskID)
	if err != nil || task == nil {
		return row{}, err
	}
	doc, err := commentEntity.find(c.ctx, tx, id)
	if err != nil || doc == nil || intOf(doc["TASK_ID"]) != taskID {
		return row{}, err
	}
	return row{id, doc}, nil
}

// commentUpdate changes the text of a comment, and of the open results made of it.
//
// https://apidocs.bitrix24.com/api-reference/tasks/comment-item/task-comment-item-update.html
func commentUpdate(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		comment, err := ownComment(c, tx)
		if err != nil {
			return result{}, err
		}
		if comment.id == 0 {
			return result{}, errNotAllowed()
		}
		after := comment.doc.clone()
		// The text is required: the one from before does not count.
		delete(after, "POST_MESSAGE")
		fields := c.nested("arFields")
		if err := writeComment(c, tx, after, fields); err != nil {
			return result{}, err
		}
		files, err := c.commentFiles(tx, fields, comment)
		if err != nil {
			return result{}, err
		}
		if err := files.save(c, tx, comment); err != nil {
			return result{}, err
		}
		if err := commentEntity.update(c.ctx, tx, comment.id, comment.doc, after); err != nil {
			return result{}, err
		}
		err = changeResults(c, tx, resultsOfComment(comment.id), func(doc document) { doc["TEXT"] = after["POST_MESSAGE"] })
		return result{value: true, record: comment.id}, err
	})
}

// commentDelete deletes a comment and the results made of it.
//
// https://apidocs.bitrix24.com/api-reference/tasks/comment-item/task-comment-item-delete.html
func commentDelete(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		comment, err := ownComment(c, tx)
		if err != nil {
			return result{}, err
		}
		if comment.id == 0 {
			return result{}, errNotAllowed()
		}
		if err := removeResults(c, tx, resultsOfComment(comment.id)); err != nil {
			return result{}, err
		}
		if err := (commentFiles{given: true}).save(c, tx, comment); err != nil {
			return result{}, err
		}
		if err := commentEntity.remove(c.ctx, tx, comment.id); err != nil {
			return result{}, err
		}
		return result{value: true, record: comment.id}, countComments(c, tx, intOf(comment.doc["TASK_ID"]), -1)
	})
}

// commentGet answers a comment.
//
// https://apidocs.bitrix24.com/api-reference/tasks/comment-item/task-comment-item-get.html
func commentGet(c *call) (result, error) {
	return c.reading(func(tx *sql.Tx) (result, error) {
		comment, err := seenComment(c, tx)
		if err != nil {
			return result{}, err
		}
		if comment.id == 0 {
			return result{}, errNoItem()
		}
		shown, err := showComment(c, tx, comment)
		return result{value: shown}, err
	})
}

// commentList answers the comments of a task, the latest first.
//
// https://apidocs.bitrix24.com/api-reference/tasks/comment-item/task-comment-item-get-list.html
func commentList(c *call) (result, error) {
	return commentEntity.answerParts(c, c.nested("arOrder"), c.nested("arFilter"), showComment)
}

func showComment(c *call, tx *sql.Tx, comment row) (*phpquery.Array, error) {
	shown := commentEntity.show(c, comment, listing{entity: commentEntity}.selected(phpquery.NewArray()))
	files, err := showAttachments(c, tx, comment.id)
	shown.Set("ATTACHED_OBJECTS", files)
	return shown, err
}
