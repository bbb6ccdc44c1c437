package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/oint-go/oint/catalog"
	"github.com/oint-go/oint/sandbox"
)

// TestSandboxHasEveryMethod asks a sandbox for its methods: the coverage page
// says that it has those of every function.
func TestSandboxHasEveryMethod(t *testing.T) {
	t.Parallel()
	portal, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := portal.Close(); err != nil {
			t.Error(err)
		}
	}()
	client := &http.Client{Transport: portal.Transport()}
	answer, err := client.PostForm(portal.Access().Webhook+"methods", url.Values{"full": {"true"}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it is read to its end
	var body struct{ Result []string }
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	index, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, fn := range index.Functions() {
		if fn.Kind != catalog.REST && fn.Kind != catalog.Composed {
			continue
		}
		known := func(name string) bool { return strings.EqualFold(name, fn.Method) }
		if !slices.ContainsFunc(body.Result, known) {
			t.Errorf("%s: the sandbox has no method %s", fn.Name, fn.Method)
		}
	}
}
