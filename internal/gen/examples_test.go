package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/catalog"
	"github.com/oint-go/oint/internal/bind"
)

// TestExamples sends the example of every function of the catalog as the
// command line does and as the Go method, and compares the two requests.
func TestExamples(t *testing.T) {
	t.Parallel()
	index, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, fn := range index.Functions() {
		if fn.Kind == catalog.Local || fn.Kind == catalog.Composed {
			continue // their Go functions are written by hand
		}
		t.Run(fn.Name, func(t *testing.T) {
			t.Parallel()
			given := map[string]string{}
			for i := 0; i+1 < len(fn.Example); i += 2 {
				given[strings.TrimPrefix(fn.Example[i], "--")] = fn.Example[i+1]
			}
			byText := requestOf(t, fn, func(ctx context.Context, address string) error {
				return callByText(ctx, fn, address, given)
			})
			byGo := requestOf(t, fn, func(ctx context.Context, address string) error {
				return callByName(ctx, t, fn, address, given)
			})
			if diff := cmp.Diff(byText, byGo); diff != "" {
				t.Errorf("the requests differ (-command line +Go):\n%s", diff)
			}
		})
	}
}

// callByName calls the Go method of a function with values made of texts.
func callByName(ctx context.Context, t *testing.T, fn *catalog.Function, address string, given map[string]string) error {
	t.Helper()
	var owner any
	var err error
	if fn.Kind == catalog.OAuth {
		owner, err = bitrix24.NewAuthServer(bitrix24.WithOAuthServer(address))
	} else {
		owner, err = bitrix24.New(address + "/rest/1/code/")
	}
	if err != nil {
		return err
	}
	call := reflect.ValueOf(owner).MethodByName(fn.Name)
	m := newMethod(fn)
	arguments := []reflect.Value{reflect.ValueOf(ctx)}
	for _, p := range m.Required {
		value := reflect.New(call.Type().In(len(arguments))).Elem()
		fill(t, value, p, given[p.Option.Name])
		arguments = append(arguments, value)
	}
	if len(m.Optional) > 0 {
		options := reflect.New(call.Type().In(len(arguments)).Elem())
		for _, p := range m.Optional {
			if text, ok := given[p.Option.Name]; ok {
				fill(t, options.Elem().FieldByName(p.Field), p, text)
			}
		}
		arguments = append(arguments, options)
	}
	err, _ = call.Call(arguments)[1].Interface().(error)
	return err
}

// fill sets a Go value from the text of an option.
func fill(t *testing.T, value reflect.Value, p *param, text string) {
	t.Helper()
	if value.Kind() == reflect.Pointer {
		value.Set(reflect.New(value.Type().Elem()))
		value = value.Elem()
	}
	set := func(v any, err error) {
		if err != nil {
			t.Fatalf("--%s: %v", p.Option.Name, err)
		}
		value.Set(reflect.ValueOf(v))
	}
	switch value.Addr().Interface().(type) {
	case *string:
		set(text, nil)
	case *bool:
		set(bind.Bool(text))
	case *bitrix24.Secret:
		set(bitrix24.NewSecret(text), nil)
	case *json.Number:
		set(json.Number(text), nil)
	case *bitrix24.Content:
		content, err := base64.StdEncoding.DecodeString(text)
		set(bitrix24.Bytes(content), err)
	case *time.Time:
		set(time.Parse("2006-01-02T15:04:05", (text + "T00:00:00")[:19]))
	case *bitrix24.ID, *[]string, *[]bitrix24.ID, *[]byte:
		source := bind.NewSource(http.DefaultClient)
		wire, err := bind.Value(t.Context(), source, p.Option, text)
		if err != nil {
			t.Fatalf("--%s: %v", p.Option.Name, err)
		}
		data, err := json.Marshal(wire)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, value.Addr().Interface()); err != nil {
			t.Fatalf("--%s: %v", p.Option.Name, err)
		}
	default:
		raw, err := bind.Relax([]byte(text))
		if err != nil {
			t.Fatalf("--%s: %v", p.Option.Name, err)
		}
		fillJSON(t, value, raw)
	}
}

// fillJSON sets a structure, a list of structures or any JSON.
func fillJSON(t *testing.T, value reflect.Value, raw json.RawMessage) {
	t.Helper()
	switch target := value.Addr().Interface().(type) {
	case *bitrix24.Params:
		o := bitrix24.NewObject()
		if err := o.UnmarshalJSON(raw); err != nil {
			t.Fatal(err)
		}
		*target = o
	case *[]bitrix24.Params:
		var list []*bitrix24.Object
		if err := json.Unmarshal(raw, &list); err != nil {
			t.Fatal(err)
		}
		for _, o := range list {
			*target = append(*target, o)
		}
	case *any:
		*target = raw
	default:
		t.Fatalf("no value of type %s can be made from a text", value.Type())
	}
}
