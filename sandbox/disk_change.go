package sandbox

// rename answers disk.folder.rename and disk.file.rename.
//
// https://apidocs.bitrix24.com/api-reference/disk/folder/disk-folder-rename.html
// https://apidocs.bitrix24.com/api-reference/disk/file/disk-file-rename.html
func (c *call) rename(d drive, object row) (result, error) {
	if isRoot(object) {
		return result{}, badRequest("", "Could not rename root folder")
	}
	name, err := c.newNameParam()
	if err != nil {
		return result{}, err
	}
	if fold(name) != fold(objectName(object)) {
		if err := d.free(intOf(object.doc["PARENT_ID"]), name, isFolder(object)); err != nil {
			return result{}, err
		}
	}
	object, err = d.change(object, document{"NAME": name, "UPDATE_TIME": storedTime(d.now), "UPDATED_BY": number(d.user)})
	if err != nil {
		return result{}, err
	}
	return c.objectAnswer(d, object)
}

// moveTo answers disk.folder.moveTo and disk.file.moveTo: false when the target
// is in another drive.
//
// https://apidocs.bitrix24.com/api-reference/disk/folder/disk-folder-move-to.html
// https://apidocs.bitrix24.com/api-reference/disk/file/disk-file-move-to.html
func (c *call) moveTo(d drive, object row) (result, error) {
	if isRoot(object) {
		return result{}, badRequest("", "Could not move root folder")
	}
	target, err := c.targetParam(d, object)
	if err != nil {
		return result{}, err
	}
	if target.doc["STORAGE_ID"] != object.doc["STORAGE_ID"] {
		return result{value: false}, nil
	}
	above, err := d.ancestors(target)
	if err != nil {
		return result{}, err
	}
	for _, f := range append(above, target) {
		if f.id == object.id {
			return result{}, badRequest("", "Could not move folder into itself")
		}
	}
	if intOf(object.doc["PARENT_ID"]) != target.id {
		if err := d.free(target.id, objectName(object), isFolder(object)); err != nil {
			return result{}, err
		}
	}
	object, err = d.change(object, document{"PARENT_ID": number(target.id)})
	if err != nil {
		return result{}, err
	}
	return c.objectAnswer(d, object, "PARENT_ID")
}

// copyTo answers disk.folder.copyTo and disk.file.copyTo. The target may be in
// another drive.
//
// https://apidocs.bitrix24.com/api-reference/disk/folder/disk-folder-copy-to.html
// https://apidocs.bitrix24.com/api-reference/disk/file/disk-file-copy-to.html
func (c *call) copyTo(d drive, object row) (result, error) {
	target, err := c.targetParam(d, object)
	if err != nil {
		return result{}, err
	}
	// The whole tree is read before the copy is there, which may lie in it.
	t, err := d.tree(object)
	if err != nil {
		return result{}, err
	}
	twin, err := d.plant(target, t)
	if err != nil {
		return result{}, err
	}
	return c.madeAnswer(d, twin)
}

// objectTree is an object and what lies in it.
type objectTree struct {
	object   row
	children []objectTree
}

func (d drive) tree(object row) (objectTree, error) {
	t := objectTree{object: object}
	if !isFolder(object) {
		return t, nil
	}
	children, err := objectEntity.all(d.ctx, d.tx, childrenOf(object.id))
	if err != nil {
		return t, err
	}
	for _, child := range children {
		below, err := d.tree(child)
		if err != nil {
			return t, err
		}
		t.children = append(t.children, below)
	}
	return t, nil
}

// plant copies a tree, bytes included, into a folder. Rights and public links
// are not copied.
func (d drive) plant(target row, t objectTree) (row, error) {
	if !isFolder(t.object) {
		if err := d.free(target.id, objectName(t.object), false); err != nil {
			return row{}, err
		}
		id, err := copyFile(d.ctx, d.tx, intOf(t.object.doc["FILE_ID"]))
		if err != nil {
			return row{}, err
		}
		return d.addFile(target, objectName(t.object), file{id: id, size: intOf(t.object.doc["SIZE"])})
	}
	twin, err := d.addFolder(target, objectName(t.object))
	if err != nil {
		return row{}, err
	}
	for _, child := range t.children {
		if _, err := d.plant(twin, child); err != nil {
			return row{}, err
		}
	}
	return twin, nil
}
