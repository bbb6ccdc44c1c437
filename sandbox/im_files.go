package sandbox

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"image"
	"path"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// chatStorage is the drive that holds a folder for each chat with files.
const chatStorage = "im"

func errSaveFile() error { return badRequest("SAVE_ERROR", "Error during saving file to chat") }

// chatFolderGet answers the folder of a chat's files, which it makes when it is
// needed first.
//
// https://apidocs.bitrix24.com/api-reference/chats/files/im-disk-folder-get.html
func chatFolderGet(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		d, err := filesDialog(c, tx)
		if err != nil {
			return result{}, err
		}
		folder, err := d.folder(c, tx)
		return result{value: imObject("ID", folder.id), record: folder.id}, err
	})
}

// filesDialog is the dialog of a method about files; the caller becomes its
// member.
func filesDialog(c *call, tx *sql.Tx) (*dialog, error) {
	d, err := eitherParam(c, tx)
	if err == nil {
		err = checkEnters(c, tx, d, dialogUnavailable)
	}
	if err != nil {
		return nil, err
	}
	return d, d.join(c, tx)
}

// folder is the folder of the dialog's files.
func (d *dialog) folder(c *call, tx *sql.Tx) (row, error) {
	dr := c.drive(tx)
	if id := intOf(d.doc["FOLDER_ID"]); id != 0 {
		folder, ok, err := dr.object(id)
		if ok || err != nil {
			return folder, err
		}
	}
	storage, ok, err := dr.storageOf(chatStorage, chatStorage)
	if err == nil && !ok {
		storage, err = dr.addStorage(document{"NAME": "Chat files", "MODULE_ID": "im", "ENTITY_TYPE": chatStorage, "ENTITY_ID": chatStorage})
	}
	if err != nil {
		return row{}, err
	}
	root, err := dr.root(storage)
	if err != nil {
		return row{}, err
	}
	folder, err := dr.addFolder(root, fmt.Sprintf("Chat %d", d.id))
	if err != nil {
		return row{}, err
	}
	after := d.doc.clone()
	after["FOLDER_ID"] = number(folder.id)
	if err := chatEntity.update(c.ctx, tx, d.id, d.doc, after); err != nil {
		return row{}, err
	}
	d.doc = after
	return folder, shareFolder(c, tx, d)
}

// shareFolder gives the folder of a chat, when it has one, to those who are
// members now.
func shareFolder(c *call, tx *sql.Tx, d *dialog) error {
	dr := c.drive(tx)
	folder, ok, err := dr.object(intOf(d.doc["FOLDER_ID"]))
	if err != nil || !ok {
		return err
	}
	members, err := membersOf(c.ctx, tx, d.id)
	if err != nil {
		return err
	}
	codes := make([]string, len(members))
	for i, m := range members {
		codes[i] = fmt.Sprintf("U%d", m.userID)
	}
	if folder, err = dr.change(folder, document{"ACCESS": []any{}}); err != nil {
		return err
	}
	_, err = dr.grant(folder, mayEdit, codes...)
	return err
}

// chatFileCommit posts files of the drive in a chat. A file that lies elsewhere
// is copied into the folder of the chat.
//
// https://apidocs.bitrix24.com/api-reference/chats/files/im-disk-file-commit.html
func chatFileCommit(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		d, err := filesDialog(c, tx)
		if err != nil {
			return result{}, err
		}
		prefix := "disk"
		given, ok := c.params.GetFold("FILE_ID")
		if !ok {
			prefix = "upload"
			if given, ok = c.params.GetFold("UPLOAD_ID"); !ok {
				return result{}, badRequest("FILES_ERROR", "List of files is not specified")
			}
		}
		folder, err := d.folder(c, tx)
		if err != nil {
			return result{}, err
		}
		var keys []string
		var objects []row
		for _, v := range elements(given) {
			id := intval(phpquery.Text(v))
			object, err := takeIntoChat(c, tx, folder, id)
			if err != nil {
				return result{}, err
			}
			keys, objects = append(keys, fmt.Sprintf("%s%d", prefix, id)), append(objects, object)
		}
		if len(objects) == 0 {
			return result{}, errSaveFile()
		}
		ids := phpquery.NewArray()
		for _, o := range objects {
			ids.Append(number(o.id))
		}
		message, err := postMessage(c, tx, d.id, document{
			"AUTHOR_ID": number(c.who.userID), "TEXT": messageText(c.text("MESSAGE")), "PARAMS": plain(imObject("FILE_ID", ids)),
		})
		if err != nil {
			return result{}, err
		}
		shown, err := showCommitted(c, tx, d.id, keys, objects)
		if err != nil {
			return result{}, err
		}
		shown.Set("MESSAGE_ID", number(message))
		return result{value: shown, record: message}, nil
	})
}

// takeIntoChat is the file in the folder of the chat.
func takeIntoChat(c *call, tx *sql.Tx, folder row, id int64) (row, error) {
	dr := c.drive(tx)
	object, ok, err := dr.object(id)
	if err != nil {
		return row{}, err
	}
	if !ok || isFolder(object) || deletedType(object) != notDeleted {
		return row{}, errSaveFile()
	}
	may, err := c.permit(dr, object)
	if err != nil {
		return row{}, err
	}
	if may < mayRead {
		return row{}, errSaveFile()
	}
	if intOf(object.doc["PARENT_ID"]) == folder.id {
		return object, nil
	}
	twin, err := copyFile(c.ctx, tx, intOf(object.doc["FILE_ID"]))
	if err != nil {
		return row{}, err
	}
	stored, err := findFile(c.ctx, tx, twin)
	if err != nil {
		return row{}, err
	}
	name, err := dr.freeName(folder.id, objectName(object))
	if err != nil {
		return row{}, err
	}
	return dr.addFile(folder, name, *stored)
}

