package sandbox

import "database/sql"

// crmRights is what a caller may do in the CRM: administrators everything,
// employees what is theirs or open to everyone, except that they delete only what
// is theirs. Extranet users are not let in at all.
type crmRights struct {
	admin bool
	who   int64
}

func crmRightsOf(c *call, tx *sql.Tx) (crmRights, error) {
	rights := crmRights{admin: c.who.admin, who: c.who.userID}
	if rights.admin {
		return rights, nil
	}
	me, err := userEntity.found(c.ctx, tx, c.who.userID, errCRMDenied())
	if err == nil && me["USER_TYPE"] == "extranet" {
		err = errCRMDenied()
	}
	return rights, err
}

func (r crmRights) owns(doc document) bool { return intOf(doc["ASSIGNED_BY_ID"]) == r.who }

func (r crmRights) reads(doc document) bool { return r.admin || r.owns(doc) || doc["OPENED"] == true }

func (r crmRights) changes(doc document) bool { return r.reads(doc) }

func (r crmRights) deletes(doc document) bool { return r.admin || r.owns(doc) }

// readable is reads as a condition on a table of items.
func (r crmRights) readable() condition {
	if r.admin {
		return condition{}
	}
	return condition{"(json_extract(keys, '$.ASSIGNED_BY_ID') = ? OR json_extract(keys, '$.OPENED') = 1)", []any{r.who}}
}
