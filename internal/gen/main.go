// Command gen makes everything that follows from catalog/*.yaml: the embedded
// index, the Go methods and the reference pages. "go generate ./..." runs it in
// the folder catalog.
//
// The source is checked first; every problem is printed with file and line, and
// nothing is written while there is one.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(".."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run generates into the repository at root.
func run(root string) error {
	files, err := generate(os.DirFS(root))
	if err != nil {
		return err
	}
	return write(root, files)
}
