package sandbox

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// taskSeed is one of the tasks that a new portal has: its id is its place.
type taskSeed struct {
	title, description     string
	creator, responsible   int64
	accomplices, auditors  []int64
	status, parent, group  int64
	control, timeTracking  bool
	deadline               time.Time
	tags                   []any
	started, closed, after int // days after companyStart
}

var companyTasks = []taskSeed{
	{
		title: "Prepare the quarterly report", description: "Figures of all [B]regions[/B] on one page.", creator: 1, responsible: 2,
		auditors: []int64{5}, status: taskPending, deadline: time.Date(2035, time.December, 31, 18, 0, 0, 0, time.UTC),
		tags: []any{"reports"}, timeTracking: true,
	},
	{
		title: "Call the new customers", creator: 2, responsible: 11, accomplices: []int64{12}, status: taskStarted,
		deadline: time.Date(2025, time.February, 3, 18, 0, 0, 0, time.UTC), started: 2, after: 1, timeTracking: true,
	},
	{
		title: "Проверить договор с подрядчиком", creator: 1, responsible: 9, status: taskSubmitted, control: true,
		started: 3, closed: 6, after: 2,
	},
	{title: "Update the onboarding guide", creator: 10, responsible: 1, status: taskCompleted, started: 4, closed: 9, after: 3},
	{title: "Order laptops for the new colleagues", creator: 1, responsible: 6, status: taskDeferred, parent: 1, group: 1, after: 4},
}

// seedTasks fills a new portal with the company's tasks.
func seedTasks(ctx context.Context, tx *sql.Tx, _ time.Time) error {
	if err := seedTaskUserfields(ctx, tx); err != nil {
		return err
	}
	for i, s := range companyTasks {
		created := companyStart.AddDate(0, 0, s.after)
		doc := s.document(int64(i+1), created)
		id, err := taskEntity.insert(ctx, tx, doc)
		if err != nil {
			return err
		}
		if err := insertTaskChange(ctx, tx, id, s.creator, created, "NEW", nil, nil); err != nil {
			return err
		}
		if err := keepTags(ctx, tx, s.tags); err != nil {
			return err
		}
	}
	if _, err := taskLinkEntity.insert(ctx, tx, document{
		"TASK_FROM": number(2), "TASK_TO": number(5), "TYPE": number(2), "CREATED_BY": number(adminID),
	}); err != nil {
		return err
	}
	return planTask(ctx, tx, adminID, 1)
}

func (s *taskSeed) document(id int64, created time.Time) document {
	doc := newTask(s.creator, created)
	n := scatter(uint64(id))
	doc["GUID"] = fmt.Sprintf("{%08x-%04x-4%03x-8%03x-%012x}", uint32(n), n>>32&0xffff, n>>48&0xfff, n>>4&0xfff, n>>16)
	doc["TITLE"], doc["DESCRIPTION"] = s.title, s.description
	doc["RESPONSIBLE_ID"], doc["STATUS"] = number(s.responsible), number(s.status)
	doc["ACCOMPLICES"], doc["AUDITORS"] = numbers(s.accomplices), numbers(s.auditors)
	doc["GROUP_ID"], doc["TASK_CONTROL"], doc["ALLOW_TIME_TRACKING"] = number(s.group), s.control, s.timeTracking
	if s.parent != 0 {
		doc["PARENT_ID"] = number(s.parent)
	}
	if !s.deadline.IsZero() {
		doc["DEADLINE"] = storedTime(s.deadline)
	}
	doc["TAGS"] = s.tags
	if s.started != 0 {
		doc["DATE_START"] = storedTime(companyStart.AddDate(0, 0, s.started))
	}
	if s.closed != 0 {
		doc["CLOSED_BY"], doc["CLOSED_DATE"] = number(s.responsible), storedTime(companyStart.AddDate(0, 0, s.closed))
	}
	if s.status != taskPending {
		doc["STATUS_CHANGED_BY"] = number(s.responsible)
	}
	return doc
}

// newTask is a task with the portal's defaults.
func newTask(creator int64, now time.Time) document {
	at := storedTime(now)
	return document{
		"PRIORITY": number(1), "MULTITASK": false, "REPLICATE": false, "STAGE_ID": number(0), "CREATED_BY": number(creator),
		"CREATED_DATE": at, "CHANGED_BY": number(creator), "CHANGED_DATE": at, "ACTIVITY_DATE": at, "STATUS_CHANGED_DATE": at,
		"ALLOW_CHANGE_DEADLINE": false, "ALLOW_TIME_TRACKING": false, "TASK_CONTROL": false, "ADD_IN_REPORT": false,
		"TIME_ESTIMATE": number(0), "MATCH_WORK_TIME": false, "SITE_ID": "s1", "OUTLOOK_VERSION": number(1),
		"DESCRIPTION_IN_BBCODE": true, "STATUS": number(taskPending), "DURATION_TYPE": "days", "GROUP_ID": number(0),
	}
}
