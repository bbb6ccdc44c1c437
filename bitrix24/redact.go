package bitrix24

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
)

// redactor takes secrets out of texts that may leave the process: the ones it
// was told, and whatever stands where a secret usually stands.
type redactor struct {
	mu      sync.Mutex
	secrets []Secret
	known   atomic.Pointer[strings.Replacer]
}

func newRedactor(secrets ...Secret) *redactor {
	r := &redactor{}
	r.add(secrets...)
	return r
}

// add makes the redactor know secrets in their plain, query and JSON spelling.
func (r *redactor) add(secrets ...Secret) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets = append(r.secrets, secrets...)
	r.known.Store(strings.NewReplacer(spellings(r.secrets)...))
}

// spellings returns each spelling of each secret, followed by what to show
// instead.
func spellings(secrets []Secret) []string {
	var pairs []string
	for _, s := range secrets {
		// Shorter texts would blank out parts of ordinary words; the
		// patterns below still find them in their places.
		if len(s.text) < 4 {
			continue
		}
		pairs = append(pairs, s.text, hidden)
		if q := url.QueryEscape(s.text); q != s.text {
			pairs = append(pairs, q, hidden)
		}
		if p := url.PathEscape(s.text); p != s.text {
			pairs = append(pairs, p, hidden)
		}
		if j := string(appendString(nil, s.text)); j != `"`+s.text+`"` {
			pairs = append(pairs, j[1:len(j)-1], hidden)
		}
	}
	return pairs
}

// places are the places where secrets stand.
type places struct{ path, query, json, userinfo *regexp.Regexp }

var secretPlaces = sync.OnceValue(func() places {
	const names = `auth|token|access_token|refresh_token|client_secret|application_token|auth_id|refresh_id|password|user_password|secret|uploadurl`
	return places{
		path:     regexp.MustCompile(`(?i)(/rest/(?:api/)?\d+/)[^/\s"'?#]+`),
		query:    regexp.MustCompile(`(?i)\b(` + names + `|code)=[^&\s"'<>]+`),
		json:     regexp.MustCompile(`(?i)("(?:` + names + `)"\s*:\s*)"(?:[^"\\]|\\.)*"`),
		userinfo: regexp.MustCompile(`(://)[^/\s"'@]+@`),
	}
})

// text returns s without secrets.
func (r *redactor) text(s string) string {
	p := secretPlaces()
	s = r.known.Load().Replace(s)
	s = p.path.ReplaceAllString(s, "${1}"+hidden)
	s = p.query.ReplaceAllString(s, "${1}="+hidden)
	s = p.json.ReplaceAllString(s, `${1}"`+hidden+`"`)
	return p.userinfo.ReplaceAllString(s, "${1}"+hidden+"@")
}

// header returns a copy of h without secrets.
func (r *redactor) header(h http.Header) http.Header {
	clean := make(http.Header, len(h))
	for name, values := range h {
		for _, value := range values {
			switch name {
			case "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie":
				value = hidden
			default:
				value = r.text(value)
			}
			clean[name] = append(clean[name], value)
		}
	}
	return clean
}
