package sandbox

import (
	"maps"
	"sync"
	"time"
)

// logSize is how many commands the log keeps unless told otherwise.
const logSize = 10_000

// Command is a command that the portal was asked to run. A batch makes one for
// each of its commands.
type Command struct {
	ID     int64     `json:"id"` // unique within the portal's process, in order
	Time   time.Time `json:"time"`
	Method string    `json:"method"`
	UserID int64     `json:"user"`
	Code   string    `json:"code"`             // of the error; empty when it was carried out
	Record int64     `json:"record,omitempty"` // id of the user or department that was created or changed
}

// Stats are what has happened since the portal was opened in this process.
type Stats struct {
	Requests int64            // HTTP requests to REST methods
	Refused  int64            // of them refused by the leaky bucket
	Commands int64            // commands run, those of batches included
	Failed   int64            // of them ended with an error
	Unknown  map[string]int64 // calls of methods that the sandbox does not have
}

// requestLog counts commands and keeps the last of them.
type requestLog struct {
	size     int
	mu       sync.Mutex
	stats    Stats
	commands []Command
}

func (l *requestLog) request(refused bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.Requests++
	if refused {
		l.stats.Refused++
	}
}

func (l *requestLog) unknown(method string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stats.Unknown == nil {
		l.stats.Unknown = map[string]int64{}
	}
	l.stats.Unknown[method]++
}

func (l *requestLog) command(c Command) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.Commands++
	if c.Code != "" {
		l.stats.Failed++
	}
	c.ID = l.stats.Commands
	if len(l.commands) < l.size {
		l.commands = append(l.commands, c)
		return
	}
	l.commands[(c.ID-1)%int64(l.size)] = c
}

// Stats returns the counters.
func (s *Sandbox) Stats() Stats {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	stats := s.log.stats
	stats.Unknown = maps.Clone(stats.Unknown)
	return stats
}

// Log returns the last commands, the oldest first.
func (s *Sandbox) Log() []Command {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	oldest := 0
	if n := len(s.log.commands); n == s.log.size {
		oldest = int(s.log.stats.Commands % int64(n))
	}
	ordered := make([]Command, 0, len(s.log.commands))
	ordered = append(ordered, s.log.commands[oldest:]...)
	return append(ordered, s.log.commands[:oldest]...)
}
