package sandbox

import (
	"regexp"
	"strings"
	"sync"

	"github.com/oint-go/oint/internal/phpquery"
)

// reference is $result[key][path]… in a command of a batch.
var reference = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\$result((?:\[[^\[\]]+\])+)`)
})

// resolve replaces references to the results of earlier commands. One that
// leads nowhere stays as it is, and the command runs with it.
func resolve(params, results *phpquery.Array) {
	for key, value := range params.All() {
		switch v := value.(type) {
		case *phpquery.Array:
			resolve(v, results)
		case string:
			if strings.Contains(v, "$result[") {
				params.Set(key, resolveText(v, results))
			}
		}
	}
}

// resolveText replaces the references in a text. A text that is nothing but a
// reference takes the value itself, of whatever kind.
func resolveText(text string, results *phpquery.Array) any {
	if m := reference().FindStringSubmatch(text); m != nil && m[0] == text {
		if v, ok := follow(results, m[1]); ok {
			return v
		}
		return text
	}
	return reference().ReplaceAllStringFunc(text, func(found string) string {
		v, ok := follow(results, strings.TrimPrefix(found, "$result"))
		if _, isArray := v.(*phpquery.Array); !ok || isArray {
			return found
		}
		return phpquery.Text(v)
	})
}

// follow walks a path of brackets.
func follow(results *phpquery.Array, path string) (any, bool) {
	var value any = results
	for key := range strings.SplitSeq(strings.Trim(path, "[]"), "][") {
		array, ok := value.(*phpquery.Array)
		if !ok {
			return nil, false
		}
		if value, ok = array.Get(key); !ok {
			return nil, false
		}
	}
	return value, true
}
