package sandbox

import (
	"database/sql"
	"slices"

	"github.com/oint-go/oint/internal/phpquery"
)

// taskFieldSeed describes a field in the answer of tasks.task.getFields.
type taskFieldSeed struct {
	name, kind string
	initial    any // "default" of the answer; noDefault leaves it out
	required   bool
}

// noDefault marks a field without "default", which may also be null.
type noDefault struct{}

// taskFieldSeeds are the fields in the order of [tasks.task.getFields].
//
// [tasks.task.getFields]: https://apidocs.bitrix24.com/api-reference/tasks/tasks-task-get-fields.html
var taskFieldSeeds = []taskFieldSeed{
	{"ID", "integer", noDefault{}, false},
	{"PARENT_ID", "integer", 0, false},
	{"TITLE", "string", noDefault{}, true},
	{"DESCRIPTION", "string", noDefault{}, false},
	{"MARK", "mark", nil, false},
	{"PRIORITY", "priority", 1, false},
	{"STATUS", "status", taskPending, false},
	{"MULTITASK", "flag", "N", false},
	{"NOT_VIEWED", "flag", "N", false},
	{"REPLICATE", "flag", "N", false},
	{"GROUP_ID", "integer", 0, false},
	{"STAGE_ID", "integer", 0, false},
	{"SPRINT_ID", "integer", 0, false},
	{"BACKLOG_ID", "integer", 0, false},
	{"CREATED_BY", "integer", noDefault{}, true},
	{"CREATED_DATE", "datetime", noDefault{}, false},
	{"RESPONSIBLE_ID", "integer", noDefault{}, true},
	{"ACCOMPLICES", "array", noDefault{}, false},
	{"AUDITORS", "array", noDefault{}, false},
	{"CHANGED_BY", "integer", noDefault{}, false},
	{"CHANGED_DATE", "datetime", noDefault{}, false},
	{"STATUS_CHANGED_BY", "integer", noDefault{}, false},
	{"STATUS_CHANGED_DATE", "datetime", noDefault{}, false},
	{"CLOSED_BY", "integer", nil, false},
	{"CLOSED_DATE", "datetime", nil, false},
	{"ACTIVITY_DATE", "datetime", nil, false},
	{"DATE_START", "datetime", nil, false},
	{"DEADLINE", "datetime", nil, false},
	{"START_DATE_PLAN", "datetime", nil, false},
	{"END_DATE_PLAN", "datetime", nil, false},
	{"GUID", "string", nil, false},
	{"XML_ID", "string", nil, false},
	{"COMMENTS_COUNT", "integer", 0, false},
	{"SERVICE_COMMENTS_COUNT", "integer", 0, false},
	{"NEW_COMMENTS_COUNT", "integer", 0, false},
	{"ALLOW_CHANGE_DEADLINE", "flag", "N", false},
	{"ALLOW_TIME_TRACKING", "flag", "N", false},
	{"TASK_CONTROL", "flag", "N", false},
	{"ADD_IN_REPORT", "flag", "N", false},
	{"FORKED_BY_TEMPLATE_ID", "flag", "N", false},
	{"TIME_ESTIMATE", "integer", noDefault{}, false},
	{"TIME_SPENT_IN_LOGS", "integer", noDefault{}, false},
	{"MATCH_WORK_TIME", "integer", noDefault{}, false},
	{"FORUM_TOPIC_ID", "integer", noDefault{}, false},
	{"FORUM_ID", "integer", noDefault{}, false},
	{"SITE_ID", "string", noDefault{}, false},
	{"SUBORDINATE", "flag", nil, false},
	{"FAVORITE", "flag", nil, false},
	{"EXCHANGE_MODIFIED", "datetime", nil, false},
	{"EXCHANGE_ID", "integer", nil, false},
	{"OUTLOOK_VERSION", "integer", nil, false},
	{"VIEWED_DATE", "datetime", noDefault{}, false},
	{"SORTING", "double", noDefault{}, false},
	{"DURATION_PLAN", "integer", noDefault{}, false},
	{"DURATION_FACT", "integer", noDefault{}, false},
	{"CHECKLIST", "array", noDefault{}, false},
	{"DURATION_TYPE", "duration", "days", false},
	{"IS_MUTED", "flag", "N", false},
	{"IS_PINNED", "flag", "N", false},
	{"IS_PINNED_IN_GROUP", "flag", "N", false},
	{"FLOW_ID", "integer", 0, false},
	{"UF_CRM_TASK", "crm", noDefault{}, false},
	{"UF_TASK_WEBDAV_FILES", "disk_file", noDefault{}, false},
	{"UF_MAIL_MESSAGE", "mail_message", noDefault{}, false},
}

// taskEnums are the values of the fields that have a choice: key and name.
var taskEnums = map[string][][2]string{
	"flag":     {{"Y", "Yes"}, {"N", "No"}},
	"mark":     {{"N", "Negative"}, {"P", "Positive"}},
	"priority": {{"2", "High"}, {"1", "Medium"}, {"0", "Low"}},
	"status":   {{"2", "Pending"}, {"3", "In Progress"}, {"4", "Awaiting Review"}, {"5", "Completed"}, {"6", "Deferred"}},
}

// taskGetFields describes the fields of a task, the user-defined ones last.
func taskGetFields(c *call) (result, error) {
	return c.reading(func(tx *sql.Tx) (result, error) {
		fields := phpquery.NewArray()
		for _, s := range taskFieldSeeds {
			fields.Set(s.name, s.describe())
		}
		own, err := taskUserfieldEntity.all(c.ctx, tx, always)
		if err != nil {
			return result{}, err
		}
		for _, r := range own {
			name := phpquery.Text(r.doc["FIELD_NAME"])
			if _, system := fields.Get(name); system {
				continue
			}
			a := phpquery.NewArray()
			a.Set("title", userfieldTitle(r.doc))
			a.Set("type", r.doc["USER_TYPE_ID"])
			if r.doc["MANDATORY"] == true {
				a.Set("required", true)
			}
			fields.Set(name, a)
		}
		answer := phpquery.NewArray()
		answer.Set("fields", fields)
		return result{value: answer}, nil
	})
}

func (s taskFieldSeed) describe() *phpquery.Array {
	a := phpquery.NewArray()
	a.Set("title", taskFieldTitle(s.name))
	kind, values := s.kind, taskEnums[s.kind]
	if values != nil || kind == "duration" {
		kind = "enum"
	}
	a.Set("type", kind)
	if s.name == "ID" {
		a.Set("primary", true)
	}
	if s.required {
		a.Set("required", true)
	}
	if s.kind == "duration" {
		a.Set("values", textList([]string{"secs", "mins", "hours", "days", "weeks", "months", "years"}))
	} else if values != nil {
		named := phpquery.NewArray()
		for _, v := range values {
			named.Set(v[0], v[1])
		}
		a.Set("values", named)
	}
	if s.initial != (noDefault{}) {
		a.Set("default", s.initial)
	}
	return a
}

// taskFieldTitle is the name for readers; fields without one answer null.
func taskFieldTitle(name string) any {
	at := slices.IndexFunc(taskEntity.fields, func(f field) bool { return f.name == name })
	if at < 0 || taskEntity.fields[at].label == "" {
		return nil
	}
	return taskEntity.fields[at].label
}
