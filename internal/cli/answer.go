package cli

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/oint-go/oint/bitrix24"
)

// answer is what came back over HTTP, whatever it means.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// answerOf finds the HTTP answer in a response or in the error of one; nil when
// none was received. An error or a page that is no answer of the portal may
// repeat the address or the token of the call, so secrets are taken out of both.
func answerOf(response *bitrix24.Response[json.RawMessage], err error, redact func(string) string) *answer {
	var (
		portal   *bitrix24.Error
		unusable *bitrix24.AnswerError
	)
	switch {
	case errors.As(err, &portal):
		return &answer{status: portal.Status, header: portal.Header, body: []byte(redact(string(portal.Raw)))}
	case errors.As(err, &unusable):
		return &answer{status: unusable.Status, header: unusable.Header, body: []byte(redact(string(unusable.Raw)))}
	case err != nil || response == nil:
		return nil
	}
	return &answer{status: response.Status, header: response.Header, body: response.Raw}
}

// advanced is the complete HTTP answer as one JSON object, for adv_response.
func (a *answer) advanced() ([]byte, error) {
	body := json.RawMessage(a.body)
	if !json.Valid(a.body) {
		text, err := json.Marshal(string(a.body))
		if err != nil {
			return nil, err
		}
		body = text
	}
	header := map[string]string{}
	for name, values := range a.header {
		header[name] = strings.Join(values, ", ")
	}
	return bitrix24.NewObject("code", a.status, "body", body, "headers", header).MarshalJSON()
}
