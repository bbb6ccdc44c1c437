package sandbox

import (
	"encoding/json"
	"testing"

	"github.com/oint-go/oint/internal/phpquery"
)

// attached are the files of a comment by the ids of their attachments.
func (p *portal) attached(taskID, id int) map[string]any {
	p.tb.Helper()
	comment := p.ok("task.commentitem.get", "TASKID", taskID, "ITEMID", id).(map[string]any)
	files, ok := comment["ATTACHED_OBJECTS"].(phpquery.Object)
	if !ok {
		p.tb.Fatalf("attachments: %v", comment["ATTACHED_OBJECTS"])
	}
	named := map[string]any{}
	for id, v := range files.All() {
		named[id] = plainValue(v)
	}
	return named
}

// TestCommentFiles attaches files of the drive to a comment and replaces them.
func TestCommentFiles(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.ok("task.commentitem.add", "TASKID", 2, "FIELDS", arr("POST_MESSAGE", "See", "UF_FORUM_MESSAGE_DOC", list("n8", "n9")))
	want := map[string]any{
		"ATTACHMENT_ID": "1", "NAME": "Price list.csv", "SIZE": "36", "FILE_ID": "8",
		"DOWNLOAD_URL": "/bitrix/tools/disk/uf.php?attachedId=1&action=download&ncc=1",
		"VIEW_URL":     "/bitrix/tools/disk/uf.php?attachedId=1&action=show&ncc=1",
	}
	files := p.attached(2, 3)
	diff(t, "attachments", 2, len(files))
	diff(t, "attachment", want, files["1"])
	diff(t, "none", map[string]any{}, p.attached(1, 1))

	p.ok("tasks.task.result.addFromComment", "commentId", 3)
	results := p.ok("tasks.task.result.list", "taskId", 2).([]any)
	diff(t, "files of the result", []any{json.Number("1"), json.Number("2")}, results[0].(map[string]any)["files"])

	// The text alone leaves them as they are; the field replaces all.
	p.ok("task.commentitem.update", "TASKID", 2, "ITEMID", 3, "FIELDS", arr("POST_MESSAGE", "See here"))
	diff(t, "kept", 2, len(p.attached(2, 3)))
	p.ok("task.commentitem.update", "TASKID", 2, "ITEMID", 3, "FIELDS", arr("POST_MESSAGE", "See", "UF_FORUM_MESSAGE_DOC", list("2", "n8")))
	files = p.attached(2, 3)
	if len(files) != 2 || files["2"] == nil || files["3"] == nil {
		t.Errorf("replaced: %v", files)
	}
	p.ok("disk.file.delete", "id", 9)
	diff(t, "without the deleted file", 1, len(p.attached(2, 3)))
	p.ok("task.commentitem.delete", "TASKID", 2, "ITEMID", 3)
	diff(t, "gone with the comment", 0, len(p.rowsOf(commentFileEntity, always)))

	for _, file := range []string{"n999", "n6", "n11", "77"} { // nothing, a folder, in the trash, another's attachment
		diff(t, file, "400 ERROR_CORE: File not found<br>",
			p.refused("task.commentitem.add", "TASKID", 2, "FIELDS", arr("POST_MESSAGE", "x", "UF_FORUM_MESSAGE_DOC", list(file))))
	}
	diff(t, "not the author's to read", "400 ERROR_CORE: File not found<br>",
		p.refused("task.commentitem.add", "TASKID", 2, "FIELDS", arr("POST_MESSAGE", "x", "AUTHOR_ID", 11, "UF_FORUM_MESSAGE_DOC", list("n13"))))
	diff(t, "nothing was written", []string{}, p.commentsOf(2))
}
