package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
)

// FaultKind is what goes wrong.
type FaultKind string

// The faults of single commands, alone or in a batch. The command is not
// executed.
const (
	FaultOperationLimit FaultKind = "operation_limit" // 429 OPERATION_TIME_LIMIT
	FaultCommandError   FaultKind = "command_error"   // 500 INTERNAL_SERVER_ERROR
)

// The faults of requests that are not executed.
const (
	FaultQueryLimit   FaultKind = "query_limit"   // 503 QUERY_LIMIT_EXCEEDED
	FaultExpiredToken FaultKind = "expired_token" // 401 expired_token
	FaultOverload     FaultKind = "overload"      // 503 OVERLOAD_LIMIT
	FaultErrorBefore  FaultKind = "error_before"  // 500 INTERNAL_SERVER_ERROR
	FaultResetBefore  FaultKind = "reset_before"  // the connection is reset
	FaultHTML         FaultKind = "html"          // 502 and a page in HTML
	FaultRedirect     FaultKind = "redirect"      // 302 to the same path at Location
)

// The faults of requests that are executed.
const (
	FaultErrorAfter  FaultKind = "error_after"  // 500 INTERNAL_SERVER_ERROR
	FaultResetAfter  FaultKind = "reset_after"  // the connection is reset
	FaultHTMLAfter   FaultKind = "html_after"   // 502 and a page in HTML
	FaultSlow        FaultKind = "slow"         // Delay before the execution
	FaultSlowAfter   FaultKind = "slow_after"   // Delay after the execution
	FaultTruncated   FaultKind = "truncated"    // half of the body, with the right Content-Length
	FaultWrongLength FaultKind = "wrong_length" // Content-Length announces more than the body
)

var faultKinds = []FaultKind{
	FaultOperationLimit, FaultCommandError,
	FaultQueryLimit, FaultExpiredToken, FaultOverload, FaultErrorBefore, FaultResetBefore, FaultHTML, FaultRedirect,
	FaultErrorAfter, FaultResetAfter, FaultHTMLAfter, FaultSlow, FaultSlowAfter, FaultTruncated, FaultWrongLength,
}

// tokenEndpoint is the Method of the faults of the authorization server.
const tokenEndpoint = "oauth/token"

// Fault is something that goes wrong with some of the requests. At most one
// fault happens to a request, and one more to each of its commands: the first
// of the list that is due.
type Fault struct {
	Kind        FaultKind
	Method      string        // REST method or a pattern like "user.*"; "batch" is the outer request, "oauth/token" the token endpoint; empty means every REST method
	Probability float64       // of happening; 0 means always
	Count       int           // how often at most; 0 means no limit
	After       int           // so many matching requests go through first
	Delay       time.Duration // of the slow kinds
	Location    string        // scheme and host that a redirect leads to
}

// ofCommand tells whether the fault happens to a command instead of a request.
func (k FaultKind) ofCommand() bool { return k == FaultOperationLimit || k == FaultCommandError }

func (k FaultKind) slow() bool { return k == FaultSlow || k == FaultSlowAfter }

// check refuses a fault that could not happen as it is written.
func (f *Fault) check() error {
	switch {
	case !slices.Contains(faultKinds, f.Kind):
		return fmt.Errorf("unknown kind %q; the kinds are %s", f.Kind, kindNames())
	case !(f.Probability >= 0 && f.Probability <= 1):
		return fmt.Errorf("probability is a number from 0 to 1, not %v", f.Probability)
	case f.Count < 0:
		return errors.New("count cannot be negative")
	case f.After < 0:
		return errors.New("after cannot be negative")
	case f.Delay < 0:
		return errors.New("delay cannot be negative")
	case f.Kind.slow() && f.Delay == 0:
		return fmt.Errorf("%s needs a delay, e.g. \"150ms\"", f.Kind)
	case !f.Kind.slow() && f.Delay > 0:
		return fmt.Errorf("%s has no delay; slow and slow_after have one", f.Kind)
	}
	if err := f.checkMethod(); err != nil {
		return err
	}
	return f.checkLocation()
}

func (f *Fault) checkMethod() error {
	token, err := path.Match(strings.ToLower(f.Method), tokenEndpoint)
	if err != nil {
		return fmt.Errorf("method %q is no pattern", f.Method)
	}
	if token && f.Kind.ofCommand() {
		return fmt.Errorf("%s is of commands; the token endpoint has none", f.Kind)
	}
	return nil
}

func (f *Fault) checkLocation() error {
	if f.Kind != FaultRedirect {
		if f.Location != "" {
			return fmt.Errorf("%s has no location; redirect has one", f.Kind)
		}
		return nil
	}
	u, err := url.Parse(f.Location)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("redirect needs a location like \"https://renamed.example\", not %q", f.Location)
	}
	return nil
}

func kindNames() string {
	names := make([]string, len(faultKinds))
	for i, kind := range faultKinds {
		names[i] = string(kind)
	}
	return strings.Join(names, ", ")
}

// faultText is a fault in JSON, its delay as a person writes it.
type faultText struct {
	Kind        FaultKind `json:"kind"`
	Method      string    `json:"method,omitempty"`
	Probability float64   `json:"probability,omitempty"`
	Count       int       `json:"count,omitempty"`
	After       int       `json:"after,omitempty"`
	Delay       string    `json:"delay,omitempty"`
	Location    string    `json:"location,omitempty"`
}

// MarshalJSON writes the fault as ParseFaults reads it.
func (f Fault) MarshalJSON() ([]byte, error) {
	text := faultText{f.Kind, f.Method, f.Probability, f.Count, f.After, "", f.Location}
	if f.Delay != 0 {
		text.Delay = f.Delay.String()
	}
	return json.Marshal(text)
}

// UnmarshalJSON reads one fault and refuses members that a fault does not have.
func (f *Fault) UnmarshalJSON(data []byte) error {
	var text faultText
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&text); err != nil {
		return readable(err)
	}
	read := Fault{text.Kind, text.Method, text.Probability, text.Count, text.After, 0, text.Location}
	if text.Delay != "" {
		var err error
		if read.Delay, err = time.ParseDuration(text.Delay); err != nil {
			return fmt.Errorf("delay is a time like \"150ms\", not %q", text.Delay)
		}
	}
	*f = read
	return nil
}

// readable takes the words of Go out of an error of encoding/json.
func readable(err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Field == "":
		return fmt.Errorf("a fault is a JSON object, not %s", wrong.Value)
	case errors.As(err, &wrong):
		return fmt.Errorf("%s cannot be %s", wrong.Field, wrong.Value)
	}
	return errors.New(strings.TrimPrefix(err.Error(), "json: "))
}

// ParseFaults reads a JSON list of faults:
//
//	[{"kind": "reset_after", "method": "user.add", "probability": 0.1, "count": 5}]
func ParseFaults(data []byte) ([]Fault, error) {
	var list []json.RawMessage
	err := json.Unmarshal(data, &list)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong), err == nil && list == nil:
		return nil, errors.New("faults are a JSON list, e.g. [{\"kind\": \"query_limit\"}]")
	case err != nil:
		return nil, fmt.Errorf("faults are no JSON: %w", err)
	}
	faults := make([]Fault, len(list))
	for i, text := range list {
		if err := json.Unmarshal(text, &faults[i]); err != nil {
			return nil, fmt.Errorf("fault %d: %w", i+1, err)
		}
	}
	return faults, checkFaults(faults)
}

func checkFaults(faults []Fault) error {
	for i := range faults {
		if err := faults[i].check(); err != nil {
			return fmt.Errorf("fault %d: %w", i+1, err)
		}
	}
	return nil
}
