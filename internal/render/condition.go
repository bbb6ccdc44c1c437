package render

import (
	"context"
	"errors"
	"fmt"

	"github.com/itchyny/gojq"
)

// Condition is a jq expression that is true or false.
type Condition struct {
	code *gojq.Code
	// Members are the names that it reads of the object for certain.
	Members []string
}

// NewCondition reads an expression.
func NewCondition(expression string) (*Condition, error) {
	query, err := parse(expression)
	if err != nil {
		return nil, err
	}
	var read inputNames
	read.query(query)
	if err := strict(query); err != nil {
		return nil, err
	}
	code, err := compiled(query)
	if err != nil {
		return nil, err
	}
	return &Condition{code, read.names}, nil
}

// comparison compares values of one type only. jq has an order of types, by which
// every text is greater than every number: a condition that forgets to make a
// number of a cell would be true of all rows. Anything may be compared with null.
const comparison = `(%s) as $oint_left | (%s) as $oint_right |
	if ($oint_left | type) == ($oint_right | type) or $oint_left == null or $oint_right == null
	then $oint_left %s $oint_right
	else error("values of the types \($oint_left | type) and \($oint_right | type) are compared") end`

// strict makes the comparisons of an expression strict, wherever conditions
// usually have them.
func strict(query *gojq.Query) error {
	if query == nil {
		return nil
	}
	var err error
	inner := func(queries ...*gojq.Query) {
		for _, q := range queries {
			err = errors.Join(err, strict(q))
		}
	}
	inner(query.Left, query.Right)
	if t := query.Term; t != nil {
		inner(t.Query)
		if t.Func != nil {
			inner(t.Func.Args...)
		}
		if t.If != nil {
			inner(t.If.Cond, t.If.Then, t.If.Else)
		}
	}
	switch query.Op {
	case gojq.OpEq, gojq.OpNe, gojq.OpGt, gojq.OpLt, gojq.OpGe, gojq.OpLe:
		checked, failed := parse(fmt.Sprintf(comparison, query.Left, query.Right, query.Op))
		if failed != nil {
			return errors.Join(err, failed)
		}
		checked.FuncDefs = query.FuncDefs
		*query = *checked
	}
	return err
}

// Holds tells whether the expression is true of an object, whose values are as
// encoding/json makes them. Any result but one boolean is an error: texts such
// as "false" would otherwise count as true.
func (c *Condition) Holds(ctx context.Context, object map[string]any) (bool, error) {
	iter := c.code.RunWithContext(ctx, object)
	value, some := iter.Next()
	if !some {
		return false, fmt.Errorf("the expression gives nothing, not true or false")
	}
	if err, failed := value.(error); failed {
		var thrown gojq.ValueError
		if errors.As(err, &thrown) {
			return false, fmt.Errorf("%v", thrown.Value())
		}
		return false, err
	}
	holds, ok := value.(bool)
	if !ok {
		return false, fmt.Errorf("the expression gives %s, not true or false", kindOfJQ(value))
	}
	if _, more := iter.Next(); more {
		return false, fmt.Errorf("the expression gives more than one result")
	}
	return holds, nil
}

func kindOfJQ(value any) string {
	if value == nil {
		return "null"
	}
	return "a value of type " + gojq.TypeOf(value)
}
