package sandbox

import (
	"database/sql"
	"html"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/oint-go/oint/internal/phpquery"
)

// resultEntity is a result of a task: what a comment said when it was fixed.
//
// https://apidocs.bitrix24.com/api-reference/tasks/result/index.html
var resultEntity = &entity{
	name:  "task_result",
	camel: true,
	fields: []field{
		{name: "ID", kind: integerKind, readOnly: true},
		{name: "TASK_ID", kind: integerKind, readOnly: true, indexed: true},
		{name: "COMMENT_ID", kind: integerKind, readOnly: true, indexed: true},
		{name: "CREATED_BY", kind: integerKind, readOnly: true},
		{name: "CREATED_AT", kind: momentKind, readOnly: true},
		{name: "UPDATED_AT", kind: momentKind, readOnly: true},
		{name: "STATUS", kind: integerKind, readOnly: true},
		{name: "TEXT", kind: textKind, readOnly: true},
		{name: "FORMATTED_TEXT", compute: showFormatted, readOnly: true},
	},
}

// The states of a result. It is closed when its task is completed, for good.
const (
	resultOpen   = 0
	resultClosed = 1
)

func resultMethods() []method {
	scope := []string{"task"}
	return []method{
		{name: "tasks.task.result.list", scopes: scope, run: resultList},
		{name: "tasks.task.result.addFromComment", scopes: scope, run: resultAdd},
		{name: "tasks.task.result.deleteFromComment", scopes: scope, run: resultDelete},
	}
}

// resultError is how the methods refuse; 0 is the code of nearly everything.
func resultError(problem string) error { return badRequest("0", problem) }

// wholeNumber is a parameter that must be an integer.
func (c *call) wholeNumber(name string) (int64, error) {
	v, ok := c.params.GetFold(name)
	switch {
	case !ok || v == nil:
		return 0, badRequest("100", "Could not find value for parameter {"+name+"}")
	case !isInteger(v):
		return 0, badRequest("100", "Invalid value {"+phpquery.Text(v)+"} to match with parameter {"+name+"}. Should be value of type int.")
	}
	return intval(phpquery.Text(v)), nil
}

// resultList answers the results of a task, the latest first.
//
// https://apidocs.bitrix24.com/api-reference/tasks/result/tasks-task-result-list.html
func resultList(c *call) (result, error) {
	taskID, err := c.wholeNumber("taskId")
	if err != nil {
		return result{}, err
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		task, err := visibleTask(c, tx, taskID)
		if err != nil {
			return result{}, err
		}
		if task == nil {
			return result{}, resultError("Access denied.")
		}
		rows, err := resultEntity.listOfTask(c, tx, resultEntity.ofTask(taskID), phpquery.NewArray(), phpquery.NewArray())
		if err != nil {
			return result{}, err
		}
		list := phpquery.NewArray()
		for _, r := range rows {
			shown, err := showResult(c, tx, r)
			if err != nil {
				return result{}, err
			}
			list.Append(shown)
		}
		return result{value: list}, nil
	})
}

// showResult answers a result with the ids of the comment's attachments.
func showResult(c *call, tx *sql.Tx, r row) (*phpquery.Array, error) {
	shown := resultEntity.show(c, r, listing{entity: resultEntity}.selected(phpquery.NewArray()))
	attached, err := attachmentsOf(c, tx, intOf(r.doc["COMMENT_ID"]))
	files := phpquery.NewArray()
	for _, a := range attached {
		files.Append(number(a.id))
	}
	shown.Set("files", files)
	return shown, err
}

// resultComment reads the comment that commentId names, if the caller may fix
// it as a result: the caller's own, or any for an administrator.
func resultComment(c *call, tx *sql.Tx, id int64) (document, error) {
	comment, err := commentEntity.found(c.ctx, tx, id, resultError("Comment not found."))
	if err != nil {
		return nil, err
	}
	task, err := visibleTask(c, tx, intOf(comment["TASK_ID"]))
	if err != nil {
		return nil, err
	}
	if task == nil || !c.who.admin && intOf(comment["AUTHOR_ID"]) != c.who.userID {
		return nil, resultError("Access denied.")
	}
	return comment, nil
}

