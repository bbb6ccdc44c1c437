package jobs

import (
	"encoding/json"
	"strings"
	"time"
)

// Command is what a job runs: the words of a command line, or one call of a REST
// method given in Go. It is stored sealed.
type Command struct {
	Title  string `json:"title"`            // kind of the job for people: the function, the verb or the method
	Text   string `json:"text"`             // the command line without its secrets
	Portal string `json:"portal,omitempty"` // the portal without its secrets

	Words []string          `json:"words,omitempty"`
	Env   map[string]string `json:"env,omitempty"`
	Dir   string            `json:"dir,omitempty"`
	Call  *Call             `json:"call,omitempty"`

	Repeat  bool     `json:"repeat"`            // a run that was cut off may be repeated
	Fine    int      `json:"fine,omitempty"`    // an exit code besides 0 of a run that did its work
	Secrets []string `json:"secrets,omitempty"` // texts to take out of the output
}

// Call is a call of a REST method.
type Call struct {
	Address  string          `json:"address"`
	Token    string          `json:"token,omitempty"`
	Insecure bool            `json:"insecure,omitempty"`
	Method   string          `json:"method"`
	HTTP     string          `json:"http,omitempty"`
	V3       bool            `json:"v3,omitempty"`
	Replay   uint8           `json:"replay,omitempty"`
	Params   json.RawMessage `json:"params,omitempty"`
	Timeout  time.Duration   `json:"timeout,omitempty"`
	Retries  int             `json:"retries,omitempty"`
}

// print is what makes two commands the same.
func (c *Command) print() (string, error) {
	same := Command{Words: c.Words, Env: c.Env, Dir: c.Dir, Call: c.Call}
	text, err := json.Marshal(&same) // maps are written in the order of their keys
	return string(text), err
}

// redact takes the command's secrets out of a text of its output.
func (c *Command) redact(text string) string {
	var pairs []string
	for _, s := range c.Secrets {
		if len(s) >= 4 { // shorter ones would blank out parts of words
			pairs = append(pairs, s, "***")
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// commandArgs is a job in River's table.
type commandArgs struct {
	Portal string `json:"portal"`                  // keyed hash
	Print  string `json:"print" river:"unique"`    // keyed hash
	Tick   string `json:"tick" river:"unique"`     // which run of a schedule; empty without one
	Parent int64  `json:"parent,omitempty,string"` // the schedule
	Repeat bool   `json:"repeat"`
	Sealed []byte `json:"sealed"`
}

// Kind names the kind of job in River's table.
func (commandArgs) Kind() string { return "command" }

// scheduleArgs is a schedule in River's table: a job that puts another one into
// the queue whenever its time has come, and waits for the next time.
type scheduleArgs struct {
	commandArgs

	Cron string `json:"cron"`
}

// Kind names the kind of job in River's table.
func (scheduleArgs) Kind() string { return "schedule" }
