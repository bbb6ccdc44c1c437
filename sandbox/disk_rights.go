package sandbox

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// permit is what a user may do with a folder or a file. Each includes those
// before it.
type permit int

const (
	mayNothing permit = iota
	mayRead
	mayAdd
	mayEdit
	mayAll
)

// permitTask is an access level by which rights are given.
type permitTask struct {
	id     int64
	name   string
	title  string
	permit permit
}

// permitTasks are the levels, the ids of which differ from portal to portal.
var permitTasks = []permitTask{
	{79, "disk_access_full", "Full Access", mayAll},
	{75, "disk_access_edit", "Editing", mayEdit},
	{73, "disk_access_add", "Adding", mayAdd},
	{71, "disk_access_read", "Reading", mayRead},
}

// diskRightsTasks lists the access levels.
//
// https://apidocs.bitrix24.com/api-reference/disk/rights/disk-rights-get-tasks.html
func diskRightsTasks(*call) (result, error) {
	tasks := phpquery.NewArray()
	for _, t := range permitTasks {
		a := phpquery.NewArray()
		a.Set("ID", fmt.Sprint(t.id))
		a.Set("NAME", t.name)
		a.Set("TITLE", t.title)
		tasks.Append(a)
	}
	return result{value: tasks}, nil
}

// permit is the most that the storage, the folders above the object and the
// object itself let the caller do.
func (c *call) permit(d drive, object row) (permit, error) {
	if c.who.admin {
		return mayAll, nil
	}
	codes, employee, err := d.accessCodes(c.who.userID)
	if err != nil {
		return mayNothing, err
	}
	storage, err := storageEntity.find(d.ctx, d.tx, intOf(object.doc["STORAGE_ID"]))
	if err != nil {
		return mayNothing, err
	}
	most := c.storagePermit(storage, employee)
	above, err := d.ancestors(object)
	if err != nil {
		return mayNothing, err
	}
	for _, o := range append(above, object) {
		most = max(most, granted(o, codes))
	}
	return most, nil
}

// storagePermit is what a user may do everywhere in a storage.
func (c *call) storagePermit(storage document, employee bool) permit {
	switch owner := storage["ENTITY_ID"]; storage["ENTITY_TYPE"] {
	case userStorage:
		if owner == fmt.Sprint(c.who.userID) {
			return mayAll
		}
	case commonStorage:
		if employee {
			return mayEdit
		}
	case appStorage:
		if storage["APP"] == c.who.clientID {
			return mayAll
		}
	}
	return mayNothing
}

// accessCodes are the codes by which rights may be given to a user, and whether
// the user is an employee.
func (d drive) accessCodes(user int64) (codes []string, employee bool, err error) {
	doc, err := userEntity.find(d.ctx, d.tx, user)
	if err != nil {
		return nil, false, err
	}
	codes = []string{"*", fmt.Sprintf("u%d", user)}
	for _, id := range ints(doc["UF_DEPARTMENT"]) {
		codes = append(codes, fmt.Sprintf("d%d", id))
		for id != 0 && !slices.Contains(codes, fmt.Sprintf("dr%d", id)) {
			codes = append(codes, fmt.Sprintf("dr%d", id))
			department, err := departmentEntity.find(d.ctx, d.tx, id)
			if err != nil {
				return nil, false, err
			}
			id = intOf(department["PARENT"])
		}
	}
	return codes, doc["USER_TYPE"] == "employee", nil
}

// granted is what an object's own rights give to a holder of the codes. ACCESS
// holds texts such as "u5:71", a code and a level.
func granted(object row, codes []string) permit {
	most := mayNothing
	access, _ := object.doc["ACCESS"].([]any)
	for _, v := range access {
		text, _ := v.(string)
		code, task, _ := strings.Cut(text, ":")
		if slices.Contains(codes, code) {
			most = max(most, permitOf(intval(task)))
		}
	}
	return most
}

// permitOf is the level of a task; nothing when there is no such task.
func permitOf(task int64) permit {
	for _, t := range permitTasks {
		if t.id == task {
			return t.permit
		}
	}
	return mayNothing
}

// sharedWith finds the objects that their own rights let somebody read.
func sharedWith(codes []string) condition {
	var keys []any
	for _, code := range codes {
		for _, t := range permitTasks {
			keys = append(keys, fmt.Sprintf("%s:%d", code, t.id))
		}
	}
	for i := range objectEntity.fields {
		if f := &objectEntity.fields[i]; f.name == "ACCESS" {
			return objectEntity.test(f, equals, keys...)
		}
	}
	return never
}

// grant gives a level to the holders of access codes such as U5, for an object
// and what lies in it.
func (d drive) grant(object row, level permit, codes ...string) (row, error) {
	access, _ := object.doc["ACCESS"].([]any)
	access = slices.Clone(access)
	for _, t := range permitTasks {
		if t.permit != level {
			continue
		}
		for _, code := range codes {
			if right := any(fmt.Sprintf("%s:%d", strings.ToLower(code), t.id)); !slices.Contains(access, right) {
				access = append(access, right)
			}
		}
	}
	return d.change(object, document{"ACCESS": access})
}

// rights reads the parameter of that name: one right or a list of them.
func (c *call) rights() ([]any, error) {
	v, ok := c.params.GetFold("rights")
	if !ok || phpquery.Text(v) == "" && len(elements(v)) == 0 {
		return nil, nil
	}
	given, ok := v.(*phpquery.Array)
	if !ok {
		return nil, errRightsFormat()
	}
	if _, one := given.GetFold("TASK_ID"); one {
		given = phpquery.List(given)
	}
	var access []any
	for _, element := range given.All() {
		right, ok := element.(*phpquery.Array)
		if !ok {
			return nil, errRightsFormat()
		}
		task, _ := right.GetFold("TASK_ID")
		code, _ := right.GetFold("ACCESS_CODE")
		id := intval(phpquery.Text(task))
		if permitOf(id) == mayNothing || phpquery.Text(code) == "" {
			return nil, errRightsFormat()
		}
		access = append(access, fmt.Sprintf("%s:%d", strings.ToLower(phpquery.Text(code)), id))
	}
	return access, nil
}

func errRightsFormat() error { return badRequest("", "Invalid rights format") }

// errDenied is how the methods of drives refuse who has no rights.
func errDenied() error { return badRequest("ACCESS_DENIED", "Access denied") }

// errNoArgument names a missing parameter by its place, as the portal does.
func errNoArgument(place int) error {
	return badRequest("ERROR_ARGUMENT", fmt.Sprintf("Invalid value of parameter {Parameter #%d}", place))
}

// errNoEntity is the answer to an id that does not exist.
func errNoEntity(id string) error {
	return badRequest("ERROR_NOT_FOUND", "Could not find entity with id `"+id+"`")
}
