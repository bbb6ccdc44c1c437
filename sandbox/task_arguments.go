package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// argument is one parameter of a method that reads them by their places. Other
// than everywhere else on the portal, its type is checked.
type argument struct {
	name     string   // as refusals call it, e.g. "taskId"
	array    bool     // a list or a structure; otherwise an integer
	optional bool     // may be missing
	typed    bool     // refused as a value of the wrong type when it is missing
	keys     []string // the keys that a structure may have; nil for any
	compared bool     // a key may begin with a comparison
}

// comparisons are the prefixes that the filters of the old task methods know.
var comparisons = []string{"!", "<=", ">=", "<", ">"}

// positionalMethod is a method of a part of a task, such as
// task.checklistitem.add. Its parameters are named after the arguments.
func positionalMethod(name string, run func(*call) (result, error), args ...argument) method {
	m := method{name: name, scopes: []string{"task"}}
	for _, a := range args {
		m.positional = append(m.positional, a.name)
	}
	parts := strings.Split(name, ".")
	class := "ctask" + parts[1] + "::" + parts[2] + "()"
	m.run = func(c *call) (result, error) {
		for i := range args {
			if problem := args[i].check(c.params, i, class); problem != "" {
				return result{}, taskError(256, problem)
			}
		}
		return run(c)
	}
	return m
}

// check answers what is wrong with an argument, or nothing.
func (a *argument) check(params *phpquery.Array, place int, class string) string {
	given, ok := params.Get(a.name)
	list, isArray := given.(*phpquery.Array)
	if !ok || given == nil || a.array && isArray && list.Len() == 0 {
		switch {
		case a.typed:
		case a.optional:
			return ""
		default:
			return fmt.Sprintf("Param #%d (%s) expected by method %s, but not given.", place, a.name, class)
		}
	}
	wanted := "integer"
	if a.array {
		wanted = "array"
	}
	if isArray != a.array || !a.array && !isInteger(given) {
		return fmt.Sprintf(`Param #%d (%s) for method %s expected to be of type "%s", but given something else.`, place, a.name, class, wanted)
	}
	if isArray && a.keys != nil {
		for key := range list.All() {
			if !a.knows(key) {
				return fmt.Sprintf(`Param #%d (%s) for method %s must not contain key "%s".`, place, a.name, class, key)
			}
		}
	}
	return ""
}

func (a *argument) knows(key string) bool {
	if a.compared {
		for _, sign := range comparisons {
			if name, ok := strings.CutPrefix(key, sign); ok {
				key = name
				break
			}
		}
	}
	return slices.ContainsFunc(a.keys, func(name string) bool { return strings.EqualFold(name, key) })
}

func isInteger(v any) bool {
	if _, yes := v.(bool); yes {
		return false
	}
	_, err := strconv.ParseInt(phpquery.Text(v), 10, 64)
	return err == nil
}

// The arguments that the methods have in common.
var (
	taskArgument = argument{name: "taskId"}
	itemArgument = argument{name: "itemId"}
)

// taskErrors are the names of the errors of the old task methods.
var taskErrors = map[int]string{
	1: "TASK_NOT_FOUND_OR_NOT_ACCESSIBLE", 4: "ACTION_NOT_ALLOWED", 8: "ACTION_FAILED_TO_BE_PROCESSED",
	256: "WRONG_ARGUMENTS", 512: "ITEM_NOT_FOUND_OR_NOT_ACCESSIBLE",
}

// taskError is how the old task methods refuse.
func taskError(number int, problem string) *restError {
	return badRequest("ERROR_CORE", fmt.Sprintf("TASKS_ERROR_EXCEPTION_#%d; %s; %d/TE/%s<br>", number, problem, number, taskErrors[number]))
}

// errTaskAssert refuses ids that cannot be any.
func errTaskAssert() error { return badRequest("ERROR_CORE", "TASKS_ERROR_ASSERT_EXCEPTION<br>") }
