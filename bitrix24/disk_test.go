package bitrix24_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

// TestDiskTypes decodes what the portal answers for a folder and a file,
// numbers and texts mixed as it does.
func TestDiskTypes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ into, want any }{
		`{"ID":8930,"NAME":"In","CODE":null,"STORAGE_ID":"1357","TYPE":"folder","REAL_OBJECT_ID":8930,"PARENT_ID":null,"DELETED_TYPE":3,"DELETE_TIME":null,"DELETED_BY":null}`: {
			&bitrix24.DiskFolder{},
			&bitrix24.DiskFolder{ID: 8930, Name: "In", StorageID: 1357, Type: "folder", RealObjectID: 8930, DeletedType: bitrix24.InTrash},
		},
		`{"ID":"9","NAME":"a.png","PARENT_ID":7,"DELETED_TYPE":"4","GLOBAL_CONTENT_VERSION":"2","FILE_ID":3,"SIZE":"1679"}`: {
			&bitrix24.DiskFile{},
			&bitrix24.DiskFile{ID: 9, Name: "a.png", ParentID: 7, DeletedType: bitrix24.DeletedWithFolder, ContentVersion: 2, FileID: 3, Size: 1679},
		},
		"false\n": {&bitrix24.DiskFile{}, &bitrix24.DiskFile{}},
		"false":   {&bitrix24.DiskFolder{}, &bitrix24.DiskFolder{}},
		`{"ID":"7","TYPE":"folder","REAL_OBJECT_ID":"7"}`: {
			&bitrix24.DiskObject{},
			&bitrix24.DiskObject{DiskFile: bitrix24.DiskFile{ID: 7, Type: "folder"}, RealObjectID: 7},
		},
	}
	for text, test := range tests {
		if err := json.Unmarshal([]byte(text), test.into); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(test.want, test.into); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	if err := json.Unmarshal([]byte(`[1]`), &bitrix24.DiskObject{}); err == nil {
		t.Error("a list is taken for an object")
	}
}

// TestDisk works on a drive with the typed methods and walks a folder of
// several pages.
func TestDisk(t *testing.T) {
	t.Parallel()
	portal, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := portal.Close(); err != nil {
			t.Error(err)
		}
	}()
	c, err := bitrix24.New(portal.Access().Webhook, bitrix24.WithTransport(portal.Transport()))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	var drives []string
	for s, err := range c.Storages(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		drives = append(drives, string(s.EntityType))
	}
	if diff := cmp.Diff([]string{"common", "user", "user", "user", "user"}, drives); diff != "" {
		t.Errorf("storages (-want +got):\n%s", diff)
	}
	filter, err := c.GetFolderFilterStructure(ctx, false)
	if err != nil {
		t.Fatal(err)
	}
	if kind, ok := filter.Get("PARENT_ID"); !ok || kind != "integer" {
		t.Errorf("a filter has PARENT_ID of type %v", kind)
	}
	if _, ok := filter.Get("CREATED_BY"); ok {
		t.Error("a filter has CREATED_BY, which the portal does not filter by")
	}
	box, err := c.CreateStorageFolder(ctx, 1, "Box")
	if err != nil {
		t.Fatal(err)
	}
	file, err := c.UploadFileToFolder(ctx, "one.txt", bitrix24.Bytes([]byte("the first")), box.Result.ID)
	if err != nil {
		t.Fatal(err)
	}
	if file.Result.Size != 9 || file.Result.ParentID != box.Result.ID || file.Result.DownloadURL == "" {
		t.Errorf("uploaded %+v", file.Result)
	}
	calls := func(yield func(bitrix24.CreateSubfolderArgs) bool) {
		for i := range 60 {
			if !yield(bitrix24.CreateSubfolderArgs{FolderID: box.Result.ID, Name: fmt.Sprintf("folder %d", i)}) {
				return
			}
		}
	}
	for made := range c.CreateSubfolders(ctx, calls) {
		if made.Err != nil || made.Value.ParentID != box.Result.ID {
			t.Fatalf("made %+v, %v", made.Value, made.Err)
		}
	}
	folders, files := 0, 0
	for item, err := range c.FolderItems(ctx, box.Result.ID, nil) {
		switch {
		case err != nil:
			t.Fatal(err)
		case item.IsFolder():
			folders++
		default:
			files++
		}
	}
	if folders != 60 || files != 1 {
		t.Errorf("%d folders and %d files", folders, files)
	}
	moved, err := c.MoveFileToFolder(ctx, file.Result.ID, 12)
	if err != nil || moved.Result.ID != 0 {
		t.Errorf("moved into another storage: %+v, %v", moved, err)
	}
}
