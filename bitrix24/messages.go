package bitrix24

import (
	"encoding/json"
	"strings"
)

// ChatHistory is a part of a dialog as im.dialog.messages.get answers
// (https://apidocs.bitrix24.com/api-reference/chats/messages/im-dialog-messages-get.html).
type ChatHistory struct {
	Chat     ID            `json:"chat_id"` // 0 for a private dialog that has not begun
	Messages []ChatMessage `json:"messages"`
	Users    []ChatUser    `json:"users"`
	Files    []ChatFile    `json:"files"`
}

// ChatMessage is a message of a chat.
type ChatMessage struct {
	ID     ID              `json:"id"`
	Chat   ID              `json:"chat_id"`
	Author ID              `json:"author_id"` // 0 for the system
	Date   Text            `json:"date"`      // ISO 8601
	Text   Text            `json:"text"`
	Unread Bool            `json:"unread"`
	UUID   Text            `json:"uuid"`
	Params json.RawMessage `json:"params"` // object with ATTACH, LIKE, FILE_ID …; [] when there are none
}

// ChatFile is a file of a chat.
type ChatFile struct {
	ID          ID   `json:"id"` // on the drive
	Chat        ID   `json:"chatId"`
	Type        Text `json:"type"` // image, video, audio or file
	Name        Text `json:"name"`
	Extension   Text `json:"extension"`
	Size        ID   `json:"size"` // bytes
	Author      ID   `json:"authorId"`
	AuthorName  Text `json:"authorName"`
	URLPreview  Text `json:"urlPreview"`
	URLShow     Text `json:"urlShow"`
	URLDownload Text `json:"urlDownload"`
}

// SentFiles is what im.disk.file.commit answers
// (https://apidocs.bitrix24.com/api-reference/chats/files/im-disk-file-commit.html).
type SentFiles struct {
	Message ID                  `json:"MESSAGE_ID"`
	DiskIDs IDs                 `json:"DISK_ID"`
	Files   map[string]ChatFile `json:"FILES"` // by "upload" and the id that was given
}

// DialogRead is what im.dialog.read answers
// (https://apidocs.bitrix24.com/api-reference/chats/messages/im-dialog-read.html).
// All of it is zero when the caller has no such dialog.
type DialogRead struct {
	Dialog   Text `json:"dialogId"`
	Chat     ID   `json:"chatId"`
	LastRead ID   `json:"lastId"`
	Unread   ID   `json:"counter"` // number of messages
}

// UnmarshalJSON reads an object, or false.
func (r *DialogRead) UnmarshalJSON(data []byte) error {
	*r = DialogRead{}
	if !isObject(data) {
		return nil
	}
	type plain DialogRead
	return json.Unmarshal(data, (*plain)(r))
}

// GetPictureBlock makes a block with a picture for SendMessage:
// {"IMAGE": {"NAME": …, "LINK": …}}. Nothing is sent.
func GetPictureBlock(name, url string) (*Object, error) {
	return linkBlock("IMAGE", name, url)
}

// GetFileBlock makes a block with a file for SendMessage:
// {"FILE": {"NAME": …, "LINK": …}}. Nothing is sent.
func GetFileBlock(name, url string) (*Object, error) {
	return linkBlock("FILE", name, url)
}

// linkBlock makes a block that leads somewhere. The portal takes http and https
// addresses and paths of its own.
func linkBlock(kind, name, url string) (*Object, error) {
	lower := strings.ToLower(url)
	if !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") && !strings.HasPrefix(url, "/") {
		return nil, configErrorf("url", "%q is neither an http(s) address nor a path that begins with a slash", url)
	}
	return NewObject(kind, NewObject("NAME", name, "LINK", url)), nil
}
