package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strconv"
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
	f, err := loadFile(r.Context(), s.store, id)
	switch {
	case errors.Is(err, errNoFile):
		http.NotFound(w, r)
	case err != nil:
		http.Error(w, "the file could not be read", http.StatusInternalServerError)
	default:
		writeFile(w, f)
	}
}
