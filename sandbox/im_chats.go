package sandbox

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// chatEntity is a chat of any kind. A private dialog is a chat of two users,
// the notifications of a user are a chat of one.
//
// https://apidocs.bitrix24.com/api-reference/chats/im-dialog-get.html
var chatEntity = &entity{
	name: "im_chat",
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "TYPE", kind: textKind, readOnly: true},
		{name: "TITLE", kind: textKind, max: 255},
		{name: "DESCRIPTION", kind: textKind},
		{name: "COLOR", kind: textKind, readOnly: true, indexed: true},
		{name: "AVATAR", kind: linkKind, readOnly: true},
		{name: "OWNER_ID", kind: refKind, readOnly: true},
		{name: "ENTITY_TYPE", kind: textKind, max: 50},
		{name: "ENTITY_ID", kind: textKind, max: 255, indexed: true},
		{name: "ENTITY_DATA_1", slot: "ENTITY_DATA_A", kind: textKind, max: 255},
		{name: "ENTITY_DATA_2", slot: "ENTITY_DATA_B", kind: textKind, max: 255},
		{name: "ENTITY_DATA_3", slot: "ENTITY_DATA_C", kind: textKind, max: 255},
		{name: "PAIR", kind: textKind, readOnly: true, indexed: true}, // of a private dialog or of notifications
		{name: "FOLDER_ID", kind: integerKind, readOnly: true},        // on the drive
		{name: "DATE_CREATE", kind: momentKind, readOnly: true},
	},
}

// The kinds of chats, as message_type names them.
const (
	chatClosed  = "C"
	chatOpen    = "O"
	chatPrivate = "P"
	chatSystem  = "S" // the notifications of one user
)

// chatColor is a colour by the name that parameters have and the code that
// answers have.
type chatColor struct{ name, hex, title string }

// chatColors are all colours of chats and users.
//
// https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/chats/chat-add.html
var chatColors = []chatColor{
	{"RED", "#df532d", "Red"},
	{"GREEN", "#64a513", "Green"},
	{"MINT", "#4ba984", "Mint"},
	{"LIGHT_BLUE", "#4ba5c3", "Light blue"},
	{"DARK_BLUE", "#3e99ce", "Dark blue"},
	{"PURPLE", "#8474c8", "Purple"},
	{"AQUA", "#1eb4aa", "Aqua"},
	{"PINK", "#f76187", "Pink"},
	{"LIME", "#58cc47", "Lime"},
	{"BROWN", "#ab7761", "Brown"},
	{"AZURE", "#29619b", "Azure"},
	{"KHAKI", "#728f7a", "Khaki"},
	{"SAND", "#ba9c7b", "Sand"},
	{"MARENGO", "#556574", "Marengo"},
	{"GRAY", "#909090", "Gray"},
	{"GRAPHITE", "#5e5f5e", "Graphite"},
}

func chatColorOf(name string) (chatColor, bool) {
	for _, c := range chatColors {
		if strings.EqualFold(c.name, name) {
			return c, true
		}
	}
	return chatColor{}, false
}

// chatAdd creates a chat that the caller owns, or who OWNER_ID names.
//
// https://apidocs.bitrix24.com/api-reference/chats/im-chat-add.html
func chatAdd(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		doc := document{"TYPE": chatClosed, "OWNER_ID": number(c.who.userID), "DATE_CREATE": storedTime(c.sb.now())}
		if strings.EqualFold(c.text("TYPE"), "OPEN") {
			doc["TYPE"] = chatOpen
		}
		owner, err := userEntity.find(c.ctx, tx, c.id("OWNER_ID"))
		if err != nil {
			return result{}, err
		}
		if owner != nil {
			doc["OWNER_ID"] = number(c.id("OWNER_ID"))
		}
		if err := chatEntity.assign(c.ctx, tx, doc, c.params); err != nil {
			return result{}, err
		}
		if err := nameChat(c, tx, doc); err != nil {
			return result{}, err
		}
		if u, ok := chatPicture(c.text("AVATAR")); ok {
			stored, err := u.store(c.ctx, tx)
			if err != nil {
				return result{}, err
			}
			doc["AVATAR"] = stored
		}
		id, err := chatEntity.insert(c.ctx, tx, doc)
		if err != nil {
			return result{}, err
		}
		return result{value: number(id), record: id}, openChat(c, tx, &dialog{id: id, doc: doc})
	})
}

// nameChat gives a new chat its colour, a drawn one where none is asked for, and
// a title made of the colour where there is none.
func nameChat(c *call, tx *sql.Tx, doc document) error {
	var chats int64
	if err := tx.QueryRowContext(c.ctx, "SELECT count(*) FROM "+chatEntity.table()).Scan(&chats); err != nil {
		return fmt.Errorf("count chats: %w", err)
	}
	color, ok := chatColorOf(c.text("COLOR"))
	if !ok {
		color = pick(chatColors, scatter(uint64(chats)))
	}
	doc["COLOR"] = color.name
	title := chatTitle(imText(doc, "TITLE"))
	if title == "" {
		same, _ := chatEntity.field("COLOR")
		var n int64
		err := tx.QueryRowContext(c.ctx, "SELECT count(*) FROM "+chatEntity.table()+" WHERE "+same.expression()+" = ?", fold(color.name)).Scan(&n)
		if err != nil {
			return fmt.Errorf("count chats: %w", err)
		}
		title = fmt.Sprintf("%s chat №%d", color.title, n+1)
	}
	doc["TITLE"] = title
	return nil
}

