// Package cli is the command line of oint: it reads arguments, hands them to
// bind, sends the call through bitrix24 and prints the answer with render.
//
// The functions of the library are data: function.go runs every one of them
// from its catalog entry. Results go to stdout, everything else to stderr, and
// every way a command can end has an exit code in exit.go.
package cli
