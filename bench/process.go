package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// processes times the program from start to exit.
func (b bench) processes(ctx context.Context) ([]figure, error) {
	help, err := b.timed(ctx, "--help")
	if err != nil {
		return nil, err
	}
	list, err := b.timed(ctx, "bitrix24")
	if err != nil {
		return nil, err
	}
	page, err := b.timed(ctx, "bitrix24", "UpdateUser", "--help")
	if err != nil {
		return nil, err
	}
	portal, err := b.serve(ctx, "process.db")
	if err != nil {
		return nil, err
	}
	update, err := b.timed(ctx, "bitrix24", "UpdateUser", "--url", portal.webhook, "--userid", "2", "--fields", "{'NAME':'Oleg','LAST_NAME':'Lama'}")
	return []figure{
		{"oint --help, start to exit", milliseconds(help), "≤ 25 ms"},
		{"oint bitrix24, the list of functions", milliseconds(list), "≤ 5 ms more than with 16 functions"},
		{"oint bitrix24 UpdateUser --help", milliseconds(page), "≤ 5 ms more than with 16 functions"},
		{"oint bitrix24 UpdateUser over HTTP, start to exit", milliseconds(update), "≤ 40 ms"},
	}, errors.Join(err, portal.stop())
}

// timed is the median time of a command.
func (b bench) timed(ctx context.Context, args ...string) (time.Duration, error) {
	times := make([]time.Duration, b.runs)
	for i := range times {
		began := time.Now()
		if out, err := exec.CommandContext(ctx, b.oint, args...).CombinedOutput(); err != nil {
			return 0, fmt.Errorf("oint %s: %w\n%s", args[0], err, out)
		}
		times[i] = time.Since(began)
	}
	return median(times), nil
}

// served is a running "oint sandbox serve".
type served struct {
	webhook string
	command *exec.Cmd
}

// far is a portal as one over the internet: limits of a cloud plan, 150 ms away,
// every command takes 20 ms.
var far = []string{"--plan", "standard", "--latency", "150ms", "--command-time", "20ms"}

// serve starts a portal over a database file, without limits unless options say
// otherwise.
func (b bench) serve(ctx context.Context, db string, options ...string) (*served, error) {
	args := []string{"sandbox", "serve", "--addr", "127.0.0.1:0", "--plan", "off", "--db", filepath.Join(b.dir, db)}
	cmd := exec.CommandContext(ctx, b.oint, append(args, options...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &served{command: cmd}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if name == "Webhook" {
			s.webhook = strings.TrimSpace(value)
			return s, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("oint sandbox serve ended before it served"), cmd.Wait())
}

func (s *served) stop() error {
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return s.command.Wait()
}
