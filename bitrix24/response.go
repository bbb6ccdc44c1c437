package bitrix24

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Response is the answer to a call.
type Response[T any] struct {
	Result T
	Time   Time
	Total  *int64 // of a list: rows in all; nil when the method does not count
	Next   *int64 // of a list: start of the next page; nil on the last one
	Status int
	Header http.Header
	Raw    []byte // the exact bytes of the answer
}

// Time is the portal's account of a call. Every part may be missing, then it is
// zero.
type Time struct {
	Start            float64 `json:"start"`              // unix time, seconds
	Finish           float64 `json:"finish"`             // unix time, seconds
	Duration         float64 `json:"duration"`           // seconds
	Processing       float64 `json:"processing"`         // seconds
	DateStart        string  `json:"date_start"`         // ISO 8601 with offset
	DateFinish       string  `json:"date_finish"`        // ISO 8601 with offset
	Operating        float64 `json:"operating"`          // seconds the method has used in the last ten minutes
	OperatingResetAt float64 `json:"operating_reset_at"` // unix time when the oldest part of them drops out
}

// ResetAt is OperatingResetAt as a time; the zero time when it is missing.
func (t Time) ResetAt() time.Time {
	if t.OperatingResetAt == 0 {
		return time.Time{}
	}
	return time.Unix(int64(t.OperatingResetAt), 0)
}

// read takes the parts out of valid JSON; an odd one counts as missing. Every
// answer has a time, and a batch one for each command, so it is worth its own
// reader.
func (t *Time) read(raw json.RawMessage) {
	for name, value := range objectMembers(raw) {
		switch name {
		case "start":
			t.Start = float(value)
		case "finish":
			t.Finish = float(value)
		case "duration":
			t.Duration = float(value)
		case "processing":
			t.Processing = float(value)
		case "operating":
			t.Operating = float(value)
		case "operating_reset_at":
			t.OperatingResetAt = float(value)
		case "date_start":
			t.DateStart = plainText(value)
		case "date_finish":
			t.DateFinish = plainText(value)
		}
	}
}

// float is the number of a JSON value; 0 when it is none.
func float(raw json.RawMessage) float64 {
	if len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9') {
		if f, err := strconv.ParseFloat(string(raw), 64); err == nil {
			return f
		}
	}
	return 0
}

// plainText is the text of a JSON value; empty when it is none.
func plainText(raw json.RawMessage) string {
	if len(raw) > 0 && raw[0] == '"' {
		return memberName(raw)
	}
	return ""
}

// incoming is an HTTP answer on its way to a Response.
type incoming struct {
	method   string
	host     string
	status   int
	header   http.Header
	body     []byte
	grant    bool // of the authorization server: the body is the result
	envelope envelope
}

// envelope is what surrounds the result of a REST method.
type envelope struct {
	Result, Error, Description json.RawMessage
	Time                       Time
	Total, Next                *ID
}

// read takes the parts out of valid JSON. A result must not be lost to what
// stands beside it, so a part that is odd counts as missing.
func (e *envelope) read(body []byte) {
	for name, value := range objectMembers(body) {
		switch name {
		case "result":
			e.Result = value
		case "error":
			e.Error = value
		case "error_description":
			e.Description = value
		case "time":
			e.Time.read(value)
		case "total":
			e.Total = count(value)
		case "next":
			e.Next = count(value)
		}
	}
}

// count reads a number of rows; nil when it is none.
func count(raw json.RawMessage) *ID {
	var n *ID
	if json.Unmarshal(raw, &n) != nil {
		return nil
	}
	return n
}

func (in *incoming) response(result json.RawMessage) *Response[json.RawMessage] {
	return &Response[json.RawMessage]{
		Result: result, Time: in.envelope.Time, Total: (*int64)(in.envelope.Total), Next: (*int64)(in.envelope.Next),
		Status: in.status, Header: in.header, Raw: in.body,
	}
}

