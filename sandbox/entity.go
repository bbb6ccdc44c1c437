package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/oint-go/oint/internal/phpquery"
)

// entity describes one kind of object that the portal keeps. Its table, its
// indexes, its filters, its order and its answers follow from the description.
//
// A row is stored twice over: doc holds the values as they were written, keys
// what filters and sorting compare (folded texts, numbers, seconds). Only keys
// are searched, so every comparison means the same in SQL as in Go. A field
// that is filtered or sorted often has an index on its key; a multiple one has
// a table of (value, id) instead.
type entity struct {
	name      string
	fields    []field
	container string         // key of the rows inside result; empty = result is the list
	search    []string       // fields whose words can be searched
	derive    func(document) // sets what follows from other fields
	camel     bool           // answers name CREATED_BY createdBy; parameters may have either form
}

// row is one stored object.
type row struct {
	id  int64
	doc document
}

// entities are all that the sandbox keeps.
func entities() []*entity {
	var all []*entity
	for _, m := range modules() {
		all = append(all, m.entities...)
	}
	return all
}

// dataSchema is the SQL that creates the tables of the portal's data.
func dataSchema() string {
	var b strings.Builder
	b.WriteString(fileSchema)
	for _, m := range modules() {
		for _, e := range m.entities {
			for _, s := range slices.Concat([]string{e.createTable()}, e.createIndexes()) {
				b.WriteString(s + ";\n")
			}
		}
		b.WriteString(m.tables)
	}
	return b.String()
}

func tableOf(name string) string { return "data_" + name }

func (e *entity) table() string { return tableOf(e.name) }

func (e *entity) createTable() string {
	s := "CREATE TABLE IF NOT EXISTS " + e.table() +
		" (id INTEGER PRIMARY KEY AUTOINCREMENT, doc TEXT NOT NULL, keys TEXT NOT NULL)"
	for _, f := range e.links() {
		s += ";\nCREATE TABLE IF NOT EXISTS " + e.linkTable(f) +
			" (value INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (value, id)) WITHOUT ROWID"
	}
	return s
}

func (e *entity) createIndexes() []string {
	var statements []string
	for _, f := range e.fields {
		if f.indexed && !f.multiple {
			statements = append(statements, fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s ON %s (%s)", e.indexName(f), e.table(), f.expression()))
		}
	}
	return statements
}

func (e *entity) dropIndexes() []string {
	var statements []string
	for _, f := range e.fields {
		if f.indexed && !f.multiple {
			statements = append(statements, "DROP INDEX IF EXISTS "+e.indexName(f))
		}
	}
	return statements
}

func (e *entity) indexName(f field) string { return e.table() + "_by_" + strings.ToLower(f.key()) }

// links are the fields kept in a table of their own for filters.
func (e *entity) links() []field {
	var links []field
	for _, f := range e.fields {
		if f.indexed && f.multiple {
			links = append(links, f)
		}
	}
	return links
}

func (e *entity) linkTable(f field) string { return e.table() + "_" + strings.ToLower(f.key()) }

// expression is the SQL of the field's key. An index is used only when its
// expression is this very text.
func (f *field) expression() string {
	if f.sql != "" {
		return f.sql
	}
	if f.name == "ID" {
		return "id"
	}
	return "json_extract(keys, '$." + f.key() + "')"
}

// expressionOf is the same in a query of several tables, for the one with the
// given alias.
func (f *field) expressionOf(alias string) string {
	if f.name == "ID" {
		return alias + ".id"
	}
	return "json_extract(" + alias + ".keys, '$." + f.key() + "')"
}

// field finds a field by its name in any case; hidden ones are not found.
func (e *entity) field(name string) (*field, bool) {
	for i := range e.fields {
		f := &e.fields[i]
		if !f.hidden && (strings.EqualFold(f.name, name) || e.camel && strings.EqualFold(camelCase(f.name), name)) {
			return f, true
		}
	}
	return nil, false
}

// named is a field of the description, a hidden one too.
func (e *entity) named(name string) *field {
	return &e.fields[slices.IndexFunc(e.fields, func(f field) bool { return f.name == name })]
}

// shown is the name of a field in answers.
func (e *entity) shown(f *field) string {
	if e.camel {
		return camelCase(f.name)
	}
	return f.name
}

// camelCase writes CREATED_BY as createdBy.
func camelCase(name string) string {
	var b strings.Builder
	for i, word := range strings.Split(strings.ToLower(name), "_") {
		if i > 0 && word != "" {
			word = strings.ToUpper(word[:1]) + word[1:]
		}
		b.WriteString(word)
	}
	return b.String()
}

// with is the entity with more fields.
func (e *entity) with(more []field) *entity {
	if len(more) == 0 {
		return e
	}
	wider := *e
	wider.fields = slices.Concat(e.fields, more)
	return &wider
}

// keysOf is what the keys column holds.
func (e *entity) keysOf(doc document) document {
	keys := make(document, len(doc)+1)
	for i := range e.fields {
		f := &e.fields[i]
		if k := f.compareKey(doc); k != nil {
			keys[f.key()] = k
		}
	}
	if s := e.searchText(doc); s != "" {
		keys["search"] = s
	}
	return keys
}

// searchText holds every word of the searched fields after the number of its
// field and a colon, so that one test for ":word" finds a word's beginning in
// any field and "1:word" in the second one.
func (e *entity) searchText(doc document) string {
	var b strings.Builder
	for i, name := range e.search {
		s, _ := doc[name].(string)
		for _, w := range words(s) {
			fmt.Fprintf(&b, "%d:%s ", i, w)
		}
	}
	return b.String()
}

// words are the folded words of a text.
func words(s string) []string {
	return strings.FieldsFunc(fold(s), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(`-,;:/()"`, r)
	})
}

