package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"strings"
	"time"
)

// driveUsers are the users whose drives are there from the beginning. Those of
// the others appear when they are needed.
const driveUsers = 4

// objectSeed is a folder or a file of a new portal. Its id is its place after
// the root folders, which have the ids of their storages.
type objectSeed struct {
	storage, parent int64
	name            string
	content         string // of a file; a folder has none
	trashed         bool
}

const (
	companyDrive = 1
	adminDrive   = 2
)

// objectSeeds have the ids 6, 7, 8 and so on.
var objectSeeds = []objectSeed{
	{companyDrive, 1, "Documents", "", false},
	{companyDrive, 6, "Contracts", "", false},
	{companyDrive, 6, "Price list.csv", "article,price\nteapot,19.90\ncup,4.50\n", false},
	{companyDrive, 1, "Welcome.txt", "This drive belongs to everybody in the company.\n", false},
	{companyDrive, 1, "Old archive", "", true},
	{companyDrive, 6, "Draft.txt", "To be written.\n", true},
	{adminDrive, 2, "Notes", "", false},
	{adminDrive, 12, "Ideas.txt", "Tea for the whole office.\n", false},
}

// seedDisk gives a new portal the company's drive, the drives of the first
// users and a few objects, everything made by the administrator. Ids are given,
// so that every row is written once.
func seedDisk(ctx context.Context, tx *sql.Tx, now time.Time) (err error) {
	storages, err := storageEntity.inserter(ctx, tx)
	if err != nil {
		return err
	}
	objects, err := objectEntity.inserter(ctx, tx)
	if err != nil {
		return errors.Join(err, storages.close())
	}
	defer func() { err = errors.Join(err, storages.close(), objects.close()) }()
	d := drive{ctx: ctx, tx: tx, now: now, user: adminID}
	for id := int64(companyDrive); id <= driveUsers+1; id++ {
		doc := storageDocument(commonStorage, "shared_files_s1", "Company Drive")
		if id != companyDrive {
			if doc, err = d.userStorage(id - 1); err != nil {
				return err
			}
		}
		doc["ROOT_OBJECT_ID"] = number(id)
		root := d.stamped(document{"NAME": doc["NAME"], "STORAGE_ID": number(id), "TYPE": folderType, "REAL_OBJECT_ID": number(id)})
		if _, err := storages.add(ctx, id, doc); err != nil {
			return err
		}
		if _, err := objects.add(ctx, id, root); err != nil {
			return err
		}
	}
	for i, s := range objectSeeds {
		id := int64(driveUsers + 2 + i)
		doc, err := d.seed(id, s)
		if err != nil {
			return err
		}
		if _, err := objects.add(ctx, id, doc); err != nil {
			return err
		}
	}
	return nil
}

func (d drive) seed(id int64, s objectSeed) (document, error) {
	doc := d.stamped(document{"NAME": s.name, "STORAGE_ID": number(s.storage), "PARENT_ID": number(s.parent)})
	if s.trashed {
		maps.Copy(doc, d.trashMarks(inTrash))
	}
	if s.content == "" {
		doc["TYPE"], doc["REAL_OBJECT_ID"] = folderType, number(id)
		return doc, nil
	}
	stored, err := keepFile(d.ctx, within(d.tx), s.name, strings.NewReader(s.content))
	maps.Copy(doc, contentFields(stored))
	return doc, err
}
