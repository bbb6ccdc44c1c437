package sandbox

import (
	"encoding/json"
	"errors"
	"testing"
)

func TestTrashFile(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	gone := p.object("disk.file.markdeleted", "id", 8)
	diff(t, "marks", []any{"3", "1"}, []any{gone["DELETED_TYPE"], gone["DELETED_BY"]})
	if gone["DELETE_TIME"] == nil {
		t.Error("no DELETE_TIME")
	}
	diff(t, "left", []string{"Contracts"}, p.names(6))
	diff(t, "still there", any("3"), p.object("disk.file.get", "id", 8)["DELETED_TYPE"])
	diff(t, "cannot be renamed", "400 ERROR_NOT_FOUND: Could not find entity with id `8`", p.refused("disk.file.rename", "id", 8, "newName", "x"))

	p.put(6, "Price list.csv", "new")
	back := p.object("disk.file.restore", "id", 8)
	diff(t, "a free name", any("Price list (1).csv"), back["NAME"])
	diff(t, "marks", []any{json.Number("0"), "1", gone["DELETE_TIME"]}, []any{back["DELETED_TYPE"], back["DELETED_BY"], back["DELETE_TIME"]})
	diff(t, "in the folder", []string{"Contracts", "Price list (1).csv", "Price list.csv"}, p.names(6))

	stored, err := p.file(intval(back["FILE_ID"].(string)))
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "for good", any(true), p.ok("disk.file.delete", "id", 8))
	diff(t, "deleted", "400 ERROR_NOT_FOUND: Could not find entity with id `8`", p.refused("disk.file.get", "id", 8))
	if _, err := p.file(stored.id); !errors.Is(err, errNoFile) {
		t.Errorf("the bytes of a deleted file: %v", err)
	}
}

// TestTrashTree deletes and restores a folder in every order.
func TestTrashTree(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	top := p.mkdir(12, "top")
	middle := p.mkdir(top, "middle")
	one, two := p.put(middle, "one.txt", "1"), p.put(middle, "two.txt", "2")
	before := p.put(top, "before.txt", "0")
	p.ok("disk.file.markdeleted", "id", before)
	state := func(kind, id string) any { return p.object("disk."+kind+".get", "id", id)["DELETED_TYPE"] }
	states := func() []any {
		return []any{state("folder", top), state("folder", middle), state("file", one), state("file", two), state("file", before)}
	}

	diff(t, "as a number", any(json.Number("3")), p.object("disk.folder.markdeleted", "id", top)["DELETED_TYPE"])
	diff(t, "deleted", []any{"3", "4", "4", "4", "3"}, states())
	p.ok("disk.folder.restore", "id", top)
	diff(t, "restored", []any{"0", "0", "0", "0", "3"}, states())

	p.ok("disk.folder.markdeleted", "id", top)
	p.ok("disk.file.restore", "id", one)
	diff(t, "one of the files restored", []any{"0", "0", "0", "3", "3"}, states())
	diff(t, "with its folders", []string{"one.txt"}, p.names(middle))
	p.ok("disk.file.restore", "id", two)
	diff(t, "the other one", []any{"0", "0", "0", "0", "3"}, states())
	diff(t, "restored again", any(json.Number("0")), p.object("disk.file.restore", "id", two)["DELETED_TYPE"])

	p.ok("disk.folder.markdeleted", "id", top)
	diff(t, "for good", any(true), p.ok("disk.folder.deletetree", "id", top))
	for _, id := range []string{one, two, before} {
		diff(t, "deleted with it", "400 ERROR_NOT_FOUND: Could not find entity with id `"+id+"`", p.refused("disk.file.get", "id", id))
	}
	diff(t, "root", "400 DISK_OBJ_22000: Could not delete root folder", p.refused("disk.folder.deletetree", "id", 1))
	diff(t, "root", "400 DISK_OBJ_22000: Could not delete root folder", p.refused("disk.folder.markdeleted", "id", 1))
	diff(t, "no id", "400 ERROR_ARGUMENT: Invalid value of parameter {Parameter #0}", p.refused("disk.file.delete"))
}
