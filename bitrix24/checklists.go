package bitrix24

// ChecklistItem is an item of a task's checklist, or with ParentID 0 a checklist
// (https://apidocs.bitrix24.com/api-reference/tasks/checklist-item/task-checklist-item-get.html).
type ChecklistItem struct {
	ID          ID                `json:"ID"`
	TaskID      ID                `json:"TASK_ID"`
	ParentID    ID                `json:"PARENT_ID"`
	CreatedBy   ID                `json:"CREATED_BY"`
	Title       Text              `json:"TITLE"`
	SortIndex   ID                `json:"SORT_INDEX"`
	IsComplete  Bool              `json:"IS_COMPLETE"`
	IsImportant Bool              `json:"IS_IMPORTANT"`
	ToggledBy   ID                `json:"TOGGLED_BY"`   // who ticked or unticked it last; 0 for nobody
	ToggledDate Text              `json:"TOGGLED_DATE"` // ISO 8601
	Members     []ChecklistMember `json:"MEMBERS"`
	Attachments TaskFiles         `json:"ATTACHMENTS"`
}

// ChecklistMember is a person of a checklist item.
type ChecklistMember struct {
	ID         ID   `json:"ID"`
	Type       Text `json:"TYPE"` // A takes part, U watches
	Name       Text `json:"NAME"`
	Gender     Text `json:"PERSONAL_GENDER"` // M or F
	Image      Text `json:"IMAGE"`           // address of the picture
	IsCollaber Bool `json:"IS_COLLABER"`     // from outside the company
}

// TaskFiles are the files attached to a comment or a checklist item by the id of
// the attachment.
type TaskFiles map[ID]TaskFile

// TaskFile is an attached file. The addresses are paths of the portal and need a
// session in a browser.
type TaskFile struct {
	AttachmentID ID   `json:"ATTACHMENT_ID"`
	Name         Text `json:"NAME"`
	Size         ID   `json:"SIZE"`    // bytes
	FileID       ID   `json:"FILE_ID"` // on the drive
	DownloadURL  Text `json:"DOWNLOAD_URL"`
	ViewURL      Text `json:"VIEW_URL"`
}

// UnmarshalJSON reads an object of files, or an empty list.
func (f *TaskFiles) UnmarshalJSON(data []byte) error {
	var files map[string]TaskFile
	if err := unlessEmpty(data, &files); err != nil {
		return err
	}
	*f = make(TaskFiles, len(files))
	for _, file := range files {
		(*f)[file.AttachmentID] = file
	}
	return nil
}
