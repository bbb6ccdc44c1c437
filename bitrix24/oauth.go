package bitrix24

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// AuthServer is the authorization server that hands out access tokens
// (https://apidocs.bitrix24.com/settings/oauth/index.html).
type AuthServer struct {
	engine *engine
	url    *url.URL
}

// NewAuthServer makes a client of the authorization server; WithOAuthServer
// sets its address.
func NewAuthServer(opts ...Option) (*AuthServer, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	u, err := authServerURL(cfg)
	if err != nil {
		return nil, err
	}
	return &AuthServer{engine: newEngine(cfg, cfg.token), url: u}, nil
}

func authServerURL(cfg *config) (*url.URL, error) {
	u, err := parseHost("authorization server", cfg.oauthServer, cfg.insecure)
	if err != nil {
		return nil, err
	}
	u.Path = strings.TrimSuffix(strings.TrimSuffix(u.Path, "/"), "/oauth/token") + "/oauth/token/"
	return u, nil
}

// Token is a pair of tokens as the authorization server hands it out.
type Token struct {
	AccessToken    Secret `json:"access_token"`
	RefreshToken   Secret `json:"refresh_token"` // for one use, 180 days
	ExpiresIn      ID     `json:"expires_in"`    // seconds, usually 3600
	Expires        ID     `json:"expires"`       // unix time; 0 when the server does not say
	Scope          Text   `json:"scope"`         // modules, comma-separated
	Domain         Text   `json:"domain"`
	ClientEndpoint Text   `json:"client_endpoint"` // REST address of the portal
	ServerEndpoint Text   `json:"server_endpoint"` // REST address of the authorization server
	MemberID       Text   `json:"member_id"`
	UserID         ID     `json:"user_id"`
	Status         Text   `json:"status"` // L local, F free, D demo, T trial, P paid
}

// Call asks for a grant: GET /oauth/token/ with grant_type and the parameters
// in their order. The result is the whole answer.
//
// A grant uses up its code or refresh token, so it is sent again only when it
// was refused or WithRetries asks for it.
func (a *AuthServer) Call(ctx context.Context, grantType string, params Params, opts ...CallOption) (*Response[json.RawMessage], error) {
	in, err := a.call(ctx, grantType, params, opts)
	if err != nil {
		return nil, err
	}
	return in.response(in.envelope.Result), nil
}

func (a *AuthServer) call(ctx context.Context, grantType string, params Params, opts []CallOption) (*incoming, error) {
	out, settings, err := a.prepare(grantType, params, opts)
	if err != nil {
		return nil, err
	}
	return a.engine.do(ctx, out, settings)
}

// Preview returns what Call would send, without sending it.
func (a *AuthServer) Preview(grantType string, params Params, opts ...CallOption) (*Preview, error) {
	out, _, err := a.prepare(grantType, params, opts)
	if err != nil {
		return nil, err
	}
	return a.engine.preview(out), nil
}

// String shows the address of the server.
func (a *AuthServer) String() string { return "bitrix24 authorization server " + a.url.Host }

// Format keeps every verb of fmt from printing the fields.
func (a *AuthServer) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(a.String())) }

// Redact takes whatever stands where a secret usually stands out of a text.
func (a *AuthServer) Redact(text string) string { return a.engine.redactor.text(text) }

func (a *AuthServer) prepare(grantType string, params Params, opts []CallOption) (*outgoing, *callConfig, error) {
	settings, err := a.engine.settings(opts)
	if err != nil {
		return nil, nil, err
	}
	query := NewObject("grant_type", grantType)
	if params != nil {
		for name, value := range params.ordered().All() {
			query.append(name, value)
		}
	}
	u := *a.url
	if u.RawQuery, err = queryOf(query); err != nil {
		return nil, nil, err
	}
	return &outgoing{method: grantType, verb: http.MethodGet, url: &u, replay: Once, grant: true}, settings, nil
}

// grant is Call with the answer decoded into a Token; generated methods use it.
func (a *AuthServer) grant(ctx context.Context, grantType string, params Params, opts []CallOption) (*Response[Token], error) {
	in, err := a.call(ctx, grantType, params, opts)
	if err != nil {
		return nil, err
	}
	return decodeResult[Token](in, "")
}

// GetAppAuthLink returns the address that a user opens in a browser to
// authorize an application: https://DOMAIN/oauth/authorize/?client_id=…
// Nothing is sent. The domain may carry a scheme.
func GetAppAuthLink(domain, clientID string) (string, error) {
	u, err := parseHost("domain", domain, true)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(clientID) == "" {
		return "", configErrorf("client id", "it is empty")
	}
	u.Path = strings.TrimSuffix(u.Path, "/") + "/oauth/authorize/"
	u.RawQuery = "client_id=" + escape(strings.TrimSpace(clientID))
	return u.String(), nil
}
