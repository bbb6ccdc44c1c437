package sandbox

import (
	"context"
	"database/sql"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/oint-go/oint/internal/phpquery"
)

// everyone is the recipient that stands for all users.
const everyone = "UA"

// recipientForms are the recipients of a post: a user, a workgroup, a department,
// or a department with those below it.
var recipientForms = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(U|SG|DR|D)(\d+)$`)
})

// recipientOf is the entity that a prefix of a recipient names.
func recipientOf(prefix string) *entity {
	switch prefix {
	case "U":
		return userEntity
	case "SG":
		return groupEntity
	}
	return departmentEntity
}

// recipients reads the recipients of a post: those that exist, and whether any
// were named.
func recipients(c *call, tx *sql.Tx) (codes []any, named bool, err error) {
	v, ok := c.params.GetFold("DEST")
	if !ok {
		v, ok = c.params.GetFold("SPERM")
	}
	if !ok {
		return nil, false, nil
	}
	for _, element := range elements(v) {
		code := strings.ToUpper(strings.TrimSpace(phpquery.Text(element)))
		exists, err := recipientExists(c.ctx, tx, code)
		if err != nil {
			return nil, true, err
		}
		if exists && !slices.Contains(codes, any(code)) {
			codes = append(codes, code)
		}
	}
	return codes, true, nil
}

func recipientExists(ctx context.Context, tx *sql.Tx, code string) (bool, error) {
	if code == everyone {
		return true, nil
	}
	form := recipientForms().FindStringSubmatch(code)
	if form == nil {
		return false, nil
	}
	doc, err := recipientOf(form[1]).find(ctx, tx, intval(form[2]))
	return doc != nil, err
}

// codesOf are all recipients that a user is among.
func codesOf(ctx context.Context, tx *sql.Tx, userID int64) ([]string, error) {
	user, err := userEntity.find(ctx, tx, userID)
	if err != nil {
		return nil, err
	}
	codes := []string{everyone, "U" + number(userID).String()}
	for _, id := range ints(user["SONET_GROUP_ID"]) {
		codes = append(codes, "SG"+number(id).String())
	}
	for _, id := range ints(user["UF_DEPARTMENT"]) {
		codes = append(codes, "D"+number(id).String())
		for id != 0 {
			codes = append(codes, "DR"+number(id).String())
			above, err := departmentEntity.find(ctx, tx, id)
			if err != nil {
				return nil, err
			}
			id = intOf(above["PARENT"])
		}
	}
	return codes, nil
}

// addressed finds the posts that have one of the recipients.
func addressed(codes []string) condition {
	at := slices.IndexFunc(postEntity.fields, func(f field) bool { return f.name == "DEST" })
	folded := make([]string, len(codes))
	for i, code := range codes {
		folded[i] = fold(code)
	}
	return oneOf("value", folded).within("id IN (SELECT id FROM "+postEntity.linkTable(postEntity.fields[at])+" WHERE ", ")")
}

// visiblePosts finds the posts that the caller may see: its own and those it is
// among the recipients of. Administrators see all, for they may change all.
func visiblePosts(c *call, tx *sql.Tx) (condition, error) {
	if c.who.admin {
		return always, nil
	}
	codes, err := codesOf(c.ctx, tx, c.who.userID)
	if err != nil {
		return never, err
	}
	author, _ := postEntity.field("AUTHOR_ID")
	return or(condition{author.expression() + " = ?", []any{c.who.userID}}, addressed(codes)), nil
}

// visiblePost is a post by its id; nil when there is none that the caller may see.
func visiblePost(c *call, tx *sql.Tx, id int64) (document, error) {
	visible, err := visiblePosts(c, tx)
	if err != nil {
		return nil, err
	}
	rows, err := postEntity.all(c.ctx, tx, and(condition{"id = ?", []any{id}}, visible))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0].doc, nil
}
