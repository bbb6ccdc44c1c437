package sandbox

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/oint-go/oint/internal/phpquery"
)

// statusSchema is the statuses that users chose.
const statusSchema = `CREATE TABLE IF NOT EXISTS data_im_status (user_id INTEGER PRIMARY KEY, status TEXT NOT NULL);
`

// imStatuses are the statuses a user can choose; the first one is everybody's at
// the beginning.
var imStatuses = []string{"online", "dnd", "away", "break"}

func imStatus(c *call, tx *sql.Tx, userID int64) (string, error) {
	status := imStatuses[0]
	err := tx.QueryRowContext(c.ctx, "SELECT status FROM data_im_status WHERE user_id = ?", userID).Scan(&status)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read status: %w", err)
	}
	return status, nil
}

// imStatusGet answers the caller's status.
//
// https://apidocs.bitrix24.com/api-reference/chats/users/im-user-status-get.html
func imStatusGet(c *call) (result, error) {
	return c.reading(func(tx *sql.Tx) (result, error) {
		status, err := imStatus(c, tx, c.who.userID)
		return result{value: status}, err
	})
}

// imStatusSet changes the caller's status.
//
// https://apidocs.bitrix24.com/api-reference/chats/users/im-user-status-set.html
func imStatusSet(c *call) (result, error) {
	status := c.text("STATUS")
	if !slices.Contains(imStatuses, status) {
		return result{}, badRequest("STATUS_ERROR", "Status is not available")
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		_, err := tx.ExecContext(c.ctx, "INSERT INTO data_im_status VALUES (?1, ?2) ON CONFLICT (user_id) DO UPDATE SET status = ?2", c.who.userID, status)
		return result{value: true}, err
	})
}

// imUser is a user as the messenger shows it. The methods about users show the
// site and the address before the rest, those about dialogs after it.
func imUser(c *call, tx *sql.Tx, r row, aboutUsers bool) (*phpquery.Array, error) {
	status, err := imStatus(c, tx, r.id)
	if err != nil {
		return nil, err
	}
	doc := r.doc
	picture := any("")
	if doc["PERSONAL_PHOTO"] != nil && doc["PERSONAL_PHOTO"] != "" {
		picture = showLink(showing{call: c}, doc["PERSONAL_PHOTO"])
	}
	birthday := imText(doc, "PERSONAL_BIRTHDAY")
	if len(birthday) == len("2006-01-02") {
		birthday = birthday[8:] + "-" + birthday[5:7]
	}
	seen := any(false)
	if t, ok := timeOf(doc["LAST_ACTIVITY_DATE"]); ok {
		seen = t.Format(isoLayout)
	}
	a := imObject("id", r.id, "active", doc["ACTIVE"] == true, "name", fullName(doc),
		"first_name", imText(doc, "NAME"), "last_name", imText(doc, "LAST_NAME"), "work_position", imText(doc, "WORK_POSITION"),
		"color", pick(chatColors, uint64(r.id)).hex, "avatar", picture, "avatar_hr", picture,
		"gender", imText(doc, "PERSONAL_GENDER"), "birthday", birthday, "extranet", doc["USER_TYPE"] == "extranet",
		"network", false, "bot", false, "connector", false, "external_auth_id", "default", "status", status, "idle", false,
		"last_activity_date", seen, "mobile_last_date", false, "desktop_last_date", false, "absent", false,
		"departments", imNumbers(ints(doc["UF_DEPARTMENT"])), "phones", imPhones(doc))
	contact := []any{"website", imText(doc, "PERSONAL_WWW"), "email", imText(doc, "EMAIL")}
	rest := []any{"bot_data", nil, "type", "user"}
	if aboutUsers {
		contact, rest = rest, contact
	}
	for name, value := range imObject(append(rest, contact...)...).All() {
		a.Set(name, value)
	}
	return a, nil
}

// imPhones are a user's numbers, or false when there are none.
func imPhones(doc document) any {
	a := phpquery.NewArray()
	for _, phone := range [][2]string{
		{"work_phone", "WORK_PHONE"},
		{"personal_mobile", "PERSONAL_MOBILE"},
		{"personal_phone", "PERSONAL_PHONE"},
		{"inner_phone", "UF_PHONE_INNER"},
	} {
		if s := imText(doc, phone[1]); s != "" {
			a.Set(phone[0], s)
		}
	}
	if a.Len() == 0 {
		return false
	}
	return a
}

// imUsers shows users in the order of the ids. Nobody's ids are passed over.
func imUsers(c *call, tx *sql.Tx, ids []int64) (*phpquery.Array, error) {
	a := phpquery.NewArray()
	seen := map[int64]bool{}
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		doc, err := userEntity.find(c.ctx, tx, id)
		if err != nil {
			return nil, err
		}
		if doc == nil {
			continue
		}
		shown, err := imUser(c, tx, row{id, doc}, false)
		if err != nil {
			return nil, err
		}
		a.Append(shown)
	}
	return a, nil
}

// imUserGet answers one user, the caller without an id.
//
// https://apidocs.bitrix24.com/api-reference/chats/users/im-user-get.html
func imUserGet(c *call) (result, error) {
	id := c.who.userID
	if _, given := c.params.GetFold("ID"); given {
		if id = c.id("ID"); id <= 0 {
			return result{}, badRequest("ID_EMPTY", "User ID can't be empty")
		}
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		doc, err := userEntity.found(c.ctx, tx, id, badRequest("USER_NOT_EXISTS", "User does not exist"))
		if err != nil {
			return result{}, err
		}
		visible, err := imSees(c, tx, id)
		if err != nil {
			return result{}, err
		}
		if !visible {
			return result{}, badRequest("ACCESS_DENIED", "You can request only users who are part of your extranet group")
		}
		shown, err := imUser(c, tx, row{id, doc}, true)
		return result{value: shown}, err
	})
}

// imUserListGet answers users by their ids.
//
// https://apidocs.bitrix24.com/api-reference/chats/users/im-user-list-get.html
func imUserListGet(c *call) (result, error) {
	given, _ := c.params.GetFold("ID")
	if text, ok := given.(string); ok {
		if decoded, err := phpquery.Decode([]byte(text)); err == nil {
			given = decoded
		}
	}
	ids, ok := given.(*phpquery.Array)
	if !ok {
		return result{}, badRequest("INVALID_FORMAT", "A wrong format for the ID field is passed")
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		list, byID := phpquery.NewArray(), phpquery.NewArray()
		for _, v := range ids.All() {
			id := intval(phpquery.Text(v))
			doc, err := userEntity.find(c.ctx, tx, id)
			if err != nil {
				return result{}, err
			}
			visible, err := imSees(c, tx, id)
			if err != nil {
				return result{}, err
			}
			key := phpquery.Text(number(id))
			if _, twice := byID.Get(key); doc == nil || !visible || twice {
				continue
			}
			shown, err := imUser(c, tx, row{id, doc}, true)
			if err != nil {
				return result{}, err
			}
			list.Append(shown)
			byID.Set(key, shown)
		}
		if c.text("RESULT_TYPE") == "array" {
			return result{value: list}, nil
		}
		return result{value: byID}, nil
	})
}

// imSees tells whether the caller may know of a user: an extranet user knows
// itself only, see visibleUsers.
func imSees(c *call, tx *sql.Tx, userID int64) (bool, error) {
	limit, err := visibleUsers(c, tx)
	return limit.sql == "" || userID == c.who.userID, err
}
