package render

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCondition(t *testing.T) {
	t.Parallel()
	row := map[string]any{"Dept": "IT", "Active": "false", "N": json.Number("12345678901234567890")}
	for expression, want := range map[string]string{
		`.Dept == "IT"`:                         "true",
		`.Dept == "HR"`:                         "false",
		`.N > 1 and (.Dept | test("^I"))`:       "true",
		`.None == null`:                         "true",
		`.Dept == ("IT", "HR")`:                 "the expression gives more than one result",
		`.N > 5`:                                "true",
		`.Dept > 5`:                             "values of the types string and number are compared",
		`.None == null and .Dept == 5`:          "values of the types string and number are compared",
		`(.Dept | . < 5) or true`:               "values of the types string and number are compared",
		`if .N != "5" then true else false end`: "values of the types number and string are compared",
		`[.N] | any(. == "5")`:                  "values of the types number and string are compared",
		`{Dept} > 5`:                            "values of the types object and number are compared",
		`def big: .N > 5; big == true`:          "true",
		`def is(x): . == x; .Dept | is("IT")`:   "true",
		`.None < 5`:                             "true",
		`.Active`:                               "the expression gives a value of type string, not true or false",
		`.None`:                                 "the expression gives null, not true or false",
		`empty`:                                 "the expression gives nothing, not true or false",
		`true, false`:                           "the expression gives more than one result",
		`.Dept | tonumber`:                      `tonumber cannot be applied to "IT": invalid number`,
	} {
		condition, err := NewCondition(expression)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		holds, err := condition.Holds(t.Context(), row)
		got := map[bool]string{true: "true", false: "false"}[holds]
		if err != nil {
			got = err.Error()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", expression, diff)
		}
	}
	if _, err := NewCondition("." + "["); err == nil {
		t.Error("half an expression was read")
	}
}
