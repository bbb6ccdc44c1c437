package sandbox

import (
	"slices"

	"github.com/oint-go/oint/internal/phpquery"
)

// taskEntity is a task, in the order of [tasks.task.get]. Flags that belong to
// one user, as FAVORITE, are kept as the lists of the users who set them.
//
// [tasks.task.get]: https://apidocs.bitrix24.com/api-reference/tasks/tasks-task-get.html
var taskEntity = &entity{
	name:  "task",
	camel: true,
	fields: []field{
		{name: "ID", label: "ID", kind: idKind, readOnly: true},
		{name: "PARENT_ID", label: "Base Task ID", kind: refKind, always: true, null: true, indexed: true},
		{name: "TITLE", label: "Title", kind: textKind, max: 255, always: true},
		{name: "DESCRIPTION", label: "Description", kind: textKind, always: true},
		{name: "MARK", label: "Rating", kind: markKind, always: true, null: true},
		{name: "PRIORITY", label: "Priority", kind: idKind, always: true},
		{name: "MULTITASK", label: "Multitask", kind: letterKind, always: true},
		{name: "NOT_VIEWED", compute: showNotViewed, readOnly: true},
		{name: "REPLICATE", label: "Recurring Task", kind: letterKind, always: true},
		{name: "STAGE_ID", label: "Stage", kind: zeroKind, always: true},
		{name: "SPRINT_ID", label: "Sprint", kind: refKind, always: true, null: true},
		{name: "BACKLOG_ID", label: "Backlog", kind: refKind, always: true, null: true},
		{name: "CREATED_BY", label: "Creator", kind: refKind, ref: "user", always: true, indexed: true},
		{name: "CREATED_DATE", kind: momentKind, readOnly: true, always: true},
		{name: "RESPONSIBLE_ID", label: "Participant", kind: refKind, ref: "user", always: true, indexed: true},
		{name: "CHANGED_BY", label: "Modified By", kind: refKind, readOnly: true, always: true, null: true},
		{name: "CHANGED_DATE", label: "Modification Date", kind: momentKind, readOnly: true, always: true, null: true},
		{name: "STATUS_CHANGED_BY", label: "Status Changed By", kind: refKind, readOnly: true, always: true, null: true},
		{name: "CLOSED_BY", label: "Closed By", kind: zeroKind, readOnly: true, always: true, null: true},
		{name: "CLOSED_DATE", label: "Closure Date", kind: momentKind, readOnly: true, always: true, null: true},
		{name: "ACTIVITY_DATE", kind: momentKind, readOnly: true, always: true, null: true},
		{name: "DATE_START", label: "Start Date", kind: momentKind, readOnly: true, always: true, null: true},
		{name: "DEADLINE", label: "Deadline", kind: momentKind, always: true, null: true},
		{name: "START_DATE_PLAN", label: "Planned Start", kind: momentKind, always: true, null: true},
		{name: "END_DATE_PLAN", label: "Planned Completion", kind: momentKind, always: true, null: true},
		{name: "GUID", label: "GUID", kind: textKind, readOnly: true, always: true, null: true},
		{name: "XML_ID", label: "XML_ID", kind: textKind, max: 200, always: true, null: true},
		{name: "COMMENTS_COUNT", label: "Number of Comments", kind: idKind, readOnly: true, always: true, null: true},
		{name: "SERVICE_COMMENTS_COUNT", kind: idKind, readOnly: true, always: true, null: true},
		{name: "ALLOW_CHANGE_DEADLINE", kind: letterKind, always: true},
		{name: "ALLOW_TIME_TRACKING", kind: letterKind, always: true},
		{name: "TASK_CONTROL", label: "Accept Work", kind: letterKind, always: true},
		{name: "ADD_IN_REPORT", label: "Add to Report", kind: letterKind, always: true},
		{name: "FORKED_BY_TEMPLATE_ID", label: "Created from Template", kind: refKind, readOnly: true, always: true, null: true},
		{name: "TIME_ESTIMATE", label: "Estimated Time", kind: zeroKind, always: true},
		{name: "TIME_SPENT_IN_LOGS", label: "Time Spent from Change History", kind: idKind, readOnly: true, always: true, null: true},
		{name: "MATCH_WORK_TIME", label: "Skip Weekends", kind: letterKind, always: true},
		{name: "FORUM_TOPIC_ID", label: "FORUM_TOPIC_ID", kind: refKind, readOnly: true, always: true, null: true},
		{name: "FORUM_ID", label: "FORUM_ID", kind: refKind, readOnly: true, always: true, null: true},
		{name: "SITE_ID", label: "SITE_ID", kind: textKind, max: 2, always: true},
		{name: "SUBORDINATE", label: "Subordinate Task", kind: letterKind, readOnly: true, always: true},
		{name: "EXCHANGE_MODIFIED", label: "EXCHANGE_MODIFIED", kind: momentKind, readOnly: true, always: true, null: true},
		{name: "EXCHANGE_ID", label: "EXCHANGE_ID", kind: textKind, readOnly: true, always: true, null: true},
		{name: "OUTLOOK_VERSION", label: "OUTLOOK_VERSION", kind: idKind, readOnly: true, always: true},
		{name: "VIEWED_DATE", label: "Last Viewed Date", compute: showViewed, readOnly: true},
		{name: "SORTING", label: "Sorting Index", kind: doubleKind, always: true, null: true},
		{name: "DURATION_FACT", label: "Spent (actual)", kind: idKind, readOnly: true, always: true, null: true},
		{name: "IS_MUTED", compute: showOwnFlag("MUTED_BY"), readOnly: true},
		{name: "IS_PINNED", compute: showOwnFlag("PINNED_BY"), readOnly: true},
		{name: "IS_PINNED_IN_GROUP", compute: showOwnFlag("PINNED_IN_GROUP_BY"), readOnly: true},
		{name: "FLOW_ID", label: "Flow", kind: refKind, always: true, null: true},
		{name: "CHAT_ID", kind: integerKind, readOnly: true, always: true, null: true, unlisted: true},
		{name: "DESCRIPTION_IN_BBCODE", kind: letterKind, always: true, unlisted: true},
		{name: "STATUS", label: "Status", kind: idKind, always: true, indexed: true},
		{name: "STATUS_CHANGED_DATE", label: "Status Change Date", kind: momentKind, readOnly: true, always: true, null: true},
		{name: "DURATION_PLAN", label: "Spent (planned)", kind: idKind, always: true, null: true},
		{name: "DURATION_TYPE", label: "DURATION_TYPE", kind: durationTypeKind, always: true},
		{name: "FAVORITE", compute: showOwnFlag("FAVORED_BY"), readOnly: true},
		{name: "GROUP_ID", label: "Project", kind: zeroKind, always: true, indexed: true},
		{name: "AUDITORS", kind: idKind, multiple: true, ref: "user", always: true, indexed: true},
		{name: "ACCOMPLICES", kind: idKind, multiple: true, ref: "user", always: true, indexed: true},
		{name: "TAGS", kind: textKind, max: 255, multiple: true, always: true, asked: true, unlisted: true},
		{name: "DEPENDS_ON", kind: idKind, multiple: true, ref: "task", always: true, asked: true, unlisted: true},
		{name: "UF_CRM_TASK", label: "CRM Entities", kind: textKind, multiple: true, always: true, asked: true},
		{name: "UF_TASK_WEBDAV_FILES", label: "Upload Files", kind: integerKind, multiple: true, readOnly: true, always: true, asked: true},
		{name: "UF_MAIL_MESSAGE", kind: idKind, always: true, null: true, asked: true},
		{name: "FAVORED_BY", kind: integerKind, multiple: true, readOnly: true, hidden: true},
		{name: "MUTED_BY", kind: integerKind, multiple: true, readOnly: true, hidden: true},
		{name: "PINNED_BY", kind: integerKind, multiple: true, readOnly: true, hidden: true},
		{name: "PINNED_IN_GROUP_BY", kind: integerKind, multiple: true, readOnly: true, hidden: true},
		{name: "VIEWED_BY", kind: treeKind, readOnly: true, hidden: true},
		{name: "SE_PARAMETER", kind: treeKind, readOnly: true, hidden: true},
	},
}

