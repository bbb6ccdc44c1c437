package sandbox

import (
	"encoding/json"
	"testing"
)

// commentsOf are the texts of a task's comments in the order of an answer.
func (p *portal) commentsOf(taskID int, kv ...any) []string {
	p.tb.Helper()
	texts := []string{}
	for _, v := range p.ok("task.commentitem.getlist", append([]any{"taskId", taskID}, kv...)...).([]any) {
		texts = append(texts, v.(map[string]any)["POST_MESSAGE"].(string))
	}
	return texts
}

// TestComments writes, finds, changes and deletes comments.
func TestComments(t *testing.T) {
	t.Parallel()
	p, at := portalAt(t, "2026-03-02T08:00:00Z")
	diff(t, "seeded", []string{"The regions send their figures by Friday."}, p.commentsOf(1))
	before := p.lastChange()
	id := p.ok("task.commentitem.add", "TASKID", 2, "FIELDS", arr("POST_MESSAGE", "First"))
	diff(t, "id", json.Number("3"), id)
	me := p.user(1)
	comment := p.ok("task.commentitem.get", "TASKID", 2, "ITEMID", 3).(map[string]any)
	delete(comment, "ATTACHED_OBJECTS")
	diff(t, "comment", map[string]any{
		"POST_MESSAGE_HTML": nil, "ID": "3", "AUTHOR_ID": "1", "AUTHOR_NAME": me["NAME"].(string) + " " + me["LAST_NAME"].(string),
		"AUTHOR_EMAIL": "", "POST_DATE": "2026-03-02T08:00:00+00:00", "POST_MESSAGE": "First",
	}, comment)
	at("2026-03-02T09:00:00Z")
	p.ok("task.commentitem.add", "TASKID", 2, "FIELDS", arr("POST_MESSAGE", "Second", "AUTHOR_ID", 11))
	p.ok("task.commentitem.add", "TASKID", 2, "FIELDS", arr("POST_MESSAGE", "Third", "POST_DATE", "2026-01-05T10:00:00+02:00"))
	diff(t, "list", []string{"Third", "Second", "First"}, p.commentsOf(2))
	diff(t, "order", []string{"Third", "First", "Second"}, p.commentsOf(2, "ORDER", arr("POST_DATE", "asc")))
	diff(t, "filter", []string{"Second", "First"}, p.commentsOf(2, "ORDER", list(), "FILTER", arr(">=POST_DATE", "2026-03-02")))
	diff(t, "several authors", []string{"Third", "Second", "First"}, p.commentsOf(2, "ORDER", list(), "FILTER", arr("AUTHOR_ID", list(11, 1))))
	diff(t, "not", []string{"Second"}, p.commentsOf(2, "ORDER", list(), "FILTER", arr("!AUTHOR_ID", 1)))
	diff(t, "counted", int64(3), intOf(p.taskDoc(2)["COMMENTS_COUNT"]))
	diff(t, "history", []string{"COMMENT 3", "COMMENT 4", "COMMENT 5"}, p.logged(2, before))

	diff(t, "update", true, p.ok("task.commentitem.update", "TASKID", 2, "ITEMID", 3, "FIELDS", arr("POST_MESSAGE", "First, again")))
	diff(t, "delete", true, p.ok("task.commentitem.delete", "TASKID", 2, "ITEMID", 4))
	diff(t, "left", []string{"First, again", "Third"}, p.commentsOf(2, "ORDER", arr("ID", "asc")))
	diff(t, "counted", int64(2), intOf(p.taskDoc(2)["COMMENTS_COUNT"]))
}

// TestCommentRights: everybody who sees a task comments on it, and only the
// author or an administrator changes a comment.
func TestCommentRights(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	auditor := p.as(principal{userID: 5, scopes: fullScopes})
	other := p.as(principal{userID: extranetID, scopes: fullScopes})
	own := auditor.ok("task.commentitem.add", "TASKID", 1, "FIELDS", arr("POST_MESSAGE", "I see")).(json.Number)
	const head = "400 ERROR_CORE: TASKS_ERROR_EXCEPTION_#"
	denied := head + "4; Action is not allowed; 4/TE/ACTION_NOT_ALLOWED<br>"
	for _, change := range []struct {
		who  *portal
		item any
	}{{auditor, 1}, {other, 1}, {other, own}, {p, 99}, {p, 2}} {
		diff(t, "update", denied, change.who.refused("task.commentitem.update", "TASKID", 1, "ITEMID", change.item, "FIELDS", arr("POST_MESSAGE", "x")))
		diff(t, "delete", denied, change.who.refused("task.commentitem.delete", "TASKID", 1, "ITEMID", change.item))
	}
	auditor.ok("task.commentitem.update", "TASKID", 1, "ITEMID", own, "FIELDS", arr("POST_MESSAGE", "I saw"))
	auditor.ok("task.commentitem.delete", "TASKID", 1, "ITEMID", own)
	diff(t, "add", "400 ERROR_CORE: Insufficient permissions to add a comment.<br>", other.refused("task.commentitem.add", "TASKID", 1, "FIELDS", arr("POST_MESSAGE", "x")))
	diff(t, "no such author", "400 ERROR_CORE: Insufficient permissions to add a comment.<br>",
		p.refused("task.commentitem.add", "TASKID", 1, "FIELDS", arr("POST_MESSAGE", "x", "AUTHOR_ID", 999)))
	diff(t, "no text", "400 ERROR_CORE: Comment text is not specified<br>", p.refused("task.commentitem.add", "TASKID", 1, "FIELDS", arr("POST_MESSAGE", "")))
	diff(t, "no new text", "400 ERROR_CORE: Comment text is not specified<br>", p.refused("task.commentitem.update", "TASKID", 1, "ITEMID", 1, "FIELDS", arr("USE_SMILES", "Y")))
	diff(t, "no such file", "400 ERROR_CORE: File not found<br>",
		p.refused("task.commentitem.add", "TASKID", 1, "FIELDS", arr("POST_MESSAGE", "x", "UF_FORUM_MESSAGE_DOC", list("n999999"))))
	diff(t, "no date", head+"8; POST_DATE: the value is not a date; 8/TE/ACTION_FAILED_TO_BE_PROCESSED<br>",
		p.refused("task.commentitem.add", "TASKID", 1, "FIELDS", arr("POST_MESSAGE", "x", "POST_DATE", "soon")))
	diff(t, "list", head+"8; Action failed; 8/TE/ACTION_FAILED_TO_BE_PROCESSED<br>", other.refused("task.commentitem.getlist", "taskId", 1))
	diff(t, "get", head+"512; Check listitem not found or not accessible; 512/TE/ITEM_NOT_FOUND_OR_NOT_ACCESSIBLE<br>",
		other.refused("task.commentitem.get", "TASKID", 1, "ITEMID", 1))
}

