package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/oint-go/oint/internal/phpquery"
)

// put uploads a file into a folder and answers its id.
func (p *portal) put(folder any, name, content string) string {
	p.tb.Helper()
	made := p.object("disk.folder.uploadfile", "id", folder, "data", arr("NAME", name), "fileContent", base64Pair(name, content))
	return phpquery.Text(made["ID"])
}

func base64Pair(name, content string) *phpquery.Array {
	return list(name, base64.StdEncoding.EncodeToString([]byte(content)))
}

// mkdir makes a folder in a folder and answers its id.
func (p *portal) mkdir(folder any, name string) string {
	p.tb.Helper()
	return phpquery.Text(p.object("disk.folder.addSubFolder", "id", folder, "data", arr("NAME", name))["ID"])
}

// names lists what lies in a folder.
func (p *portal) names(folder any) []string {
	p.tb.Helper()
	var names []string
	rows, _ := p.ok("disk.folder.getchildren", "id", folder).([]any)
	for _, r := range rows {
		names = append(names, r.(map[string]any)["NAME"].(string))
	}
	return names
}

func TestFolderChildren(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	diff(t, "seeded", []string{"Contracts", "Price list.csv"}, p.names(6))
	diff(t, "only files", []int{8}, p.ids("disk.folder.getchildren", "id", 6, "filter", arr("TYPE", "file")))
	diff(t, "by part of the name", []int{8}, p.ids("disk.folder.getchildren", "id", 6, "filter", arr("%NAME", "LIST")))
	diff(t, "by pattern", []int{7}, p.ids("disk.folder.getchildren", "id", 6, "filter", arr("=%NAME", "Con%")))
	diff(t, "a field that cannot be filtered", []int{7, 8}, p.ids("disk.folder.getchildren", "id", 6, "filter", arr("SIZE", 1)))
	diff(t, "order", []int{8, 7}, p.ids("disk.folder.getchildren", "id", 6, "order", arr("NAME", "DESC")))
	diff(t, "no trash", []int(nil), p.ids("disk.folder.getchildren", "id", 6, "filter", arr("DELETED_TYPE", 3)))

	box := p.mkdir(2, "Box")
	for i := range 53 {
		p.mkdir(box, fmt.Sprint("folder ", i))
	}
	if got := p.ids("disk.folder.getchildren", "id", box); len(got) != 53 {
		t.Errorf("%d children on all pages", len(got))
	}
	file := p.ok("disk.folder.getchildren", "id", 6, "filter", arr("ID", 8)).([]any)[0].(map[string]any)
	diff(t, "page of a file", any("https://b24-sandbox.example/docs/file/Documents/Price list.csv"), file["DETAIL_URL"])
	if _, ok := file["REAL_OBJECT_ID"]; ok || file["SIZE"] != "36" || file["GLOBAL_CONTENT_VERSION"] != "1" {
		t.Errorf("file %v", file)
	}
}

func TestRenameObjects(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	renamed := p.object("disk.folder.rename", "id", 7, "newName", "Agreements")
	diff(t, "folder", any("https://b24-sandbox.example/docs/path/Documents/Agreements"), renamed["DETAIL_URL"])
	diff(t, "file", any("Prices.csv"), p.object("disk.file.rename", "id", 8, "newName", "Prices.csv")["NAME"])
	diff(t, "only the case", any("PRICES.csv"), p.object("disk.file.rename", "id", 8, "newName", "PRICES.csv")["NAME"])
	diff(t, "in the folder", []string{"Agreements", "PRICES.csv"}, p.names(6))
	diff(t, "the name of a folder", "400 DISK_OBJ_22000: A file with this name already exists", p.refused("disk.file.rename", "id", 8, "newName", "agreements"))
	diff(t, "no name", "400 ERROR_ARGUMENT: Invalid value of parameter {Parameter #1}", p.refused("disk.file.rename", "id", 8))
	diff(t, "empty name", "400 0: Empty name", p.refused("disk.file.rename", "id", 8, "newName", " "))
	diff(t, "a file is no folder", "400 ERROR_NOT_FOUND: Could not find entity with id `8`", p.refused("disk.folder.rename", "id", 8, "newName", "x"))
	diff(t, "root", "400 : Could not rename root folder", p.refused("disk.folder.rename", "id", 1, "newName", "x"))
	diff(t, "no id", "400 ERROR_ARGUMENT: Invalid value of parameter {Parameter #1}", p.refused("disk.folder.get"))
}