// chatTitle is a title without line breaks and outer blanks.
func chatTitle(text string) string {
	return strings.TrimSpace(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), " "))
}

// openChat puts the members into a new chat and says what happened.
func openChat(c *call, tx *sql.Tx, d *dialog) error {
	for _, user := range []int64{c.who.userID, intOf(d.doc["OWNER_ID"])} {
		if err := addMember(c.ctx, tx, d.id, user, 0, 0); err != nil {
			return err
		}
	}
	me, err := mention(c.ctx, tx, c.who.userID)
	if err != nil {
		return err
	}
	if err := systemMessage(c, tx, d.id, me+" created the chat", ""); err != nil {
		return err
	}
	given, _ := c.params.GetFold("USERS")
	if err := invite(c, tx, d, elements(given), 0, 0); err != nil {
		return err
	}
	if text := c.text("MESSAGE"); text != "" {
		if _, err := postMessage(c, tx, d.id, document{"AUTHOR_ID": number(c.who.userID), "TEXT": messageText(text)}); err != nil {
			return err
		}
	}
	return readUpTo(c, tx, d.id, allMessages)
}

// chatGet finds the chat of an object; null when there is none.
//
// https://apidocs.bitrix24.com/api-reference/chats/im-chat-get.html
func chatGet(c *call) (result, error) {
	return c.reading(func(tx *sql.Tx) (result, error) {
		id, err := chatOfObject(c.ctx, tx, c.text("ENTITY_TYPE"), c.text("ENTITY_ID"))
		if err != nil || id == 0 {
			return result{}, err
		}
		return result{value: imObject("ID", id)}, nil
	})
}

// chatOfObject is the first chat that belongs to an object; 0 when none does.
func chatOfObject(ctx context.Context, tx *sql.Tx, kind, id string) (int64, error) {
	if kind == "" || id == "" {
		return 0, nil
	}
	object, _ := chatEntity.field("ENTITY_ID")
	rows, err := chatEntity.all(ctx, tx, condition{object.expression() + " = ?", []any{fold(id)}})
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		if strings.EqualFold(imText(r.doc, "ENTITY_TYPE"), kind) {
			return r.id, nil
		}
	}
	return 0, nil
}

// maxPicture is the greatest width and height of an avatar.
const maxPicture = 5000

// chatPicture decodes an avatar; false when it is no picture.
func chatPicture(text string) (upload, bool) {
	content, err := decodeBase64(text)
	if err != nil || len(content) == 0 {
		return upload{}, false
	}
	extension, ok := strings.CutPrefix(http.DetectContentType(content), "image/")
	return upload{"avatar." + extension, content}, ok
}

// showChatPicture is the address of a chat's avatar, or "".
func showChatPicture(c *call, doc document) any {
	if doc["AVATAR"] == nil {
		return ""
	}
	return showLink(showing{call: c}, doc["AVATAR"])
}

// chatKind is the type of a chat as answers name it: that of its object, or how
// one gets in.
func chatKind(doc document) string {
	if kind := imText(doc, "ENTITY_TYPE"); kind != "" {
		return camelCase(kind)
	}
	switch doc["TYPE"] {
	case chatOpen:
		return "open"
	case chatPrivate:
		return "private"
	default:
		return "chat"
	}
}

// chatLimits is what cannot be done with chats of an object.
func chatLimits(doc document) (rename, extend, leave, leaveOwner bool) {
	switch {
	case doc["TYPE"] == chatPrivate:
		return false, true, false, false
	case imText(doc, "ENTITY_TYPE") == "CRM":
		return false, true, true, false
	case imText(doc, "ENTITY_TYPE") == "SONET_GROUP":
		return false, false, false, false
	}
	return true, true, true, true
}

// showChatLink tells which object a chat belongs to.
func showChatLink(doc document) *phpquery.Array {
	kind, id := imText(doc, "ENTITY_TYPE"), imText(doc, "ENTITY_ID")
	address := ""
	switch kind {
	case "CRM":
		what, number, _ := strings.Cut(id, "|")
		kind, address = what, fmt.Sprintf("/crm/%s/details/%s/", strings.ToLower(what), number)
	case "SONET_GROUP":
		address = "/workgroups/group/" + id + "/"
	case "TASKS", "TASKS_TASK":
		kind, address = "TASKS", "/company/personal/user/"+phpquery.Text(doc["OWNER_ID"])+"/tasks/task/view/"+id+"/"
	}
	return imObject("type", kind, "url", address, "id", id)
}
