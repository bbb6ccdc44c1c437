package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// statusSeed is an entry of a directory. A last stage has semantics; colours are
// those of stages.
type statusSeed struct {
	directory, code, name string
	semantics, color      string
	system                bool // cannot be deleted
}

// crmStatuses are the directories of a new portal. Where they have stages, the
// first is where items begin.
var crmStatuses = []statusSeed{
	{"STATUS", "NEW", "New", "", "#39A8EF", true},
	{"STATUS", "IN_PROCESS", "In progress", "", "#2FC6F6", false},
	{"STATUS", "PROCESSED", "Processed", "", "#55D0E0", false},
	{"STATUS", "CONVERTED", "Good lead", "S", "#7BD500", true},
	{"STATUS", "JUNK", "Junk lead", "F", "#FF5752", true},
	{"SOURCE", "CALL", "Call", "", "", false},
	{"SOURCE", "EMAIL", "E-mail", "", "", true},
	{"SOURCE", "WEB", "Website", "", "", false},
	{"SOURCE", "ADVERTISING", "Advertising", "", "", false},
	{"SOURCE", "PARTNER", "Existing client", "", "", false},
	{"SOURCE", "RECOMMENDATION", "By recommendation", "", "", false},
	{"SOURCE", "TRADE_SHOW", "Trade show", "", "", false},
	{"SOURCE", "WEBFORM", "CRM form", "", "", true},
	{"SOURCE", "CALLBACK", "Callback", "", "", true},
	{"SOURCE", "RC_GENERATOR", "Sales generator", "", "", true},
	{"SOURCE", "STORE", "Online store", "", "", true},
	{"SOURCE", "OTHER", "Other", "", "", false},
	{"HONORIFIC", "HNR_EN_1", "Mr.", "", "", false},
	{"HONORIFIC", "HNR_EN_2", "Mrs.", "", "", false},
	{"DEAL_TYPE", "SALE", "Sale", "", "", false},
	{"DEAL_TYPE", "COMPLEX", "Complex sale", "", "", false},
	{"DEAL_TYPE", "SERVICES", "Services", "", "", false},
	{"DEAL_STAGE", "NEW", "New", "", "#39A8EF", true},
	{"DEAL_STAGE", "PREPARATION", "Preparing documents", "", "#2FC6F6", false},
	{"DEAL_STAGE", "PREPAYMENT_INVOICE", "Prepayment invoice", "", "#55D0E0", false},
	{"DEAL_STAGE", "EXECUTING", "In progress", "", "#47E4C2", false},
	{"DEAL_STAGE", "FINAL_INVOICE", "Final invoice", "", "#FFA900", false},
	{"DEAL_STAGE", "WON", "Deal won", "S", "#7BD500", true},
	{"DEAL_STAGE", "LOSE", "Deal lost", "F", "#FF5752", true},
	{"DEAL_STAGE", "APOLOGY", "Analysis of the failure", "F", "#FF5752", false},
	{"DEAL_STAGE_1", "C1:NEW", "New", "", "#39A8EF", true},
	{"DEAL_STAGE_1", "C1:EXECUTING", "In progress", "", "#47E4C2", false},
	{"DEAL_STAGE_1", "C1:WON", "Deal won", "S", "#7BD500", true},
	{"DEAL_STAGE_1", "C1:LOSE", "Deal lost", "F", "#FF5752", true},
}

// seedCRM fills the directories and adds a few leads and deals of the sales
// department's heads.
func seedCRM(ctx context.Context, tx *sql.Tx, _ time.Time) error {
	if err := seedStatuses(ctx, tx); err != nil {
		return err
	}
	if err := seedLeads(ctx, tx); err != nil {
		return err
	}
	return seedDeals(ctx, tx)
}

