package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// taskTagEntity is a tag that tasks have or had.
var taskTagEntity = &entity{
	name: "task_tag",
	fields: []field{
		{name: "ID", kind: integerKind, readOnly: true},
		{name: "NAME", kind: textKind, indexed: true},
	},
}

// takeTags reads tags: a list, or a text with commas between them.
func takeTags(v any) []any {
	var names []any
	for _, element := range elements(v) {
		for name := range strings.SplitSeq(clean(phpquery.Text(element)), ",") {
			name = strings.TrimSpace(name)
			if name != "" && !containsFold(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func containsFold(names []any, name string) bool {
	for _, n := range names {
		if fold(phpquery.Text(n)) == fold(name) {
			return true
		}
	}
	return false
}

// tagID is the id of a tag; 0 when no task ever had it.
func tagID(ctx context.Context, tx *sql.Tx, name string) (int64, error) {
	var id int64
	key := taskTagEntity.named("NAME").expression()
	err := tx.QueryRowContext(ctx, "SELECT id FROM "+taskTagEntity.table()+" WHERE "+key+" = ?", fold(name)).Scan(&id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("read tag: %w", err)
	}
	return id, nil
}

// keepTags gives ids to the tags that have none yet.
func keepTags(ctx context.Context, tx *sql.Tx, names []any) error {
	for _, name := range names {
		id, err := tagID(ctx, tx, phpquery.Text(name))
		if err != nil {
			return err
		}
		if id == 0 {
			if _, err := taskTagEntity.insert(ctx, tx, document{"NAME": name}); err != nil {
				return err
			}
		}
	}
	return nil
}

// addTags adds the tags of a task by their ids.
func (s *taskShow) addTags(task *phpquery.Array, doc document) error {
	if !s.wants(false, "TAGS") {
		return nil
	}
	tags := phpquery.NewArray()
	names, _ := doc["TAGS"].([]any)
	for _, name := range names {
		id, err := tagID(s.call.ctx, s.tx, phpquery.Text(name))
		if err != nil {
			return err
		}
		tag := phpquery.NewArray()
		tag.Set("id", number(id))
		tag.Set("title", name)
		tags.Set(phpquery.Text(number(id)), tag)
	}
	task.Set("tags", tags)
	return nil
}