// resultAdd makes a result of a comment, unless it is an open one already.
//
// https://apidocs.bitrix24.com/api-reference/tasks/result/tasks-task-result-add-from-comment.html
func resultAdd(c *call) (result, error) {
	commentID, err := c.wholeNumber("commentId")
	if err != nil {
		return result{}, err
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		comment, err := resultComment(c, tx, commentID)
		if err != nil {
			return result{}, err
		}
		open, err := resultEntity.all(c.ctx, tx, openOf(resultsOfComment(commentID)))
		if err != nil {
			return result{}, err
		}
		if len(open) > 0 {
			return result{}, resultError("Result already exists.")
		}
		now := storedTime(c.sb.now())
		doc := document{
			"TASK_ID": comment["TASK_ID"], "COMMENT_ID": number(commentID), "CREATED_BY": comment["AUTHOR_ID"],
			"CREATED_AT": now, "UPDATED_AT": now, "STATUS": number(resultOpen), "TEXT": comment["POST_MESSAGE"],
		}
		id, err := resultEntity.insert(c.ctx, tx, doc)
		if err != nil {
			return result{}, err
		}
		shown, err := showResult(c, tx, row{id, doc})
		if err != nil {
			return result{}, err
		}
		shown.Set("files", nil) // only the list answers files
		return result{value: shown, record: id}, nil
	})
}

// resultDelete takes the results away that were made of a comment; the comment
// stays.
//
// https://apidocs.bitrix24.com/api-reference/tasks/result/tasks-task-result-delete-from-comment.html
func resultDelete(c *call) (result, error) {
	commentID, err := c.wholeNumber("commentId")
	if err != nil {
		return result{}, err
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		if _, err := resultComment(c, tx, commentID); err != nil {
			return result{}, err
		}
		return result{}, removeResults(c, tx, resultsOfComment(commentID))
	})
}

// resultsOfComment finds the results that were made of a comment.
func resultsOfComment(id int64) condition {
	return condition{resultEntity.named("COMMENT_ID").expression() + " = ?", []any{id}}
}

func openOf(where condition) condition {
	return and(where, condition{resultEntity.named("STATUS").expression() + " = ?", []any{resultOpen}})
}

// changeResults changes those open results that a condition finds.
func changeResults(c *call, tx *sql.Tx, where condition, change func(document)) error {
	rows, err := resultEntity.all(c.ctx, tx, openOf(where))
	if err != nil {
		return err
	}
	for _, r := range rows {
		after := r.doc.clone()
		after["UPDATED_AT"] = storedTime(c.sb.now())
		change(after)
		if err := resultEntity.update(c.ctx, tx, r.id, r.doc, after); err != nil {
			return err
		}
	}
	return nil
}

// closeResults closes the results of a task that is completed.
func closeResults(c *call, tx *sql.Tx, taskID int64) error {
	return changeResults(c, tx, resultEntity.ofTask(taskID), func(doc document) { doc["STATUS"] = number(resultClosed) })
}

// addResults tells whether a task has results, and open ones among them.
func (s *taskShow) addResults(task *phpquery.Array, taskID int64) error {
	rows, err := resultEntity.all(s.call.ctx, s.tx, resultEntity.ofTask(taskID))
	open := slices.ContainsFunc(rows, func(r row) bool { return intOf(r.doc["STATUS"]) == resultOpen })
	task.Set("taskHasOpenResult", showLetter(showing{}, open))
	task.Set("taskHasResult", showLetter(showing{}, len(rows) > 0))
	return err
}

// lacksResult tells whether a task must not be completed before it has an open
// result.
func lacksResult(c *call, tx *sql.Tx, id int64, task document) (bool, error) {
	if optionsOf(task)[resultOption] != true {
		return false, nil
	}
	open, err := resultEntity.all(c.ctx, tx, openOf(resultEntity.ofTask(id)))
	return len(open) == 0, err
}

func removeResults(c *call, tx *sql.Tx, where condition) error {
	rows, err := resultEntity.all(c.ctx, tx, where)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := resultEntity.remove(c.ctx, tx, r.id); err != nil {
			return err
		}
	}
	return nil
}

// plainTags are the BB codes that are tags of HTML.
var plainTags = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\[(/?)(b|i|u|s)\]`)
})

// showFormatted is the text with the simplest BB codes as HTML.
func showFormatted(_ showing, doc document) any {
	text := html.EscapeString(phpquery.Text(doc["TEXT"]))
	text = plainTags().ReplaceAllStringFunc(text, func(tag string) string {
		return strings.ToLower(strings.NewReplacer("[", "<", "]", ">").Replace(tag))
	})
	return strings.ReplaceAll(text, "\n", "<br />")
}
