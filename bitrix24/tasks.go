package bitrix24

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// Task is a task as the methods tasks.task.* answer
// (https://apidocs.bitrix24.com/api-reference/tasks/fields.html). Fields that
// were not asked for or have no value are zero. Fields holds every key as it
// came, the custom ones (ufNewField for UF_NEW_FIELD), checklists and actions
// included.
type Task struct {
	ID                  ID                         `json:"id"`
	ParentID            ID                         `json:"parentId"`
	Title               Text                       `json:"title"`
	Description         Text                       `json:"description"`
	Mark                Text                       `json:"mark"`     // P, N or empty
	Priority            Text                       `json:"priority"` // 0 low, 1 medium, 2 high
	Status              TaskStatus                 `json:"status"`
	SubStatus           TaskStatus                 `json:"subStatus"` // only in lists
	GroupID             ID                         `json:"groupId"`
	StageID             ID                         `json:"stageId"`
	CreatedBy           ID                         `json:"createdBy"`
	CreatedDate         Text                       `json:"createdDate"`
	ResponsibleID       ID                         `json:"responsibleId"`
	Accomplices         IDs                        `json:"accomplices"`
	Auditors            IDs                        `json:"auditors"`
	ChangedBy           ID                         `json:"changedBy"`
	ChangedDate         Text                       `json:"changedDate"`
	StatusChangedBy     ID                         `json:"statusChangedBy"`
	StatusChangedDate   Text                       `json:"statusChangedDate"`
	ClosedBy            ID                         `json:"closedBy"`
	ClosedDate          Text                       `json:"closedDate"`
	ActivityDate        Text                       `json:"activityDate"`
	ViewedDate          Text                       `json:"viewedDate"`
	DateStart           Text                       `json:"dateStart"`
	Deadline            Text                       `json:"deadline"`
	StartDatePlan       Text                       `json:"startDatePlan"`
	EndDatePlan         Text                       `json:"endDatePlan"`
	DurationPlan        Text                       `json:"durationPlan"`
	DurationType        Text                       `json:"durationType"` // secs, mins, hours, days …
	TimeEstimate        Text                       `json:"timeEstimate"` // seconds
	TimeSpentInLogs     Text                       `json:"timeSpentInLogs"`
	GUID                Text                       `json:"guid"`
	XMLID               Text                       `json:"xmlId"`
	ChatID              ID                         `json:"chatId"`
	ForumTopicID        ID                         `json:"forumTopicId"`
	CommentsCount       Text                       `json:"commentsCount"`
	NewCommentsCount    Text                       `json:"newCommentsCount"`
	NotViewed           Bool                       `json:"notViewed"`
	Favorite            Bool                       `json:"favorite"`
	IsMuted             Bool                       `json:"isMuted"`
	IsPinned            Bool                       `json:"isPinned"`
	TaskControl         Bool                       `json:"taskControl"`
	AllowChangeDeadline Bool                       `json:"allowChangeDeadline"`
	AllowTimeTracking   Bool                       `json:"allowTimeTracking"`
	AddInReport         Bool                       `json:"addInReport"`
	CRM                 CRMLinks                   `json:"ufCrmTask"`
	Attachments         IDs                        `json:"ufTaskWebdavFiles"`
	Creator             TaskUser                   `json:"creator"`
	Responsible         TaskUser                   `json:"responsible"`
	Group               TaskGroup                  `json:"group"`
	Tags                TaskTags                   `json:"tags"`
	Action              TaskActions                `json:"action"`
	Fields              map[string]json.RawMessage `json:"-"`
}

// UnmarshalJSON reads the known fields and keeps all of them in Fields. The empty
// list that the portal answers for a task that the caller may not see is a task
// without an id.
func (t *Task) UnmarshalJSON(data []byte) error {
	type plain Task
	*t = Task{}
	if isEmptyList(data) {
		return nil
	}
	if err := json.Unmarshal(data, (*plain)(t)); err != nil {
		return err
	}
	return json.Unmarshal(data, &t.Fields)
}

// TaskStatus is the state of a task.
type TaskStatus int

// The states of tasks. The negative ones stand only in SubStatus and in filters
// by STATUS.
const (
	TaskExpiring  TaskStatus = -3
	TaskNotViewed TaskStatus = -2
	TaskExpired   TaskStatus = -1
	TaskPending   TaskStatus = 2
	TaskStarted   TaskStatus = 3
	TaskSubmitted TaskStatus = 4 // awaits control
	TaskCompleted TaskStatus = 5
	TaskDeferred  TaskStatus = 6
)

// UnmarshalJSON reads a number or a text.
func (s *TaskStatus) UnmarshalJSON(data []byte) error {
	var n ID
	if err := n.UnmarshalJSON(data); err != nil {
		return fmt.Errorf("status: %w", err)
	}
	*s = TaskStatus(n)
	return nil
}

