package sandbox

import (
	"context"
	"database/sql"
	"fmt"
	"path"
	"strings"
	"time"
	"unicode/utf8"
)

// storageEntity is a drive: the company's, a user's, an application's.
//
// https://apidocs.bitrix24.com/api-reference/disk/storage/disk-storage-get-fields.html
var storageEntity = &entity{
	name: "disk_storage",
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "NAME", kind: textKind, max: maxObjectName, always: true},
		{name: "CODE", kind: textKind, readOnly: true, always: true, null: true},
		{name: "MODULE_ID", kind: textKind, readOnly: true, always: true},
		{name: "ENTITY_TYPE", kind: textKind, readOnly: true, always: true},
		{name: "ENTITY_ID", kind: textKind, readOnly: true, always: true},
		{name: "ROOT_OBJECT_ID", kind: idKind, readOnly: true, always: true},
	},
}

// objectEntity is a folder or a file. A folder has REAL_OBJECT_ID, a file what
// describes its content; neither has the fields of the other.
//
// https://apidocs.bitrix24.com/api-reference/disk/folder/disk-folder-get-fields.html
// https://apidocs.bitrix24.com/api-reference/disk/file/disk-file-get-fields.html
var objectEntity = &entity{
	name: "disk_object",
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "NAME", kind: textKind, max: maxObjectName, always: true},
		{name: "CODE", kind: textKind, readOnly: true, always: true, null: true},
		{name: "STORAGE_ID", kind: idKind, readOnly: true, always: true},
		{name: "TYPE", kind: textKind, readOnly: true, always: true},
		{name: "REAL_OBJECT_ID", kind: idKind, readOnly: true},
		{name: "PARENT_ID", kind: idKind, readOnly: true, always: true, null: true, indexed: true},
		{name: "DELETED_TYPE", kind: idKind, readOnly: true, always: true},
		{name: "GLOBAL_CONTENT_VERSION", kind: idKind, readOnly: true},
		{name: "FILE_ID", kind: idKind, readOnly: true},
		{name: "SIZE", kind: idKind, readOnly: true},
		{name: "CREATE_TIME", kind: momentKind, readOnly: true, always: true},
		{name: "UPDATE_TIME", kind: momentKind, readOnly: true, always: true},
		{name: "DELETE_TIME", kind: momentKind, readOnly: true, always: true, null: true},
		{name: "CREATED_BY", kind: idKind, readOnly: true, always: true},
		{name: "UPDATED_BY", kind: idKind, readOnly: true, always: true},
		{name: "DELETED_BY", kind: idKind, readOnly: true, always: true},
		{name: "LINK", kind: textKind, hidden: true, readOnly: true, indexed: true},
		{name: "ACCESS", kind: textKind, hidden: true, readOnly: true, multiple: true},
	},
}

const (
	// maxObjectName is how many characters a name may have.
	maxObjectName = 255

	folderType = "folder"
	fileType   = "file"

	// The values of ENTITY_TYPE.
	commonStorage = "common"
	userStorage   = "user"
	groupStorage  = "group"
	appStorage    = "restapp"

	// The values of DELETED_TYPE.
	notDeleted        = 0
	inTrash           = 3
	deletedWithParent = 4
)

// drive works on storages, folders and files in one transaction, for a user. It
// does not ask what the user may do; the methods ask permits before.
type drive struct {
	ctx  context.Context
	tx   *sql.Tx
	now  time.Time
	user int64
}

// drive is the caller's.
func (c *call) drive(tx *sql.Tx) drive {
	return drive{ctx: c.ctx, tx: tx, now: c.sb.now(), user: c.who.userID}
}

func isFolder(object row) bool { return object.doc["TYPE"] == folderType }

func objectName(object row) string {
	name, _ := object.doc["NAME"].(string)
	return name
}

// storageOf finds the storage of something, such as user 5.
func (d drive) storageOf(entityType, entityID string) (row, bool, error) {
	return d.first(storageEntity, equal(storageEntity, "ENTITY_TYPE", fold(entityType)), equal(storageEntity, "ENTITY_ID", fold(entityID)))
}

// storageOfUser finds the drive of a user, or makes it: a portal does so when
// the drive is needed for the first time.
func (d drive) storageOfUser(user int64) (row, error) {
	owner := fmt.Sprint(user)
	storage, ok, err := d.storageOf(userStorage, owner)
	if ok || err != nil {
		return storage, err
	}
	doc, err := d.userStorage(user)
	if err != nil {
		return row{}, err
	}
	d.user = user
	return d.addStorage(doc)
}

// userStorage describes the drive of a user, which has the user's name.
func (d drive) userStorage(user int64) (document, error) {
	doc, err := userEntity.find(d.ctx, d.tx, user)
	name := strings.TrimSpace(fmt.Sprintf("%v %v", doc["NAME"], doc["LAST_NAME"]))
	return storageDocument(userStorage, fmt.Sprint(user), name), err
}

func storageDocument(entityType, entityID, name string) document {
	return document{"NAME": name, "MODULE_ID": "disk", "ENTITY_TYPE": entityType, "ENTITY_ID": entityID}
}

// addStorage makes a storage and its root folder, which has the storage's name
// and no parent.
func (d drive) addStorage(doc document) (row, error) {
	id, err := storageEntity.insert(d.ctx, d.tx, doc)
	if err != nil {
		return row{}, err
	}
	root, err := d.insert(document{"NAME": doc["NAME"], "STORAGE_ID": number(id), "TYPE": folderType})
	if err != nil {
		return row{}, err
	}
	after := doc.clone()
	after["ROOT_OBJECT_ID"] = number(root.id)
	return row{id, after}, storageEntity.update(d.ctx, d.tx, id, doc, after)
}

