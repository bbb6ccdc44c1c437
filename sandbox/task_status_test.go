package sandbox

import (
	"encoding/json"
	"testing"
)

// TestTaskStates goes through the states of a task and refuses every step that
// the state does not allow.
func TestTaskStates(t *testing.T) {
	t.Parallel()
	methods := []string{"approve", "complete", "defer", "disapprove", "pause", "renew", "start"}
	tests := []struct {
		state   int
		allowed map[string]string // the state that follows
	}{
		{taskPending, map[string]string{"start": "3", "complete": "5", "defer": "6"}},
		{taskStarted, map[string]string{"pause": "2", "complete": "5"}},
		{taskSubmitted, map[string]string{"approve": "5", "disapprove": "2", "renew": "2"}},
		{taskCompleted, map[string]string{"renew": "2"}},
		{taskDeferred, map[string]string{"renew": "2", "complete": "5"}},
	}
	p := newPortal(t, companyUsers)
	codes := map[string]string{"complete": "0", "start": "0", "approve": "1048582", "disapprove": "1048582", "renew": "1048582", "defer": "1048582", "pause": "1048582"}
	for _, tt := range tests {
		for _, name := range methods {
			id := p.newTask("STATUS", tt.state, "RESPONSIBLE_ID", 1)
			next, ok := tt.allowed[name]
			if !ok {
				diff(t, name, "400 "+codes[name]+": Action on the task is not allowed", p.refused("tasks.task."+name, "taskId", id))
				continue
			}
			task := p.taskOf("tasks.task."+name, "taskId", id)
			diff(t, name, next, task["status"].(string))
			closed := next == "5"
			if (task["closedDate"] != nil) != closed || (task["closedBy"] == "1") != closed {
				t.Errorf("%s of %d: closed by %v at %v", name, tt.state, task["closedBy"], task["closedDate"])
			}
			if (name == "start") != (task["dateStart"] != nil) && tt.state == taskPending {
				t.Errorf("%s of %d: begun at %v", name, tt.state, task["dateStart"])
			}
		}
	}
	for _, name := range methods {
		diff(t, name, "400 "+codes[name]+": Action on the task is not allowed", p.refused("tasks.task."+name, "taskId", 99))
		diff(t, name, "400 0: wrong task id", p.refused("tasks.task."+name, "taskId", "x"))
		diff(t, name, "400 100: CTaskItem All parameters in the constructor must have real class type (internal error)", p.refused("tasks.task."+name))
	}
}

// TestTaskControl has a task approved by its creator only.
func TestTaskControl(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	creator, worker := p.as(employee(8)), p.as(employee(20))
	id := creator.newTask("TASK_CONTROL", "Y")
	diff(t, "submitted", map[string]any{"status": "4", "closedBy": "20", "statusChangedBy": "20"},
		some(worker.taskOf("tasks.task.complete", "taskId", id), "status", "closedBy", "statusChangedBy"))
	diff(t, "worker", "400 1048582: Action on the task is not allowed", worker.refused("tasks.task.approve", "taskId", id))
	back := creator.taskOf("tasks.task.disapprove", "taskId", id)
	diff(t, "back", map[string]any{"status": "2", "closedBy": "0", "closedDate": nil}, some(back, "status", "closedBy", "closedDate"))
	worker.ok("tasks.task.complete", "taskId", id)
	diff(t, "approved", map[string]any{"status": "5", "closedBy": "20"}, some(creator.taskOf("tasks.task.approve", "taskId", id), "status", "closedBy"))
	other := creator.newTask("TASK_CONTROL", "Y", "RESPONSIBLE_ID", 8)
	diff(t, "own", "5", creator.taskOf("tasks.task.complete", "taskId", other)["status"].(string))
	diff(t, "observer", "400 0: Action on the task is not allowed", p.as(employee(5)).refused("tasks.task.start", "taskId", 1))
}

func TestTaskDelegate(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	worker := p.as(employee(11))
	task := worker.taskOf("tasks.task.delegate", "taskId", 2, "userId", 15)
	diff(t, "delegated", map[string]any{"responsibleId": "15", "auditors": []any{"11"}, "status": "2"}, some(task, "responsibleId", "auditors", "status"))
	diff(t, "again", "400 0: Action on the task is not allowed", worker.refused("tasks.task.delegate", "taskId", 2, "userId", 15))
	diff(t, "nobody", "400 ERROR_CORE: The user specified in the \"Responsible\" field was not found<br>", p.refused("tasks.task.delegate", "taskId", 2, "userId", 999))
	diff(t, "no user", "400 100: Could not find value for parameter {userId}", p.refused("tasks.task.delegate", "taskId", 2))
	diff(t, "completed", "400 0: Action on the task is not allowed", p.refused("tasks.task.delegate", "taskId", 4, "userId", 3))
	back := p.taskOf("tasks.task.delegate", "taskId", 2, "userId", 11)
	diff(t, "back", map[string]any{"responsibleId": "11", "auditors": []any{"15"}}, some(back, "responsibleId", "auditors"))
}

