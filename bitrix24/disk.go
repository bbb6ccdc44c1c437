package bitrix24

import (
	"bytes"
	"encoding/json"
)

// Storage is a drive as disk.storage.get answers
// (https://apidocs.bitrix24.com/api-reference/disk/storage/disk-storage-get.html).
type Storage struct {
	ID           ID   `json:"ID"`
	Name         Text `json:"NAME"`
	Code         Text `json:"CODE"`
	ModuleID     Text `json:"MODULE_ID"`
	EntityType   Text `json:"ENTITY_TYPE"`    // common, user, group, restapp …
	EntityID     Text `json:"ENTITY_ID"`      // of the user, the group …
	RootObjectID ID   `json:"ROOT_OBJECT_ID"` // folder at the top
}

// DiskDeleted tells whether a folder or a file is in the trash.
type DiskDeleted = ID

// The values of DELETED_TYPE.
const (
	NotDeleted        DiskDeleted = 0
	InTrash           DiskDeleted = 3
	DeletedWithFolder DiskDeleted = 4 // its folder was moved into the trash
)

// DiskFolder is a folder as disk.folder.get answers
// (https://apidocs.bitrix24.com/api-reference/disk/folder/disk-folder-get.html).
// Its ID is 0 where the portal answers false: a folder is not moved into
// another storage.
type DiskFolder struct {
	ID           ID          `json:"ID"`
	Name         Text        `json:"NAME"`
	Code         Text        `json:"CODE"`
	StorageID    ID          `json:"STORAGE_ID"`
	Type         Text        `json:"TYPE"` // folder
	RealObjectID ID          `json:"REAL_OBJECT_ID"`
	ParentID     ID          `json:"PARENT_ID"` // 0 for the root of a storage
	DeletedType  DiskDeleted `json:"DELETED_TYPE"`
	CreateTime   Text        `json:"CREATE_TIME"`
	UpdateTime   Text        `json:"UPDATE_TIME"`
	DeleteTime   Text        `json:"DELETE_TIME"`
	CreatedBy    ID          `json:"CREATED_BY"`
	UpdatedBy    ID          `json:"UPDATED_BY"`
	DeletedBy    ID          `json:"DELETED_BY"`
	DetailURL    Text        `json:"DETAIL_URL"` // page for people
}

// UnmarshalJSON reads a folder, or false as none.
func (f *DiskFolder) UnmarshalJSON(data []byte) error {
	type plain DiskFolder
	return unlessFalse(data, (*plain)(f))
}

// DiskFile is a file as disk.file.get answers
// (https://apidocs.bitrix24.com/api-reference/disk/file/disk-file-get.html).
// Its ID is 0 where the portal answers false: a file is not moved into another
// storage.
type DiskFile struct {
	ID             ID          `json:"ID"`
	Name           Text        `json:"NAME"`
	Code           Text        `json:"CODE"`
	StorageID      ID          `json:"STORAGE_ID"`
	Type           Text        `json:"TYPE"` // file
	ParentID       ID          `json:"PARENT_ID"`
	DeletedType    DiskDeleted `json:"DELETED_TYPE"`
	ContentVersion ID          `json:"GLOBAL_CONTENT_VERSION"` // counts from 1
	FileID         ID          `json:"FILE_ID"`                // of the content
	Size           ID          `json:"SIZE"`                   // bytes
	CreateTime     Text        `json:"CREATE_TIME"`
	UpdateTime     Text        `json:"UPDATE_TIME"`
	DeleteTime     Text        `json:"DELETE_TIME"`
	CreatedBy      ID          `json:"CREATED_BY"`
	UpdatedBy      ID          `json:"UPDATED_BY"`
	DeletedBy      ID          `json:"DELETED_BY"`
	DownloadURL    Text        `json:"DOWNLOAD_URL"` // whoever has it can read the file
	DetailURL      Text        `json:"DETAIL_URL"`   // page for people
}

// UnmarshalJSON reads a file, or false as none.
func (f *DiskFile) UnmarshalJSON(data []byte) error {
	type plain DiskFile
	return unlessFalse(data, (*plain)(f))
}

// DiskObject is a folder or a file, as lists answer both
// (https://apidocs.bitrix24.com/api-reference/disk/folder/disk-folder-get-children.html).
type DiskObject struct {
	DiskFile
	RealObjectID ID `json:"REAL_OBJECT_ID"` // of a folder
}

// UnmarshalJSON reads a folder or a file.
func (o *DiskObject) UnmarshalJSON(data []byte) error {
	var folder struct {
		RealObjectID ID `json:"REAL_OBJECT_ID"`
	}
	if err := json.Unmarshal(data, &folder); err != nil {
		return err
	}
	o.RealObjectID = folder.RealObjectID
	return json.Unmarshal(data, &o.DiskFile)
}

// IsFolder tells a folder from a file.
func (o *DiskObject) IsFolder() bool { return o.Type == "folder" }

// unlessFalse leaves v as it is when the portal answers false.
func unlessFalse(data []byte, v any) error {
	if bytes.Equal(bytes.TrimSpace(data), []byte("false")) {
		return nil
	}
	return json.Unmarshal(data, v)
}
