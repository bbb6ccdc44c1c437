// Package queue keeps calls that are made later, in a file of the user or in a
// PostgreSQL database: a bitrix24.JobStore for Client.Background. "oint worker"
// makes the calls; "oint jobs" lists, awaits and repeats them.
package queue

import (
	"context"
	"errors"
	"strings"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/jobs"
)

// Options say where the queue is.
type Options struct {
	// Dir is the folder of jobs.db, the same that "oint jobs" of this user
	// reads: OINT_DATA_DIR, or by the custom of the operating system
	// ~/.local/share/oint, ~/Library/Application Support/oint or
	// %LocalAppData%\oint.
	Dir string
	// Postgres is the address of a database, postgres://…, instead of the
	// folder: what the workers have in OINT_JOBS.
	Postgres string
	// Key seals what the queue keeps: what the workers have in OINT_JOBS_KEY.
	// With a folder it may be empty; then the keyring or a file holds it.
	Key bitrix24.Secret
}

// Store is a queue of calls. It is safe for use by many goroutines at once.
type Store struct{ jobs *jobs.Store }

// Open opens a queue, and makes it when it is missing. It starts no worker.
func Open(ctx context.Context, o Options) (*Store, error) {
	if (o.Dir == "") == (o.Postgres == "") {
		return nil, errors.New("queue: one of Dir and Postgres says where the queue is")
	}
	store, err := jobs.Open(ctx, jobs.Options{Dir: o.Dir, Postgres: o.Postgres, Key: o.Key.Reveal()})
	if err != nil {
		return nil, err
	}
	return &Store{jobs: store}, nil
}

// Close closes the file or the database.
func (s *Store) Close() error { return s.jobs.Close() }

// Enqueue implements bitrix24.JobStore.
func (s *Store) Enqueue(ctx context.Context, c bitrix24.BackgroundCall) (bitrix24.Job, error) {
	address, token := c.Address.Reveal(), c.Token.Reveal()
	command := &jobs.Command{
		Title:  c.Request.Method,
		Text:   c.Request.Method,
		Portal: c.Portal,
		Repeat: c.Request.Replay != bitrix24.Once,
		Call: &jobs.Call{
			Address: address, Token: token, Insecure: c.Insecure,
			Method: c.Request.Method, HTTP: c.Request.HTTP, V3: c.Request.V3, Replay: uint8(c.Request.Replay),
			Params: c.Params, Timeout: c.Timeout, Retries: c.Retries,
		},
	}
	for _, secret := range []string{token, code(address)} {
		if secret != "" {
			command.Secrets = append(command.Secrets, secret)
		}
	}
	job, err := s.jobs.Enqueue(ctx, command, jobs.How{Portal: strings.ToLower(c.Portal)})
	if err != nil {
		return bitrix24.Job{}, err
	}
	return bitrix24.Job{ID: job.ID, Kind: job.Kind, State: string(job.State), CreatedAt: job.CreatedAt, Portal: job.Portal}, nil
}

// code is the secret in the address of a webhook.
func code(address string) string {
	if !bitrix24.IsWebhook(address) {
		return ""
	}
	address = strings.TrimRight(address, "/")
	return address[strings.LastIndexByte(address, '/')+1:]
}
