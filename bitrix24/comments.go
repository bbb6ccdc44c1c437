package bitrix24

// TaskComment is a comment of a task
// (https://apidocs.bitrix24.com/api-reference/tasks/comment-item/task-comment-item-get.html).
type TaskComment struct {
	ID          ID        `json:"ID"`
	AuthorID    ID        `json:"AUTHOR_ID"`
	AuthorName  Text      `json:"AUTHOR_NAME"`
	AuthorEmail Text      `json:"AUTHOR_EMAIL"`
	PostDate    Text      `json:"POST_DATE"`    // ISO 8601
	Message     Text      `json:"POST_MESSAGE"` // with BB codes
	MessageHTML Text      `json:"POST_MESSAGE_HTML"`
	Attachments TaskFiles `json:"ATTACHED_OBJECTS"`
}

// TaskResult is a result of a task
// (https://apidocs.bitrix24.com/api-reference/tasks/result/tasks-task-result-list.html).
type TaskResult struct {
	ID            ID   `json:"id"`
	TaskID        ID   `json:"taskId"`
	CommentID     ID   `json:"commentId"`
	CreatedBy     ID   `json:"createdBy"`
	CreatedAt     Text `json:"createdAt"` // ISO 8601
	UpdatedAt     Text `json:"updatedAt"` // ISO 8601
	Closed        Bool `json:"status"`    // the task was completed since
	Text          Text `json:"text"`
	FormattedText Text `json:"formattedText"` // HTML
	Files         IDs  `json:"files"`         // ids of attachments; only in lists
}
