package sandbox

import (
	"bytes"
	"context"
	"database/sql"
	"time"
)

// driveUsers are the users whose drives are there from the beginning. Those of
// the others appear when they are needed.
const driveUsers = 4

// objectSeed is a folder or a file of a new portal, in a place known by the
// name of another one.
type objectSeed struct {
	parent  string // "" is the company's drive, "My drive" the administrator's
	name    string
	content string // of a file; a folder has none
	trashed bool
}

// objectSeeds follow the root folders, so their ids are 6, 7, 8 and so on.
var objectSeeds = []objectSeed{
	{name: "Documents"},
	{parent: "Documents", name: "Contracts"},
	{parent: "Documents", name: "Price list.csv", content: "article,price\nteapot,19.90\ncup,4.50\n"},
	{name: "Welcome.txt", content: "This drive belongs to everybody in the company.\n"},
	{name: "Old archive", trashed: true},
	{parent: "Documents", name: "Draft.txt", content: "To be written.\n", trashed: true},
	{parent: "My drive", name: "Notes"},
	{parent: "Notes", name: "Ideas.txt", content: "Tea for the whole office.\n"},
}

// seedDisk gives a new portal the company's drive with id 1, the drives of the
// first users and a few objects, everything made by the administrator.
func seedDisk(ctx context.Context, tx *sql.Tx, now time.Time) error {
	d := drive{ctx: ctx, tx: tx, now: now, user: adminID}
	common, err := d.addStorage(document{"NAME": "Company Drive", "MODULE_ID": "disk", "ENTITY_TYPE": commonStorage, "ENTITY_ID": "shared_files_s1"})
	if err != nil {
		return err
	}
	folders := map[string]row{}
	if folders[""], err = d.root(common); err != nil {
		return err
	}
	for user := int64(adminID); user <= driveUsers; user++ {
		storage, err := d.storageOfUser(user)
		if err != nil {
			return err
		}
		if user == adminID {
			if folders["My drive"], err = d.root(storage); err != nil {
				return err
			}
		}
	}
	for _, s := range objectSeeds {
		object, err := d.seed(folders[s.parent], s)
		if err != nil {
			return err
		}
		folders[s.name] = object
	}
	return nil
}

func (d drive) seed(parent row, s objectSeed) (object row, err error) {
	if s.content == "" {
		object, err = d.addFolder(parent, s.name)
	} else {
		var stored file
		if stored, err = keepFile(d.ctx, within(d.tx), s.name, bytes.NewReader([]byte(s.content))); err == nil {
			object, err = d.addFile(parent, s.name, stored)
		}
	}
	if err != nil || !s.trashed {
		return object, err
	}
	return d.trash(object)
}
