package cli

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// ownGroup keeps a Ctrl-C in the terminal of a worker from its commands: the
// worker decides what it means for them.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
}

// keepFiles has nothing to do: no file is handed on that is not meant to be.
func keepFiles() {}

// detached makes a process that outlives the terminal.
func detached() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.DETACHED_PROCESS}
}
