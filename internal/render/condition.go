package render

import (
	"context"
	"fmt"

	"github.com/itchyny/gojq"
)

// Condition is a jq expression that is true or false.
type Condition struct{ code *gojq.Code }

// NewCondition reads an expression.
func NewCondition(expression string) (*Condition, error) {
	code, err := compile(expression)
	if err != nil {
		return nil, err
	}
	return &Condition{code}, nil
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
