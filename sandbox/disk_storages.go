package sandbox

import (
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// diskStorageList lists the drives that the caller may read. The caller's own
// is made when it is not there yet.
//
// https://apidocs.bitrix24.com/api-reference/disk/storage/disk-storage-get-list.html
func diskStorageList(c *call) (result, error) {
	list := func(tx *sql.Tx) (result, error) {
		visible, err := c.visibleStorages(c.drive(tx))
		if err != nil {
			return result{}, err
		}
		return listing{entity: storageEntity, filter: "filter", extra: visible, adjust: filterable(storageFields)}.run(c, tx)
	}
	own := false
	answer, err := c.reading(func(tx *sql.Tx) (_ result, err error) {
		if _, own, err = c.drive(tx).storageOf(userStorage, fmt.Sprint(c.who.userID)); err != nil || !own {
			return result{}, err
		}
		return list(tx)
	})
	if own || err != nil {
		return answer, err
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		if _, err := c.drive(tx).storageOfUser(c.who.userID); err != nil {
			return result{}, err
		}
		return list(tx)
	})
}

// visibleStorages are the drives in which the caller may read everything.
func (c *call) visibleStorages(d drive) (condition, error) {
	if c.who.admin {
		known := []condition{}
		for _, kind := range []string{commonStorage, userStorage, groupStorage, appStorage} {
			known = append(known, equal(storageEntity, "ENTITY_TYPE", kind))
		}
		return or(known...), nil
	}
	own := and(equal(storageEntity, "ENTITY_TYPE", userStorage), equal(storageEntity, "ENTITY_ID", fmt.Sprint(c.who.userID)))
	_, employee, err := d.accessCodes(c.who.userID)
	if err != nil || !employee {
		return own, err
	}
	return or(own, equal(storageEntity, "ENTITY_TYPE", commonStorage)), nil
}

// diskStorageForApp answers the application's storage and makes it when there
// is none.
//
// https://apidocs.bitrix24.com/api-reference/disk/storage/disk-storage-get-for-app.html
func diskStorageForApp(c *call) (result, error) {
	switch {
	case c.who.clientID == "":
		return result{}, badRequest("ACCESS_DENIED", "Access denied! Application context required")
	case !c.who.admin:
		return result{}, errDenied()
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		d := c.drive(tx)
		others, err := storageEntity.all(c.ctx, tx, equal(storageEntity, "ENTITY_TYPE", appStorage))
		if err != nil {
			return result{}, err
		}
		for _, storage := range others {
			if storage.doc["APP"] == c.who.clientID {
				return c.storageAnswer(storage), nil
			}
		}
		doc := storageDocument(appStorage, strconv.Itoa(len(others)+1), c.who.clientID)
		doc["APP"] = c.who.clientID
		storage, err := d.addStorage(doc)
		return c.storageAnswer(storage), err
	})
}

func (c *call) storageAnswer(storage row) result {
	fields := listing{entity: storageEntity}.selected(phpquery.NewArray())
	return result{value: storageEntity.show(c, storage, fields), record: storage.id}
}

// diskStorageGet answers a drive, or null when the id is no number.
//
// https://apidocs.bitrix24.com/api-reference/disk/storage/disk-storage-get.html
func diskStorageGet(c *call) (result, error) {
	id := strings.TrimSpace(c.text("id"))
	if _, err := strconv.ParseFloat(id, 64); id != "" && err != nil {
		return result{}, nil
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		storage, _, err := c.storageParam(c.drive(tx), mayRead)
		if err != nil {
			return result{}, err
		}
		return c.storageAnswer(storage), nil
	})
}

// storageParam finds the drive that id names, and its root folder, and asks
// whether the caller may do so much there.
func (c *call) storageParam(d drive, need permit) (storage, root row, err error) {
	id := strings.TrimSpace(c.text("id"))
	if id == "" {
		return row{}, row{}, errNoArgument(0)
	}
	doc, err := storageEntity.found(d.ctx, d.tx, intval(id), errNoEntity(id))
	if err != nil {
		return row{}, row{}, err
	}
	storage = row{intval(id), doc}
	if root, err = d.root(storage); err != nil {
		return row{}, row{}, err
	}
	most, err := c.permit(d, root)
	if err == nil && most < need {
		err = errDenied()
	}
	return storage, root, err
}

// diskStorageRename renames the storage of the calling application; no other
// can be renamed.
//
// https://apidocs.bitrix24.com/api-reference/disk/storage/disk-storage-rename.html
func diskStorageRename(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		d := c.drive(tx)
		storage, root, err := c.storageParam(d, mayNothing)
		if err != nil {
			return result{}, err
		}
		switch {
		case storage.doc["ENTITY_TYPE"] != appStorage:
			return result{}, badRequest("", "Access denied (invalid type of storage)")
		case !c.who.admin || storage.doc["APP"] != c.who.clientID:
			return result{}, errDenied()
		}
		name, err := c.newNameParam()
		if err != nil {
			return result{}, err
		}
		after := storage.doc.clone()
		after["NAME"] = name
		if err := storageEntity.update(c.ctx, tx, storage.id, storage.doc, after); err != nil {
			return result{}, err
		}
		if _, err := d.change(root, document{"NAME": name}); err != nil {
			return result{}, err
		}
		return c.storageAnswer(row{storage.id, after}), nil
	})
}

// diskStorageChildren lists what lies at the top of a drive.
//
// https://apidocs.bitrix24.com/api-reference/disk/storage/disk-storage-get-children.html
func diskStorageChildren(c *call) (result, error) {
	return c.reading(func(tx *sql.Tx) (result, error) {
		d := c.drive(tx)
		_, root, err := c.storageParam(d, mayNothing)
		if err != nil {
			return result{}, err
		}
		return c.children(d, root)
	})
}

// diskStorageAddFolder makes a folder at the top of a drive.
//
// https://apidocs.bitrix24.com/api-reference/disk/storage/disk-storage-add-folder.html
func diskStorageAddFolder(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		d := c.drive(tx)
		_, root, err := c.storageParam(d, mayAdd)
		if err != nil {
			return result{}, err
		}
		return c.addFolder(d, root)
	})
}

// addFolder makes a folder of data.NAME with the rights of the parameters.
func (c *call) addFolder(d drive, parent row) (result, error) {
	name := c.nameParam()
	if name == "" {
		return result{}, errNoArgument(1)
	}
	access, err := c.rights()
	if err != nil {
		return result{}, err
	}
	folder, err := d.addFolder(parent, name)
	if err == nil && access != nil {
		folder, err = d.change(folder, document{"ACCESS": access})
	}
	if err != nil {
		return result{}, err
	}
	return c.madeAnswer(d, folder)
}
