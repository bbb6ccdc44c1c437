package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/jobs"
	"github.com/oint-go/oint/internal/render"
)

// childCommand is the hidden command that runs one job.
const childCommand = "job-child"

// handover is what a worker writes into the pipe.
type handover struct {
	Command *jobs.Command
	Grace   time.Duration // that the command has to end once the pipe has ended
}

// children runs commands for a worker.
type children struct {
	// grace is a part of the lease: when the worker has died, its commands must
	// have ended before somebody else begins them.
	grace time.Duration
	// patience is how long a command that was told to stop may finish what it has
	// sent, while the worker lives.
	patience time.Duration
}

// stopWord tells a command to stop. It is no part of JSON.
const stopWord = "!"

// run runs a command in a process of its own, so that whatever happens to it
// does not happen to the worker. What is secret goes through a pipe: command
// lines and environments can be seen by others. A word in the pipe tells the
// process to stop, and its end to stop soon; so it also stops when the worker
// dies.
func (r children) run(ctx context.Context, c *jobs.Command, stdout, stderr io.Writer) (int, error) {
	cmd, err := self(childCommand)
	if err != nil {
		return 0, err
	}
	text, err := json.Marshal(handover{Command: c, Grace: r.grace})
	if err != nil {
		return 0, err
	}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return 0, err
	}
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = stdout, stderr, ownGroup()
	cmd.Env = without(os.Environ(), append([]string{"OINT_JOBS", jobs.KeyVariable}, taken...)...)
	cmd.Dir = c.Dir
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("start the command in %s: %w", c.Dir, err)
	}
	ended := make(chan struct{})
	go r.attend(ctx, ended, pipe, cmd.Process)
	_, written := pipe.Write(append(text, '\n'))
	err = cmd.Wait()
	close(ended)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, errors.Join(err, written)
	}
	return cmd.ProcessState.ExitCode(), nil
}

// attend stops a command when the context ends: with a word first, then with the
// end of its pipe, then by force.
func (r children) attend(ctx context.Context, ended <-chan struct{}, pipe io.WriteCloser, process *os.Process) {
	select {
	case <-ended:
		return
	case <-ctx.Done():
	}
	if !errors.Is(context.Cause(ctx), jobs.ErrPatience) {
		_, _ = io.WriteString(pipe, stopWord) // a process that has ended needs none
		select {
		case <-ended:
			return
		case <-time.After(r.patience):
		}
	}
	_ = pipe.Close()
	select {
	case <-ended:
	case <-time.After(2 * r.grace):
		_ = process.Kill()
	}
}

// image is this program on Linux, even after its file was replaced or deleted, as
// "go run" does.
const image = "/proc/self/exe"

// self is a command of this program.
func self(words ...string) (*exec.Cmd, error) {
	exe := image
	if _, err := os.Stat(image); err != nil {
		if exe, err = os.Executable(); err != nil {
			return nil, err
		}
	}
	cmd := exec.Command(exe, words...) //nolint:noctx // it must outlive, or be told to stop by a pipe
	cmd.Args[0] = os.Args[0]
	return cmd, nil
}

// without returns an environment without some variables.
func without(environ []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.Contains(names, name)
	})
}

func newChild(sys System) *cobra.Command {
	return &cobra.Command{
		Use:    childCommand,
		Short:  "Run one job for a worker",
		Hidden: true,
		Args:   noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			decoder := json.NewDecoder(sys.In)
			var given handover
			if err := decoder.Decode(&given); err != nil || given.Command == nil {
				return usageErrorf("%s is for workers, which hand over the job by a pipe", childCommand)
			}
			for name, value := range given.Command.Env {
				if err := os.Setenv(name, value); err != nil {
					return err
				}
			}
			sys.In = io.MultiReader(decoder.Buffered(), sys.In)
			return runJob(cmd.Context(), sys, &given)
		},
	}
}

// runJob runs a command until its end or, for a while, beyond the end of the pipe.
// It is told to stop by a word in the pipe, or by its end.
func runJob(ctx context.Context, sys System, given *handover) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	sys.inJob = true
	result := make(chan error, 1)
	go func() {
		if call := given.Command.Call; call != nil {
			result <- runCall(ctx, sys, call)
			return
		}
		result <- codeError(Run(ctx, given.Command.Words, sys))
	}()
	gone := make(chan struct{})
	go func() {
		pipe := bufio.NewReader(sys.In)
		_, _ = pipe.ReadString(stopWord[0]) // an error is an end too
		stop()
		_, _ = io.Copy(io.Discard, pipe)
		time.Sleep(given.Grace)
		close(gone)
	}()
	select {
	case err := <-result:
		return err
	case <-gone:
		return codeError(exitInterrupted)
	}
}

// runCall makes a call that was given in Go and prints its answer.
func runCall(ctx context.Context, sys System, c *jobs.Call) error {
	options := []bitrix24.Option{bitrix24.WithTimeout(c.Timeout)}
	if c.Token != "" {
		options = append(options, bitrix24.WithToken(c.Token))
	}
	if c.Insecure {
		options = append(options, bitrix24.WithInsecureHTTP())
	}
	if c.Retries > 0 {
		options = append(options, bitrix24.WithRetries(c.Retries))
	}
	client, err := bitrix24.New(c.Address, options...)
	if err != nil {
		return err
	}
	request := bitrix24.Request{Method: c.Method, HTTP: c.HTTP, V3: c.V3, Replay: bitrix24.Replay(c.Replay)}
	if len(c.Params) > 0 {
		params := bitrix24.NewObject()
		if err := params.UnmarshalJSON(c.Params); err != nil {
			return err
		}
		request.Params = params
	}
	response, failed := client.Call(ctx, request)
	if a := answerOf(response, failed, client.Redact); a != nil {
		if err := render.Write(sys.Out, a.body, render.Options{Format: render.JSON}); err != nil {
			return err
		}
	}
	return failed
}