// The states of a task (https://apidocs.bitrix24.com/api-reference/tasks/fields.html).
const (
	taskPending   = 2
	taskStarted   = 3
	taskSubmitted = 4 // finished, awaits the creator's approval
	taskCompleted = 5
	taskDeferred  = 6
)

// zeroKind is an id whose absence answers show as "0".
var zeroKind = kind{take: takeZero, show: showText, key: keyInteger, parse: parseInteger}

// markKind is the rating of a task: P, N or none.
var markKind = kind{take: takeOneOf("P", "N", ""), show: showAsIs, key: keyText, parse: parseText}

// durationTypeKind is the unit of a planned duration.
var durationTypeKind = kind{
	take: takeOneOf("secs", "mins", "hours", "days", "weeks", "monts", "months", "years"), //nolint:misspell // the portal's own word
	show: showAsIs, key: keyText, parse: parseText,
}

func takeZero(v any) (any, error) {
	stored, err := takeInteger(v)
	if stored == nil && err == nil {
		return number(0), nil
	}
	return stored, err
}

// takeOneOf passes over texts that are none of the choices.
func takeOneOf(choices ...string) func(any) (any, error) {
	return func(v any) (any, error) {
		s, err := scalar(v)
		if err != nil || !slices.Contains(choices, s) {
			return nil, errIgnored
		}
		return s, nil
	}
}

// showOwnFlag answers Y when the caller is among the users of a list.
func showOwnFlag(slot string) func(showing, document) any {
	return func(s showing, doc document) any {
		return showLetter(s, slices.Contains(ints(doc[slot]), s.call.who.userID))
	}
}

// showViewed is when the caller last worked on the task.
func showViewed(s showing, doc document) any {
	if at, ok := viewed(doc, s.call.who.userID); ok {
		return showMoment(isoLayout)(s, at)
	}
	return nil
}

// showNotViewed is Y for those who got a task and have done nothing with it.
func showNotViewed(s showing, doc document) any {
	me := s.call.who.userID
	_, seen := viewed(doc, me)
	return showLetter(s, !seen && me != intOf(doc["CREATED_BY"]) && slices.Contains(taskMembers(doc), me))
}

func viewed(doc document, userID int64) (string, bool) {
	at, ok := viewsOf(doc)[phpquery.Text(number(userID))].(string)
	return at, ok
}

// viewsOf is who worked on the task and when for the last time.
func viewsOf(doc document) map[string]any {
	views, _ := doc["VIEWED_BY"].(map[string]any)
	return views
}

// taskMembers are the users of a task, each once, the creator first.
func taskMembers(doc document) []int64 {
	var members []int64
	for _, id := range slices.Concat(
		[]int64{intOf(doc["CREATED_BY"]), intOf(doc["RESPONSIBLE_ID"])}, ints(doc["ACCOMPLICES"]), ints(doc["AUDITORS"]),
	) {
		if !slices.Contains(members, id) {
			members = append(members, id)
		}
	}
	return members
}
