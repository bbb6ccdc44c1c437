package sandbox

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/oint-go/oint/internal/phpquery"
)

// large is a content of the given size, the same every time, that no memory has
// to hold.
func large(size int64) io.Reader {
	return io.LimitReader(rand.NewChaCha8([32]byte{1, 2, 3}), size)
}

func hashOf(t *testing.T, r io.Reader) string {
	t.Helper()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// sendFile posts a file to an address as a browser would, part by part.
func sendFile(t *testing.T, address, field, name string, content io.Reader) map[string]any {
	t.Helper()
	body, into := io.Pipe()
	form := multipart.NewWriter(into)
	go func() {
		part, err := form.CreateFormFile(field, name)
		if err == nil {
			_, err = io.Copy(part, content)
		}
		if err == nil {
			err = form.Close()
		}
		_ = into.CloseWithError(err)
	}()
	resp, err := http.Post(address, form.FormDataContentType(), body)
	if err != nil {
		t.Fatal(err)
	}
	return decodeAnswer(t, readAll(t, resp))
}

func decodeAnswer(t *testing.T, body []byte) map[string]any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var answer map[string]any
	if err := d.Decode(&answer); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return answer
}

func get(t *testing.T, address any, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address.(string), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// statusOf opens an address.
func statusOf(t *testing.T, address any) int {
	t.Helper()
	resp := get(t, address)
	readAll(t, resp)
	return resp.StatusCode
}

// files counts what is stored.
func (s *Sandbox) files(t *testing.T) (files, chunks int) {
	t.Helper()
	err := s.store.reader.QueryRowContext(t.Context(), "SELECT (SELECT count(*) FROM data_file), (SELECT count(*) FROM data_file_chunk)").Scan(&files, &chunks)
	if err != nil {
		t.Fatal(err)
	}
	return files, chunks
}

// TestUploadInTwoSteps sends 40 MB to the address that a portal gives out, and
// gets them back from another one.
func TestUploadInTwoSteps(t *testing.T) {
	t.Parallel()
	const size = 40<<20 + 12345
	sb, server := served(t)
	filesBefore, chunksBefore := sb.files(t)
	hook := server + sb.Access().WebhookPath
	_, text := send(t, hook+"disk.folder.uploadFile", asJSON, `{"id":12}`)
	step := decodeAnswer(t, []byte(text))["result"].(map[string]any)
	diff(t, "field", any("file"), step["field"])

	answer := sendFile(t, step["uploadUrl"].(string), "file", "Отчёт 2026.bin", large(size))
	made, ok := answer["result"].(map[string]any)
	if !ok || answer["time"] == nil {
		t.Fatalf("answer %v", answer)
	}
	diff(t, "made", []any{"Отчёт 2026.bin", fmt.Sprint(size), json.Number("0"), nil, "12"},
		[]any{made["NAME"], made["SIZE"], made["DELETED_TYPE"], made["DELETED_BY"], made["PARENT_ID"]})
	want := hashOf(t, large(size))
	resp := get(t, made["DOWNLOAD_URL"])
	diff(t, "length", int64(size), resp.ContentLength)
	diff(t, "disposition", "attachment; filename*=utf-8''%D0%9E%D1%82%D1%87%D1%91%D1%82%202026.bin", resp.Header.Get("Content-Disposition"))
	diff(t, "hash", want, hashOf(t, resp.Body))
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}

	part := get(t, made["DOWNLOAD_URL"], "Range", "bytes=1048570-1048585")
	begin, err := io.ReadAll(io.LimitReader(large(size), 1048586))
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "a range over two chunks", begin[1048570:], readAll(t, part))

	again := sendFile(t, step["uploadUrl"].(string), "file", "Отчёт 2026.bin", strings.NewReader("x"))
	diff(t, "the name is taken", any("DISK_OBJ_22000"), again["error"])
	diff(t, "not this part", any("ERROR_COULD_NOT_SAVE_FILE"), sendFile(t, step["uploadUrl"].(string), "other", "x.bin", strings.NewReader("x"))["error"])
	if files, chunks := sb.files(t); files != filesBefore+1 || chunks != chunksBefore+41 {
		t.Errorf("%d files of %d chunks are stored", files-filesBefore, chunks-chunksBefore)
	}
	log := sb.Log()
	if last := log[len(log)-3]; last.Method != "upload" || phpquery.Text(made["ID"]) != fmt.Sprint(last.Record) {
		t.Errorf("log %+v", last)
	}
}