// root is the folder at the top of a storage.
func (d drive) root(storage row) (row, error) {
	root, ok, err := d.object(intOf(storage.doc["ROOT_OBJECT_ID"]))
	if err == nil && !ok {
		err = fmt.Errorf("storage %d has no root folder", storage.id)
	}
	return root, err
}

// object finds a folder or a file, also one in the trash.
func (d drive) object(id int64) (row, bool, error) {
	doc, err := objectEntity.find(d.ctx, d.tx, id)
	return row{id, doc}, doc != nil, err
}

// child finds what has a name in a folder, trash apart.
func (d drive) child(folder int64, name string) (row, bool, error) {
	return d.first(objectEntity, childrenOf(folder), equal(objectEntity, "NAME", fold(name)))
}

// childrenOf is what lies in a folder, trash apart.
func childrenOf(folder int64) condition {
	return and(equal(objectEntity, "PARENT_ID", folder), equal(objectEntity, "DELETED_TYPE", int64(notDeleted)))
}

// equal compares a field with a key.
func equal(e *entity, name string, key any) condition {
	for i := range e.fields {
		if f := &e.fields[i]; f.name == name {
			return e.test(f, equals, key)
		}
	}
	return never
}

func (d drive) first(e *entity, where ...condition) (row, bool, error) {
	rows, err := e.all(d.ctx, d.tx, and(where...))
	if err != nil || len(rows) == 0 {
		return row{}, false, err
	}
	return rows[0], true, nil
}

// addFolder makes a folder in another one. The error is errNameTaken when there
// is something with that name.
func (d drive) addFolder(parent row, name string) (row, error) {
	return d.add(parent, document{"NAME": name, "TYPE": folderType})
}

// addFile makes a file of stored bytes in a folder.
func (d drive) addFile(parent row, name string, stored file) (row, error) {
	doc := contentFields(stored)
	doc["NAME"] = name
	return d.add(parent, doc)
}

// contentFields describe the first version of a file's content.
func contentFields(stored file) document {
	return document{
		"TYPE": fileType, "GLOBAL_CONTENT_VERSION": number(1),
		"FILE_ID": number(stored.id), "SIZE": number(stored.size),
	}
}

func (d drive) add(parent row, doc document) (row, error) {
	name, _ := doc["NAME"].(string)
	if err := d.free(parent.id, name, doc["TYPE"] == folderType); err != nil {
		return row{}, err
	}
	doc["STORAGE_ID"], doc["PARENT_ID"] = parent.doc["STORAGE_ID"], number(parent.id)
	return d.insert(doc)
}

// free refuses a name that a folder has already.
func (d drive) free(folder int64, name string, asFolder bool) error {
	_, taken, err := d.child(folder, name)
	if err == nil && taken {
		return errNameTaken(asFolder)
	}
	return err
}

// stamped writes on a new object who made it, and when.
func (d drive) stamped(doc document) document {
	moment, user := storedTime(d.now), number(d.user)
	doc["CREATE_TIME"], doc["UPDATE_TIME"] = moment, moment
	doc["CREATED_BY"], doc["UPDATED_BY"] = user, user
	doc["DELETED_TYPE"], doc["DELETED_BY"] = number(notDeleted), number(0)
	return doc
}

func (d drive) insert(doc document) (row, error) {
	id, err := objectEntity.insert(d.ctx, d.tx, d.stamped(doc))
	if err != nil || doc["TYPE"] == fileType {
		return row{id, doc}, err
	}
	after := doc.clone()
	after["REAL_OBJECT_ID"] = number(id)
	return row{id, after}, objectEntity.update(d.ctx, d.tx, id, doc, after)
}

// change writes fields of an object.
func (d drive) change(object row, fields document) (row, error) {
	after := object.doc.clone()
	for name, v := range fields {
		after[name] = v
	}
	return row{object.id, after}, objectEntity.update(d.ctx, d.tx, object.id, object.doc, after)
}

// freeName is the name, or when the folder has it already the name with a
// number: "file (1).docx".
func (d drive) freeName(folder int64, name string) (string, error) {
	extension := path.Ext(name)
	stem := strings.TrimSuffix(name, extension)
	for n := 1; ; n++ {
		_, taken, err := d.child(folder, name)
		if err != nil || !taken {
			return name, err
		}
		name = fmt.Sprintf("%s (%d)%s", stem, n, extension)
	}
}

// ancestors are the folders above an object, the root first.
func (d drive) ancestors(object row) ([]row, error) {
	var above []row
	for id := intOf(object.doc["PARENT_ID"]); id != 0; {
		parent, ok, err := d.object(id)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, fmt.Errorf("object %d is in folder %d, which does not exist", object.id, id)
		}
		above = append([]row{parent}, above...)
		id = intOf(parent.doc["PARENT_ID"])
	}
	return above, nil
}

// cleanName is a name as the portal keeps it: without the characters that file
// systems do not take.
func cleanName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`\/:*?"<>|`, r) {
			return '_'
		}
		return r
	}, strings.TrimSpace(clean(name)))
	if utf8.RuneCountInString(name) > maxObjectName {
		name = string([]rune(name)[:maxObjectName])
	}
	return name
}

// errNameTaken refuses the name of something that is there.
func errNameTaken(asFolder bool) error {
	kind := "file"
	if asFolder {
		kind = "folder"
	}
	return badRequest("DISK_OBJ_22000", "A "+kind+" with this name already exists")
}
