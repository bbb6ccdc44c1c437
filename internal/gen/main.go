// Command gen makes everything that follows from catalog/*.yaml: the embedded
// index, the Go methods and the reference pages. "go generate ./..." runs it in
// the folder catalog.
//
// The source is checked first; every problem is printed as file:line and
// nothing is written while there is one.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

func main() {
	if err := run(".."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run generates into the repository at root.
func run(root string) error {
	files, err := generate(filepath.Join(root, "catalog"))
	if err != nil {
		return err
	}
	var failed []error
	for name, content := range files {
		failed = append(failed, writeChanged(filepath.Join(root, name), content))
	}
	return errors.Join(failed...)
}

// generate returns the content of every generated file by its path in the
// repository.
func generate(catalogDir string) (map[string][]byte, error) {
	regions, err := readSource(catalogDir)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	if files["catalog/index.json"], err = index(regions); err != nil {
		return nil, err
	}
	for _, r := range regions {
		if files["bitrix24/"+r.Name+"_gen.go"], err = goMethods(r); err != nil {
			return nil, err
		}
		files["docs/reference/"+r.Name+".md"] = referencePage(r)
	}
	files["docs/reference/README.md"] = referenceIndex(regions)
	return files, nil
}

// writeChanged leaves a file alone that already has the content, so that a
// build is not made stale by generating.
func writeChanged(path string, content []byte) error {
	old, err := os.ReadFile(path)
	if err == nil && bytes.Equal(old, content) {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}
