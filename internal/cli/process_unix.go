//go:build unix

package cli

import "syscall"

// ownGroup keeps a Ctrl-C in the terminal of a worker from its commands: the
// worker decides what it means for them.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// detached makes a process that outlives the terminal.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
