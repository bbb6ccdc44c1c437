package sandbox

import (
	"net/http"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// maxBatch is the number of commands a batch may have.
const maxBatch = 50

// sections are the parts of a batch's result, each keyed by command and a list
// while it is empty.
type sections struct{ result, failed, total, next, time *phpquery.Array }

// batch runs up to fifty commands in their order
// (https://apidocs.bitrix24.com/settings/how-to-call-rest-api/batch.html). It
// succeeds whatever becomes of them; halt ends it after the first that fails.
func (s *Sandbox) batch(c *call) (timed, error) {
	commands, _ := c.params.GetFold("cmd")
	list, ok := commands.(*phpquery.Array)
	if !ok {
		return timed{}, badRequest("ERROR_ARGUMENT", "Argument 'cmd' is null or empty")
	}
	if list.Len() > maxBatch {
		return timed{}, badRequest("ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
	}
	halt := isTrue(c.text("halt"))
	out := sections{phpquery.NewArray(), phpquery.NewArray(), phpquery.NewArray(), phpquery.NewArray(), phpquery.NewArray()}
	answer := timed{began: s.now()}
	for key, command := range list.All() {
		err := s.runCommand(c, key, phpquery.Text(command), &out)
		if c.ctx.Err() != nil {
			return timed{}, c.ctx.Err()
		}
		if err != nil {
			e := restErrorOf(err)
			failure := phpquery.NewArray()
			failure.Set("error", e.code)
			failure.Set("error_description", e.description)
			out.failed.Set(key, failure)
			if halt {
				break
			}
		}
	}
	body := phpquery.NewArray()
	body.Set("result", out.result)
	body.Set("result_error", out.failed)
	body.Set("result_total", out.total)
	body.Set("result_next", out.next)
	body.Set("result_time", out.time)
	answer.value, answer.ended = body, s.now()
	return answer, nil
}

// runCommand runs one command, "method?query", and puts its outcome into the
// sections.
func (s *Sandbox) runCommand(c *call, key, command string, out *sections) error {
	name, query, _ := strings.Cut(strings.TrimLeft(command, "/"), "?")
	name = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), ".json"))
	if name == "batch" || notInBatch[name] {
		return &restError{http.StatusMethodNotAllowed, "ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage"}
	}
	params := phpquery.Parse(query)
	params.Delete("auth")
	resolve(params, out.result)
	answer, err := s.run(&call{ctx: c.ctx, sb: s, params: params, who: c.who, origin: c.origin, address: c.address, inBatch: true}, name)
	if err != nil {
		return err
	}
	value, err := tree(answer.value)
	if err != nil {
		return err
	}
	out.result.Set(key, value)
	if answer.total != nil {
		out.total.Set(key, *answer.total)
	}
	if answer.next != nil {
		out.next.Set(key, *answer.next)
	}
	out.time.Set(key, answer.account(answer.began, answer.ended))
	return nil
}

// notInBatch are the methods that answer with a file or take one.
var notInBatch = map[string]bool{"user.userfield.file.get": true, downloadAction: true, uploadAction: true}

func isTrue(text string) bool {
	switch strings.ToLower(text) {
	case "", "0", "false", "n", "no":
		return false
	}
	return true
}

// tree makes any result one that references can walk.
func tree(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, string, *phpquery.Array:
		return v, nil
	}
	text, err := phpquery.AppendJSON(nil, v)
	if err != nil {
		return nil, err
	}
	return phpquery.Decode(text)
}
