package sandbox

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// app is an application that users can authorize.
type app struct{ id, secret, title, scopes string }

func findApp(ctx context.Context, tx *sql.Tx, id string) (app, error) {
	a := app{id: id}
	err := tx.QueryRowContext(ctx, "SELECT secret, title, scopes FROM app WHERE client_id = ?", id).
		Scan(&a.secret, &a.title, &a.scopes)
	if errors.Is(err, sql.ErrNoRows) {
		return a, errInvalidClient
	}
	return a, err
}

// The errors of the authorization server. The documentation gives no statuses;
// 400 is what the OAuth standard says (RFC 6749, 5.2).
var (
	errInvalidClient  = badRequest("invalid_client", "Unknown application or wrong secret")
	errInvalidGrant   = badRequest("invalid_grant", "The code or refresh token is wrong, used or expired")
	errInvalidRequest = badRequest("invalid_request", "A parameter is missing")
	errGrantType      = badRequest("unsupported_grant_type", "grant_type is authorization_code or refresh_token")
)

// serveToken is the token endpoint: a code or a refresh token for a new pair
// (https://apidocs.bitrix24.com/settings/oauth/index.html).
func (s *Sandbox) serveToken(w http.ResponseWriter, r *http.Request) {
	params, err := readParams(r)
	if err == nil {
		var answer *phpquery.Array
		if answer, err = s.grant(r, params); err == nil {
			w.Header().Set("Cache-Control", "no-store")
			write(w, target{}, http.StatusOK, answer)
			return
		}
	}
	writeError(w, target{}, err)
}

func (s *Sandbox) grant(r *http.Request, params *phpquery.Array) (*phpquery.Array, error) {
	get := func(name string) string {
		v, _ := params.Get(name)
		return strings.TrimSpace(phpquery.Text(v))
	}
	var granted *token
	err := s.store.write(r.Context(), func(tx *sql.Tx) error {
		if get("client_id") == "" || get("client_secret") == "" {
			return errInvalidRequest
		}
		a, err := findApp(r.Context(), tx, get("client_id"))
		if err != nil {
			return err
		}
		if subtle.ConstantTimeCompare([]byte(a.secret), []byte(get("client_secret"))) != 1 {
			return errInvalidClient
		}
		switch get("grant_type") {
		case "authorization_code":
			granted, err = s.redeemCode(r.Context(), tx, a, get("code"))
		case "refresh_token":
			granted, err = s.refresh(r.Context(), tx, a, get("refresh_token"))
		default:
			err = errGrantType
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	origin := originOf(r)
	_, host, _ := strings.Cut(origin, "://")
	return granted.answer(origin, host, s.access.MemberID), nil
}

// token is a new pair of tokens.
type token struct {
	access, refresh, clientID, scopes string
	userID                            int64
	main                              bool
	expires                           time.Time
}

func (t *token) answer(origin, host, memberID string) *phpquery.Array {
	a := phpquery.NewArray()
	a.Set("access_token", t.access)
	a.Set("expires", t.expires.Unix())
	a.Set("expires_in", int(accessLife.Seconds()))
	a.Set("scope", t.scopes)
	a.Set("domain", host)
	a.Set("server_endpoint", origin+"/rest/")
	a.Set("status", "L")
	a.Set("client_endpoint", origin+"/rest/")
	a.Set("member_id", memberID)
	a.Set("user_id", t.userID)
	a.Set("refresh_token", t.refresh)
	return a
}

// redeemCode turns a code into tokens. A code works once, within 30 seconds.
func (s *Sandbox) redeemCode(ctx context.Context, tx *sql.Tx, a app, code string) (*token, error) {
	t := &token{clientID: a.id, scopes: a.scopes}
	err := tx.QueryRowContext(ctx, "DELETE FROM code WHERE code = ? AND client_id = ? AND expires > ? RETURNING user_id",
		code, a.id, s.now().Unix()).Scan(&t.userID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errInvalidGrant
	}
	if err != nil {
		return nil, err
	}
	return t, s.issue(ctx, tx, t)
}

// refresh turns a refresh token into a new pair. The refresh token is used up;
// the access token beside it stays good until its hour is over.
func (s *Sandbox) refresh(ctx context.Context, tx *sql.Tx, a app, refresh string) (*token, error) {
	t := &token{clientID: a.id}
	err := tx.QueryRowContext(ctx, "SELECT user_id, scopes, main FROM token WHERE refresh = ? AND client_id = ? AND refresh_expires > ?",
		refresh, a.id, s.now().Unix()).Scan(&t.userID, &t.scopes, &t.main)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errInvalidGrant
	}
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE token SET refresh = NULL, main = 0 WHERE refresh = ?", refresh); err != nil {
		return nil, err
	}
	return t, s.issue(ctx, tx, t)
}

// issue makes and stores the texts of a pair.
func (s *Sandbox) issue(ctx context.Context, tx *sql.Tx, t *token) error {
	now := s.now()
	t.access, t.refresh, t.expires = random(35), random(35), now.Add(accessLife)
	_, err := tx.ExecContext(ctx, "INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, ?, ?)", t.access, t.refresh, t.clientID, t.userID,
		t.scopes, t.expires.Unix(), now.Add(refreshLife).Unix(), t.main)
	if err != nil {
		return err
	}
	// A token that has expired is told from a wrong one for as long as somebody
	// may still hold it.
	_, err = tx.ExecContext(ctx, "DELETE FROM token WHERE expires < ?1 AND (refresh IS NULL OR refresh_expires < ?1)", now.Add(-refreshLife).Unix())
	return err
}
