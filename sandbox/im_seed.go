package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// chatSeed is a chat of the invented company. Its id is its place.
type chatSeed struct {
	doc     document
	members []int64
}

var chatSeeds = []chatSeed{
	{document{"TYPE": chatClosed, "TITLE": "Website relaunch", "DESCRIPTION": "Texts, pictures and dates", "COLOR": "AZURE", "OWNER_ID": number(1)}, []int64{1, 2, 5}},
	{document{"TYPE": chatOpen, "TITLE": "Company news", "DESCRIPTION": "", "COLOR": "MINT", "OWNER_ID": number(10)}, []int64{10, 1, 9}},
	{document{"TYPE": chatClosed, "TITLE": "Partners", "DESCRIPTION": "", "COLOR": "SAND", "OWNER_ID": number(1), "ENTITY_TYPE": "SONET_GROUP", "ENTITY_ID": "1"}, []int64{1, extranetID}},
	{document{"TYPE": chatPrivate, "PAIR": "1:2", "OWNER_ID": number(1)}, []int64{1, 2}},
	{document{"TYPE": chatSystem, "PAIR": "notifications:1", "OWNER_ID": number(1)}, nil},
}

// messageSeed is a message of a seeded chat; its id is its place.
type messageSeed struct {
	chat, author int64
	text         string
}

var messageSeeds = []messageSeed{
	{1, 1, "Welcome! The new site goes live in spring."},
	{1, 5, "The pictures are on the drive."},
	{1, 1, "Thank you, I will have a look today."},
	{2, 10, "The office is closed on Friday."},
	{4, 1, "Could you send me the numbers?"},
	{4, 2, "Of course, you will have them in an hour."},
	{5, 2, "Please confirm the budget."},
	{5, 0, "Your portal is ready."},
}

// seedMessenger gives a new portal a few chats. Their messages are as old as the
// portal, so that those of its administrator can still be changed.
func seedMessenger(ctx context.Context, tx *sql.Tx, now time.Time) (err error) {
	chats, err := chatEntity.inserter(ctx, tx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, chats.close()) }()
	for _, s := range chatSeeds {
		doc := s.doc.clone()
		doc["DATE_CREATE"] = storedTime(companyStart)
		id, err := chats.add(ctx, 0, doc)
		if err != nil {
			return err
		}
		for _, user := range s.members {
			if err := addMember(ctx, tx, id, user, 0, 0); err != nil {
				return err
			}
		}
	}
	return seedMessages(ctx, tx, now)
}

func seedMessages(ctx context.Context, tx *sql.Tx, now time.Time) (err error) {
	messages, err := messageEntity.inserter(ctx, tx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, messages.close()) }()
	for _, s := range messageSeeds {
		doc := document{"CHAT_ID": number(s.chat), "AUTHOR_ID": number(s.author), "TEXT": s.text, "DATE": storedTime(now)}
		switch {
		case chatSeeds[s.chat-1].doc["TYPE"] == chatSystem && s.author == 0:
			doc["NOTIFY_TYPE"], doc["NOTIFY_READ"] = number(notifySystem), false
		case chatSeeds[s.chat-1].doc["TYPE"] == chatSystem:
			doc["NOTIFY_TYPE"], doc["NOTIFY_READ"] = number(notifyFrom), false
		default:
			doc["UUID"] = newUUID()
		}
		id, err := messages.add(ctx, 0, doc)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE data_im_member SET last_id = ?, read_at = ? WHERE chat_id = ? AND user_id = ?",
			id, storedTime(now), s.chat, s.author); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO data_im_like VALUES (2, 1)")
	return err
}
