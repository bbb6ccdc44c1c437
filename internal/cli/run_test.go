package cli

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/oint-go/oint/catalog"
)

// run calls the command line as main does, with a sandbox of its own.
func runCLI(t *testing.T, sys System, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	if sys.Out == nil {
		sys.Out = &out
	}
	sys.Err = &errs
	dir := t.TempDir()
	getenv := sys.Getenv
	sys.Getenv = func(name string) string {
		if name == "OINT_DATA_DIR" {
			return dir
		}
		if getenv != nil {
			return getenv(name)
		}
		return ""
	}
	code = Run(t.Context(), args, sys)
	return code, out.String(), errs.String()
}

func TestColor(t *testing.T) {
	t.Parallel()
	const key = "\x1b[34m\"result\"\x1b[0m"
	tests := []struct {
		name     string
		terminal bool
		env      map[string]string
		args     []string
		colored  bool
	}{
		{"terminal", true, nil, nil, true},
		{"pipe", false, nil, nil, false},
		{"NO_COLOR", true, map[string]string{"NO_COLOR": "1"}, nil, false},
		{"dumb terminal", true, map[string]string{"TERM": "dumb"}, nil, false},
		{"--out to a word", true, nil, []string{"--out", "_utf8_"}, false},
		{"yaml", true, nil, []string{"--format", "yaml"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sys := System{OutTerminal: tt.terminal, Getenv: func(name string) string { return tt.env[name] }}
			code, out, errs := runCLI(t, sys, append([]string{"bitrix24", "ServerTime", "--url", "sandbox"}, tt.args...)...)
			if code != exitOK || errs != "" {
				t.Fatalf("exit code %d: %s", code, errs)
			}
			if got := strings.Contains(out, key); got != tt.colored || strings.Contains(out, "\x1b") != tt.colored {
				t.Errorf("printed %q", out)
			}
		})
	}
}

// TestHelpPages looks at the page of every function as a stranger would.
func TestHelpPages(t *testing.T) {
	t.Parallel()
	index, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, fn := range index.Functions() {
		t.Run(fn.Name, func(t *testing.T) {
			t.Parallel()
			code, page, errs := runCLI(t, System{}, "bitrix24", fn.Name, "--help")
			if code != exitOK || errs != "" {
				t.Fatalf("exit code %d: %s", code, errs)
			}
			want := []string{fn.Name + " — " + strings.TrimSuffix(fn.Summary, "."), " Usage ", " Example "}
			for i := range fn.Options {
				want = append(want, "--"+fn.Options[i].Name)
			}
			flat := strings.Join(strings.Fields(page), " ")
			for _, w := range want {
				if !strings.Contains(flat, w) {
					t.Errorf("the page lacks %q", w)
				}
			}
			// A long address is broken after a slash.
			if !strings.Contains(strings.ReplaceAll(flat, " ", ""), fn.Doc) {
				t.Errorf("the page lacks %q", fn.Doc)
			}
			for line := range strings.SplitSeq(page, "\n") {
				// Addresses and commands are not broken: they are there to be copied.
				copied := strings.Contains(line, "http") || strings.Contains(line, "oint bitrix24") || strings.HasPrefix(line, "    --")
				if n := utf8.RuneCountInString(line); n > 80 && !copied {
					t.Errorf("a line of %d characters: %s", n, line)
				}
				if strings.TrimRight(line, " ") != line {
					t.Errorf("blanks at the end of %q", line)
				}
			}
		})
	}
}

// brokenPipe is a stdout that nobody reads.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestStdoutBreaks(t *testing.T) {
	t.Parallel()
	code, _, errs := runCLI(t, System{Out: brokenPipe{}}, "bitrix24", "ServerTime", "--url", "sandbox")
	if code != exitNoAnswer || !strings.Contains(errs, "stdout: ") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var errs strings.Builder
	sys := System{Out: io.Discard, Err: &errs, Getenv: func(string) string { return t.TempDir() }}
	if code := Run(ctx, []string{"bitrix24", "ServerTime", "--url", "sandbox"}, sys); code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
	if errs.String() != "oint: interrupted\n" {
		t.Errorf("stderr %q", errs.String())
	}
}

func TestDataDir(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	here, err := filepath.Abs("here")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"OINT_DATA_DIR": "here", "HOME": home}, here},
		{map[string]string{}, ""},
	}
	for _, tt := range tests {
		got, err := System{Getenv: func(name string) string { return tt.env[name] }}.dataDir()
		if got != tt.want {
			t.Errorf("%v: %q, want %q", tt.env, got, tt.want)
		}
		var usage *usageError
		if (tt.want == "") != errors.As(err, &usage) {
			t.Errorf("%v: %v", tt.env, err)
		}
	}
	env := map[string]string{"HOME": home, "LocalAppData": home}
	got, err := System{Getenv: func(name string) string { return env[name] }}.dataDir()
	if err != nil || !strings.HasPrefix(got, home+string(filepath.Separator)) {
		t.Errorf("%q, %v", got, err)
	}
}
