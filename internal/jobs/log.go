package jobs

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"io"
	"sync"
	"time"
)

// Stream tells output from messages.
type Stream int

// The streams of a job.
const (
	Stdout Stream = 1
	Stderr Stream = 2
)

const (
	pieceSize  = 64 << 10 // a piece is stored when it is so large
	largestLog = 32 << 20 // what is printed beyond it is not kept
	logPause   = time.Second
)

const logFull = "[oint: the output is longer than 32 MiB; the rest is not kept]\n"

// record is the output of one run on its way into the database. It is stored in
// whole lines, so that no secret is cut in two, and at least once a second.
type record struct {
	ctx     context.Context
	store   *Store
	job     int64
	command *Command

	mu     sync.Mutex
	lines  [3]bytes.Buffer // by stream
	next   int64
	size   int
	failed error
	quit   chan struct{}
	done   sync.WaitGroup
}

func (s *Store) newRecord(ctx context.Context, job int64, c *Command) (*record, error) {
	r := &record{ctx: ctx, store: s, job: job, command: c, quit: make(chan struct{})}
	err := s.row(ctx, "SELECT coalesce(max(piece), 0), coalesce(sum(length(sealed)), 0) FROM oint_log WHERE job_id = ?", job).Scan(&r.next, &r.size)
	if err != nil {
		return nil, err
	}
	r.done.Go(r.flushing)
	return r, nil
}

func (r *record) flushing() {
	ticker := time.NewTicker(logPause)
	defer ticker.Stop()
	for {
		select {
		case <-r.quit:
			return
		case <-ticker.C:
			r.mu.Lock()
			r.flush(Stdout, false)
			r.flush(Stderr, false)
			r.mu.Unlock()
		}
	}
}

// writer returns where a stream is written to.
func (r *record) writer(stream Stream) io.Writer { return &recorder{record: r, stream: stream} }

type recorder struct {
	record *record
	stream Stream
}

// Write never fails: a command must not end because its output cannot be kept.
func (w *recorder) Write(p []byte) (int, error) {
	r := w.record
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines[w.stream].Write(p)
	if r.lines[w.stream].Len() >= pieceSize {
		r.flush(w.stream, false)
	}
	return len(p), nil
}

// flush stores the whole lines of a stream, or all of it.
func (r *record) flush(stream Stream, all bool) {
	buffer := &r.lines[stream]
	n := bytes.LastIndexByte(buffer.Bytes(), '\n') + 1
	if all || buffer.Len() > 16*pieceSize {
		n = buffer.Len() // a line without an end
	}
	if n == 0 {
		return
	}
	text := r.command.redact(string(buffer.Next(n)))
	if r.size >= largestLog {
		return
	}
	if r.size += len(text); r.size >= largestLog {
		text += logFull
	}
	r.next++
	sealed := base64.StdEncoding.EncodeToString(r.store.seal.seal("log", []byte(text)))
	_, err := r.store.exec(r.ctx, "INSERT INTO oint_log (job_id, piece, stream, sealed) VALUES (?, ?, ?, ?)", r.job, r.next, int(stream), sealed)
	r.failed = errors.Join(r.failed, err)
}

// close stores what is left and tells what could not be stored.
func (r *record) close() error {
	close(r.quit)
	r.done.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flush(Stdout, true)
	r.flush(Stderr, true)
	return r.failed
}

// Logs writes what a job has printed after a piece, and returns the last piece.
func (s *Store) Logs(ctx context.Context, id, after int64, stdout, stderr io.Writer) (int64, error) {
	for {
		var piece int64
		var stream Stream
		var text string
		err := s.row(ctx, "SELECT piece, stream, sealed FROM oint_log WHERE job_id = ? AND piece > ? ORDER BY piece LIMIT 1", id, after).Scan(&piece, &stream, &text)
		if errors.Is(err, sql.ErrNoRows) {
			return after, nil
		}
		if err != nil {
			return after, err
		}
		plain, err := s.openPiece(text)
		if err != nil {
			return after, err
		}
		w := stdout
		if stream == Stderr {
			w = stderr
		}
		if _, err := w.Write(plain); err != nil {
			return after, err
		}
		after = piece
	}
}

func (s *Store) openPiece(text string) ([]byte, error) {
	sealed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errSealed
	}
	return s.seal.open("log", sealed)
}
