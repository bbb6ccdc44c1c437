package sandbox

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

const (
	// uploadField is the name of the part with the file.
	uploadField = "file"

	// maxUpload is the largest body of an upload, in bytes.
	maxUpload = 2 << 30
)

// diskStorageUpload puts a file at the top of a drive.
//
// https://apidocs.bitrix24.com/api-reference/disk/storage/disk-storage-upload-file.html
func diskStorageUpload(c *call) (result, error) {
	return c.upload(func(c *call, d drive) (row, error) {
		_, root, err := c.storageParam(d, mayAdd)
		return root, err
	})
}

// diskFolderUpload puts a file into a folder.
//
// https://apidocs.bitrix24.com/api-reference/disk/folder/disk-folder-upload-file.html
func diskFolderUpload(c *call) (result, error) {
	return c.upload(folderToFill)
}

// folderToFill finds the folder that id names. Here the documentation counts
// the id as parameter 0.
func folderToFill(c *call, d drive) (row, error) {
	return c.aliveParam(d, "id", filePlace, folderType, mayAdd)
}

// upload takes a file from the parameters. Without one it answers the address
// to which the file itself can be sent.
func (c *call) upload(find finder) (result, error) {
	given, ok := c.params.GetFold("fileContent")
	if !ok {
		return looking(find, (*call).uploadAddress)(c)
	}
	access, err := c.rights()
	if err != nil {
		return result{}, err
	}
	content := contentText(given)
	answer, err := changing(find, func(c *call, d drive, parent row) (result, error) {
		name := c.nameParam()
		if name == "" {
			return result{}, badRequest("DISK_BASE_SERVICE_22001", "Error: required parameter NAME (DISK_BASE_SERVICE_22001)")
		}
		stored, err := c.givenFile(d, name, content)
		if err != nil {
			return result{}, err
		}
		return c.addUpload(d, parent, name, stored, access, c.unique())
	})(c)
	if err == nil {
		delete(c.spilled, content) // it belongs to the drive by now
	}
	return answer, err
}

// contentText is the base64 text of fileContent: the second of a pair with the
// name, or all there is.
func contentText(given any) string {
	if pair, ok := given.(*phpquery.Array); ok {
		given, _ = pair.Get("1")
	}
	return phpquery.Text(given)
}

// unique tells whether a taken name shall get a number.
func (c *call) unique() bool { return isTrue(c.text("generateUniqueName")) }

// givenFile stores a file given in base64.
func (c *call) givenFile(d drive, name, text string) (file, error) {
	if stored, ok := c.spilled[text]; ok {
		if stored.id == 0 {
			return file{}, errNotSaved()
		}
		return stored, nil
	}
	content, err := decodeBase64(text)
	if err != nil || len(content) == 0 {
		return file{}, errNotSaved()
	}
	return keepFile(c.ctx, within(d.tx), name, bytes.NewReader(content))
}

func errNotSaved() error { return badRequest("ERROR_COULD_NOT_SAVE_FILE", "Could not save file") }

// addUpload makes a file of stored bytes and answers it.
func (c *call) addUpload(d drive, parent row, name string, stored file, access []any, unique bool) (result, error) {
	if unique {
		var err error
		if name, err = d.freeName(parent.id, name); err != nil {
			return result{}, err
		}
	}
	added, err := d.addFile(parent, name, stored)
	if err == nil && access != nil {
		added, err = d.change(added, document{"ACCESS": access})
	}
	if err != nil {
		return result{}, err
	}
	return c.madeAnswer(d, added)
}

// uploadAddress answers where to send the file.
func (c *call) uploadAddress(_ drive, parent row) (result, error) {
	more := []string{}
	if c.unique() {
		more = append(more, "unique", "1")
	}
	a := phpquery.NewArray()
	a.Set("field", uploadField)
	a.Set("uploadUrl", c.signedURL(uploadAction, parent.id, more...))
	return result{value: a}, nil
}

// serveUpload takes a file sent to such an address. Its bytes go into the
// database as they come.
func (s *Sandbox) serveUpload(w http.ResponseWriter, r *http.Request, to target, began time.Time) {
	start := s.now()
	var done result
	c, fields, err := s.signed(r, uploadAction)
	if err == nil {
		done, err = c.takeUpload(r, fields)
		command := Command{Time: s.now(), Method: to.method, UserID: c.who.userID, Record: done.record}
		if err != nil {
			command.Code, command.Record = restErrorOf(err).code, 0
		}
		s.log.command(command)
	}
	if err != nil {
		writeError(w, to, err)
		return
	}
	writeAnswer(w, to, timed{result: done, began: start, ended: s.now()}, began, s.now())
}

func (c *call) takeUpload(r *http.Request, fields url.Values) (result, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, maxUpload)
	name, content, err := uploadedPart(r)
	if err != nil {
		return result{}, err
	}
	stored, err := keepFile(c.ctx, c.sb.store.apart(c.ctx), name, content)
	if err != nil {
		return result{}, errors.Join(errNotSaved(), err)
	}
	// A client that is still writing would be told that nobody listens.
	_, _ = io.Copy(io.Discard, r.Body)
	c.params = phpquery.NewArray()
	c.params.Set("id", fields.Get("id"))
	answer, err := changing(folderToFill, func(c *call, d drive, parent row) (result, error) {
		return c.addUpload(d, parent, name, stored, nil, fields.Get("unique") != "")
	})(c)
	if err != nil {
		err = errors.Join(err, c.sb.dropFile(c.ctx, stored.id))
	}
	return answer, err
}

// dropFile removes a stored file that came to nothing.
func (s *Sandbox) dropFile(ctx context.Context, id int64) error {
	ctx = context.WithoutCancel(ctx)
	return s.store.write(ctx, func(tx *sql.Tx) error { return dropFile(ctx, tx, id) })
}

// uploadedPart finds the part with the file. What follows it is not read.
func uploadedPart(r *http.Request) (name string, content io.Reader, err error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return "", nil, badRequest("INVALID_REQUEST", "Request body is no multipart/form-data")
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return "", nil, errNotSaved()
		}
		if err != nil {
			return "", nil, badRequest("INVALID_REQUEST", "Request body could not be read")
		}
		if name := cleanName(strings.TrimSpace(part.FileName())); part.FormName() == uploadField && name != "" {
			return name, part, nil
		}
	}
}