// inserter adds rows with prepared statements, for one row or a million.
type inserter struct {
	entity *entity
	main   *sql.Stmt
	links  []*sql.Stmt
}

func (e *entity) inserter(ctx context.Context, tx *sql.Tx) (*inserter, error) {
	main, err := tx.PrepareContext(ctx, "INSERT INTO "+e.table()+" (id, doc, keys) VALUES (?, ?, ?)")
	if err != nil {
		return nil, fmt.Errorf("prepare insert into %s: %w", e.name, err)
	}
	links := e.links()
	in := &inserter{entity: e, main: main, links: make([]*sql.Stmt, len(links))}
	for i, f := range links {
		in.links[i], err = tx.PrepareContext(ctx, "INSERT INTO "+e.linkTable(f)+" (value, id) VALUES (?, ?)") //nolint:sqlclosecheck // inserter.close does it
		if err != nil {
			return nil, errors.Join(fmt.Errorf("prepare insert into %s: %w", e.linkTable(f), err), in.close())
		}
	}
	return in, nil
}

func (in *inserter) close() error {
	errs := []error{in.main.Close()}
	for _, s := range in.links {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(errs...)
}

// add stores a document under the id, or under the next one when it is 0.
func (in *inserter) add(ctx context.Context, id int64, doc document) (int64, error) {
	e := in.entity
	if e.derive != nil {
		e.derive(doc)
	}
	text, keys, err := e.encode(doc)
	if err != nil {
		return 0, err
	}
	given := sql.NullInt64{Int64: id, Valid: id != 0}
	done, err := in.main.ExecContext(ctx, given, text, keys)
	if err != nil {
		return 0, fmt.Errorf("insert %s: %w", e.name, err)
	}
	if id, err = done.LastInsertId(); err != nil {
		return 0, fmt.Errorf("insert %s: %w", e.name, err)
	}
	for i, f := range e.links() {
		for _, v := range distinct(f.compareKey(doc)) {
			if _, err := in.links[i].ExecContext(ctx, v, id); err != nil {
				return 0, fmt.Errorf("insert %s %d: %w", e.linkTable(f), id, err)
			}
		}
	}
	return id, nil
}

// insert stores one new document and returns its id.
func (e *entity) insert(ctx context.Context, tx *sql.Tx, doc document) (id int64, err error) {
	in, err := e.inserter(ctx, tx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	return in.add(ctx, 0, doc)
}

func (e *entity) encode(doc document) (text, keys string, err error) {
	d, err := json.Marshal(doc)
	if err != nil {
		return "", "", fmt.Errorf("encode %s: %w", e.name, err)
	}
	k, err := json.Marshal(e.keysOf(doc))
	if err != nil {
		return "", "", fmt.Errorf("encode keys of %s: %w", e.name, err)
	}
	return string(d), string(k), nil
}

// decode reads a stored document.
func decode(text string) (document, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	// Into any, encoding/json makes maps without reflection.
	var doc any
	if err := d.Decode(&doc); err != nil {
		return nil, fmt.Errorf("decode stored document: %w", err)
	}
	members, ok := doc.(map[string]any)
	if !ok {
		return nil, errors.New("decode stored document: it is no object")
	}
	return members, nil
}

// find reads one document; nil when there is none.
func (e *entity) find(ctx context.Context, tx *sql.Tx, id int64) (document, error) {
	var text string
	err := tx.QueryRowContext(ctx, "SELECT doc FROM "+e.table()+" WHERE id = ?", id).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s %d: %w", e.name, id, err)
	}
	return decode(text)
}

// found is find for a row that must be there: absent is the error when it is not.
func (e *entity) found(ctx context.Context, tx *sql.Tx, id int64, absent error) (document, error) {
	doc, err := e.find(ctx, tx, id)
	if err == nil && doc == nil {
		err = absent
	}
	return doc, err
}

// all reads the rows that a condition finds, in the order of their ids.
func (e *entity) all(ctx context.Context, tx *sql.Tx, where condition) (rows []row, err error) {
	found, err := tx.QueryContext(ctx, "SELECT id, doc FROM "+e.table()+" WHERE "+where.sql+" ORDER BY id", where.args...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", e.name, err)
	}
	return scanRows(found)
}

func scanRows(found *sql.Rows) (rows []row, err error) {
	defer func() { err = errors.Join(err, found.Close()) }()
	for found.Next() {
		var r row
		var text string
		if err := found.Scan(&r.id, &text); err != nil {
			return nil, fmt.Errorf("read row: %w", err)
		}
		if r.doc, err = decode(text); err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	return rows, nil
}

// update replaces the document of an existing row.
func (e *entity) update(ctx context.Context, tx *sql.Tx, id int64, before, after document) error {
	if e.derive != nil {
		e.derive(after)
	}
	text, keys, err := e.encode(after)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE "+e.table()+" SET doc = ?, keys = ? WHERE id = ?", text, keys, id); err != nil {
		return fmt.Errorf("update %s %d: %w", e.name, id, err)
	}
	for _, f := range e.links() {
		was, is := distinct(f.compareKey(before)), distinct(f.compareKey(after))
		for _, v := range was {
			if !slices.Contains(is, v) {
				if _, err := tx.ExecContext(ctx, "DELETE FROM "+e.linkTable(f)+" WHERE value = ? AND id = ?", v, id); err != nil {
					return fmt.Errorf("update %s %d: %w", e.linkTable(f), id, err)
				}
			}
		}
		for _, v := range is {
			if !slices.Contains(was, v) {
				if _, err := tx.ExecContext(ctx, "INSERT INTO "+e.linkTable(f)+" (value, id) VALUES (?, ?)", v, id); err != nil {
					return fmt.Errorf("update %s %d: %w", e.linkTable(f), id, err)
				}
			}
		}
	}
	return nil
}

// remove deletes a row.
func (e *entity) remove(ctx context.Context, tx *sql.Tx, id int64) error {
	tables := []string{e.table()}
	for _, f := range e.links() {
		tables = append(tables, e.linkTable(f))
	}
	for _, table := range tables {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE id = ?", id); err != nil {
			return fmt.Errorf("delete %s %d: %w", e.name, id, err)
		}
	}
	return nil
}

