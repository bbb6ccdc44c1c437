package sandbox

import (
	"cmp"
	"database/sql"
	"slices"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// dealTypeID is the number of deals among the types of CRM items, leadTypeID that
// of leads.
const (
	leadTypeID = 1
	dealTypeID = 2
)

// crmCategory is a sales funnel of deals.
type crmCategory struct {
	id, sort int64
	name     string
}

var crmCategories = []crmCategory{{1, 200, "Partners"}, {0, 300, "General"}}

func categoryOf(id int64) *crmCategory {
	for i := range crmCategories {
		if crmCategories[i].id == id {
			return &crmCategories[i]
		}
	}
	return nil
}

// crmCategoryList answers the funnels of a type of items; only deals have any.
//
// https://apidocs.bitrix24.com/api-reference/crm/universal/category/crm-category-list.html
func crmCategoryList(c *call) (result, error) {
	switch c.id("entityTypeId") {
	case dealTypeID:
	case leadTypeID:
		return result{}, badRequest("ENTITY_TYPE_NOT_SUPPORTED", "Entity type LEAD is not supported")
	default:
		return result{}, badRequest("NOT_FOUND", "Smart process not found")
	}
	rows := phpquery.NewArray()
	for _, category := range crmCategories {
		a := phpquery.NewArray()
		a.Set("id", category.id)
		a.Set("name", category.name)
		a.Set("sort", category.sort)
		a.Set("entityTypeId", dealTypeID)
		a.Set("isDefault", showLetter(showing{}, category.id == 0))
		if category.id != 0 {
			a.Set("originId", "")
			a.Set("originatorId", "")
		}
		rows.Append(a)
	}
	total := int64(rows.Len())
	answer := phpquery.NewArray()
	answer.Set("categories", rows)
	return result{value: answer, total: &total}, nil
}

// baseCurrency is that of items that name none.
const baseCurrency = "USD"

// crmCurrency is a currency; rate is in the base currency.
type crmCurrency struct{ code, rate, name, format string }

var crmCurrencies = []crmCurrency{
	{baseCurrency, "1.0000", "US Dollar", "$#"},
	{"EUR", "1.0800", "Euro", "# €"},
	{"GBP", "1.2700", "Pound Sterling", "£#"},
	{"RUB", "0.0110", "Российский рубль", "# ₽"},
}

// crmCurrencyList answers the currencies; total is always 0, as on a portal.
//
// https://apidocs.bitrix24.com/api-reference/crm/currency/crm-currency-list.html
func crmCurrencyList(c *call) (result, error) {
	order, err := c.structure("order")
	if err != nil {
		return result{}, err
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		if _, err := crmRightsOf(c, tx); err != nil {
			return result{}, err
		}
		var rows []*phpquery.Array
		for i, currency := range crmCurrencies {
			rows = append(rows, currency.show(100*(i+1)))
		}
		slices.SortStableFunc(rows, byColumns(order))
		answer := phpquery.NewArray()
		for _, r := range rows {
			answer.Append(r)
		}
		return result{value: answer, total: new(int64)}, nil
	})
}

func (currency crmCurrency) show(sort int) *phpquery.Array {
	a := phpquery.NewArray()
	a.Set("CURRENCY", currency.code)
	a.Set("AMOUNT_CNT", "1")
	a.Set("AMOUNT", currency.rate)
	a.Set("SORT", phpquery.Text(int64(sort)))
	a.Set("BASE", showLetter(showing{}, currency.code == baseCurrency))
	a.Set("FULL_NAME", currency.name)
	a.Set("LID", "en")
	a.Set("FORMAT_STRING", currency.format)
	a.Set("DEC_POINT", ".")
	a.Set("THOUSANDS_SEP", ",")
	a.Set("DECIMALS", "2")
	a.Set("DATE_UPDATE", companyStart.Format(isoLayout))
	return a
}

// byColumns compares rows of texts by the columns and directions of an order.
func byColumns(order *phpquery.Array) func(a, b *phpquery.Array) int {
	return func(a, b *phpquery.Array) int {
		for name, direction := range order.All() {
			x, _ := a.GetFold(name)
			y, _ := b.GetFold(name)
			by := compareTexts(phpquery.Text(x), phpquery.Text(y))
			if isDown(direction) {
				by = -by
			}
			if by != 0 {
				return by
			}
		}
		return 0
	}
}

// compareTexts compares numbers as numbers and other texts as texts.
func compareTexts(a, b string) int {
	x, okX := parseDouble(a)
	y, okY := parseDouble(b)
	if okX && okY && x != nil && y != nil {
		return cmp.Compare(x.(float64), y.(float64))
	}
	return strings.Compare(fold(a), fold(b))
}

// checkCurrency refuses a currency that the portal does not have. One that was
// emptied becomes the base currency.
func checkCurrency(doc document) error {
	code := phpquery.Text(doc["CURRENCY_ID"])
	if code == "" {
		doc["CURRENCY_ID"] = baseCurrency
		return nil
	}
	at := slices.IndexFunc(crmCurrencies, func(currency crmCurrency) bool { return strings.EqualFold(currency.code, code) })
	if at < 0 {
		return badRequest("", `Invalid value for the "Currency" field`)
	}
	doc["CURRENCY_ID"] = crmCurrencies[at].code
	return nil
}
