package sandbox

import (
	"encoding/json"
	"testing"

	"github.com/oint-go/oint/internal/phpquery"
)

// app is the portal for the sandbox's own application.
func (p *portal) app(userID int64, admin bool) *portal {
	return p.as(principal{userID: userID, admin: admin, scopes: fullScopes, clientID: p.sb.Access().ClientID})
}

// user2 is the portal for an employee with a drive.
func (p *portal) user2() *portal { return p.as(principal{userID: 2, scopes: fullScopes}) }

func (p *portal) object(name string, kv ...any) map[string]any {
	p.tb.Helper()
	object, ok := p.ok(name, kv...).(map[string]any)
	if !ok {
		p.tb.Fatalf("%s %v answers no object", name, kv)
	}
	return object
}

func TestStorageList(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	diff(t, "of the administrator", []int{1, 2, 3, 4, 5}, p.ids("disk.storage.getlist"))
	diff(t, "filter", []int{1}, p.ids("disk.storage.getlist", "filter", arr("ENTITY_TYPE", "common")))
	diff(t, "a field that cannot be filtered", []int{1, 2, 3, 4, 5}, p.ids("disk.storage.getlist", "filter", arr("ROOT_OBJECT_ID", 4)))
	diff(t, "order", []int{5, 4, 3, 2, 1}, p.ids("disk.storage.getlist", "order", arr("ID", "DESC")))
	diff(t, "of an employee", []int{1, 3}, p.user2().ids("disk.storage.getlist"))

	want := map[string]any{
		"ID": "1", "NAME": "Company Drive", "CODE": nil, "MODULE_ID": "disk",
		"ENTITY_TYPE": "common", "ENTITY_ID": "shared_files_s1", "ROOT_OBJECT_ID": "1",
	}
	diff(t, "storage", want, p.object("disk.storage.get", "id", 1))
	diff(t, "name of a user's drive", p.user(2)["NAME"].(string)+" "+p.user(2)["LAST_NAME"].(string), p.object("disk.storage.get", "id", 3)["NAME"].(string))

	// The drives of the others are made when they are needed.
	fresh := p.as(principal{userID: 30, scopes: fullScopes})
	diff(t, "of an employee without a drive", []int{1, 6}, fresh.ids("disk.storage.getlist"))
	diff(t, "once more", []int{1, 6}, fresh.ids("disk.storage.getlist"))
	guest := p.as(principal{userID: extranetID, scopes: fullScopes})
	diff(t, "of an extranet user", []int{7}, guest.ids("disk.storage.getlist"))
}

func TestStorageErrors(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	diff(t, "no id", "400 ERROR_ARGUMENT: Invalid value of parameter {Parameter #0}", p.refused("disk.storage.get"))
	diff(t, "unknown id", "400 ERROR_NOT_FOUND: Could not find entity with id `99`", p.refused("disk.storage.get", "id", 99))
	diff(t, "a text", any(nil), p.ok("disk.storage.get", "id", "mine"))
	diff(t, "another one's", "400 ACCESS_DENIED: Access denied", p.user2().refused("disk.storage.get", "id", 2))
	diff(t, "no name", "400 ERROR_ARGUMENT: Invalid value of parameter {Parameter #1}", p.refused("disk.storage.addfolder", "id", 1, "data", arr()))
	diff(t, "another one's drive", "400 ACCESS_DENIED: Access denied", p.user2().refused("disk.storage.addfolder", "id", 2, "data", arr("NAME", "x")))
	diff(t, "another one's children", []any{}, p.user2().ok("disk.storage.getchildren", "id", 2))
}

// TestStorageForApp makes the storage of an application once.
func TestStorageForApp(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	diff(t, "by webhook", "400 ACCESS_DENIED: Access denied! Application context required", p.refused("disk.storage.getforapp"))
	diff(t, "not by an administrator", "400 ACCESS_DENIED: Access denied", p.app(2, false).refused("disk.storage.getforapp"))
	app := p.app(adminID, true)
	made := app.object("disk.storage.getForApp")
	diff(t, "type", any("restapp"), made["ENTITY_TYPE"])
	diff(t, "again", made, app.object("disk.storage.getForApp"))

	id := made["ID"]
	diff(t, "of the company", "400 : Access denied (invalid type of storage)", app.refused("disk.storage.rename", "id", 1, "newName", "x"))
	diff(t, "by webhook", "400 ACCESS_DENIED: Access denied", p.refused("disk.storage.rename", "id", id, "newName", "x"))
	diff(t, "no name", "400 ERROR_ARGUMENT: Invalid value of parameter {Parameter #1}", app.refused("disk.storage.rename", "id", id))
	renamed := app.object("disk.storage.rename", "id", id, "newName", "Exports")
	diff(t, "renamed", any("Exports"), renamed["NAME"])
	diff(t, "renamed for good", renamed, app.object("disk.storage.getforapp"))
	diff(t, "its root", any("Exports"), app.object("disk.folder.get", "id", made["ROOT_OBJECT_ID"])["NAME"])
}

// TestStorageFolder makes a folder and compares its answers with the documented
// ones: what was just written is numbers, what is read is texts.
func TestStorageFolder(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	made := p.object("disk.storage.addFolder", "id", 2, "data", arr("NAME", " Plans: 2026/2027 "))
	id := made["ID"].(json.Number)
	want := map[string]any{
		"ID": id, "NAME": "Plans_ 2026_2027", "CODE": nil, "STORAGE_ID": "2", "TYPE": "folder", "REAL_OBJECT_ID": id,
		"PARENT_ID": "2", "DELETED_TYPE": json.Number("0"), "CREATE_TIME": made["CREATE_TIME"], "UPDATE_TIME": made["CREATE_TIME"],
		"DELETE_TIME": nil, "CREATED_BY": "1", "UPDATED_BY": "1", "DELETED_BY": nil,
		"DETAIL_URL": "https://b24-sandbox.example/company/personal/user/1/disk/path/Plans_ 2026_2027",
	}
	diff(t, "made", want, made)
	read := p.object("disk.folder.get", "id", id)
	want["ID"], want["REAL_OBJECT_ID"], want["DELETED_TYPE"], want["DELETED_BY"] = id.String(), id.String(), "0", "0"
	diff(t, "read", want, read)
	r, err := p.run("disk.folder.get", arr("id", id))
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "order of the fields", []string{
		"ID", "NAME", "CODE", "STORAGE_ID", "TYPE", "REAL_OBJECT_ID", "PARENT_ID", "DELETED_TYPE",
		"CREATE_TIME", "UPDATE_TIME", "DELETE_TIME", "CREATED_BY", "UPDATED_BY", "DELETED_BY", "DETAIL_URL",
	}, keysIn(r.value.(*phpquery.Array)))
	diff(t, "taken", "400 DISK_OBJ_22000: A folder with this name already exists", p.refused("disk.storage.addfolder", "id", 2, "data", arr("NAME", "plans_ 2026_2027")))
	if children := p.ids("disk.storage.getchildren", "id", 2); len(children) != 2 {
		t.Errorf("children: %v", children)
	}
}
