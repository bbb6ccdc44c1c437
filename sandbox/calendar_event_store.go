package sandbox

import "database/sql"

// storeEvent keeps a changed event, or with the id 0 a new one, and brings the
// guests' copies in step with it.
func storeEvent(c *call, tx *sql.Tx, id int64, before, after document) (int64, error) {
	after["LAST_TS"] = number(lastMoment(after))
	if id == 0 {
		var err error
		if id, err = calendarEventEntity.insert(c.ctx, tx, after); err != nil {
			return 0, err
		}
		before, after = after, after.clone()
		after["PARENT_ID"] = number(id)
	}
	copies, err := eventCopies(c, tx, id)
	if err != nil {
		return 0, err
	}
	guests := guestsOf(after)
	for i, g := range guests {
		if guests[i].entry, err = guestEntry(c, tx, id, after, copies, g.user); err != nil {
			return 0, err
		}
	}
	storeGuests(after, guests)
	if err := calendarEventEntity.update(c.ctx, tx, id, before, after); err != nil {
		return 0, err
	}
	for _, g := range guests {
		if err := storeCopy(c, tx, id, after, g); err != nil {
			return 0, err
		}
	}
	for _, r := range copies {
		if guestPlace(guests, intOf(r.doc["OWNER_ID"])) < 0 {
			if err := calendarEventEntity.remove(c.ctx, tx, r.id); err != nil {
				return 0, err
			}
		}
	}
	return id, nil
}

// eventCopies are the events that stand for this one in calendars of guests.
func eventCopies(c *call, tx *sql.Tx, id int64) ([]row, error) {
	parent, _ := calendarEventEntity.field("PARENT_ID")
	return calendarEventEntity.all(c.ctx, tx, condition{parent.expression() + " = ? AND id <> ?", []any{id, id}})
}

// guestEntry is the event in a guest's own calendar: the meeting itself where it
// stands there, or a copy, which is made when the guest has none.
func guestEntry(c *call, tx *sql.Tx, id int64, doc document, copies []row, user int64) (int64, error) {
	own := calendar{userCalendar, user}
	if calendarHolding(doc) == own {
		return id, nil
	}
	for _, r := range copies {
		if intOf(r.doc["OWNER_ID"]) == user {
			return r.id, nil
		}
	}
	section, err := own.invitations(c, tx)
	if err != nil {
		return 0, err
	}
	return calendarEventEntity.insert(c.ctx, tx, document{
		"PARENT_ID": number(id), "CAL_TYPE": own.kind, "OWNER_ID": number(user), "SECTION_ID": number(section),
	})
}

// storeCopy writes the meeting into the copy of a guest, which keeps its place.
func storeCopy(c *call, tx *sql.Tx, id int64, doc document, g guest) error {
	if g.entry == id {
		return nil
	}
	before, err := calendarEventEntity.find(c.ctx, tx, g.entry)
	if err != nil {
		return err
	}
	after := doc.clone()
	for _, key := range []string{"PARENT_ID", "CAL_TYPE", "OWNER_ID", "SECTION_ID"} {
		after[key] = before[key]
	}
	return calendarEventEntity.update(c.ctx, tx, g.entry, before, after)
}
