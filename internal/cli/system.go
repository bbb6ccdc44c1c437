package cli

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"golang.org/x/term"
)

// System is what a command may touch of the machine: streams, environment and
// the user's folders. Tests give their own.
type System struct {
	In          io.Reader // nil stands for an empty one
	Out, Err    io.Writer
	InTerminal  bool
	OutTerminal bool
	ErrTerminal bool
	Width       int // columns of the terminal; 0 when stdout is none
	Getenv      func(string) string

	inJob bool // the command is a background job
}

// OS returns the System of this process.
func OS() System {
	s := System{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		InTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		OutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		ErrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		Getenv:      os.Getenv,
	}
	if s.OutTerminal {
		if w, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
			s.Width = w
		}
	}
	return s
}

// color tells whether stdout may carry colour: only a terminal, and never
// against NO_COLOR (https://no-color.org) or a dumb terminal.
func (s System) color() bool {
	return s.OutTerminal && s.Getenv("NO_COLOR") == "" && s.Getenv("TERM") != "dumb"
}

// helpWidth is the width that help pages are wrapped to.
func (s System) helpWidth() int {
	if s.Width < 40 || s.Width > 100 {
		return 80
	}
	return s.Width
}

// stateDir is the folder for what may be lost without harm.
func (s System) stateDir() (string, error) {
	if runtime.GOOS != "windows" && runtime.GOOS != "darwin" && s.Getenv("OINT_DATA_DIR") == "" {
		if dir := s.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
			return filepath.Join(dir, "oint"), nil
		}
		if home := s.Getenv("HOME"); home != "" {
			return filepath.Join(home, ".local", "state", "oint"), nil
		}
	}
	return s.dataDir()
}

// dataDir is the folder that keeps the user's sandbox portals, by the custom of
// the operating system.
func (s System) dataDir() (string, error) {
	if dir := s.Getenv("OINT_DATA_DIR"); dir != "" {
		return filepath.Abs(dir) // jobs run in folders of their own
	}
	switch runtime.GOOS {
	case "windows":
		if dir := s.Getenv("LocalAppData"); dir != "" {
			return filepath.Join(dir, "oint"), nil
		}
	case "darwin":
		if home := s.Getenv("HOME"); home != "" {
			return filepath.Join(home, "Library", "Application Support", "oint"), nil
		}
	default:
		if dir := s.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
			return filepath.Join(dir, "oint"), nil
		}
		if home := s.Getenv("HOME"); home != "" {
			return filepath.Join(home, ".local", "share", "oint"), nil
		}
	}
	return "", usageErrorf("there is no folder for oint's data: set OINT_DATA_DIR to one")
}

// picturesFile remembers the pictures of portals; empty where there is no folder
// for it, which costs downloads only.
func (s System) picturesFile() string {
	dir, err := s.dataDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "pictures.db")
}

// lockedWriter is a stream that goroutines write to side by side.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
