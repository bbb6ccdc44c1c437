package sandbox

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The lifetimes of the OAuth protocol
// (https://apidocs.bitrix24.com/settings/oauth/index.html).
const (
	codeLife    = 30 * time.Second
	accessLife  = time.Hour
	refreshLife = 180 * 24 * time.Hour
)

// accessSchema is the tables of those who may call. Times are unix seconds.
const accessSchema = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE webhook (user_id INTEGER NOT NULL, code TEXT NOT NULL, scopes TEXT NOT NULL, main INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (user_id, code)) WITHOUT ROWID;
CREATE TABLE app (client_id TEXT PRIMARY KEY, secret TEXT NOT NULL, title TEXT NOT NULL, scopes TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE code (code TEXT PRIMARY KEY, client_id TEXT NOT NULL, user_id INTEGER NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE token (access TEXT PRIMARY KEY, refresh TEXT UNIQUE, client_id TEXT NOT NULL, user_id INTEGER NOT NULL,
	scopes TEXT NOT NULL, expires INTEGER NOT NULL, refresh_expires INTEGER NOT NULL, main INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
`

// allScopes are the modules that a webhook or application may be given. The
// sandbox emulates methods of some of them.
var allScopes = []string{
	"basic", "user", "user_basic", "user_brief", "user.userfield", "department", "crm", "task", "tasks", "tasks_extended",
	"calendar", "disk", "im", "imbot", "log", "sonet_group", "timeman", "entity", "lists", "bizproc", "placement", "telephony",
	"catalog", "sale", "landing", "mailservice", "messageservice", "pull", "contact_center", "documentgenerator", "rpa", "booking",
}

// Access is what a client needs to reach the portal as its administrator.
type Access struct {
	UserID       int64
	Webhook      string // https://b24-sandbox.example/rest/1/CODE/, the address without a listener
	WebhookPath  string // /rest/1/CODE/, the same below any listener
	Domain       string // Host
	Token        string // access token; its hour begins anew when the portal is opened
	RefreshToken string
	ClientID     string
	ClientSecret string
	MemberID     string
}

// Access returns the administrator's webhook, token and application.
func (s *Sandbox) Access() Access { return s.access }

// random returns n random bytes in hexadecimal.
func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// createAccess gives a new portal its secrets.
func createAccess(ctx context.Context, tx *sql.Tx, now time.Time) error {
	scopes := strings.Join(allScopes, ",")
	clientID := fmt.Sprintf("local.%s.%d", random(7), now.Unix()%1e8)
	exec := func(query string, args ...any) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	}
	err := errors.Join(
		exec("INSERT INTO meta VALUES ('member_id', ?), ('file_key', ?)", random(16), random(32)),
		exec("INSERT INTO webhook VALUES (?, ?, ?, 1)", adminID, random(8), scopes),
		exec("INSERT INTO app VALUES (?, ?, 'Sandbox application', ?)", clientID, random(25), scopes),
		exec("INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, ?, 1)", random(35), random(35), clientID, adminID, scopes,
			now.Add(accessLife).Unix(), now.Add(refreshLife).Unix()),
	)
	if err != nil {
		return fmt.Errorf("create access: %w", err)
	}
	return nil
}

// loadAccess reads the administrator's access. A token that ends soon gets its
// hour anew, so that what was printed yesterday works today.
func (s *Sandbox) loadAccess(ctx context.Context) error {
	var expires int64
	a := Access{UserID: adminID, Domain: Host}
	var key, code string
	err := s.store.read(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT w.code, t.access, t.refresh, t.expires, a.client_id, a.secret,
			(SELECT value FROM meta WHERE name = 'member_id'), (SELECT value FROM meta WHERE name = 'file_key')
			FROM webhook w, token t JOIN app a USING (client_id) WHERE w.main AND t.main`).
			Scan(&code, &a.Token, &a.RefreshToken, &expires, &a.ClientID, &a.ClientSecret, &a.MemberID, &key)
	})
	if err != nil {
		return fmt.Errorf("read access: %w", err)
	}
	a.WebhookPath = fmt.Sprintf("/rest/%d/%s/", a.UserID, code)
	a.Webhook = "https://" + Host + a.WebhookPath
	s.access, s.fileKey = a, []byte(key)
	now := s.now()
	if expires > now.Add(accessLife/2).Unix() {
		return nil
	}
	return s.store.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE token SET expires = ?, refresh_expires = ? WHERE main", now.Add(accessLife).Unix(), now.Add(refreshLife).Unix())
		return err
	})
}

// NewWebhook makes an incoming webhook of a user with the given scopes and
// returns its path, "/rest/ID/CODE/".
func (s *Sandbox) NewWebhook(ctx context.Context, userID int64, scopes ...string) (string, error) {
	code := random(8)
	err := s.store.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO webhook (user_id, code, scopes) VALUES (?, ?, ?)", userID, code, strings.Join(scopes, ","))
		return err
	})
	return fmt.Sprintf("/rest/%d/%s/", userID, code), err
}

// ExpireTokens ends the hour of all access tokens, as if it were over. Refresh
// tokens stay good.
func (s *Sandbox) ExpireTokens(ctx context.Context) error {
	return s.store.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE token SET expires = ?", s.now().Unix()-1)
		return err
	})
}

// The portal's answers to callers it does not let in.
var (
	errNoAuth       = &restError{401, "NO_AUTH_FOUND", "Wrong authorization data"}
	errExpiredToken = &restError{401, "expired_token", "The access token provided has expired."}
)

// byWebhook finds who calls with a webhook.
func (s *Sandbox) byWebhook(ctx context.Context, userID int64, code string) (principal, error) {
	p := principal{userID: userID, webhook: code}
	var scopes string
	err := s.store.read(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, "SELECT scopes FROM webhook WHERE user_id = ? AND code = ?", userID, code).Scan(&scopes)
		if err != nil {
			return err
		}
		return p.load(ctx, tx, scopes)
	})
	return p, notFound(err)
}

// byToken finds who calls with an access token.
func (s *Sandbox) byToken(ctx context.Context, token string) (principal, error) {
	var (
		p       principal
		scopes  string
		expires int64
	)
	err := s.store.read(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, "SELECT user_id, client_id, scopes, expires FROM token WHERE access = ?", token).
			Scan(&p.userID, &p.clientID, &scopes, &expires)
		if err != nil {
			return err
		}
		return p.load(ctx, tx, scopes)
	})
	if err == nil && expires <= s.now().Unix() {
		err = errExpiredToken
	}
	return p, notFound(err)
}

// load reads what the user behind a webhook or token may do. A dismissed user
// may do nothing.
func (p *principal) load(ctx context.Context, tx *sql.Tx, scopes string) error {
	p.scopes = strings.Split(scopes, ",")
	user, err := userEntity.find(ctx, tx, p.userID)
	if err != nil {
		return err
	}
	if active, _ := user["ACTIVE"].(bool); !active {
		return sql.ErrNoRows
	}
	p.admin, _ = user["ADMIN"].(bool)
	return nil
}

func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return errNoAuth
	}
	return err
}

// may tells whether the caller has one of the scopes of a method.
func (p principal) may(m *method) bool {
	return len(m.scopes) == 0 || slices.ContainsFunc(m.scopes, func(s string) bool { return slices.Contains(p.scopes, s) })
}

// client names whose operating time a call uses.
func (p principal) client() string {
	if p.clientID != "" {
		return p.clientID
	}
	return p.webhook
}
