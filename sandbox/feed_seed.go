package sandbox

import (
	"context"
	"database/sql"
	"time"
)

// seedFeed publishes a few posts of the first days: an important one for all, one
// for the sales department, one for the administrator alone.
func seedFeed(ctx context.Context, tx *sql.Tx, _ time.Time) error {
	for i, post := range []struct {
		author      int64
		title, text string
		dest        []any
		comments    int64
		readers     []int64
	}{
		{1, "New office rules", "Badges are worn on all floors from Monday on.", []any{everyone}, 1, []int64{1, 2, 5}},
		{2, "Sales meeting", "We meet on Thursday at ten.", []any{"DR2"}, 0, nil},
		{3, "Budget", "The figures of the second quarter are ready for your approval.", []any{"U1"}, 0, nil},
	} {
		_, err := postEntity.insert(ctx, tx, document{
			"AUTHOR_ID": number(post.author), "PUBLISH_STATUS": "P", "ENABLE_COMMENTS": true, "NUM_COMMENTS": number(post.comments),
			"DATE_PUBLISH": storedTime(companyStart.AddDate(0, 0, i)), "DEST": post.dest, "TITLE": post.title, "DETAIL_TEXT": post.text,
			"MICRO": false, "IMPORTANT": len(post.readers) > 0, "READERS": numbers(post.readers),
		})
		if err != nil {
			return err
		}
	}
	_, err := postCommentEntity.insert(ctx, tx, document{
		"POST_ID": number(1), "AUTHOR_ID": number(2), "DATE": storedTime(companyStart.Add(time.Hour)), "TEXT": "Visitors too?",
	})
	return err
}
