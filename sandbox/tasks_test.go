package sandbox

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/oint-go/oint/internal/phpquery"
)

// An employee who heads no department, and the head of one.
func employee(id int64) principal { return principal{userID: id, scopes: fullScopes} }

func (p *portal) newTask(kv ...any) int64 {
	p.tb.Helper()
	task := p.taskOf("tasks.task.add", "fields", arr(append([]any{"TITLE", "Count the chairs", "RESPONSIBLE_ID", 20}, kv...)...))
	return intval(phpquery.Text(task["id"]))
}

// taskOf runs a method that answers a task.
func (p *portal) taskOf(name string, kv ...any) map[string]any {
	p.tb.Helper()
	answer, _ := p.ok(name, kv...).(map[string]any)
	task, ok := answer["task"].(map[string]any)
	if !ok {
		p.tb.Fatalf("%s %v: %v is no task", name, kv, answer)
	}
	return task
}

func (p *portal) task(id int64) map[string]any {
	p.tb.Helper()
	return p.taskOf("tasks.task.get", "taskId", id)
}

// some are the named values of an answer.
func some(from map[string]any, names ...string) map[string]any {
	chosen := map[string]any{}
	for _, name := range names {
		if v, ok := from[name]; ok {
			chosen[name] = v
		}
	}
	return chosen
}

// TestTaskShape keeps the keys of an answer and their order as documented.
func TestTaskShape(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	r, err := p.run("tasks.task.add", arr("fields", arr("TITLE", "task for test", "RESPONSIBLE_ID", 1)))
	if err != nil {
		t.Fatal(err)
	}
	v, _ := r.value.(*phpquery.Array).Get("task")
	task := v.(*phpquery.Array)
	diff(t, "keys", []string{
		"id", "parentId", "title", "description", "mark", "priority", "multitask", "notViewed", "replicate", "stageId",
		"sprintId", "backlogId", "createdBy", "createdDate", "responsibleId", "changedBy", "changedDate", "statusChangedBy",
		"closedBy", "closedDate", "activityDate", "dateStart", "deadline", "startDatePlan", "endDatePlan", "guid", "xmlId",
		"commentsCount", "serviceCommentsCount", "allowChangeDeadline", "allowTimeTracking", "taskControl", "addInReport",
		"forkedByTemplateId", "timeEstimate", "timeSpentInLogs", "matchWorkTime", "forumTopicId", "forumId", "siteId",
		"subordinate", "exchangeModified", "exchangeId", "outlookVersion", "viewedDate", "sorting", "durationFact", "isMuted",
		"isPinned", "isPinnedInGroup", "flowId", "chatId", "descriptionInBbcode", "status", "statusChangedDate", "durationPlan",
		"durationType", "favorite", "groupId", "auditors", "accomplices", "checklist", "group", "creator", "responsible",
		"accomplicesData", "auditorsData", "newCommentsCount", "action", "checkListTree", "checkListCanAdd",
	}, keysIn(task))
	plainTask := plainValue(task).(map[string]any)
	diff(t, "values", map[string]any{
		"id": "6", "parentId": nil, "title": "task for test", "description": "", "mark": nil, "priority": "1", "multitask": "N",
		"notViewed": "N", "stageId": "0", "createdBy": "1", "responsibleId": "1", "closedBy": nil, "deadline": nil,
		"timeEstimate": "0", "siteId": "s1", "outlookVersion": "1", "status": "2", "durationType": "days", "favorite": "N",
		"groupId": "0", "auditors": []any{}, "accomplices": []any{}, "group": []any{}, "accomplicesData": []any{},
		"creator": map[string]any{
			"id": "1", "name": "Henry Fairweather", "link": "/company/personal/user/1/", "icon": defaultAvatar, "workPosition": "System Administrator",
		},
	}, some(plainTask, "id", "parentId", "title", "description", "mark", "priority", "multitask", "notViewed", "stageId", "createdBy",
		"responsibleId", "closedBy", "deadline", "timeEstimate", "siteId", "outlookVersion", "status", "durationType", "favorite",
		"groupId", "auditors", "accomplices", "group", "accomplicesData", "creator"))
}

