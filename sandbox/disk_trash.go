package sandbox

// moveToTrash answers disk.folder.markDeleted and disk.file.markDeleted.
//
// https://apidocs.bitrix24.com/api-reference/disk/folder/disk-folder-mark-deleted.html
// https://apidocs.bitrix24.com/api-reference/disk/file/disk-file-mark-deleted.html
func (c *call) moveToTrash(d drive, object row) (result, error) {
	if isRoot(object) {
		return result{}, errRootStays()
	}
	object, err := d.trash(object)
	if err != nil {
		return result{}, err
	}
	if isFolder(object) {
		return c.objectAnswer(d, object, "DELETED_TYPE")
	}
	return c.objectAnswer(d, object)
}

// takeFromTrash answers disk.folder.restore and disk.file.restore.
//
// https://apidocs.bitrix24.com/api-reference/disk/folder/disk-folder-restore.html
// https://apidocs.bitrix24.com/api-reference/disk/file/disk-file-restore.html
func (c *call) takeFromTrash(d drive, object row) (result, error) {
	object, err := d.restore(object)
	if err != nil {
		return result{}, err
	}
	return c.objectAnswer(d, object, "DELETED_TYPE")
}

// deleteForGood answers disk.folder.deleteTree and disk.file.delete.
//
// https://apidocs.bitrix24.com/api-reference/disk/folder/disk-folder-delete-tree.html
// https://apidocs.bitrix24.com/api-reference/disk/file/disk-file-delete.html
func (c *call) deleteForGood(d drive, object row) (result, error) {
	if isRoot(object) {
		return result{}, errRootStays()
	}
	return result{value: true, record: object.id}, d.destroy(object)
}

func isRoot(object row) bool { return intOf(object.doc["PARENT_ID"]) == 0 }

func errRootStays() error { return badRequest("DISK_OBJ_22000", "Could not delete root folder") }

// trash moves an object into the trash, and with a folder what lies in it.
func (d drive) trash(object row) (row, error) {
	if err := d.below(object, notDeleted, func(inner row) error {
		_, err := d.change(inner, d.trashMarks(deletedWithParent))
		return err
	}); err != nil {
		return row{}, err
	}
	return d.change(object, d.trashMarks(inTrash))
}

// trashMarks is what the trash writes on an object.
func (d drive) trashMarks(deleted int64) document {
	return document{"DELETED_TYPE": number(deleted), "DELETE_TIME": storedTime(d.now), "DELETED_BY": number(d.user)}
}

// restore takes an object out of the trash. What was deleted together with its
// folder brings the folders above it back, and leaves in the trash whatever
// else was in them. A name that is taken by now gets a number.
func (d drive) restore(object row) (row, error) {
	if deletedType(object) == notDeleted {
		return object, nil
	}
	if deletedType(object) == deletedWithParent {
		if err := d.restoreParent(object); err != nil {
			return row{}, err
		}
	}
	name, err := d.freeName(intOf(object.doc["PARENT_ID"]), objectName(object))
	if err != nil {
		return row{}, err
	}
	if err := d.below(object, deletedWithParent, func(inner row) error {
		_, err := d.change(inner, document{"DELETED_TYPE": number(notDeleted)})
		return err
	}); err != nil {
		return row{}, err
	}
	return d.change(object, document{
		"NAME": name, "DELETED_TYPE": number(notDeleted), "UPDATE_TIME": storedTime(d.now), "UPDATED_BY": number(d.user),
	})
}

// restoreParent brings the folder of an object back without its content: the
// rest of that becomes deleted in its own right.
func (d drive) restoreParent(object row) error {
	parent, ok, err := d.object(intOf(object.doc["PARENT_ID"]))
	if err != nil || !ok || deletedType(parent) == notDeleted {
		return err
	}
	if deletedType(parent) == deletedWithParent {
		if err := d.restoreParent(parent); err != nil {
			return err
		}
	}
	others, err := objectEntity.all(d.ctx, d.tx, and(
		equal(objectEntity, "PARENT_ID", parent.id), equal(objectEntity, "DELETED_TYPE", int64(deletedWithParent))))
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.id != object.id {
			if _, err := d.change(other, document{"DELETED_TYPE": number(inTrash)}); err != nil {
				return err
			}
		}
	}
	name, err := d.freeName(intOf(parent.doc["PARENT_ID"]), objectName(parent))
	if err != nil {
		return err
	}
	_, err = d.change(parent, document{"NAME": name, "DELETED_TYPE": number(notDeleted)})
	return err
}

func deletedType(object row) int64 { return intOf(object.doc["DELETED_TYPE"]) }

// below does something with everything in a folder that is deleted in a given
// way, at any depth, but not with what lies in a folder deleted otherwise.
func (d drive) below(folder row, deleted int64, do func(row) error) error {
	children, err := objectEntity.all(d.ctx, d.tx, and(
		equal(objectEntity, "PARENT_ID", folder.id), equal(objectEntity, "DELETED_TYPE", deleted)))
	if err != nil {
		return err
	}
	for _, child := range children {
		if isFolder(child) {
			if err := d.below(child, deleted, do); err != nil {
				return err
			}
		}
		if err := do(child); err != nil {
			return err
		}
	}
	return nil
}

// destroy removes an object for good, its bytes and what lies in it, trash
// included.
func (d drive) destroy(object row) error {
	children, err := objectEntity.all(d.ctx, d.tx, equal(objectEntity, "PARENT_ID", object.id))
	if err != nil {
		return err
	}
	for _, child := range children {
		if err := d.destroy(child); err != nil {
			return err
		}
	}
	if id := intOf(object.doc["FILE_ID"]); id != 0 {
		if err := dropFile(d.ctx, d.tx, id); err != nil {
			return err
		}
	}
	return objectEntity.remove(d.ctx, d.tx, object.id)
}