// TaskUser is a person in the answer about a task.
type TaskUser struct {
	ID           ID   `json:"id"`
	Name         Text `json:"name"`
	Link         Text `json:"link"` // path of the profile
	Icon         Text `json:"icon"` // address of the picture
	WorkPosition Text `json:"workPosition"`
}

// UnmarshalJSON reads a person, or an empty list for nobody.
func (u *TaskUser) UnmarshalJSON(data []byte) error {
	type plain TaskUser
	*u = TaskUser{}
	return unlessEmpty(data, (*plain)(u))
}

// TaskGroup is the group of a task.
type TaskGroup struct {
	ID           ID   `json:"id"`
	Name         Text `json:"name"`
	Opened       Bool `json:"opened"`
	MembersCount ID   `json:"membersCount"`
	Image        Text `json:"image"`
}

// UnmarshalJSON reads a group, or an empty list for none.
func (g *TaskGroup) UnmarshalJSON(data []byte) error {
	type plain TaskGroup
	*g = TaskGroup{}
	return unlessEmpty(data, (*plain)(g))
}

// TaskTags are the names of tags by their ids.
type TaskTags map[ID]string

// UnmarshalJSON reads {"35": {"id": 35, "title": "…"}}, or an empty list.
func (t *TaskTags) UnmarshalJSON(data []byte) error {
	var tags map[string]struct {
		ID    ID   `json:"id"`
		Title Text `json:"title"`
	}
	if err := unlessEmpty(data, &tags); err != nil {
		return err
	}
	*t = make(TaskTags, len(tags))
	for _, tag := range tags {
		(*t)[tag.ID] = string(tag.Title)
	}
	return nil
}

// TaskActions tells by name what the caller may do: complete, delegate …
type TaskActions map[string]bool

// UnmarshalJSON reads an object, or an empty list.
func (a *TaskActions) UnmarshalJSON(data []byte) error {
	var actions map[string]bool
	err := unlessEmpty(data, &actions)
	*a = actions
	return err
}

// TaskAccess tells by user what each may do with a task: COMPLETE, DELEGATE …
// (https://apidocs.bitrix24.com/api-reference/tasks/tasks-task-get-access.html).
// It is empty when the caller may not see the task.
type TaskAccess map[ID]TaskActions

// UnmarshalJSON reads an object of users, or an empty list.
func (a *TaskAccess) UnmarshalJSON(data []byte) error {
	var users map[string]TaskActions
	if err := unlessEmpty(data, &users); err != nil {
		return err
	}
	*a = make(TaskAccess, len(users))
	for key, actions := range users {
		id, err := strconv.ParseInt(key, 10, 64)
		if err != nil {
			return fmt.Errorf("access: %q is no user id", key)
		}
		(*a)[ID(id)] = actions
	}
	return nil
}

// CRMLinks are objects of the CRM: D_10 is the deal with id 10, L_ stands before
// leads, C_ before contacts, CO_ before companies.
type CRMLinks []string

// UnmarshalJSON reads a list, a single text or one of the portal's forms of none.
func (l *CRMLinks) UnmarshalJSON(data []byte) error {
	*l = nil
	if trimmed := bytes.TrimSpace(data); len(trimmed) > 0 && trimmed[0] == '[' {
		var list []Text
		if err := json.Unmarshal(data, &list); err != nil {
			return err
		}
		for _, text := range list {
			*l = append(*l, string(text))
		}
		return nil
	}
	var one Text
	if err := one.UnmarshalJSON(data); err != nil {
		return err
	}
	if one != "" {
		*l = CRMLinks{string(one)}
	}
	return nil
}

// TaskChange is an entry in the history of a task
// (https://apidocs.bitrix24.com/api-reference/tasks/tasks-task-history-list.html).
type TaskChange struct {
	ID          ID   `json:"id"`
	CreatedDate Text `json:"createdDate"`
	Field       Text `json:"field"` // NEW, STATUS, DEADLINE …
	Value       struct {
		From Text `json:"from"`
		To   Text `json:"to"`
	} `json:"value"`
	User struct {
		ID         ID   `json:"id"`
		Name       Text `json:"name"`
		LastName   Text `json:"lastName"`
		SecondName Text `json:"secondName"`
		Login      Text `json:"login"`
	} `json:"user"`
}

// TaskField describes a field of a task
// (https://apidocs.bitrix24.com/api-reference/tasks/tasks-task-get-fields.html).
type TaskField struct {
	Title    Text            `json:"title"`
	Type     Text            `json:"type"` // integer, string, enum, datetime …
	Primary  Bool            `json:"primary"`
	Required Bool            `json:"required"`
	Values   json.RawMessage `json:"values"` // of an enum: names by value, or a list
	Default  Text            `json:"default"`
}

// unlessEmpty decodes JSON that is no empty list, PHP's form of an empty
// structure.
func unlessEmpty(data []byte, into any) error {
	if isEmptyList(data) {
		return nil
	}
	return json.Unmarshal(data, into)
}