// TestUploadAddresses refuses what was not signed and what the user may not do.
func TestUploadAddresses(t *testing.T) {
	t.Parallel()
	sb, server := served(t)
	hook := server + sb.Access().WebhookPath
	_, text := send(t, hook+"disk.storage.uploadfile", asJSON, `{"id":2,"generateUniqueName":true}`)
	address := decodeAnswer(t, []byte(text))["result"].(map[string]any)["uploadUrl"].(string)
	for _, want := range []string{"a.tar", "a (1).tar", "a (2).tar"} {
		made := sendFile(t, address, "file", "a.tar", strings.NewReader(""))["result"].(map[string]any)
		diff(t, "unique names", []any{want, "0"}, []any{made["NAME"], made["SIZE"]})
	}
	forged := strings.Replace(address, "token=disk%7C", "token=disk%7Cx", 1)
	diff(t, "forged", any("NO_AUTH_FOUND"), sendFile(t, forged, "file", "a", strings.NewReader("x"))["error"])
	_, body := send(t, address, asJSON, `{}`)
	diff(t, "no form", any("INVALID_REQUEST"), decodeAnswer(t, []byte(body))["error"])

	path, err := sb.NewWebhook(t.Context(), 2, "disk")
	if err != nil {
		t.Fatal(err)
	}
	_, body = send(t, server+path+"disk.folder.uploadfile", asJSON, `{"id":12}`)
	diff(t, "another one's folder", any("ACCESS_DENIED"), decodeAnswer(t, []byte(body))["error"])
	_, body = send(t, hook+"disk.folder.uploadfile", asJSON, `{}`)
	diff(t, "no folder", any("Invalid value of parameter {Parameter #0}"), decodeAnswer(t, []byte(body))["error_description"])

	// The download address of a file that is shared no longer.
	_, body = send(t, server+path+"disk.file.get", asJSON, `{"id":9}`)
	link := decodeAnswer(t, []byte(body))["result"].(map[string]any)["DOWNLOAD_URL"]
	diff(t, "download", "This drive belongs to everybody in the company.\n", string(readAll(t, get(t, link))))
	send(t, hook+"user.update", asJSON, `{"ID":2,"ACTIVE":false}`)
	diff(t, "of a dismissed user", http.StatusUnauthorized, statusOf(t, link))
	send(t, hook+"disk.file.delete", asJSON, `{"id":9}`)
	_, body = send(t, hook+"batch", asForm, url.Values{"cmd[a]": {"upload?token=x"}}.Encode())
	if !strings.Contains(body, "ERROR_BATCH_METHOD_NOT_ALLOWED") {
		t.Errorf("upload in a batch: %s", body)
	}
}

// TestUploadCutOff keeps nothing of an upload that breaks off.
func TestUploadCutOff(t *testing.T) {
	t.Parallel()
	sb, server := served(t)
	filesBefore, chunksBefore := sb.files(t)
	_, text := send(t, server+sb.Access().WebhookPath+"disk.folder.uploadFile", asJSON, `{"id":12}`)
	address, err := url.Parse(decodeAnswer(t, []byte(text))["result"].(map[string]any)["uploadUrl"].(string))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", address.Host)
	if err != nil {
		t.Fatal(err)
	}
	const head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\n"
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000000\r\n\r\n%s%s",
		address.RequestURI(), head, strings.Repeat("x", 3<<20))
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "status", http.StatusBadRequest, resp.StatusCode)
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if files, chunks := sb.files(t); files != filesBefore || chunks != chunksBefore {
		t.Errorf("%d files of %d chunks are stored", files-filesBefore, chunks-chunksBefore)
	}
}