// TestResults fixes comments as results, which follow the comment until the task
// is completed.
func TestResults(t *testing.T) {
	t.Parallel()
	p, at := portalAt(t, "2026-03-02T08:00:00Z")
	p.ok("task.commentitem.add", "TASKID", 2, "FIELDS", arr("POST_MESSAGE", "Sent <all> on [B]Monday[/B]\nDone"))
	want := map[string]any{
		"id": json.Number("2"), "taskId": json.Number("2"), "commentId": json.Number("3"), "createdBy": json.Number("1"),
		"createdAt": "2026-03-02T08:00:00+00:00", "updatedAt": "2026-03-02T08:00:00+00:00", "status": json.Number("0"),
		"text": "Sent <all> on [B]Monday[/B]\nDone", "formattedText": "Sent &lt;all&gt; on <b>Monday</b><br />Done", "files": nil,
	}
	diff(t, "result", want, p.ok("tasks.task.result.addFromComment", "commentId", 3))
	diff(t, "again", "400 0: Result already exists.", p.refused("tasks.task.result.addFromComment", "commentId", "3"))
	at("2026-03-02T09:00:00Z")
	p.ok("task.commentitem.update", "TASKID", 2, "ITEMID", 3, "FIELDS", arr("POST_MESSAGE", "Sent"))
	want["text"], want["formattedText"], want["updatedAt"], want["files"] = "Sent", "Sent", "2026-03-02T09:00:00+00:00", []any{}
	diff(t, "list", []any{want}, p.ok("tasks.task.result.list", "taskId", 2))

	p.ok("tasks.task.complete", "taskId", 2)
	p.ok("task.commentitem.update", "TASKID", 2, "ITEMID", 3, "FIELDS", arr("POST_MESSAGE", "Too late"))
	p.ok("tasks.task.result.addFromComment", "commentId", 3) // the first one is closed
	results := p.ok("tasks.task.result.list", "taskId", 2).([]any)
	var states []string
	for _, v := range results {
		r := v.(map[string]any)
		states = append(states, r["status"].(json.Number).String()+" "+r["text"].(string))
	}
	diff(t, "closed ones keep their text", []string{"0 Too late", "1 Sent"}, states)
	diff(t, "delete", nil, p.ok("tasks.task.result.deleteFromComment", "commentId", 3))
	diff(t, "none", []any{}, p.ok("tasks.task.result.list", "taskId", 2))
	diff(t, "the comment stays", []string{"Too late"}, p.commentsOf(2))
	p.ok("tasks.task.result.addFromComment", "commentId", 3)
	p.ok("task.commentitem.delete", "TASKID", 2, "ITEMID", 3)
	diff(t, "gone with its comment", []any{}, p.ok("tasks.task.result.list", "taskId", 2))
}

func TestResultRights(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	responsible := p.as(principal{userID: 2, scopes: fullScopes})
	other := p.as(principal{userID: extranetID, scopes: fullScopes})
	for _, name := range []string{"addFromComment", "deleteFromComment"} {
		diff(t, name+" of another's comment", "400 0: Access denied.", responsible.refused("tasks.task.result."+name, "commentId", 1))
		diff(t, name+" unseen", "400 0: Access denied.", other.refused("tasks.task.result."+name, "commentId", 1))
		diff(t, name+" of nothing", "400 0: Comment not found.", p.refused("tasks.task.result."+name, "commentId", 99))
		diff(t, name+" of a word", "400 100: Invalid value {abc} to match with parameter {commentId}. Should be value of type int.",
			p.refused("tasks.task.result."+name, "commentId", "abc"))
		diff(t, name+" without an id", "400 100: Could not find value for parameter {commentId}", p.refused("tasks.task.result."+name))
	}
	diff(t, "list unseen", "400 0: Access denied.", other.refused("tasks.task.result.list", "taskId", 1))
	diff(t, "list of nothing", "400 0: Access denied.", p.refused("tasks.task.result.list", "taskId", 99))
	own := responsible.ok("task.commentitem.add", "TASKID", 1, "FIELDS", arr("POST_MESSAGE", "Mine"))
	diff(t, "by the administrator", json.Number("2"), p.ok("tasks.task.result.addFromComment", "commentId", own).(map[string]any)["createdBy"])
}
