package bitrix24

import (
	"net/http"
	"net/url"
)

// maxHops is how many redirects one attempt follows.
const maxHops = 5

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// redirectTarget returns where a renamed portal wants the request to go. The
// caller sends it there with the same verb and body: net/http would turn it
// into a GET and lose the parameters.
func redirectTarget(from *url.URL, in *incoming, hop int, insecure bool) (*url.URL, error) {
	refuse := func(reason string) error {
		return &AnswerError{Method: in.method, Host: in.host, Status: in.status, Header: in.header, Raw: in.body, Reason: reason}
	}
	location := in.header.Get("Location")
	to, err := from.Parse(location)
	switch {
	case location == "" || err != nil || to.Host == "":
		return nil, refuse("a redirect without an address")
	case hop >= maxHops:
		return nil, refuse("more than 5 redirects")
	}
	if _, _, ok := cutRest(to.Path); !ok {
		return nil, refuse("a redirect to a page of " + to.Host + " that is not the REST API, perhaps a login")
	}
	if to.Scheme != "https" && (to.Scheme != "http" || !insecure && !isLoopback(to.Hostname())) {
		return nil, refuse("a redirect to " + to.Host + " without https, which would show the secret on the way")
	}
	if to.RawQuery == "" {
		to.RawQuery = from.RawQuery
	}
	return to, nil
}
