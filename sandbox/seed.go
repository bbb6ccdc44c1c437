package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

const (
	// companyUsers is the company that is always there: the administrator with
	// id 1, forty employees and an extranet user.
	companyUsers = 42

	adminID    = 1
	extranetID = companyUsers

	// branchSize is how many further users share a further department.
	branchSize  = 100
	maxBranches = 2000

	// bulk is how many users are worth building the indexes anew.
	bulk = 10_000

	companyDomain = "b24-sandbox.example"

	// noNamesakes is a start for scatter with which the company has none.
	noNamesakes = 1000
)

// companyStart is the day from which the dates of seeded users count.
var companyStart = time.Date(2025, time.January, 15, 9, 0, 0, 0, time.UTC)

// departmentSeed is one department of the company: its id is its place, its
// head is the user with the same id.
type departmentSeed struct {
	name   string
	parent int64
}

var companyDepartments = []departmentSeed{
	{"Sandbox Company", 0},
	{"Sales", 1},
	{"International Sales", 2},
	{"Отдел продаж", 2},
	{"Marketing", 1},
	{"Engineering", 1},
	{"Platform", 6},
	{"Разработка мобильных приложений", 6},
	{"Finance", 1},
	{"People and Culture", 1},
}

// seedCompany fills an empty portal with the invented company, and a filled one
// up to the given number of users; more are ids of further ones. The same id is
// always the same person.
func seedCompany(ctx context.Context, tx *sql.Tx, users int, more ...int64) error {
	last, err := lastInRow(ctx, tx)
	if err != nil {
		return err
	}
	if last == 0 {
		if err := seedDepartments(ctx, tx); err != nil {
			return err
		}
		if _, err := groupEntity.insert(ctx, tx, document{"NAME": "Partners"}); err != nil {
			return err
		}
	}
	size := max(int64(users), companyUsers)
	if err := seedUsers(ctx, tx, last+1, size, size); err != nil {
		return err
	}
	for _, id := range more {
		if err := seedUsers(ctx, tx, id, id, size); err != nil {
			return err
		}
	}
	return nil
}

// lastInRow is the id before the first one that no user has; users with higher
// ids came by themselves.
func lastInRow(ctx context.Context, tx *sql.Tx) (last int64, err error) {
	table := userEntity.table()
	err = tx.QueryRowContext(ctx, "SELECT id FROM "+table+" u WHERE NOT EXISTS (SELECT 1 FROM "+table+" WHERE id = u.id + 1) ORDER BY id LIMIT 1").Scan(&last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("seed: %w", err)
	}
	return last, nil
}

// present are the ids from first to last that users have already.
func present(ctx context.Context, tx *sql.Tx, first, last int64) (ids map[int64]bool, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT id FROM "+userEntity.table()+" WHERE id BETWEEN ? AND ?", first, last)
	if err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	ids = map[int64]bool{}
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids[id] = true
	}
	return ids, rows.Err()
}

func seedDepartments(ctx context.Context, tx *sql.Tx) error {
	for i, d := range companyDepartments {
		doc := document{"NAME": d.name, "SORT": number(defaultSort), "UF_HEAD": number(int64(i + 1))}
		if d.parent != 0 {
			doc["PARENT"] = number(d.parent)
		}
		if _, err := departmentEntity.insert(ctx, tx, doc); err != nil {
			return err
		}
	}
	return nil
}

