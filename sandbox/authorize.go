package sandbox

import (
	"context"
	"database/sql"
	_ "embed" // the page is part of the program
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/oint-go/oint/internal/phpquery"
)

//go:embed authorize.html
var authorizeHTML string

var authorizeTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("authorize").Parse(authorizeHTML))
})

// page is what the authorization page shows: the question, the code for manual
// entry, or what is wrong.
type page struct {
	App, ClientID, State string
	Scopes               []string
	Users                []pageUser
	Code, Problem        string
}

type pageUser struct {
	ID   int64
	Name string
}

// choices is how many users the page offers.
const choices = 50

// authorizePage asks whether an application may act for a user. A portal knows
// who is logged in; here that is chosen.
func (s *Sandbox) authorizePage(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	var p page
	err := s.store.read(r.Context(), func(tx *sql.Tx) error {
		a, err := findApp(r.Context(), tx, query.Get("client_id"))
		if err != nil {
			return err
		}
		p = page{App: a.title, ClientID: a.id, State: query.Get("state"), Scopes: strings.Split(a.scopes, ",")}
		p.Users, err = activeUsers(r.Context(), tx)
		return err
	})
	s.showPage(w, p, err)
}

func activeUsers(ctx context.Context, tx *sql.Tx) ([]pageUser, error) {
	rows, err := userEntity.all(ctx, tx, condition{fmt.Sprintf("id <= %d", choices), nil})
	if err != nil {
		return nil, err
	}
	var users []pageUser
	for _, row := range rows {
		if active, _ := row.doc["ACTIVE"].(bool); active {
			name := phpquery.Text(row.doc["NAME"]) + " " + phpquery.Text(row.doc["LAST_NAME"])
			users = append(users, pageUser{row.id, strings.TrimSpace(name)})
		}
	}
	return users, nil
}

// authorize makes a code and sends the browser to the application with it, or
// shows it when the application has no address.
func (s *Sandbox) authorize(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	var (
		a    app
		code = random(35)
	)
	userID, err := strconv.ParseInt(r.PostFormValue("user_id"), 10, 64)
	if err == nil {
		err = s.store.write(r.Context(), func(tx *sql.Tx) error {
			var err error
			if a, err = findApp(r.Context(), tx, r.PostFormValue("client_id")); err != nil {
				return err
			}
			var p principal
			p.userID = userID
			if err := p.load(r.Context(), tx, a.scopes); err != nil {
				return notFound(err)
			}
			_, err = tx.ExecContext(r.Context(), "INSERT INTO code VALUES (?, ?, ?, ?)", code, a.id, userID, s.now().Add(codeLife).Unix())
			return err
		})
	}
	if err != nil {
		s.showPage(w, page{}, err)
		return
	}
	if s.options.RedirectURI == "" {
		s.showPage(w, page{App: a.title, Code: code}, nil)
		return
	}
	to, err := url.Parse(s.options.RedirectURI)
	if err != nil {
		s.showPage(w, page{}, errors.New("the address of the application cannot be read"))
		return
	}
	_, host, _ := strings.Cut(originOf(r), "://")
	query := to.Query()
	query.Set("code", code)
	query.Set("state", r.PostFormValue("state"))
	query.Set("domain", host)
	query.Set("member_id", s.access.MemberID)
	query.Set("scope", a.scopes)
	query.Set("server_domain", host)
	to.RawQuery = query.Encode()
	http.Redirect(w, r, to.String(), http.StatusFound)
}

func (s *Sandbox) showPage(w http.ResponseWriter, p page, err error) {
	status := http.StatusOK
	if err != nil {
		status, p = http.StatusBadRequest, page{Problem: restErrorOf(err).description}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	// No form-action: a browser applies it to the redirect after the form too.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = authorizeTemplate().Execute(w, p)
}