// verdict reads the answer: the "error" key first, since some methods answer
// errors with status 200, then the status.
func (in *incoming) verdict(r *redactor) error {
	body := bytes.TrimSpace(in.body)
	if len(body) == 0 {
		return in.unusable("an empty body", r)
	}
	if body[0] != '{' {
		if json.Valid(body) {
			return in.unusable("JSON that is no object", r)
		}
		return in.unusable("a body that is not JSON", r)
	}
	if !json.Valid(body) {
		return in.unusable("broken JSON", r)
	}
	in.envelope.read(body)
	if in.grant && in.envelope.Error == nil {
		in.envelope.Result = body
	}
	code, description, failed := in.envelope.failure()
	if !failed && in.status < 400 {
		if in.envelope.Result == nil {
			return in.unusable("JSON without a result", r)
		}
		return nil
	}
	return &Error{
		Code: code, Description: r.text(description), Status: in.status, Method: in.method,
		Header: in.header, Raw: in.body,
	}
}

// failure reads the error of an answer in all its documented forms: a text, a
// number, an empty text, or the object of REST 3.0. An empty or zero code
// beside a result is no error.
func (e *envelope) failure() (code, description string, failed bool) {
	raw := bytes.TrimSpace(e.Error)
	if len(raw) == 0 || string(raw) == "null" || string(raw) == "false" {
		return "", textOf(e.Description), false
	}
	if raw[0] == '{' {
		var v3 struct {
			Code       Text `json:"code"`
			Message    Text `json:"message"`
			Validation []struct {
				Field   Text `json:"field"`
				Message Text `json:"message"`
			} `json:"validation"`
		}
		if json.Unmarshal(raw, &v3) != nil {
			return "", string(raw), true
		}
		description = string(v3.Message)
		for _, v := range v3.Validation {
			description += fmt.Sprintf("; %s: %s", v.Field, v.Message)
		}
		return string(v3.Code), strings.TrimPrefix(description, "; "), true
	}
	code = textOf(raw)
	failed = code != "" && code != "0" || e.Result == nil
	return code, textOf(e.Description), failed
}

// textOf returns a JSON text's content and any other JSON as it is written.
func textOf(raw json.RawMessage) string {
	var s string
	if len(raw) > 0 && json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// unusable makes the error of an answer that cannot be read.
func (in *incoming) unusable(reason string, r *redactor) *AnswerError {
	snippet := strings.Join(strings.Fields(strings.ToValidUTF8(string(in.body[:min(len(in.body), 400)]), "\ufffd")), " ")
	return &AnswerError{
		Method: in.method, Host: in.host, Reason: reason, Snippet: shorten(r.text(snippet), 120),
		Status: in.status, Header: in.header, Raw: in.body,
	}
}

// decodeResult reads the result of an answer, or what stands under a key of it,
// into T.
func decodeResult[T any](in *incoming, unwrap string) (*Response[T], error) {
	typed := &Response[T]{
		Time: in.envelope.Time, Total: (*int64)(in.envelope.Total), Next: (*int64)(in.envelope.Next),
		Status: in.status, Header: in.header, Raw: in.body,
	}
	if err := decodeMember(in.envelope.Result, unwrap, &typed.Result); err != nil {
		return nil, &AnswerError{
			Method: in.method, Host: in.host, Status: in.status, Header: in.header, Raw: in.body,
			Reason: fmt.Sprintf("a result that is no %T (%v)", typed.Result, err),
		}
	}
	return typed, nil
}

// decodeMember decodes the value under a key of a result, or with an empty key
// the whole of it. A list is decoded whole too: [] is how PHP writes an empty
// structure.
func decodeMember(result json.RawMessage, key string, into any) error {
	if key == "" || len(result) == 0 || result[0] != '{' {
		return json.Unmarshal(result, into)
	}
	for name, value := range objectMembers(result) {
		if name == key {
			return json.Unmarshal(value, into)
		}
	}
	return fmt.Errorf("it has no %q", key)
}
