package main

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// TestGuide keeps docs/adding-a-function.md true: it explains every key and
// every conversion, and its example is the real entry.
func TestGuide(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../docs/adding-a-function.md")
	if err != nil {
		t.Fatal(err)
	}
	guide := string(data)
	for _, of := range []reflect.Type{
		reflect.TypeFor[sourceRegion](), reflect.TypeFor[sourceFunction](), reflect.TypeFor[sourceOption](),
	} {
		for i := range of.NumField() {
			if key := of.Field(i).Tag.Get("yaml"); key != "" && !strings.Contains(guide, "| `"+key+"` |") {
				t.Errorf("the key %s of %s is not explained", key, of.Name())
			}
		}
	}
	for as := range conversions {
		if !strings.Contains(guide, "`"+string(as)+"`") {
			t.Errorf("the conversion %s is not explained", as)
		}
	}
	source, err := os.ReadFile("../../catalog/users.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(guide, "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	if example == "" || !strings.Contains(string(source), example) {
		t.Error("the example is not the entry in catalog/users.yaml")
	}
	methods, err := os.ReadFile("../../bitrix24/users_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	_, declaration, _ := strings.Cut(guide, "```go\n")
	declaration, _, _ = strings.Cut(declaration, "\n```")
	if declaration == "" || !strings.Contains(string(methods), declaration) {
		t.Error("the declaration is not the one in bitrix24/users_gen.go")
	}
}