func TestTaskGet(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	diff(t, "unknown", any([]any{}), p.ok("tasks.task.get", "taskId", 99))
	diff(t, "of others", any([]any{}), p.as(employee(30)).ok("tasks.task.get", "taskId", 1))
	for id, what := range map[int64]string{1: "administrator", 2: "responsible", 5: "observer"} {
		diff(t, what, "1", p.as(principal{userID: id, admin: id == 1, scopes: fullScopes}).task(1)["id"].(string))
	}
	// The second user heads the department above that of the third, who heads its own.
	id := p.newTask("RESPONSIBLE_ID", 3)
	diff(t, "superior", "Y", p.as(employee(2)).task(id)["subordinate"].(string))
	diff(t, "subordinate", "N", p.as(employee(3)).task(id)["subordinate"].(string))
	diff(t, "beside", any([]any{}), p.as(employee(5)).ok("tasks.task.get", "taskId", id))

	diff(t, "no id", "400 100: CTaskItem All parameters in the constructor must have real class type (internal error)", p.refused("tasks.task.get"))
	diff(t, "no number", "400 0: wrong task id", p.refused("tasks.task.get", "taskId", "first"))
	diff(t, "select", "400 100: Invalid value {ID} to match with parameter {select}. Should be value of type array. (internal error)",
		p.refused("tasks.task.get", "taskId", 1, "select", "ID"))

	chosen := p.taskOf("tasks.task.get", "taskId", 5, "select", list("TITLE", "groupId", "UF_CRM_TASK", "TAGS"))
	delete(chosen, "action")
	diff(t, "chosen", map[string]any{
		"id": "5", "title": "Order laptops for the new colleagues", "groupId": "1", "ufCrmTask": []any{}, "ufTaskWebdavFiles": []any{},
		"ufMailMessage": nil, "tags": []any{}, "group": map[string]any{
			"id": "1", "name": "Partners", "opened": false, "membersCount": json.Number("1"),
			"image": "/bitrix/images/socialnetwork/workgroup/folder.png", "additionalData": []any{},
		},
	}, chosen)
}

// TestTaskAccess asks for several users at once.
func TestTaskAccess(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	allowed := func(p *portal, kv ...any) map[string][]string {
		answer := p.ok("tasks.task.getaccess", kv...).(map[string]any)["allowedActions"]
		users, _ := answer.(map[string]any)
		may := map[string][]string{}
		for user, actions := range users {
			may[user] = []string{}
			for action, yes := range actions.(map[string]any) {
				if yes == true {
					may[user] = append(may[user], action)
				}
			}
			slices.Sort(may[user])
		}
		return may
	}
	works := []string{
		"ADD_FAVORITE", "CHECKLIST.ADD", "CHECKLIST.REORDER", "CHECKLIST_ADD_ITEMS", "COMPLETE", "CREATE", "DAYPLAN.TIMER.TOGGLE",
		"DEFER", "DELEGATE", "ELAPSEDTIME.ADD", "FAVORITE.ADD", "START",
	}
	owns := append([]string{"CHANGE_DEADLINE", "EDIT", "EDIT.PLAN", "RATE", "REMOVE"}, works...)
	slices.Sort(owns)
	diff(t, "users", map[string][]string{
		"1": owns, "2": works, "5": {"ADD_FAVORITE", "CREATE", "FAVORITE.ADD"}, "30": {}, "999": {},
	}, allowed(p, "taskId", 1, "users", list(1, 2, 5, 30, 999)))
	diff(t, "caller", map[string][]string{"2": works}, allowed(p.as(employee(2)), "taskId", 1))
	diff(t, "hidden", map[string][]string{}, allowed(p.as(employee(30)), "taskId", 1))
	diff(t, "creator of a submitted task", true, slices.Contains(allowed(p, "taskId", 3)["1"], "APPROVE"))
	diff(t, "responsible for it", []string{
		"ADD_FAVORITE", "CHECKLIST.ADD", "CHECKLIST.REORDER", "CHECKLIST_ADD_ITEMS", "CREATE", "ELAPSEDTIME.ADD",
		"FAVORITE.ADD", "RENEW",
	}, allowed(p, "taskId", 3, "users", list(9))["9"])
	diff(t, "no list", "400 100: Invalid value {1} to match with parameter {users}. Should be value of type array. (internal error)",
		p.refused("tasks.task.getaccess", "taskId", 1, "users", "1"))
}

// TestTaskScope keeps the methods from callers without the scope.
func TestTaskScope(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers).as(principal{userID: adminID, admin: true, scopes: []string{"user", "tasks"}})
	for _, m := range taskMethods() {
		diff(t, m.name, "403 insufficient_scope: The request requires higher privileges than provided by the access token", p.refused(m.name))
	}
}
