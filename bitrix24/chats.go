package bitrix24

import "encoding/json"

// Dialog is a chat as im.dialog.get answers
// (https://apidocs.bitrix24.com/api-reference/chats/im-dialog-get.html). Times
// are ISO 8601. A private dialog is a chat of two users.
type Dialog struct {
	ID           ID               `json:"id"` // of the chat
	DialogID     Text             `json:"dialog_id"`
	Name         Text             `json:"name"`
	Description  Text             `json:"description"`
	Owner        ID               `json:"owner"`
	Managers     IDs              `json:"manager_list"`
	MutedBy      IDs              `json:"mute_list"`
	Extranet     Bool             `json:"extranet"`     // somebody from outside the company is in it
	Avatar       Text             `json:"avatar"`       // address of the picture
	Color        Text             `json:"color"`        // #f76187
	Type         Text             `json:"type"`         // chat, open, private, crm …
	MessageType  Text             `json:"message_type"` // C, O, P …
	Role         Text             `json:"role"`         // the caller's: owner, manager, member or guest
	Members      ID               `json:"user_counter"`
	Messages     ID               `json:"message_count"`
	Unread       ID               `json:"counter"`         // number of messages
	FirstUnread  ID               `json:"unread_id"`       // message; 0 for none
	LastMessage  ID               `json:"last_message_id"` // message; 0 for none
	LastRead     ID               `json:"last_id"`         // message; 0 for none
	Folder       ID               `json:"disk_folder_id"`  // 0 before GetChatFilesFolder asks for it
	EntityType   Text             `json:"entity_type"`     // what the chat belongs to, such as CRM
	EntityID     Text             `json:"entity_id"`       // DEAL|1663
	DateCreate   Text             `json:"date_create"`
	Restrictions ChatRestrictions `json:"restrictions"`
	Permissions  map[string]Text  `json:"permissions"` // manage_ui and so on: member, manager or owner
	ReadBy       []ChatReader     `json:"readed_list"`
}

// ChatRestrictions tells what can be done with a chat at all.
type ChatRestrictions struct {
	Avatar     Bool `json:"avatar"`
	Rename     Bool `json:"rename"`
	Extend     Bool `json:"extend"` // invite users
	Call       Bool `json:"call"`
	Mute       Bool `json:"mute"`
	Leave      Bool `json:"leave"`
	LeaveOwner Bool `json:"leave_owner"`
	Send       Bool `json:"send"`
	UserList   Bool `json:"user_list"`
}

// ChatReader tells how far another member has read a chat.
type ChatReader struct {
	User    ID   `json:"user_id"`
	Name    Text `json:"user_name"`
	Message ID   `json:"message_id"` // the last one that was read; 0 for none
	Date    Text `json:"date"`
}

// ChatUser is a user as the messenger's methods answer
// (https://apidocs.bitrix24.com/api-reference/chats/users/im-user-list-get.html).
type ChatUser struct {
	ID           ID         `json:"id"`
	Active       Bool       `json:"active"`
	Name         Text       `json:"name"` // first and last name
	FirstName    Text       `json:"first_name"`
	LastName     Text       `json:"last_name"`
	WorkPosition Text       `json:"work_position"`
	Color        Text       `json:"color"`  // #df532d
	Avatar       Text       `json:"avatar"` // address of the picture
	Gender       Text       `json:"gender"`
	Birthday     Text       `json:"birthday"` // 15-05 is the 15th of May
	Extranet     Bool       `json:"extranet"`
	Bot          Bool       `json:"bot"`
	Status       Text       `json:"status"` // online, dnd, away or break
	LastActivity Text       `json:"last_activity_date"`
	Departments  IDs        `json:"departments"`
	Phones       ChatPhones `json:"phones"`
	Type         Text       `json:"type"`
	Website      Text       `json:"website"`
	Email        Text       `json:"email"`
}

// ChatPhones are the numbers of a user. A user without any has false on the wire.
type ChatPhones struct {
	Work     Text `json:"work_phone"`
	Mobile   Text `json:"personal_mobile"`
	Personal Text `json:"personal_phone"`
	Inner    Text `json:"inner_phone"`
}

// UnmarshalJSON reads an object; anything else is no number.
func (p *ChatPhones) UnmarshalJSON(data []byte) error {
	*p = ChatPhones{}
	if !isObject(data) {
		return nil
	}
	type plain ChatPhones
	return json.Unmarshal(data, (*plain)(p))
}

// ChatUsers are users by id.
type ChatUsers map[ID]ChatUser

// UnmarshalJSON reads an object of users; without any it is an empty list.
func (u *ChatUsers) UnmarshalJSON(data []byte) error {
	*u = ChatUsers{}
	for _, raw := range objectMembers(data) {
		var user ChatUser
		if err := json.Unmarshal(raw, &user); err != nil {
			return err
		}
		(*u)[user.ID] = user
	}
	return nil
}

// isObject tells whether a JSON value is an object.
func isObject(data []byte) bool {
	i := skipSpace(data, 0)
	return i < len(data) && data[i] == '{'
}
