package sandbox

import (
	"context"
	"database/sql"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// taskFields is the task with the fields that the portal's administrator added.
func taskFields(ctx context.Context, tx *sql.Tx) (*entity, error) {
	own, err := taskUserfields(ctx, tx)
	if err != nil {
		return nil, err
	}
	return taskEntity.with(own), nil
}

// answerTask answers {"task": …} as most methods do: every field but those that
// are asked for, with what belongs to it.
func answerTask(c *call, tx *sql.Tx, id int64) (result, error) {
	return showTask(c, tx, id, nil)
}

// showTask answers the chosen fields of a task that the caller may see, an empty
// list otherwise. No masks choose all that need not be asked for.
func showTask(c *call, tx *sql.Tx, id int64, masks []any) (result, error) {
	doc, err := visibleTask(c, tx, id)
	if err != nil || doc == nil {
		return result{value: phpquery.NewArray()}, err
	}
	tasks, err := taskFields(c.ctx, tx)
	if err != nil {
		return result{}, err
	}
	s := taskShow{call: c, tx: tx, tasks: tasks, masks: masks, whole: true}
	task, err := s.row(row{id, doc})
	if err != nil {
		return result{}, err
	}
	answer := phpquery.NewArray()
	answer.Set("task", task)
	return result{value: answer, record: id}, nil
}

// taskShow shows tasks: one as a whole or the rows of a list.
type taskShow struct {
	call  *call
	tx    *sql.Tx
	tasks *entity
	masks []any
	whole bool           // with checklists, actions and counters
	below map[int64]bool // who is the caller's subordinate, as far as it is known
}

// wants tells whether a part of the answer that is no field was chosen; without
// masks usual decides.
func (s *taskShow) wants(usual bool, names ...string) bool {
	if len(s.masks) == 0 {
		return usual
	}
	for _, v := range s.masks {
		mask := phpquery.Text(v)
		if mask == "*" && usual {
			return true
		}
		for _, name := range names {
			if strings.EqualFold(mask, name) || strings.EqualFold(mask, camelCase(name)) {
				return true
			}
		}
	}
	return false
}

// fields are the chosen fields. Whoever asks for one of the system's own UF_
// fields gets the three of them, and the description comes with its format.
func (s *taskShow) fields() []*field {
	masks := s.masks
	system := []string{"UF_CRM_TASK", "UF_TASK_WEBDAV_FILES", "UF_MAIL_MESSAGE"}
	if s.wants(false, system...) {
		for _, name := range system {
			masks = append(masks, name)
		}
	}
	if len(masks) > 0 {
		masks = append(masks, "ID")
		if s.wants(false, "DESCRIPTION") {
			masks = append(masks, "DESCRIPTION_IN_BBCODE")
		}
	}
	params := phpquery.NewArray()
	params.Set("select", phpquery.List(masks...))
	chosen := listing{entity: s.tasks, selects: true}.selected(params)
	fields := chosen[:0]
	for _, f := range chosen {
		if f.name != "TAGS" {
			fields = append(fields, f)
		}
	}
	return fields
}

// row shows the fields of a task and what they name.
func (s *taskShow) row(r row) (*phpquery.Array, error) {
	task := s.tasks.show(s.call, r, s.fields())
	if _, ok := task.Get("subordinate"); ok {
		below, err := s.isBelow(intOf(r.doc["RESPONSIBLE_ID"]))
		if err != nil {
			return nil, err
		}
		task.Set("subordinate", showLetter(showing{}, below))
	}
	var checklists taskChecklists
	if s.whole && s.wants(true, "CHECKLIST") {
		var err error
		if checklists, err = checklistsOf(s.call, s.tx, r.id); err != nil {
			return nil, err
		}
		task.Set("checklist", checklists.items)
	}
	if err := s.addNamed(task, r.doc); err != nil {
		return nil, err
	}
	if err := s.addTags(task, r.doc); err != nil || !s.whole {
		return task, err
	}
	role, err := s.call.roleIn(s.tx, r.doc)
	if err != nil {
		return nil, err
	}
	if s.wants(true, "NEW_COMMENTS_COUNT") {
		task.Set("newCommentsCount", 0)
	}
	task.Set("action", role.actions(r.doc, actionKey))
	if checklists.tree != nil {
		task.Set("checkListTree", checklists.tree)
		task.Set("checkListCanAdd", role.may("CHECKLIST.ADD", r.doc))
	}
	return task, nil
}

// addNamed adds the group and the people that the fields name.
func (s *taskShow) addNamed(task *phpquery.Array, doc document) error {
	group, err := showTaskGroup(s.call, s.tx, intOf(doc["GROUP_ID"]))
	if err != nil {
		return err
	}
	task.Set("group", group)
	for _, part := range []struct{ name, key string }{{"CREATED_BY", "creator"}, {"RESPONSIBLE_ID", "responsible"}} {
		if s.wants(true, part.name) {
			person, err := showTaskUser(s.call, s.tx, intOf(doc[part.name]))
			if err != nil {
				return err
			}
			task.Set(part.key, person)
		}
	}
	for _, part := range []struct{ name, key string }{{"ACCOMPLICES", "accomplicesData"}, {"AUDITORS", "auditorsData"}} {
		if !s.wants(true, part.name) {
			continue
		}
		people := phpquery.NewArray()
		for _, id := range ints(doc[part.name]) {
			person, err := showTaskUser(s.call, s.tx, id)
			if err != nil {
				return err
			}
			people.Set(phpquery.Text(number(id)), person)
		}
		task.Set(part.key, people)
	}
	return nil
}

// isBelow tells whether the caller is a user's superior.
func (s *taskShow) isBelow(userID int64) (bool, error) {
	below, known := s.below[userID]
	if known {
		return below, nil
	}
	below, err := isSuperior(s.call.ctx, s.tx, s.call.who.userID, userID)
	if s.below == nil {
		s.below = map[int64]bool{}
	}
	s.below[userID] = below
	return below, err
}

// defaultAvatar is the picture of a user without one.
const defaultAvatar = "/bitrix/images/tasks/default_avatar.png"

// showTaskUser is how tasks name a person; an empty list when there is none.
func showTaskUser(c *call, tx *sql.Tx, id int64) (*phpquery.Array, error) {
	person := phpquery.NewArray()
	user, err := userEntity.find(c.ctx, tx, id)
	if err != nil || user == nil {
		return person, err
	}
	text := phpquery.Text(number(id))
	icon := defaultAvatar
	if photo, name := fileOf(user["PERSONAL_PHOTO"]); photo != 0 {
		icon = c.fileURL(photo, name)
	}
	person.Set("id", text)
	person.Set("name", strings.TrimSpace(phpquery.Text(user["NAME"])+" "+phpquery.Text(user["LAST_NAME"])))
	person.Set("link", "/company/personal/user/"+text+"/")
	person.Set("icon", icon)
	person.Set("workPosition", phpquery.Text(user["WORK_POSITION"]))
	return person, nil
}

// showTaskGroup is how tasks name a group; an empty list when there is none.
func showTaskGroup(c *call, tx *sql.Tx, id int64) (*phpquery.Array, error) {
	a := phpquery.NewArray()
	if id == 0 {
		return a, nil
	}
	group, err := groupEntity.find(c.ctx, tx, id)
	if err != nil || group == nil {
		return a, err
	}
	members := userEntity.linkTable(*userEntity.named("SONET_GROUP_ID"))
	var count int64
	if err := tx.QueryRowContext(c.ctx, "SELECT count(*) FROM "+members+" WHERE value = ?", id).Scan(&count); err != nil {
		return nil, err
	}
	a.Set("id", phpquery.Text(number(id)))
	a.Set("name", phpquery.Text(group["NAME"]))
	a.Set("opened", false)
	a.Set("membersCount", number(count))
	a.Set("image", "/bitrix/images/socialnetwork/workgroup/folder.png")
	a.Set("additionalData", phpquery.NewArray())
	return a, nil
}
