// Command oint is Bitrix24 from the terminal: see README.md.
package main

import (
	"os"

	"github.com/oint-go/oint/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.OS()))
}