func showCommitted(c *call, tx *sql.Tx, chatID int64, keys []string, objects []row) (*phpquery.Array, error) {
	files, ids, models := phpquery.NewArray(), phpquery.NewArray(), phpquery.NewArray()
	for i, o := range objects {
		shown, err := imFile(c, tx, chatID, o)
		if err != nil {
			return nil, err
		}
		// The moments of these two are PHP objects, which JSON leaves empty.
		shown.Set("date", phpquery.Object{Array: phpquery.NewArray()})
		if strings.EqualFold(c.text("AS_FILE"), "Y") {
			shown.Set("type", "file")
		}
		files.Set(keys[i], shown)
		ids.Append(phpquery.Text(number(o.id)))
		models.Set(keys[i], fileModel(c, o))
	}
	return imObject("FILES", files, "DISK_ID", ids, "FILE_MODELS", models), nil
}

// fileModel is a file as the drive's own pages know it.
func fileModel(c *call, o row) *phpquery.Array {
	moment := phpquery.Object{Array: phpquery.NewArray()}
	text := func(name string) string { return phpquery.Text(o.doc[name]) }
	address := c.fileURL(intOf(o.doc["FILE_ID"]), objectName(o))
	links := imObject("download", address, "showInGrid", fmt.Sprintf("/bitrix/tools/disk/focus.php?objectId=%d&action=showObjectInGrid&ncc=1", o.id), "preview", address)
	return imObject("id", o.id, "name", objectName(o), "createTime", moment, "updateTime", moment, "deleteTime", nil,
		"code", nil, "xmlId", nil, "storageId", intOf(o.doc["STORAGE_ID"]), "realObjectId", o.id, "parentId", intOf(o.doc["PARENT_ID"]),
		"deletedType", intOf(o.doc["DELETED_TYPE"]), "createdBy", text("CREATED_BY"), "updatedBy", text("UPDATED_BY"), "deletedBy", text("DELETED_BY"),
		"uniqueCode", c.sb.sign(o.id), "typeFile", int64(2), "globalContentVersion", intOf(o.doc["GLOBAL_CONTENT_VERSION"]),
		"fileId", intOf(o.doc["FILE_ID"]), "size", intOf(o.doc["SIZE"]), "etag", c.sb.sign(intOf(o.doc["FILE_ID"])), "links", links)
}

// imFiles shows the files of a chat's messages. Those that were deleted since
// are left out.
func imFiles(c *call, tx *sql.Tx, chatID int64, ids []int64) (*phpquery.Array, error) {
	files := phpquery.NewArray()
	for _, id := range ids {
		object, ok, err := c.drive(tx).object(id)
		if err != nil {
			return nil, err
		}
		if !ok || deletedType(object) != notDeleted {
			continue
		}
		shown, err := imFile(c, tx, chatID, object)
		if err != nil {
			return nil, err
		}
		files.Append(shown)
	}
	return files, nil
}

// imFile is a file as chats show it.
func imFile(c *call, tx *sql.Tx, chatID int64, o row) (*phpquery.Array, error) {
	stored, err := findFile(c.ctx, tx, intOf(o.doc["FILE_ID"]))
	if err != nil {
		return nil, err
	}
	author := intOf(o.doc["CREATED_BY"])
	user, err := userEntity.find(c.ctx, tx, author)
	if err != nil {
		return nil, err
	}
	name, address := objectName(o), c.fileURL(stored.id, objectName(o))
	kind, _, _ := strings.Cut(stored.contentType, "/")
	size, preview, media := any(false), "", phpquery.NewArray()
	switch kind {
	case "image":
		if size, err = pictureSize(c, tx, stored.id); err != nil {
			return nil, err
		}
		preview = address
		media.Set("preview", phpquery.Object{Array: imObject("250", address)})
	case "video", "audio":
	default:
		kind = "file"
	}
	created, _ := timeOf(o.doc["CREATE_TIME"])
	viewer := "unknown"
	if kind == "image" {
		viewer = kind
	}
	attributes := imObject("viewer", "", "viewerType", viewer, "src", address, "viewerResized", "", "objectId", phpquery.Text(number(o.id)),
		"viewerGroupBy", phpquery.Text(number(chatID)), "imChatId", chatID, "title", name, "actions", `[{"type":"download"}]`)
	return imObject("id", o.id, "chatId", chatID, "date", created.Format(isoLayout), "type", kind, "name", name,
		"extension", strings.TrimPrefix(strings.ToLower(path.Ext(name)), "."), "size", stored.size, "image", size,
		"status", "done", "progress", int64(100), "authorId", author, "authorName", fullName(user),
		"urlPreview", preview, "urlShow", address, "urlDownload", address, "viewerAttrs", attributes, "mediaUrl", media,
		"isTranscribable", false, "isVideoNote", false, "isVoiceNote", false), nil
}

// pictureSize is the height and width of a picture, or false when its beginning
// does not tell.
func pictureSize(c *call, tx *sql.Tx, fileID int64) (any, error) {
	var begin []byte
	err := tx.QueryRowContext(c.ctx, "SELECT bytes FROM data_file_chunk WHERE file = ? AND start = 0", fileID).Scan(&begin)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read file %d: %w", fileID, err)
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(begin))
	if err != nil {
		return false, nil
	}
	return imObject("height", int64(size.Height), "width", int64(size.Width)), nil
}
