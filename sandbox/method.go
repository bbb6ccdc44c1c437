package sandbox

import (
	"context"
	"fmt"
	"net/http"

	"github.com/oint-go/oint/internal/phpquery"
)

// method is one REST method of the portal: what it needs and what it does.
type method struct {
	name    string   // lower case, e.g. "user.update"
	scopes  []string // one of them suffices; empty means basic
	admin   bool     // only administrators
	appOnly bool     // not by webhook

	// positional names the parameters of a method that reads them by their
	// places, see byPosition.
	positional []string

	// largeFiles marks a method whose JSON may hold files larger than memory,
	// see spillFiles.
	largeFiles bool

	run func(*call) (result, error)
}

// call is one REST call on its way through the sandbox. A batch makes one for
// each of its commands.
type call struct {
	ctx     context.Context
	sb      *Sandbox
	method  *method
	params  *phpquery.Array // decoded parameters, without auth
	who     principal
	origin  string // scheme and host the client used, for links in answers
	address string // IP address of the client
	inBatch bool   // one of the commands of a batch
	spilled spilled
}

// principal is who calls: the owner of a webhook or the user of a token.
type principal struct {
	userID   int64
	admin    bool
	scopes   []string
	clientID string // application id; empty for a webhook
	webhook  string // code of the webhook; empty for a token
}

// result is what a method answers. Value is anything encoding/json can write;
// an ordered object is a *phpquery.Array. Total and Next stand beside "result"
// when they are set.
type result struct {
	value  any
	total  *int64
	next   *int64
	file   *file // a binary answer instead of JSON
	record int64 // what was created or changed, for the log
}

// restError is an error in the portal's own words.
type restError struct {
	status      int
	code        string
	description string
}

func (e *restError) Error() string {
	return fmt.Sprintf("%s: %s (HTTP %d)", e.code, e.description, e.status)
}

// badRequest is the status most methods use for their own errors.
func badRequest(code, description string) *restError {
	return &restError{status: http.StatusBadRequest, code: code, description: description}
}