func seedStatuses(ctx context.Context, tx *sql.Tx) (err error) {
	in, err := crmStatusEntity.inserter(ctx, tx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	place := map[string]int64{}
	for _, s := range crmStatuses {
		place[s.directory] += 10
		if _, err := in.add(ctx, 0, s.document(place[s.directory])); err != nil {
			return err
		}
	}
	return nil
}

func (s statusSeed) document(sort int64) document {
	doc := document{
		"ENTITY_ID": s.directory, "STATUS_ID": s.code, "NAME": s.name, "NAME_INIT": "", "SORT": number(sort),
		"SYSTEM": s.system, "COLOR": s.color, "SEMANTICS": s.semantics,
	}
	if s.system {
		doc["NAME_INIT"] = s.name
	}
	if s.directory == "DEAL_STAGE_1" {
		doc["CATEGORY_ID"] = number(1)
	}
	if s.color == "" {
		return doc
	}
	extra := phpquery.NewArray()
	extra.Set("SEMANTICS", s.meaning())
	extra.Set("COLOR", s.color)
	doc["EXTRA"] = plain(extra)
	return doc
}

// meaning is the semantics in a word; a second way to fail is an apology.
func (s statusSeed) meaning() string {
	switch {
	case s.semantics == "S":
		return "success"
	case s.code == "APOLOGY":
		return "apology"
	case s.semantics == "F":
		return "failure"
	}
	return "process"
}

func seedLeads(ctx context.Context, tx *sql.Tx) error {
	columns := []string{"TITLE", "NAME", "LAST_NAME", "COMPANY_TITLE", "STATUS_ID", "SOURCE_ID", "OPPORTUNITY", "CURRENCY_ID", "PHONE", "EMAIL"}
	return leadType.seed(ctx, tx, columns, [][]string{
		{"Lift maintenance for Northwick House", "Agnes", "Pemberton", "Northwick Estates", "NEW", "WEB", "4800", "GBP", "+44 7700 900771", "agnes.pemberton@example.org"},
		{"Запрос на поставку станков", "Лидия", "Воронцова", "Завод Полюс", "IN_PROCESS", "CALL", "1250000", "RUB", "+7 495 000 00 17", ""},
		{"Solar roof for a school", "Joaquim", "Figueira", "", "PROCESSED", "RECOMMENDATION", "36500.5", "EUR", "", "j.figueira@example.org"},
		{"Newsletter sign-up", "Rohan", "", "", "JUNK", "WEBFORM", "0", "USD", "", "rohan@example.org"},
		{"Yearly support contract", "Ingrid", "Halvorsen", "Fjordlys AS", "CONVERTED", "PARTNER", "9900", "EUR", "+47 555 01 290", ""},
	})
}

func seedDeals(ctx context.Context, tx *sql.Tx) error {
	columns := []string{"TITLE", "STAGE_ID", "OPPORTUNITY", "CURRENCY_ID", "CATEGORY_ID"}
	return dealType.seed(ctx, tx, columns, [][]string{
		{"Warehouse lighting", "NEW", "18250.5", "EUR", "0"},
		{"Office fit-out, second floor", "PREPARATION", "64000", "USD", "0"},
		{"Поставка серверного оборудования", "EXECUTING", "2750000", "RUB", "0"},
		{"Training for forty employees", "WON", "12000", "USD", "0"},
		{"Fleet telematics", "LOSE", "31900", "GBP", "0"},
		{"Reseller agreement", "C1:NEW", "150000", "USD", "1"},
	})
}

// seed adds items as the sales people would have done, one a day.
func (t *crmType) seed(ctx context.Context, tx *sql.Tx, columns []string, rows [][]string) (err error) {
	in, err := t.entity.inserter(ctx, tx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	for i, values := range rows {
		fields := phpquery.NewArray()
		for at, name := range columns {
			if multifieldTypes[name] == nil {
				fields.Set(name, values[at])
				continue
			}
			value := phpquery.NewArray()
			value.Set("VALUE", values[at])
			fields.Set(name, phpquery.List(value))
		}
		day := companyStart.AddDate(0, 0, i)
		c := &call{ctx: ctx, sb: &Sandbox{now: func() time.Time { return day }}, who: principal{userID: int64(2 + i%3)}}
		doc := t.fresh(c.who.userID, day)
		if err := t.write(c, tx, nil, doc, fields); err != nil {
			return fmt.Errorf("seed %s: %w", t.entity.name, err)
		}
		if _, err := in.add(ctx, 0, doc); err != nil {
			return err
		}
	}
	return nil
}
