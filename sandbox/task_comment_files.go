package sandbox

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// commentFileEntity is a file of the drive that is attached to a comment.
var commentFileEntity = &entity{
	name: "task_comment_file",
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "TASK_ID", kind: idKind, readOnly: true, indexed: true},
		{name: "COMMENT_ID", kind: idKind, readOnly: true, indexed: true},
		{name: "FILE_ID", kind: idKind, readOnly: true},
	},
}

// commentFiles are what UF_FORUM_MESSAGE_DOC says.
type commentFiles struct {
	given bool
	files []int64 // of the drive, to be attached
	kept  []int64 // attachments that the comment has
}

// attachmentsOf reads the attachments of a comment.
func attachmentsOf(c *call, tx *sql.Tx, commentID int64) ([]row, error) {
	comment := commentFileEntity.named("COMMENT_ID").expression()
	return commentFileEntity.all(c.ctx, tx, condition{comment + " = ?", []any{commentID}})
}

// commentFiles reads UF_FORUM_MESSAGE_DOC: "n12" is a file of the drive that the
// author may read, 12 an attachment that the comment already has.
func (c *call) commentFiles(tx *sql.Tx, fields *phpquery.Array, comment row) (commentFiles, error) {
	v, ok := fields.GetFold("UF_FORUM_MESSAGE_DOC")
	if !ok {
		return commentFiles{}, nil
	}
	had, err := attachmentsOf(c, tx, comment.id)
	if err != nil {
		return commentFiles{}, err
	}
	authorID := intOf(comment.doc["AUTHOR_ID"])
	user, err := userEntity.find(c.ctx, tx, authorID)
	if err != nil {
		return commentFiles{}, err
	}
	author := *c
	author.who = principal{userID: authorID, admin: user["ADMIN"] == true}
	f := commentFiles{given: true}
	for _, element := range elements(v) {
		text := phpquery.Text(element)
		if text == "" {
			continue
		}
		var found bool
		if file, isNew := strings.CutPrefix(text, "n"); isNew {
			if found, err = author.readsFile(tx, intval(file)); err != nil {
				return commentFiles{}, err
			}
			f.files = with(f.files, intval(file))
		} else {
			found = slices.ContainsFunc(had, func(r row) bool { return r.id == intval(text) })
			f.kept = with(f.kept, intval(text))
		}
		if !found {
			return commentFiles{}, commentError("File not found")
		}
	}
	return f, nil
}

// save makes the attachments of a comment those that were named.
func (f commentFiles) save(c *call, tx *sql.Tx, comment row) error {
	if !f.given {
		return nil
	}
	had, err := attachmentsOf(c, tx, comment.id)
	if err != nil {
		return err
	}
	for _, r := range had {
		if !slices.Contains(f.kept, r.id) {
			if err := commentFileEntity.remove(c.ctx, tx, r.id); err != nil {
				return err
			}
		}
	}
	for _, file := range f.files {
		doc := document{"TASK_ID": comment.doc["TASK_ID"], "COMMENT_ID": number(comment.id), "FILE_ID": number(file)}
		if _, err := commentFileEntity.insert(c.ctx, tx, doc); err != nil {
			return err
		}
	}
	return nil
}

// showAttachments answers the attachments of a comment by their ids. Files that
// were deleted from the drive are left out.
func showAttachments(c *call, tx *sql.Tx, commentID int64) (any, error) {
	rows, err := attachmentsOf(c, tx, commentID)
	if err != nil {
		return nil, err
	}
	files := phpquery.NewArray()
	for _, r := range rows {
		file, err := objectEntity.find(c.ctx, tx, intOf(r.doc["FILE_ID"]))
		if err != nil {
			return nil, err
		}
		if file == nil {
			continue
		}
		id := phpquery.Text(r.id)
		a := phpquery.NewArray()
		a.Set("ATTACHMENT_ID", id)
		a.Set("NAME", phpquery.Text(file["NAME"]))
		a.Set("SIZE", phpquery.Text(file["SIZE"]))
		a.Set("FILE_ID", phpquery.Text(r.doc["FILE_ID"]))
		a.Set("DOWNLOAD_URL", attachmentPath(id, "download"))
		a.Set("VIEW_URL", attachmentPath(id, "show"))
		files.Set(id, a)
	}
	return phpquery.Object{Array: files}, nil
}

// attachmentPath is where a browser with a session gets an attachment.
func attachmentPath(id, action string) string {
	return fmt.Sprintf("/bitrix/tools/disk/uf.php?attachedId=%s&action=%s&ncc=1", id, action)
}
