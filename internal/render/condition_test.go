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

func TestConditionMembers(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string][]string{
		`.A != "1"`:                                 {"A"},
		`."A b" == "1" and .["C"] == "2"`:           {"A b", "C"},
		`(.A | tonumber) > 7 or (.B == "")`:         {"A", "B"},
		`{A, "B", C: .D, "e\(.E)": 1} == {}`:        {"A", "B", "D", "E"},
		`[.A, .A.B, -(.C)] == []`:                   {"A", "C"},
		`.A[.B] == "x\(.C)"`:                        {"A", "B", "C"},
		`.A | .B == "1"`:                            {"A"},
		`. | .A == "1"`:                             {"A"},
		`select(.A == "") | .B == "1"`:              {"A", "B"},
		`.A as $a | .B == $a`:                       {"A", "B"},
		`. as {A: $a} | .B == $a`:                   {"B"},
		`if .A then .B elif .C then .D else .E end`: {"A", "B", "C", "D", "E"},
		`any(.A, .B; .C)`:                           {"A", "B"},
		`.A | IN("1", "2")`:                         {"A"},
		`try (.A | tonumber > 1) catch .B`:          {"A"},
		`(.A // .B) == "1"`:                         {"B"},
		`(.A = "1") | .A == "1"`:                    nil,
		`has("A") and ([.[]] | length) > 1`:         nil,
		`to_entries | any(.value == "1")`:           nil,
		`def f: .A; true`:                           nil,
		`"\(.A)" == "1" and (@json "\(.B)") == "2"`: {"A", "B"},
		`reduce .A as $x (.B; .C) == "1"`:           {"A", "B"},
		`.A[1:.B] == "1" and .[.C] == "1"`:          {"A", "B", "C"},
		`.A? == "1"`:                                {"A"},
	} {
		condition, err := NewCondition(expression)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		if diff := cmp.Diff(want, condition.Members); diff != "" {
			t.Errorf("%s (-want +got):\n%s", expression, diff)
		}
	}
}