// TestTaskMembers keeps favourites, mute and pins for each user alone.
func TestTaskMembers(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	worker := p.as(employee(2))
	for range 2 {
		diff(t, "favourite", any(true), worker.ok("tasks.task.favorite.add", "taskId", 1))
	}
	diff(t, "mine", "Y", worker.task(1)["favorite"].(string))
	diff(t, "theirs", "N", p.task(1)["favorite"].(string))
	diff(t, "remove", any(true), worker.ok("tasks.task.favorite.remove", "taskId", 1))
	diff(t, "removed", "N", worker.task(1)["favorite"].(string))
	for _, name := range []string{"tasks.task.favorite.add", "tasks.task.favorite.remove"} {
		diff(t, name, "400 1: Task not found or not accessible", p.refused(name, "taskId", 99))
		diff(t, name, "400 1: Task not found or not accessible", p.as(employee(30)).refused(name, "taskId", 1))
	}
	changed := p.task(1)["changedDate"]
	diff(t, "mute", "Y", worker.taskOf("tasks.task.mute", "id", 1)["isMuted"].(string))
	diff(t, "unmuted for others", "N", p.task(1)["isMuted"].(string))
	diff(t, "unmute", "N", worker.taskOf("tasks.task.unmute", "taskId", 1)["isMuted"].(string))
	diff(t, "pin", "Y", worker.taskOf("tasks.task.pin", "id", 1)["isPinned"].(string))
	diff(t, "unpin", "N", worker.taskOf("tasks.task.unpin", "id", 1)["isPinned"].(string))
	diff(t, "no change", changed, p.task(1)["changedDate"])
	diff(t, "unknown", any([]any{}), p.ok("tasks.task.mute", "id", 99))

	for range 2 {
		diff(t, "watch", any([]any{"5", "1"}), p.taskOf("tasks.task.startwatch", "taskId", 1)["auditors"])
	}
	diff(t, "stop", any([]any{"5"}), p.taskOf("tasks.task.stopwatch", "taskId", 1)["auditors"])
	diff(t, "unknown", "400 1048584: a:0:{}", p.refused("tasks.task.startwatch", "taskId", 99))
	diff(t, "hidden", "400 1048584: a:0:{}", p.as(employee(30)).refused("tasks.task.stopwatch", "taskId", 1))
}

// TestTaskPlan has the tasks that a user starts.
func TestTaskPlan(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	worker := p.as(employee(20))
	diff(t, "administrator", any([]any{json.Number("1")}), p.ok("task.planner.getlist"))
	diff(t, "empty", any([]any{}), worker.ok("task.planner.getlist"))
	first, second := p.newTask(), p.newTask()
	for _, id := range []int64{second, first} {
		worker.ok("tasks.task.start", "taskId", id)
		worker.ok("tasks.task.pause", "taskId", id)
		worker.ok("tasks.task.start", "taskId", id)
	}
	diff(t, "started", any([]any{number(second), number(first)}), worker.ok("task.planner.getlist"))
	worker.ok("tasks.task.complete", "taskId", second)
	diff(t, "completed", any([]any{number(first)}), worker.ok("task.planner.getlist"))
	p.ok("tasks.task.delete", "taskId", first)
	diff(t, "deleted", any([]any{}), worker.ok("task.planner.getlist"))
}

// TestTaskLinks makes no circles.
func TestTaskLinks(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	add := func(from, to, kind any) string {
		return p.refused("task.dependence.add", "taskIdFrom", from, "taskIdTo", to, "linkType", kind)
	}
	diff(t, "added", any([]any{}), p.ok("task.dependence.add", "taskIdFrom", 1, "taskIdTo", 2, "linkType", "0"))
	diff(t, "twice", "400 ILLEGAL_NEW_LINK: A link between tasks already exists", add(1, 2, 3))
	denied := "400 ACTION_NOT_ALLOWED: Unable to add a link between tasks"
	diff(t, "back", denied, add(2, 1, 0))
	diff(t, "round", denied, add(5, 1, 2)) // 2 leads to 5
	diff(t, "itself", denied, add(3, 3, 0))
	diff(t, "unknown", denied, add(1, 99, 0))
	diff(t, "kind", denied, add(1, 3, 4))
	diff(t, "no kind", denied, add(1, 3, "fast"))
	diff(t, "no id", "400 100: Could not find value for parameter {taskIdFrom} (internal error)", p.refused("task.dependence.add", "taskIdTo", 1))
	diff(t, "not mine", denied, p.as(employee(2)).refused("task.dependence.add", "taskIdFrom", 2, "taskIdTo", 1, "linkType", 0))
	diff(t, "deleted", any([]any{}), p.ok("task.dependence.delete", "taskIdFrom", 2, "taskIdTo", 5, "linkType", 2))
	diff(t, "again", "400 ILLEGAL_NEW_LINK: The dependency between tasks does not exist", p.refused("task.dependence.delete", "taskIdFrom", 2, "taskIdTo", 5))
	diff(t, "unknown", "400 ACTION_NOT_ALLOWED: It is not possible to delete the dependency between tasks", p.refused("task.dependence.delete", "taskIdFrom", 2, "taskIdTo", 99))
	diff(t, "open now", any([]any{}), p.ok("task.dependence.add", "taskIdFrom", 5, "taskIdTo", 1, "linkType", 2))
}
