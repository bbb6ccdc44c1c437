package sandbox

import (
	"database/sql"
	"fmt"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// finder finds what the parameters of a method name.
type finder func(*call, drive) (row, error)

// changing makes a method that does something with the object that id names.
func changing(find finder, do func(*call, drive, row) (result, error)) func(*call) (result, error) {
	return func(c *call) (result, error) {
		return c.writing(func(tx *sql.Tx) (result, error) { return found(c, tx, find, do) })
	}
}

// looking is changing for methods that only read.
func looking(find finder, do func(*call, drive, row) (result, error)) func(*call) (result, error) {
	return func(c *call) (result, error) {
		return c.reading(func(tx *sql.Tx) (result, error) { return found(c, tx, find, do) })
	}
}

func found(c *call, tx *sql.Tx, find finder, do func(*call, drive, row) (result, error)) (result, error) {
	d := c.drive(tx)
	object, err := find(c, d)
	if err != nil {
		return result{}, err
	}
	return do(c, d, object)
}

// The documentation counts the id of the folder methods as parameter 1 and that
// of the file methods as parameter 0.
const (
	folderPlace = 1
	filePlace   = 0
)

// folder finds the folder that id names.
func folder(need permit) finder {
	return func(c *call, d drive) (row, error) { return c.aliveParam(d, "id", folderPlace, folderType, need) }
}

// anyFolder is folder, but finds also what is in the trash.
func anyFolder(need permit) finder {
	return func(c *call, d drive) (row, error) { return c.objectParam(d, "id", folderPlace, folderType, need) }
}

// onlyFile finds the file that id names.
func onlyFile(need permit) finder {
	return func(c *call, d drive) (row, error) { return c.aliveParam(d, "id", filePlace, fileType, need) }
}

// anyFile is onlyFile, but finds also what is in the trash.
func anyFile(need permit) finder {
	return func(c *call, d drive) (row, error) { return c.objectParam(d, "id", filePlace, fileType, need) }
}

// byAdmin lets only administrators have what is found.
func byAdmin(find finder) finder {
	return func(c *call, d drive) (row, error) {
		object, err := find(c, d)
		if err == nil && !c.who.admin {
			err = errDenied()
		}
		return object, err
	}
}

// targetParam finds the folder to copy or move an object into. Its place in the
// message is that of the id.
func (c *call) targetParam(d drive, object row) (row, error) {
	place := filePlace
	if isFolder(object) {
		place = folderPlace
	}
	return c.aliveParam(d, "targetFolderId", place, folderType, mayAdd)
}

// objectParam finds the folder or the file that a parameter names by its id,
// and asks whether the caller may do so much with it. Place is the parameter's
// in the portal's own message.
func (c *call) objectParam(d drive, name string, place int, kind string, need permit) (row, error) {
	id := strings.TrimSpace(c.text(name))
	if id == "" {
		return row{}, errNoArgument(place)
	}
	object, ok, err := d.object(intval(id))
	if err != nil {
		return row{}, err
	}
	if !ok || object.doc["TYPE"] != kind {
		return row{}, errNoEntity(id)
	}
	most, err := c.permit(d, object)
	if err == nil && most < need {
		err = errDenied()
	}
	return object, err
}

// aliveParam is objectParam for methods that do not see the trash.
func (c *call) aliveParam(d drive, name string, place int, kind string, need permit) (row, error) {
	object, err := c.objectParam(d, name, place, kind, need)
	if err == nil && deletedType(object) != notDeleted {
		err = errNoEntity(fmt.Sprint(object.id))
	}
	return object, err
}

// newNameParam reads a name for an object that has one.
func (c *call) newNameParam() (string, error) {
	v, ok := c.params.GetFold("newName")
	if !ok || v == nil {
		return "", errNoArgument(1)
	}
	name := cleanName(phpquery.Text(v))
	if name == "" {
		return "", badRequest("0", "Empty name")
	}
	return name, nil
}

// nameParam reads data.NAME; empty when it is missing.
func (c *call) nameParam() string {
	v, _ := c.nested("data").GetFold("NAME")
	return cleanName(phpquery.Text(v))
}
