package sandbox

import (
	"cmp"
	"database/sql"
	"strings"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// crmStatusEntity is an entry of a directory of the CRM: a stage, a source, a
// type … Its SEMANTICS is S for success, F for failure and empty in between.
//
// https://apidocs.bitrix24.com/api-reference/crm/status/crm-status-list.html
var crmStatusEntity = &entity{
	name: "crm_status",
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "ENTITY_ID", kind: textKind, readOnly: true, always: true},
		{name: "STATUS_ID", kind: textKind, readOnly: true, always: true},
		{name: "NAME", kind: textKind, readOnly: true, always: true},
		{name: "NAME_INIT", kind: textKind, readOnly: true, always: true},
		{name: "SORT", kind: idKind, readOnly: true, always: true},
		{name: "SYSTEM", kind: letterKind, readOnly: true, always: true},
		{name: "CATEGORY_ID", kind: idKind, readOnly: true, always: true, null: true},
		{name: "COLOR", kind: textKind, readOnly: true, always: true, null: true},
		{name: "SEMANTICS", kind: textKind, readOnly: true, always: true, null: true},
		{name: "EXTRA", kind: treeKind, readOnly: true},
	},
}

func crmStatusList(c *call) (result, error) {
	if _, err := c.structures("order", "filter"); err != nil {
		return result{}, err
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		if _, err := crmRightsOf(c, tx); err != nil {
			return result{}, err
		}
		return listing{entity: crmStatusEntity, filter: "filter"}.run(c, tx)
	})
}

// crmStage is a stage of an item: its code and what it means, P in between.
type crmStage struct{ code, semantics string }

// stagesOf are the stages of a directory in their order. No method changes the
// directories, so that they need not be read.
func stagesOf(directory string) []crmStage {
	var stages []crmStage
	for _, s := range crmStatuses {
		if s.directory == directory {
			stages = append(stages, crmStage{s.code, cmp.Or(s.semantics, "P")})
		}
	}
	return stages
}

// crmMove is a change, or the beginning, of an item's stage.
type crmMove struct {
	first   bool // it is the first stage
	closed  bool // it is a last one
	closing bool // and the one before was not
	time    time.Time
	fields  *phpquery.Array
}

// given tells whether the caller wrote a field.
func (m crmMove) given(name string) bool {
	v, _ := m.fields.Get(name)
	return phpquery.Text(v) != ""
}

// move gives the item its stage. A stage that its directory does not have is
// passed over: the item stays where it was, a new one begins at the beginning.
func (t *crmType) move(c *call, before, doc document, fields *phpquery.Array) {
	stages := stagesOf(t.directory(doc))
	to := stageNamed(stages, phpquery.Text(doc[t.stage]))
	if to == nil {
		to = stageNamed(stages, phpquery.Text(before[t.stage]))
	}
	if to == nil {
		to = &stages[0]
	}
	now := c.sb.now()
	doc[t.stage], doc[t.semantics] = to.code, to.semantics
	if before[t.stage] != to.code {
		doc["MOVED_BY_ID"], doc["MOVED_TIME"] = number(c.who.userID), storedTime(now)
	}
	open := before == nil || before[t.semantics] == "P"
	closed := to.semantics != "P"
	t.settle(doc, crmMove{first: to.code == stages[0].code, closed: closed, closing: closed && open, time: now, fields: fields})
}

func stageNamed(stages []crmStage, code string) *crmStage {
	for i := range stages {
		if strings.EqualFold(stages[i].code, code) {
			return &stages[i]
		}
	}
	return nil
}