// seedUsers adds the users from first to last to a company of the given size,
// which has a branch for every hundred.
func seedUsers(ctx context.Context, tx *sql.Tx, first, last, size int64) (err error) {
	if last-first > bulk {
		if err := execAll(ctx, tx, userEntity.dropIndexes()); err != nil {
			return err
		}
	}
	departments, err := seedBranches(ctx, tx, size)
	if err != nil {
		return err
	}
	in, err := userEntity.inserter(ctx, tx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	there, err := present(ctx, tx, first, last)
	if err != nil {
		return err
	}
	for id := first; id <= last; id++ {
		if there[id] {
			continue
		}
		if _, err := in.add(ctx, id, person(id, departments)); err != nil {
			return err
		}
	}
	return execAll(ctx, tx, userEntity.createIndexes())
}

// seedBranches adds the departments that so many users need and answers the ids
// of those that employees are spread over.
func seedBranches(ctx context.Context, tx *sql.Tx, users int64) ([]int64, error) {
	wanted := min((users-companyUsers)/branchSize, maxBranches)
	var ids []int64
	rows, err := departmentEntity.all(ctx, tx, always)
	if err != nil {
		return nil, err
	}
	have := int64(0)
	for _, r := range rows {
		if strings.HasPrefix(fmt.Sprint(r.doc["NAME"]), "Branch ") {
			have++
		}
		if intOf(r.doc["PARENT"]) != 0 {
			ids = append(ids, r.id)
		}
	}
	for n := have + 1; n <= wanted; n++ {
		parent := 1 + n%int64(len(companyDepartments))
		id, err := departmentEntity.insert(ctx, tx, document{
			"NAME": fmt.Sprintf("Branch %d", n), "SORT": number(defaultSort), "PARENT": number(parent),
		})
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func execAll(ctx context.Context, tx *sql.Tx, statements []string) error {
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
	}
	return nil
}

// person invents the user with this id.
func person(id int64, departments []int64) document {
	n := scatter(uint64(id) + noNamesakes)
	folk := pick(cultures, n)
	woman := n>>8&1 == 1
	name := pick(folk.men, n>>16)
	gender := "M"
	if woman {
		name, gender = pick(folk.women, n>>16), "F"
	}
	surname := forms(pick(folk.surnames, n>>24), woman)
	joined := companyStart.AddDate(0, 0, -int(n>>32%3000))
	doc := document{
		"ACTIVE": true, "NAME": name, "LAST_NAME": surname, "EMAIL": address(id, name, surname),
		"DATE_REGISTER":      storedTime(joined.Truncate(24 * time.Hour)),
		"LAST_LOGIN":         storedTime(companyStart.Add(time.Duration(n>>20%86400) * time.Second)),
		"LAST_ACTIVITY_DATE": storedTime(companyStart.Add(time.Duration(n>>20%86400+600) * time.Second)),
		"TIMESTAMP_X":        storedTime(companyStart),
		"PERSONAL_GENDER":    gender,
		"PERSONAL_BIRTHDAY":  time.Date(1960+int(n>>40%45), time.Month(1+n>>44%12), 1+int(n>>48%28), 0, 0, 0, 0, time.UTC).Format(time.DateOnly),
		"PERSONAL_MOBILE":    fmt.Sprintf("+44 7700 900%03d", n>>12%1000),
		"PERSONAL_CITY":      pick(folk.cities, n>>52),
	}
	if len(folk.patronymics) > 0 {
		doc["SECOND_NAME"] = forms(pick(folk.patronymics, n>>56), woman)
	}
	if id == extranetID {
		doc["WORK_POSITION"], doc["SONET_GROUP_ID"] = "Partner", numbers([]int64{1})
		return doc
	}
	employ(doc, id, n, joined, departments)
	return doc
}

// employ gives an employee a place in the company.
func employ(doc document, id int64, n uint64, joined time.Time, departments []int64) {
	doc["WORK_POSITION"] = pick(positions, n>>36)
	doc["WORK_PHONE"] = fmt.Sprintf("+1 202 555 01%02d", n>>28%100)
	doc["UF_PHONE_INNER"] = fmt.Sprint(100 + id)
	doc["UF_EMPLOYMENT_DATE"] = joined.Format(time.DateOnly)
	department := pick(departments, n>>4)
	if id <= int64(len(companyDepartments)) {
		department = id
		doc["WORK_POSITION"] = "Head of department"
	}
	own := []int64{department}
	if second := pick(departments, n>>6); id%16 == 0 && second != department {
		own = append(own, second)
	}
	doc["UF_DEPARTMENT"] = numbers(own)
	if id == adminID {
		doc["ADMIN"], doc["WORK_POSITION"] = true, "System Administrator"
	}
}

// address is unique by the id, and plain for the first company.
func address(id int64, name, surname string) string {
	local := latin.Replace(strings.ToLower(name + "." + surname))
	if id > companyUsers {
		local = fmt.Sprintf("%s.%d", local, id)
	}
	if id == extranetID {
		return local + "@example.org"
	}
	return local + "@" + companyDomain
}