func distinct(keys any) []any {
	list, _ := keys.([]any)
	var once []any
	for _, k := range list {
		if !slices.Contains(once, k) {
			once = append(once, k)
		}
	}
	return once
}

// assign writes the parameters that name writable fields into the document.
// Unknown and read-only names are passed over, as the portal does.
func (e *entity) assign(ctx context.Context, tx *sql.Tx, doc document, params *phpquery.Array) error {
	for name, v := range params.All() {
		f, ok := e.field(name)
		if !ok || f.readOnly {
			continue
		}
		stored, err := f.take(v)
		if errors.Is(err, errIgnored) {
			continue
		}
		if err != nil {
			return err
		}
		if err := f.checkRef(ctx, tx, stored); err != nil {
			return err
		}
		if stored, err = keepFiles(ctx, tx, doc[f.key()], stored); err != nil {
			return err
		}
		if stored == nil {
			// An emptied field stays in the answers, a never set one does not.
			stored = ""
		}
		doc[f.key()] = stored
	}
	return nil
}

// show answers a row: the chosen fields in the order of the description.
func (e *entity) show(c *call, r row, fields []*field) *phpquery.Array {
	a := phpquery.NewArraySize(len(fields))
	for _, f := range fields {
		if f.name == "ID" {
			a.Set(e.shown(f), f.kind.show(showing{}, number(r.id)))
		} else if v, ok := f.show(showing{call: c, id: r.id}, r.doc); ok {
			a.Set(e.shown(f), v)
		}
	}
	return a
}