func TestMoveObjects(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	moved := p.object("disk.file.moveto", "id", 8, "targetFolderId", 7)
	diff(t, "parent", any(json.Number("7")), moved["PARENT_ID"])
	diff(t, "still a text", any("8"), moved["ID"])
	diff(t, "source", []string{"Contracts"}, p.names(6))
	diff(t, "target", []string{"Price list.csv"}, p.names(7))
	diff(t, "another drive", any(false), p.ok("disk.file.moveto", "id", 8, "targetFolderId", 12))
	diff(t, "root", "400 : Could not move root folder", p.refused("disk.folder.moveto", "id", 1, "targetFolderId", 6))
	diff(t, "into itself", "400 : Could not move folder into itself", p.refused("disk.folder.moveto", "id", 6, "targetFolderId", 6))
	diff(t, "into what it holds", "400 : Could not move folder into itself", p.refused("disk.folder.moveto", "id", 6, "targetFolderId", 7))
	diff(t, "no target", "400 ERROR_ARGUMENT: Invalid value of parameter {Parameter #0}", p.refused("disk.file.moveto", "id", 8))
	diff(t, "a file as target", "400 ERROR_NOT_FOUND: Could not find entity with id `9`", p.refused("disk.file.moveto", "id", 8, "targetFolderId", 9))
	p.put(6, "price LIST.csv", "x")
	diff(t, "taken", "400 DISK_OBJ_22000: A file with this name already exists", p.refused("disk.file.moveto", "id", 8, "targetFolderId", 6))
	diff(t, "where it is", any(json.Number("7")), p.object("disk.file.moveto", "id", 8, "targetFolderId", 7)["PARENT_ID"])
	diff(t, "folder", any(json.Number("1")), p.object("disk.folder.moveto", "id", 7, "targetFolderId", 1)["PARENT_ID"])
	diff(t, "its file's page", any("https://b24-sandbox.example/docs/file/Contracts/Price list.csv"), p.object("disk.file.get", "id", 8)["DETAIL_URL"])
}

func TestCopyObjects(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	deep := p.mkdir(7, "Signed")
	p.put(deep, "one.txt", "the first")
	made := p.object("disk.folder.copyto", "id", 6, "targetFolderId", 12)
	twin := made["ID"]
	diff(t, "storage", any("2"), made["STORAGE_ID"])
	diff(t, "top", []string{"Contracts", "Price list.csv"}, p.names(twin))
	rows := p.ok("disk.folder.getchildren", "id", twin).([]any)
	contracts, price := rows[0].(map[string]any), rows[1].(map[string]any)
	diff(t, "below", []string{"Signed"}, p.names(contracts["ID"]))
	if original := p.object("disk.file.get", "id", 8); original["FILE_ID"] == price["FILE_ID"] {
		t.Error("the copy has the bytes of the original, not its own")
	}
	p.ok("disk.file.delete", "id", 8)
	stored, err := p.file(intval(price["FILE_ID"].(string)))
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "bytes of the copy", objectSeeds[2].content, string(p.bytes(stored)))

	diff(t, "taken", "400 DISK_OBJ_22000: A folder with this name already exists", p.refused("disk.folder.copyto", "id", 6, "targetFolderId", 1))
	inner := p.object("disk.folder.copyto", "id", 6, "targetFolderId", deep)["ID"]
	diff(t, "into what it holds", []string{"Contracts"}, p.names(inner))
	diff(t, "not copied again", []string{"one.txt", "Documents"}, p.names(deep))

	file := p.object("disk.file.copyto", "id", 9, "targetFolderId", 6)
	diff(t, "file", []any{json.Number("1"), json.Number("0"), nil}, []any{file["GLOBAL_CONTENT_VERSION"], file["DELETED_TYPE"], file["DELETED_BY"]})
	diff(t, "a folder is no file", "400 ERROR_NOT_FOUND: Could not find entity with id `7`", p.refused("disk.file.copyto", "id", 7, "targetFolderId", 6))
}
