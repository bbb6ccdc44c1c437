package sync

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/oint-go/oint/bitrix24"
)

// people finds the users that a table names, such as heads of departments: by a
// key that was chosen, else by their id or their e-mail address.
type people struct {
	key   *Field           // nil when none was chosen
	byKey map[string]int64 // twice where two users have it
	known map[int64]bool
}

// twice stands for a key that several users have.
const twice = -1

func loadPeople(ctx context.Context, client *bitrix24.Client, key string) (*people, error) {
	users := Users()
	p := &people{byKey: map[string]int64{}, known: map[int64]bool{}}
	field := users.field("EMAIL")
	if key != "" {
		if err := users.complete(ctx, client); err != nil {
			return nil, err
		}
		var err error
		if field, err = users.keyField(key); err != nil {
			var input *InputError
			if errors.As(err, &input) {
				input.Problem = strings.Replace(input.Problem, "--key", "--person-key", 1)
			}
			return nil, err
		}
		p.key = field
	}
	for r, err := range users.records(ctx, client, nil, "ID", field.Name) {
		if err != nil {
			return nil, err
		}
		id := r.id(&users)
		p.known[id] = true
		if value := field.fromPortal(r[field.Name]).String(); value != "" {
			folded := foldKey(field, value)
			if p.byKey[folded] != 0 {
				id = twice
			}
			p.byKey[folded] = id
		}
	}
	return p, nil
}

// foldKey is the form of a key in which equal ones are equal.
func foldKey(f *Field, text string) string { return strings.ToLower(f.canonical(Value{text})) }

// resolve turns what names a user into an id.
func (p *people) resolve(text string) (string, error) {
	field, name := p.key, ""
	if field == nil {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil && p.known[id] {
			return strconv.FormatInt(id, 10), nil
		}
		field = &Field{Kind: Email}
	} else {
		name = " with the " + field.Name
	}
	switch id := p.byKey[foldKey(field, text)]; id {
	case 0:
		return "", fmt.Errorf("there is no user%s %q", name, text)
	case twice:
		return "", fmt.Errorf("several users%s are %q; give each of them another one", name, text)
	default:
		return strconv.FormatInt(id, 10), nil
	}
}
