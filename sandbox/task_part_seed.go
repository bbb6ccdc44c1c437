package sandbox

import (
	"context"
	"database/sql"
	"time"
)

// seedTaskParts gives the company's tasks a checklist, comments, a result and
// time spent, and the boards of the first group and of the administrator their
// stages.
func seedTaskParts(ctx context.Context, tx *sql.Tx, _ time.Time) error {
	s := partSeed{ctx: ctx, tx: tx}
	s.checklist()
	s.comments()
	s.elapsed()
	for _, b := range []board{{groupBoard, 1}, {userBoard, adminID}} {
		if s.err == nil {
			_, s.err = b.begin(ctx, tx)
		}
	}
	return s.err
}

// partSeed adds rows until one fails.
type partSeed struct {
	ctx context.Context
	tx  *sql.Tx
	err error
}

// seedDay is a morning of the company's first days.
func seedDay(n int) time.Time { return companyStart.AddDate(0, 0, n) }

func (s *partSeed) add(e *entity, doc document) {
	if s.err == nil {
		_, s.err = e.insert(s.ctx, s.tx, doc)
	}
}

func (s *partSeed) log(taskID, userID int64, at time.Time, name string, from, to any) {
	if s.err == nil {
		s.err = insertTaskChange(s.ctx, s.tx, taskID, userID, at, name, from, to)
	}
}

// field writes a field of a task.
func (s *partSeed) field(taskID int64, name string, value any) {
	if s.err != nil {
		return
	}
	doc, err := taskEntity.find(s.ctx, s.tx, taskID)
	if err == nil && doc != nil {
		after := doc.clone()
		after[name] = value
		err = taskEntity.update(s.ctx, s.tx, taskID, doc, after)
	}
	s.err = err
}

func (s *partSeed) checklist() {
	for i, title := range []string{"Figures", "Ask the regions for their figures", "Check the totals"} {
		doc := document{
			"TASK_ID": number(1), "PARENT_ID": number(min(int64(i), 1)), "CREATED_BY": number(adminID), "TITLE": title,
			"SORT_INDEX": number(max(0, int64(i)-1)), "IS_COMPLETE": i == 1, "IS_IMPORTANT": i == 2,
		}
		if i == 1 {
			doc["TOGGLED_BY"], doc["TOGGLED_DATE"] = number(2), storedTime(seedDay(1))
		}
		s.add(checklistEntity, doc)
		s.log(1, adminID, seedDay(0), "CHECKLIST_ITEM_CREATE", "", title)
	}
	s.log(1, 2, seedDay(1), "CHECKLIST_ITEM_CHECK", "Ask the regions for their figures", "Ask the regions for their figures")
}

func (s *partSeed) comments() {
	me, err := userEntity.find(s.ctx, s.tx, adminID)
	if err != nil {
		s.err = err
		return
	}
	for i, comment := range []struct {
		task int64
		day  int
		text string
	}{{1, 1, "The regions send their figures by Friday."}, {4, 8, "The new guide is in the [B]shared folder[/B]."}} {
		s.add(commentEntity, document{
			"TASK_ID": number(comment.task), "AUTHOR_ID": number(adminID), "AUTHOR_NAME": authorName(me), "AUTHOR_EMAIL": "",
			"POST_DATE": storedTime(seedDay(comment.day)), "POST_MESSAGE": comment.text,
		})
		s.log(comment.task, adminID, seedDay(comment.day), "COMMENT", nil, number(int64(i+1)).String())
		s.field(comment.task, "COMMENTS_COUNT", number(1))
	}
	s.add(resultEntity, document{
		"TASK_ID": number(4), "COMMENT_ID": number(2), "CREATED_BY": number(adminID), "CREATED_AT": storedTime(seedDay(8)),
		"UPDATED_AT": storedTime(seedDay(9)), "STATUS": number(resultClosed), "TEXT": "The new guide is in the [B]shared folder[/B].",
	})
}

func (s *partSeed) elapsed() {
	at := storedTime(seedDay(2))
	s.add(elapsedEntity, document{
		"TASK_ID": number(2), "USER_ID": number(11), "COMMENT_TEXT": "Calls in the morning", "SECONDS": number(5400),
		"SOURCE": number(sourceManual), "CREATED_DATE": at, "DATE_START": at, "DATE_STOP": at,
	})
	s.log(2, 11, seedDay(2), "TIME_SPENT_IN_LOGS", "0", "5400")
	s.field(2, "TIME_SPENT_IN_LOGS", number(5400))
	s.field(2, "DURATION_FACT", number(90))
}
