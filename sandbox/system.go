package sandbox

import (
	"database/sql"
	"maps"
	"slices"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// systemMethods are the methods about the portal and the caller that need no
// scope (https://apidocs.bitrix24.com/api-reference/common/index.html).
func systemMethods() []method {
	return []method{
		{name: "server.time", run: serverTime},
		{name: "profile", run: profile},
		{name: "scope", run: scope},
		{name: "methods", run: methodList},
		{name: "method.get", run: methodGet},
		{name: "feature.get", run: featureGet},
		{name: "app.info", run: appInfo},
		{name: "user.admin", run: userIsAdmin},
		{name: "user.access", run: userAccess},
	}
}

func serverTime(c *call) (result, error) {
	return result{value: c.sb.now().UTC().Format(isoLayout)}, nil
}

func userIsAdmin(c *call) (result, error) { return result{value: c.who.admin}, nil }

func profile(c *call) (result, error) {
	var user document
	err := c.sb.store.read(c.ctx, func(tx *sql.Tx) (err error) {
		user, err = userEntity.find(c.ctx, tx, c.who.userID)
		return err
	})
	if err != nil {
		return result{}, err
	}
	a := phpquery.NewArray()
	me := row{c.who.userID, user}
	shown := userEntity.show(c, me, fieldsNamed(userEntity, "ID", "NAME", "LAST_NAME", "PERSONAL_GENDER", "PERSONAL_PHOTO", "TIME_ZONE"))
	for _, name := range []string{"ID", "ADMIN", "NAME", "LAST_NAME", "PERSONAL_GENDER", "PERSONAL_PHOTO", "TIME_ZONE"} {
		if name == "ADMIN" {
			a.Set(name, c.who.admin)
			continue
		}
		v, ok := shown.Get(name)
		if !ok {
			v = ""
		}
		a.Set(name, v)
	}
	_, offset := c.sb.now().Zone()
	a.Set("TIME_ZONE_OFFSET", offset)
	return result{value: a}, nil
}

func fieldsNamed(e *entity, names ...string) []*field {
	var fields []*field
	for _, name := range names {
		if f, ok := e.field(name); ok {
			fields = append(fields, f)
		}
	}
	return fields
}

func textList(texts []string) *phpquery.Array {
	a := phpquery.NewArray()
	for _, t := range texts {
		a.Append(t)
	}
	return a
}

// scope lists the caller's modules, or with full all the portal has.
func scope(c *call) (result, error) {
	if isTrue(c.text("full")) {
		return result{value: textList(allScopes)}, nil
	}
	return result{value: textList(c.who.scopes)}, nil
}

// methodList lists the methods the caller may use, of one scope or with full
// all of them.
func methodList(c *call) (result, error) {
	want, limited := c.params.GetFold("scope")
	var names []string
	for _, name := range slices.Sorted(maps.Keys(c.sb.methods)) {
		m := c.sb.methods[name]
		inScope := !limited || slices.Contains(m.scopes, phpquery.Text(want)) || len(m.scopes) == 0 && phpquery.Text(want) == "basic"
		if inScope && (isTrue(c.text("full")) || c.who.may(m)) {
			names = append(names, m.name)
		}
	}
	return result{value: textList(append(names, "batch"))}, nil
}

func methodGet(c *call) (result, error) {
	name := strings.TrimSpace(c.text("name"))
	m := c.sb.methods[name]
	a := phpquery.NewArray()
	a.Set("isExisting", m != nil || name == "batch")
	a.Set("isAvailable", m != nil && c.who.may(m) || name == "batch")
	return result{value: a}, nil
}

// featureGet says of every feature that the plan has it: the sandbox has none
// that depend on the plan.
func featureGet(c *call) (result, error) {
	if strings.TrimSpace(c.text("CODE")) == "" {
		return result{}, badRequest("CODE_EMPTY", "CODE can't be empty")
	}
	a := phpquery.NewArray()
	a.Set("value", "Y")
	return result{value: a}, nil
}

func appInfo(c *call) (result, error) {
	if c.who.clientID == "" {
		return result{}, badRequest("ACCESS_DENIED", "Access denied! Application context required")
	}
	a := phpquery.NewArray()
	a.Set("ID", 1)
	a.Set("CODE", c.who.clientID)
	a.Set("SCOPE", textList(c.who.scopes))
	a.Set("VERSION", 1)
	a.Set("STATUS", "L")
	a.Set("INSTALLED", true)
	a.Set("PAYMENT_EXPIRED", "N")
	a.Set("DAYS", nil)
	a.Set("LANGUAGE_ID", "en")
	a.Set("LICENSE", "en_sandbox")
	a.Set("LICENSE_TYPE", "sandbox")
	a.Set("LICENSE_FAMILY", "sandbox")
	return result{value: a}, nil
}

// userAccess tells whether the caller has one of the given rights: itself (U1),
// the administrators (G1), or all users (G2, AU).
func userAccess(c *call) (result, error) {
	v, ok := c.params.GetFold("ACCESS")
	if !ok {
		return result{}, badRequest("ERROR_ARGUMENT", "Argument 'ACCESS' is null or empty")
	}
	own := []string{"U" + phpquery.Text(c.who.userID), "AU", "G2"}
	if c.who.admin {
		own = append(own, "G1")
	}
	for _, right := range elements(v) {
		if slices.Contains(own, strings.ToUpper(phpquery.Text(right))) {
			return result{value: true}, nil
		}
	}
	return result{value: false}, nil
}
