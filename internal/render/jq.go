package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/itchyny/gojq"
)

// CheckJQ tells whether an expression can be used; an empty one can.
func CheckJQ(expression string) error {
	if expression == "" {
		return nil
	}
	_, err := compile(expression)
	return err
}

func compile(expression string) (*gojq.Code, error) {
	query, err := parse(expression)
	if err != nil {
		return nil, err
	}
	return compiled(query)
}

func parse(expression string) (*gojq.Query, error) {
	query, err := gojq.Parse(expression)
	if err != nil {
		var at *gojq.ParseError
		if errors.As(err, &at) {
			before := expression[:min(max(at.Offset-len(at.Token), 0), len(expression))]
			return nil, fmt.Errorf("the expression cannot be read at character %d: %w", 1+utf8.RuneCountInString(before), err)
		}
		return nil, fmt.Errorf("the expression cannot be read: %w", err)
	}
	return query, nil
}

func compiled(query *gojq.Query) (*gojq.Code, error) {
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, fmt.Errorf("the expression cannot be used: %w", err)
	}
	return code, nil
}

// filter runs an expression over an answer and returns its results as JSON. jq
// sorts the keys of objects; numbers keep their digits.
func filter(raw []byte, expression string) ([][]byte, error) {
	code, err := compile(expression)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var input any
	if err := d.Decode(&input); err != nil {
		return nil, err
	}
	var results [][]byte
	for iter := code.Run(input); ; {
		value, more := iter.Next()
		if !more {
			return results, nil
		}
		if err, failed := value.(error); failed {
			var halt *gojq.HaltError
			if errors.As(err, &halt) && halt.Value() == nil {
				return results, nil
			}
			return nil, fmt.Errorf("--jq: %w", err)
		}
		text, err := gojq.Marshal(value)
		if err != nil {
			return nil, err
		}
		results = append(results, text)
	}
}
