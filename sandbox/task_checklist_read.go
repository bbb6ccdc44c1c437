package sandbox

import (
	"database/sql"

	"github.com/oint-go/oint/internal/phpquery"
)

// The roles of a member of an item, and the field of the task that it joins.
var itemRoles = map[string]string{"A": "ACCOMPLICES", "U": "AUDITORS"}

// checklistGet answers an item.
//
// https://apidocs.bitrix24.com/api-reference/tasks/checklist-item/task-checklist-item-get.html
func checklistGet(c *call) (result, error) {
	taskID, id := c.id("taskId"), c.id("itemId")
	return c.reading(func(tx *sql.Tx) (result, error) {
		task, err := visibleTask(c, tx, taskID)
		if err != nil {
			return result{}, err
		}
		doc, err := checklistEntity.find(c.ctx, tx, id)
		if err != nil {
			return result{}, err
		}
		if task == nil || doc == nil || intOf(doc["TASK_ID"]) != taskID {
			return result{}, errNoItem()
		}
		shown, err := showItem(c, tx, row{id, doc})
		return result{value: shown}, err
	})
}

// checklistList answers the items of a task.
//
// https://apidocs.bitrix24.com/api-reference/tasks/checklist-item/task-checklist-item-get-list.html
func checklistList(c *call) (result, error) {
	return checklistEntity.answerParts(c, c.nested("arOrder"), phpquery.NewArray(), showItem)
}

// showItem answers an item with the names of its members.
func showItem(c *call, tx *sql.Tx, item row) (*phpquery.Array, error) {
	shown := checklistEntity.show(c, item, listing{entity: checklistEntity}.selected(phpquery.NewArray()))
	members := phpquery.NewArray()
	list, _ := item.doc["MEMBERS"].([]any)
	for _, v := range list {
		role, id := itemMember(v)
		user, err := userEntity.find(c.ctx, tx, id)
		if err != nil {
			return nil, err
		}
		if user != nil {
			members.Append(showMember(c, id, role, user))
		}
	}
	shown.Set("MEMBERS", members)
	return shown, nil
}

func showMember(c *call, id int64, role string, user document) *phpquery.Array {
	a := phpquery.NewArray()
	a.Set("ID", phpquery.Text(id))
	a.Set("TYPE", role)
	a.Set("NAME", authorName(user))
	if photo, name := fileOf(user["PERSONAL_PHOTO"]); photo != 0 {
		a.Set("PERSONAL_PHOTO", phpquery.Text(photo))
		a.Set("PERSONAL_GENDER", phpquery.Text(user["PERSONAL_GENDER"]))
		a.Set("IMAGE", c.fileURL(photo, name))
	} else {
		a.Set("PERSONAL_PHOTO", nil)
		a.Set("PERSONAL_GENDER", phpquery.Text(user["PERSONAL_GENDER"]))
		a.Set("IMAGE", "")
	}
	a.Set("IS_COLLABER", user["USER_TYPE"] == "extranet")
	return a
}

// itemMember reads the stored form of a member.
func itemMember(stored any) (role string, id int64) {
	s, _ := stored.(string)
	if s == "" {
		return "", 0
	}
	return s[:1], intval(s[1:])
}

// setItemMembers replaces the members of an item when MEMBERS is given: user id
// to {TYPE}. They join the task in the same roles.
func setItemMembers(c *call, tx *sql.Tx, taskID int64, fields *phpquery.Array, doc document) error {
	given, ok := fields.GetFold("MEMBERS")
	if !ok {
		return nil
	}
	people, _ := given.(*phpquery.Array)
	if people == nil {
		people = phpquery.NewArray()
	}
	members := []any{}
	joining := map[string][]int64{}
	for key, v := range people.All() {
		described, _ := v.(*phpquery.Array)
		if described == nil {
			continue
		}
		role := "A"
		if given, ok := described.GetFold("TYPE"); ok {
			role = phpquery.Text(given)
		}
		id := intval(key)
		user, err := userEntity.find(c.ctx, tx, id)
		if err != nil {
			return err
		}
		if user == nil || itemRoles[role] == "" {
			continue
		}
		members = append(members, role+phpquery.Text(id))
		joining[itemRoles[role]] = append(joining[itemRoles[role]], id)
	}
	doc["MEMBERS"] = members
	for _, name := range []string{"ACCOMPLICES", "AUDITORS"} {
		if err := joinTask(c, tx, taskID, name, joining[name]); err != nil {
			return err
		}
	}
	return nil
}

// joinTask adds users to a list of the task's people.
func joinTask(c *call, tx *sql.Tx, taskID int64, name string, users []int64) error {
	if len(users) == 0 {
		return nil
	}
	return changeTask(c, tx, taskID, func(task document) {
		list := ints(task[name])
		for _, id := range users {
			list = with(list, id)
		}
		task[name] = numbers(list)
	})
}
