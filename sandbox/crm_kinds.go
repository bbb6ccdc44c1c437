package sandbox

import (
	"errors"
	"strconv"

	"github.com/oint-go/oint/internal/phpquery"
)

// The kinds of the CRM's fields. A value that is none of the kind is passed over
// in silence, as the classic crm methods do.
var (
	crmRefKind    = zeroIsNone(forgiving(refKind))
	crmNumberKind = forgiving(idKind)
	crmDateKind   = forgiving(dateKind)
	crmFlagKind   = forgiving(letterKind)
	crmFunnelKind = funnelKind()
	crmMoneyKind  = kind{take: forgiving(doubleKind).take, show: showMoney, key: keyDouble, parse: parseDouble}
)

// multifieldKind is one phone number, address, site or messenger of a field that
// holds several. writeMultifields writes them, because what is given changes what
// was there instead of replacing it.
var multifieldKind = kind{
	take: func(any) (any, error) { return nil, errIgnored }, show: showMultifield, key: keyMultifield, parse: parseText,
}

// forgiving is the kind that ignores what it cannot read.
func forgiving(k kind) kind {
	take := k.take
	k.take = func(v any) (any, error) {
		stored, err := take(v)
		var wrong *valueError
		if errors.As(err, &wrong) {
			return nil, errIgnored
		}
		return stored, err
	}
	return k
}

// zeroIsNone is the kind of ids whose filters find what has none by 0.
func zeroIsNone(k kind) kind {
	parse := k.parse
	k.parse = func(v any) (any, bool) {
		key, ok := parse(v)
		if key == int64(0) {
			key = nil
		}
		return key, ok
	}
	return k
}

// funnelKind is the id of a funnel; others are ignored like any wrong value.
func funnelKind() kind {
	k := forgiving(idKind)
	take := k.take
	k.take = func(v any) (any, error) {
		stored, err := take(v)
		if err == nil && categoryOf(intOf(stored)) == nil {
			return nil, errIgnored
		}
		return stored, err
	}
	return k
}

// showMoney writes an amount with two decimals.
func showMoney(_ showing, stored any) any {
	x, _ := keyDouble(stored).(float64)
	return strconv.FormatFloat(x, 'f', 2, 64)
}

// multifield is the stored form of one value.
func multifield(id int64, typeID, valueType, value string) map[string]any {
	return map[string]any{"ID": number(id), "TYPE_ID": typeID, "VALUE_TYPE": valueType, "VALUE": value}
}

func showMultifield(_ showing, stored any) any {
	m, _ := stored.(map[string]any)
	a := phpquery.NewArraySize(4)
	for _, name := range []string{"ID", "VALUE_TYPE", "VALUE", "TYPE_ID"} {
		a.Set(name, phpquery.Text(m[name]))
	}
	return a
}

func keyMultifield(stored any) any {
	m, _ := stored.(map[string]any)
	return keyText(m["VALUE"])
}
