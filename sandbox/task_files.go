package sandbox

import (
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// taskFileEntity is a file of the drive that is attached to a task.
var taskFileEntity = &entity{
	name: "task_file",
	fields: []field{
		{name: "ID", kind: integerKind, readOnly: true},
		{name: "TASK_ID", kind: refKind, indexed: true},
		{name: "FILE_ID", kind: refKind},
		{name: "CREATED_BY", kind: refKind},
		{name: "CREATED_DATE", kind: momentKind},
	},
}

// taskFilesAttach attaches a file of the drive and answers the id of the
// attachment.
//
// https://apidocs.bitrix24.com/api-reference/tasks/tasks-task-files-attach.html
func taskFilesAttach(c *call) (result, error) {
	id, err := c.taskID("taskId")
	if err != nil {
		return result{}, err
	}
	given, ok := c.params.GetFold("fileId")
	if !ok {
		return result{}, errMissing("fileId")
	}
	fileID, err := strconv.ParseInt(phpquery.Text(given), 10, 64)
	if err != nil {
		return result{}, errWrongType("fileId", phpquery.Text(given), "int")
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		before, err := visibleTask(c, tx, id)
		if err != nil {
			return result{}, err
		}
		role, err := c.roleIn(tx, before)
		if err != nil {
			return result{}, err
		}
		if before == nil || !role.may("EDIT", before) {
			return result{}, badRequest("0", "Access denied (internal error)")
		}
		readable, err := c.readsFile(tx, fileID)
		if err != nil {
			return result{}, err
		}
		if !readable {
			return result{}, badRequest("ERROR_CORE", "Insufficient permissions.<br>")
		}
		attachment, err := attachFile(c, tx, id, fileID)
		if err != nil {
			return result{}, err
		}
		after := before.clone()
		after["UF_TASK_WEBDAV_FILES"] = numbers(append(ints(before["UF_TASK_WEBDAV_FILES"]), attachment))
		if err := saveTask(c, tx, id, before, after); err != nil {
			return result{}, err
		}
		answer := phpquery.NewArray()
		answer.Set("attachmentId", number(attachment))
		return result{value: answer, record: id}, nil
	})
}

// readsFile tells whether there is such a file outside the trash and the caller
// may read it.
func (c *call) readsFile(tx *sql.Tx, fileID int64) (bool, error) {
	file, err := objectEntity.find(c.ctx, tx, fileID)
	if err != nil || file == nil {
		return false, err
	}
	object := row{fileID, file}
	if isFolder(object) || intOf(file["DELETED_TYPE"]) != notDeleted {
		return false, nil
	}
	may, err := c.permit(c.drive(tx), object)
	return may >= mayRead, err
}

// attachFile keeps the attachment of a file to a task.
func attachFile(c *call, tx *sql.Tx, taskID, fileID int64) (int64, error) {
	return taskFileEntity.insert(c.ctx, tx, document{
		"TASK_ID": number(taskID), "FILE_ID": number(fileID),
		"CREATED_BY": number(c.who.userID), "CREATED_DATE": storedTime(c.sb.now()),
	})
}

// attach makes the attachments of a task those that UF_TASK_WEBDAV_FILES names:
// "n12" is a file of the drive, 12 an attachment that the task already has. What
// is neither is passed over, as the portal does.
func (w *taskWrite) attach(taskID int64) error {
	had := ints(w.doc["UF_TASK_WEBDAV_FILES"])
	var has []int64
	for _, v := range w.files {
		text := phpquery.Text(v)
		file, isNew := strings.CutPrefix(text, "n")
		if !isNew {
			if id := intval(text); slices.Contains(had, id) {
				has = with(has, id)
			}
			continue
		}
		readable, err := w.call.readsFile(w.tx, intval(file))
		if err != nil {
			return err
		}
		if !readable {
			continue
		}
		id, err := attachFile(w.call, w.tx, taskID, intval(file))
		if err != nil {
			return err
		}
		has = append(has, id)
	}
	for _, id := range had {
		if !slices.Contains(has, id) {
			if err := taskFileEntity.remove(w.call.ctx, w.tx, id); err != nil {
				return err
			}
		}
	}
	w.doc["UF_TASK_WEBDAV_FILES"] = numbers(has)
	return nil
}
