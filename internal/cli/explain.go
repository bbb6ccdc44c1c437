package cli

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/catalog"
)

// advice is what a portal's error code means and what to do about it.
type advice struct{ meaning, remedy string }

var adviceByCode = map[string]advice{
	"EXPIRED_TOKEN":               {"the access token is older than an hour", "renew it with RefreshToken"},
	"NO_AUTH_FOUND":               {"the portal does not know this webhook or token", "check --url and --token; the code of a webhook changes when somebody edits it"},
	"INVALID_TOKEN":               {"the portal does not know this token", "get a new one with GetToken or RefreshToken"},
	"INSUFFICIENT_SCOPE":          {"the webhook or application lacks the right for this method", "add the module to its rights in the portal"},
	"INVALID_CREDENTIALS":         {"the user behind the webhook or token may not do this", "use one of a user with the rights, usually an administrator"},
	"USER_ACCESS_ERROR":           {"the application is not open to this user", "grant the user access to the application"},
	"ACCESS_DENIED":               {"the portal refuses access", "check the rights of the user behind the webhook or token, and that the plan includes REST"},
	"WRONG_AUTH_TYPE":             {"the method is for applications only", "call it with an access token instead of a webhook"},
	"ERROR_METHOD_NOT_FOUND":      {"the portal does not have this method", "check that the module is installed; the sandbox has only part of the methods"},
	"QUERY_LIMIT_EXCEEDED":        {"too many requests at once", "wait a moment; the call was refused before it ran"},
	"OPERATION_TIME_LIMIT":        {"this method has used up its time for now", "wait up to ten minutes"},
	"OVERLOAD_LIMIT":              {"the portal is blocked by hand", "ask Bitrix24 support"},
	"INVALID_GRANT":               {"the code or refresh token is wrong, used or too old", "authorize again: a code lives 30 seconds, a refresh token 180 days and works once"},
	"INVALID_CLIENT":              {"the authorization server does not know this application", "check --clientid and --clientsecret"},
	"INVALID_REQUEST":             {"the portal refuses the form of the request", "check the address and the parameters"},
	"PORTAL_DELETED":              {"this portal no longer exists", "check --url"},
	"PAYMENT_REQUIRED":            {"the application is not paid for", "renew its subscription"},
	"INTERNAL_SERVER_ERROR":       {"the portal failed", "try again later"},
	"ERROR_UNEXPECTED_ANSWER":     {"the portal failed", "try again later"},
	"ERROR_BATCH_LENGTH_EXCEEDED": {"more than 50 commands in one batch", "split it"},
	"ERROR_ARGUMENT":              {"a parameter is missing or wrong", "check the options"},
	"ERROR_CORE":                  {"the portal refuses the data", "check that the ids exist, that the user behind the call may change them, and the fields"},
}

// explain makes the one line about an error of the portal: code, meaning and
// remedy.
func explain(e *bitrix24.Error) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s answered with an error: ", e.Method)
	code := e.Code
	if code == "" {
		code = fmt.Sprintf("HTTP %d", e.Status)
	}
	b.WriteString(code)
	if d := oneLine(e.Description); d != "" {
		b.WriteString(" (" + d + ")")
	}
	if a, ok := adviceByCode[strings.ToUpper(e.Code)]; ok {
		b.WriteString(" — " + a.meaning + "; " + a.remedy)
	}
	return b.String()
}

// oneLine flattens a portal's description, which may hold HTML line breaks.
func oneLine(s string) string {
	s = strings.NewReplacer("<br>", " ", "<br/>", " ", "<br />", " ").Replace(s)
	return strings.TrimRight(strings.Join(strings.Fields(s), " "), ". ")
}

// withRemedy adds to the error of a call without an answer what the user can do
// about it.
func withRemedy(err error, class catalog.Replay) error {
	var (
		transport   *bitrix24.TransportError
		certificate *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &certificate):
		return &remedied{err, "The call was not carried out. If you trust that server, name its certificate with --" + optCAFile + "."}
	case bitrix24.Ambiguous(err) && class != catalog.Safe:
		return &remedied{err, "The portal may have carried out the call: check before you repeat it."}
	case errors.As(err, &transport) && !transport.MayHaveRun:
		return &remedied{err, "The call was not carried out. Check --url, the network and the proxy."}
	}
	return err
}

// remedied is an error with a second line: what to do.
type remedied struct {
	error
	remedy string
}

func (e *remedied) Error() string { return e.error.Error() + "\n" + e.remedy }
func (e *remedied) Unwrap() error { return e.error }
