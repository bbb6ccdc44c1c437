package sandbox

import (
	"database/sql"
	"testing"
)

// TestDriveRights is what an employee may do in the company's drive, in the own
// one and in another one's.
func TestDriveRights(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	employee, guest := p.user2(), p.as(principal{userID: extranetID, scopes: fullScopes})
	const denied = "400 ACCESS_DENIED: Access denied"

	diff(t, "reads", any("Welcome.txt"), employee.object("disk.file.get", "id", 9)["NAME"])
	mine := employee.put(6, "mine.txt", "x")
	diff(t, "edits", any("Hello.txt"), employee.object("disk.file.rename", "id", 9, "newName", "Hello.txt")["NAME"])
	diff(t, "trashes files", any("3"), employee.object("disk.file.markdeleted", "id", mine)["DELETED_TYPE"])
	diff(t, "deletes none", denied, employee.refused("disk.file.delete", "id", 9))
	diff(t, "trashes no folder", denied, employee.refused("disk.folder.markdeleted", "id", 6))
	diff(t, "restores no folder", denied, employee.refused("disk.folder.restore", "id", 10))
	diff(t, "a guest", denied, guest.refused("disk.file.get", "id", 9))
	diff(t, "a guest's list", []any{}, guest.ok("disk.folder.getchildren", "id", 6))

	own := employee.mkdir(3, "own")
	diff(t, "deletes the own", any(true), employee.ok("disk.folder.deletetree", "id", own))
	for _, name := range []string{"disk.file.get", "disk.file.markdeleted", "disk.file.getexternallink", "disk.file.restore"} {
		diff(t, name+" of another one's", denied, employee.refused(name, "id", 13))
	}
	diff(t, "copies no other one's", denied, employee.refused("disk.file.copyto", "id", 13, "targetFolderId", 3))
	diff(t, "copies into no other one's", denied, employee.refused("disk.file.copyto", "id", 9, "targetFolderId", 2))
}

// TestGivenRights gives rights when an object is made.
func TestGivenRights(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	employee := p.user2()
	right := func(task int, code string) any { return arr("TASK_ID", task, "ACCESS_CODE", code) }
	shared := p.object("disk.storage.addfolder", "id", 2, "data", arr("NAME", "shared"), "rights", list(right(71, "U2"), right(73, "U3")))["ID"]
	inner := p.put(shared, "inner.txt", "for you")

	diff(t, "given", any("shared"), employee.object("disk.folder.get", "id", shared)["NAME"])
	diff(t, "and what lies in it", any("inner.txt"), employee.object("disk.file.get", "id", inner)["NAME"])
	diff(t, "the rest is not seen", []any{"shared"}, []any{employee.ok("disk.storage.getchildren", "id", 2).([]any)[0].(map[string]any)["NAME"]})
	diff(t, "only read", "400 ACCESS_DENIED: Access denied", employee.refused("disk.folder.addsubfolder", "id", shared, "data", arr("NAME", "x")))
	adding := p.as(principal{userID: 3, scopes: fullScopes})
	adding.mkdir(shared, "by user 3")
	diff(t, "but not edit", "400 ACCESS_DENIED: Access denied", adding.refused("disk.folder.rename", "id", shared, "newName", "x"))

	// User 2 heads the sales, of which the international ones are a part.
	for code, seen := range map[string]bool{"D2": true, "DR1": true, "D1": false, "D3": false, "*": true} {
		file := p.object("disk.folder.uploadfile", "id", 12, "data", arr("NAME", code+".txt"), "fileContent", base64Pair("x", "x"), "rights", right(75, code))["ID"]
		_, err := employee.run("disk.file.get", arr("id", file))
		if (err == nil) != seen {
			t.Errorf("%s: %v", code, err)
		}
	}
	for _, bad := range []any{"U2", list("U2"), list(arr("TASK_ID", 5, "ACCESS_CODE", "U2")), list(arr("TASK_ID", 71))} {
		diff(t, "format", "400 : Invalid rights format", p.refused("disk.storage.addfolder", "id", 2, "data", arr("NAME", "bad"), "rights", bad))
	}
	if tasks := p.ok("disk.rights.getTasks").([]any); len(tasks) != len(permitTasks) {
		t.Errorf("tasks: %v", tasks)
	}
}

// TestGrantedRights gives rights to an object that is there, as the chats do.
func TestGrantedRights(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	_, err := (&call{ctx: t.Context(), sb: p.sb, who: p.who}).writing(func(tx *sql.Tx) (result, error) {
		d := drive{ctx: t.Context(), tx: tx, now: p.sb.now(), user: adminID}
		notes, _, err := d.object(12)
		for range 2 {
			if err == nil {
				notes, err = d.grant(notes, mayAdd, "U2", "U3")
			}
		}
		if access, _ := notes.doc["ACCESS"].([]any); len(access) != 2 {
			t.Errorf("rights %v", access)
		}
		return result{}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	p.user2().mkdir(12, "by user 2")
	diff(t, "what it lies in", "400 ACCESS_DENIED: Access denied", p.user2().refused("disk.folder.get", "id", 2))
	diff(t, "no more than given", "400 ACCESS_DENIED: Access denied", p.user2().refused("disk.folder.rename", "id", 12, "newName", "x"))
	diff(t, "nobody else", "400 ACCESS_DENIED: Access denied", p.as(principal{userID: 4, scopes: fullScopes}).refused("disk.folder.get", "id", 12))
}
