package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// fileURL is the signed address of a stored file: who has it may read the file.
func (c *call) fileURL(id int64, name string) string {
	return c.origin + "/sandbox-files/" + strconv.FormatInt(id, 10) + "/" + c.sb.sign(id) + "/" + url.PathEscape(name)
}

func (s *Sandbox) sign(id int64) string {
	h := hmac.New(sha256.New, s.fileKey)
	h.Write([]byte(strconv.FormatInt(id, 10)))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func (s *Sandbox) serveFile(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || !hmac.Equal([]byte(s.sign(id)), []byte(r.PathValue("signature"))) {
		http.NotFound(w, r)
		return
	}
	var f *file
	err = s.store.read(r.Context(), func(tx *sql.Tx) (err error) {
		f, err = findFile(r.Context(), tx, id)
		return err
	})
	switch {
	case errors.Is(err, errNoFile):
		http.NotFound(w, r)
	case err != nil:
		http.Error(w, "the file could not be read", http.StatusInternalServerError)
	default:
		s.writeFile(w, r, f, "inline")
	}
}

// writeFile answers the bytes of a stored file, or a part of them when the
// client asks for a range.
func (s *Sandbox) writeFile(w http.ResponseWriter, r *http.Request, f *file, disposition string) {
	w.Header().Set("Content-Type", f.contentType)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	// What was uploaded must not run as a page of the portal.
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'")
	w.Header().Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": f.name}))
	http.ServeContent(w, r, "", time.Time{}, f.open(r.Context(), s.store))
}