// TestUploadDirectly sends files in base64, small and large.
func TestUploadDirectly(t *testing.T) {
	t.Parallel()
	sb, server := served(t)
	hook := server + sb.Access().WebhookPath
	filesBefore, chunksBefore := sb.files(t)
	const size = 3<<20 + 1
	content, err := io.ReadAll(large(size))
	if err != nil {
		t.Fatal(err)
	}
	escaped := strings.ReplaceAll(base64.StdEncoding.EncodeToString(content), "/", `\/`)
	post := func(name, base64 string) map[string]any {
		_, body := send(t, hook+"disk.storage.uploadFile", asJSON, `{"id":2,"data":{"NAME":"`+name+`"},"fileContent":["`+name+`","`+base64+`"]}`)
		return decodeAnswer(t, []byte(body))
	}
	for name, text := range map[string]string{
		"large.bin":   base64.StdEncoding.EncodeToString(content),
		"escaped.bin": escaped,
		"folded.bin":  escaped[:1000] + `\r\n` + strings.Replace(escaped[1000:], "+", `\u002b`, 1),
	} {
		made, ok := post(name, text)["result"].(map[string]any)
		if !ok {
			t.Fatalf("%s is refused", name)
		}
		diff(t, name, hashOf(t, bytes.NewReader(content)), hashOf(t, bytes.NewReader(readAll(t, get(t, made["DOWNLOAD_URL"])))))
	}
	for name, text := range map[string]string{
		"short.bin": "%%%", "empty.bin": "", "long.bin": escaped + "%%%", "odd.bin": strings.Repeat("A", 1<<20+1),
	} {
		diff(t, name, any("ERROR_COULD_NOT_SAVE_FILE"), post(name, text)["error"])
	}
	diff(t, "taken", any("DISK_OBJ_22000"), post("large.bin", escaped)["error"])
	diff(t, "no name", any("DISK_BASE_SERVICE_22001"), post("", escaped)["error"])
	status, _ := send(t, hook+"disk.storage.uploadFile", asJSON, `{"id":2,"fileContent":["x","`+escaped)
	diff(t, "cut off", http.StatusBadRequest, status)
	if files, chunks := sb.files(t); files != filesBefore+3 || chunks != chunksBefore+3*4 {
		t.Errorf("%d files of %d chunks are stored", files-filesBefore, chunks-chunksBefore)
	}
}

// TestPublicLinks opens files and folders to everybody.
func TestPublicLinks(t *testing.T) {
	t.Parallel()
	sb, server := served(t)
	hook := server + sb.Access().WebhookPath
	link := func(kind, id string) string {
		_, body := send(t, hook+"disk."+kind+".getExternalLink", asJSON, `{"id":`+id+`}`)
		text, _ := decodeAnswer(t, []byte(body))["result"].(string)
		return text
	}
	file, folder := link("file", "8"), link("folder", "6")
	if file == folder || !strings.HasPrefix(file, server+"/~") {
		t.Fatalf("links %s, %s", file, folder)
	}
	diff(t, "the same link", file, link("file", "8"))
	resp := get(t, file)
	diff(t, "disposition", `attachment; filename="Price list.csv"`, resp.Header.Get("Content-Disposition"))
	diff(t, "file", objectSeeds[2].content, string(readAll(t, resp)))

	page := string(readAll(t, get(t, folder)))
	for _, want := range []string{"<h1>Documents</h1>", `<a href="?id=7">Contracts</a>`, `<a href="?id=8">Price list.csv</a>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s:\n%s", want, page)
		}
	}
	diff(t, "file of the folder", objectSeeds[2].content, string(readAll(t, get(t, folder+"?id=8"))))
	diff(t, "folder of the folder", http.StatusOK, statusOf(t, folder+"?id=7"))
	for _, closed := range []string{folder + "?id=9", folder + "?id=11", folder + "?id=6", server + "/~", server + "/~nothing", server + "/else"} {
		diff(t, closed, http.StatusNotFound, statusOf(t, closed))
	}
	send(t, hook+"disk.file.markdeleted", asJSON, `{"id":8}`)
	diff(t, "file in the trash", http.StatusNotFound, statusOf(t, file))
	diff(t, "in the folder's page", http.StatusNotFound, statusOf(t, folder+"?id=8"))
	diff(t, "no link", "", link("file", "8"))
}
