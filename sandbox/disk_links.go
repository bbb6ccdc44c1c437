package sandbox

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The signed addresses are below /rest/, as on a portal.
const (
	downloadAction = "download"
	uploadAction   = "upload"
)

// signedURL is an address that lets whoever has it do one thing in the name of
// the caller, without any other authorization.
func (c *call) signedURL(action string, object int64, more ...string) string {
	fields := url.Values{"id": {strconv.FormatInt(object, 10)}, "user": {strconv.FormatInt(c.who.userID, 10)}}
	for i := 0; i+1 < len(more); i += 2 {
		fields.Set(more[i], more[i+1])
	}
	payload := base64.RawURLEncoding.EncodeToString([]byte(fields.Encode()))
	query := url.Values{"auth": {c.sb.signAction(action, payload)}, "token": {"disk|" + payload}}
	return c.origin + "/rest/" + action + ".json?" + query.Encode()
}

func (c *call) downloadURL(object int64) string { return c.signedURL(downloadAction, object) }

func (s *Sandbox) signAction(action, payload string) string {
	h := hmac.New(sha256.New, s.fileKey)
	h.Write([]byte(action + "|" + payload))
	return hex.EncodeToString(h.Sum(nil))
}

// signed reads a signed address: what it is about and who made it.
func (s *Sandbox) signed(r *http.Request, action string) (*call, url.Values, error) {
	query := r.URL.Query()
	payload := strings.TrimPrefix(query.Get("token"), "disk|")
	if !hmac.Equal([]byte(s.signAction(action, payload)), []byte(query.Get("auth"))) {
		return nil, nil, errNoAuth
	}
	text, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return nil, nil, errNoAuth
	}
	fields, err := url.ParseQuery(string(text))
	if err != nil {
		return nil, nil, errNoAuth
	}
	who := principal{userID: intval(fields.Get("user"))}
	err = s.store.read(r.Context(), func(tx *sql.Tx) error { return who.load(r.Context(), tx, "disk") })
	return &call{ctx: r.Context(), sb: s, who: who, origin: originOf(r)}, fields, notFound(err)
}

// serveDownload answers a DOWNLOAD_URL.
func (s *Sandbox) serveDownload(w http.ResponseWriter, r *http.Request, to target) {
	c, fields, err := s.signed(r, downloadAction)
	if err != nil {
		writeError(w, to, err)
		return
	}
	var f *file
	err = s.store.read(r.Context(), func(tx *sql.Tx) error {
		d := c.drive(tx)
		object, ok, err := d.object(intval(fields.Get("id")))
		if err != nil {
			return err
		}
		if !ok || isFolder(object) {
			return errNoEntity(fields.Get("id"))
		}
		most, err := c.permit(d, object)
		if err == nil && most < mayRead {
			err = errDenied()
		}
		if err != nil {
			return err
		}
		f, err = d.fileOf(object)
		return err
	})
	if err != nil {
		writeError(w, to, err)
		return
	}
	s.writeFile(w, r, f, "attachment")
}

// fileOf is the stored file of an object, under the name it has by now.
func (d drive) fileOf(object row) (*file, error) {
	f, err := findFile(d.ctx, d.tx, intOf(object.doc["FILE_ID"]))
	if err != nil {
		return nil, err
	}
	f.name = objectName(object)
	if known := typeOf(f.name, nil); known != typeOf("", nil) {
		f.contentType = known
	}
	return f, nil
}

// externalLink answers disk.folder.getExternalLink and disk.file.getExternalLink:
// a public address, the same every time.
//
// https://apidocs.bitrix24.com/api-reference/disk/folder/disk-folder-get-external-link.html
// https://apidocs.bitrix24.com/api-reference/disk/file/disk-file-get-external-link.html
func (c *call) externalLink(d drive, object row) (result, error) {
	code, _ := object.doc["LINK"].(string)
	if code == "" {
		code = strings.ToLower(rand.Text()[:10])
		var err error
		if object, err = d.change(object, document{"LINK": code}); err != nil {
			return result{}, err
		}
	}
	return result{value: c.origin + "/~" + code, record: object.id}, nil
}

// publicPage lists what lies in a folder with a public link.
var publicPage = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("public").Parse(`<!DOCTYPE html>
<meta charset="utf-8">
<title>{{.Name}}</title>
<h1>{{.Name}}</h1>
<ul>{{range .Items}}
<li><a href="?id={{.ID}}">{{.Name}}</a></li>{{else}}
<li>The folder is empty.</li>{{end}}
</ul>
`))
})

type publicItem struct {
	ID   int64
	Name string
}

// servePublic answers a public link: the file, or a page of the folder's items.
// With id it answers an item at any depth of the folder.
func (s *Sandbox) servePublic(w http.ResponseWriter, r *http.Request) {
	code, ok := strings.CutPrefix(r.PathValue("link"), "~")
	if !ok {
		http.NotFound(w, r)
		return
	}
	var shown row
	var children []row
	var f *file
	err := s.store.read(r.Context(), func(tx *sql.Tx) (err error) {
		d := drive{ctx: r.Context(), tx: tx}
		if shown, err = d.public(code, r.URL.Query().Get("id")); err != nil {
			return err
		}
		if isFolder(shown) {
			children, err = objectEntity.all(d.ctx, tx, childrenOf(shown.id))
			return err
		}
		f, err = d.fileOf(shown)
		return err
	})
	switch {
	case err != nil:
		http.NotFound(w, r)
	case f != nil:
		s.writeFile(w, r, f, "attachment")
	default:
		items := make([]publicItem, len(children))
		for i, child := range children {
			items[i] = publicItem{child.id, objectName(child)}
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = publicPage().Execute(w, struct {
			Name  string
			Items []publicItem
		}{objectName(shown), items})
	}
}

// public finds what a public link opens; what is in the trash is closed.
func (d drive) public(code, id string) (row, error) {
	top, ok, err := d.first(objectEntity, equal(objectEntity, "LINK", fold(code)), equal(objectEntity, "DELETED_TYPE", int64(notDeleted)))
	if err != nil || !ok {
		return row{}, errNoFile
	}
	if id == "" {
		return top, nil
	}
	inner, ok, err := d.object(intval(id))
	if err != nil || !ok || deletedType(inner) != notDeleted {
		return row{}, errNoFile
	}
	above, err := d.ancestors(inner)
	if err != nil || !slices.ContainsFunc(above, func(o row) bool { return o.id == top.id }) {
		return row{}, errNoFile
	}
	return inner, nil
}
