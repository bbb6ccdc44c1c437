package sync_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/sync"
	"github.com/oint-go/oint/sandbox"
)

// face is a picture of one colour.
func face(t *testing.T, shade uint8) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		img.SetGray(i%8, i/8, color.Gray{Y: shade})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func short(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])[:12]
}

// album is a bench whose portal counts the pictures that are read, and may have
// other files than were sent, as portals that rescale pictures do.
type album struct {
	*bench
	reads    atomic.Int64
	rescaled atomic.Bool
	record   string
}

func newAlbum(t *testing.T, o sandbox.Options) *album {
	t.Helper()
	a := &album{}
	a.bench = newBenchBehind(t, o, func(portal http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			file := strings.HasPrefix(r.URL.Path, "/sandbox-files/")
			if file {
				a.reads.Add(1)
			}
			if !file || !a.rescaled.Load() {
				portal.ServeHTTP(w, r)
				return
			}
			kept := httptest.NewRecorder()
			portal.ServeHTTP(kept, r)
			w.WriteHeader(kept.Code)
			_, _ = w.Write(append(kept.Body.Bytes(), "rescaled"...))
		})
	})
	a.record = filepath.Join(a.dir, "data", "pictures.db")
	return a
}

func (a *album) options() sync.PlanOptions {
	return sync.PlanOptions{Key: "ID", Pictures: a.record}
}

func (a *album) hang(id int64, content []byte) {
	a.t.Helper()
	a.set(id, bitrix24.Fields{"PERSONAL_PHOTO": bitrix24.File{Name: "before.png", Content: bitrix24.Bytes(content)}})
}

// hanging is the picture that the portal has.
func (a *album) hanging(id int64) []byte {
	a.t.Helper()
	address := string(a.user(id).PersonalPhoto)
	if address == "" {
		return nil
	}
	r, err := a.client.Download(a.t.Context(), address)
	if err != nil {
		a.t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // it was only read
	content, err := io.ReadAll(r)
	if err != nil {
		a.t.Fatal(err)
	}
	return content
}

func (a *album) updates() int {
	n := 0
	for _, c := range a.portal.Log() {
		if c.Method == "user.update" {
			n++
		}
	}
	return n
}

// TestPictures goes from a table with pictures to the portal, finds nothing to do
// the second time without reading a picture, and goes back.
func TestPictures(t *testing.T) {
	t.Parallel()
	a := newAlbum(t, sandbox.Options{})
	web := httptest.NewServer(http.FileServer(http.Dir(a.dir)))
	defer web.Close()
	old, same := face(t, 1), face(t, 2)
	a.hang(2, old)
	a.hang(3, same)
	a.hang(6, old)
	if err := os.MkdirAll(filepath.Join(a.dir, "faces", "folder.png"), 0o700); err != nil {
		t.Fatal(err)
	}
	a.file("faces/2.png", string(face(t, 20)))
	a.file("faces/3.jpg", string(same))
	a.file("faces/text.png", "no picture")
	a.file("faces/new.png", string(face(t, 30)))
	a.file("faces/large.png", string(append(face(t, 1), make([]byte, 10<<20)...)))
	const table = "ID,PERSONAL_PHOTO,WORK_LOGO,EMAIL,UF_DEPARTMENT\n" +
		"2,faces/2.png,,,\n" + "3,faces/3.jpg,,,\n" + "4,faces/none.png,,,\n" + "5,faces/folder.png,,,\n" + "6,,,,\n" +
		"7,faces/text.png,,,\n" + "8,faces/large.png,,,\n" + "9,WEB/faces/new.png,faces/3.jpg,,\n" + "10,WEB/faces/none.png,,,\n"
	content := strings.ReplaceAll(table, "WEB", web.URL)
	text := a.shown(sync.Users(), content, a.options())
	has(t, text, `PERSONAL_PHOTO: "`+short(old)+`" → "`+short(face(t, 20))+` 2.png"`, `PERSONAL_PHOTO: "" → "`+short(face(t, 30))+` new.png"`,
		`WORK_LOGO: "" → "`+short(same)+` 3.jpg"`, `PERSONAL_PHOTO: "faces/none.png": there is no such file`, "conflict   row 5",
		"it is a folder", "it is no picture: PNG", "more than 10 MB", "the address: 127.0.0.1", "answered with HTTP 404",
		"users: 0 create, 2 update, 0 dismiss, 0 reactivate, 2 unchanged, 5 conflict")
	path := a.saved("plan.jsonl", sync.Users(), content, a.options())
	if got := a.apply(path, sync.ApplyOptions{Pictures: a.record}); got != (sync.Tally{Total: 2, Done: 2}) {
		t.Fatalf("%+v", got)
	}
	if !bytes.Equal(a.hanging(2), face(t, 20)) || !bytes.Equal(a.hanging(9), face(t, 30)) || !bytes.Equal(a.hanging(6), old) {
		t.Error("the portal has other pictures")
	}
	a.reads.Store(0)
	has(t, a.shown(sync.Users(), content, a.options()), "0 update,", "4 unchanged, 5 conflict")
	if a.reads.Load() != 0 {
		t.Errorf("%d pictures were read again", a.reads.Load())
	}
	clearing := a.options()
	clearing.ClearEmpty = true
	has(t, a.shown(sync.Users(), "ID,PERSONAL_PHOTO\n6,\n7,\n", clearing), `PERSONAL_PHOTO: "`+short(old)+`" → ""`, "1 update, 0 dismiss, 0 reactivate, 1 unchanged")
	if got := a.apply(filepath.Join(a.dir, "plan.rollback.jsonl"), sync.ApplyOptions{Pictures: a.record}); got.Done != 2 {
		t.Fatalf("%+v", got)
	}
	if !bytes.Equal(a.hanging(2), old) || a.hanging(9) != nil {
		t.Error("the old pictures are not back")
	}
}

// TestNewPeopleWithPictures makes somebody with a picture.
func TestNewPeopleWithPictures(t *testing.T) {
	t.Parallel()
	a := newAlbum(t, sandbox.Options{})
	a.file("new.png", string(face(t, 5)))
	o := a.options()
	o.Key = "EMAIL"
	const table = "EMAIL,PERSONAL_PHOTO,UF_DEPARTMENT\nnew@example.org,new.png,Sales\n"
	path := a.saved("plan.jsonl", sync.Users(), table, o)
	if got := a.apply(path, sync.ApplyOptions{Pictures: a.record}); got.Done != 1 {
		t.Fatalf("%+v", got)
	}
	has(t, a.shown(sync.Users(), table, o), "1 unchanged")
	other := a.saved("other.jsonl", sync.Users(), strings.ReplaceAll(table, "new@", "second@"), o)
	if _, err := a.client.Call(t.Context(), bitrix24.Request{Method: "user.add", Params: bitrix24.Fields{"EMAIL": "second@example.org", "UF_DEPARTMENT": []int{2}}}); err != nil {
		t.Fatal(err)
	}
	if got := a.apply(other, sync.ApplyOptions{}); got.Drifted != 1 {
		t.Errorf("%+v", got)
	}
}

// TestRescaledPictures converges although the portal never has the file that was
// sent, and forgets that only with its record.
func TestRescaledPictures(t *testing.T) {
	t.Parallel()
	a := newAlbum(t, sandbox.Options{})
	a.rescaled.Store(true)
	a.file("2.png", string(face(t, 20)))
	const table = "ID,PERSONAL_PHOTO\n2,2.png\n"
	path := a.saved("plan.jsonl", sync.Users(), table, a.options())
	if got := a.apply(path, sync.ApplyOptions{Pictures: a.record}); got.Done != 1 {
		t.Fatalf("%+v", got)
	}
	has(t, a.shown(sync.Users(), table, a.options()), "1 unchanged")
	elsewhere := a.options()
	elsewhere.Pictures = ""
	has(t, a.shown(sync.Users(), table, elsewhere), "1 update")
	// Somebody else's picture is another one.
	a.hang(2, face(t, 21))
	has(t, a.shown(sync.Users(), table, a.options()), "1 update")
}

// TestPictureDrift leaves pictures alone that have changed on the portal, and
// sends none that has changed in the table's folder.
func TestPictureDrift(t *testing.T) {
	t.Parallel()
	a := newAlbum(t, sandbox.Options{})
	a.hang(2, face(t, 1))
	for _, name := range []string{"2.png", "3.png", "4.png"} {
		a.file(name, string(face(t, 20)))
	}
	path := a.saved("plan.jsonl", sync.Users(), "ID,PERSONAL_PHOTO,NAME\n2,2.png,Planned\n3,3.png,Planned\n4,4.png,Planned\n", a.options())
	a.hang(2, face(t, 2))
	a.hang(4, face(t, 20))
	a.set(4, bitrix24.Fields{"NAME": "Planned"})
	a.file("3.png", string(face(t, 33)))
	before := a.updates()
	if got := a.apply(path, sync.ApplyOptions{Pictures: a.record}); got != (sync.Tally{Total: 3, Done: 1, Failed: 1, Drifted: 1}) {
		t.Errorf("%+v", got)
	}
	if n := a.updates() - before; n != 0 {
		t.Errorf("%d updates", n)
	}
	plan, err := sync.OpenPlan(path, false)
	if err != nil {
		t.Fatal(err)
	}
	run, err := sync.Open(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(a.dir, "report.csv")
	if err := run.Report(t.Context(), report); err != nil {
		t.Error(err)
	}
	if err := run.Close(); err != nil {
		t.Error(err)
	}
	has(t, read(t, report), "3.png\"\" has changed since the plan was made; plan again", `PERSONAL_PHOTO is ""`+short(face(t, 2))+`"" now`, short(face(t, 20))+" 2.png")
	if got := a.apply(path, sync.ApplyOptions{Pictures: a.record, Overwrite: true}); got != (sync.Tally{Total: 3, Done: 2, Failed: 1}) || !bytes.Equal(a.hanging(2), face(t, 20)) {
		t.Errorf("%+v", got)
	}
	if got := a.apply(filepath.Join(a.dir, "plan.rollback.jsonl"), sync.ApplyOptions{Pictures: a.record}); got.Failed != 0 || !bytes.Equal(a.hanging(2), face(t, 2)) {
		t.Errorf("%+v", got)
	}
}

// TestAddressOfPicture stays out of the report, for its query may hold a secret.
func TestAddressOfPicture(t *testing.T) {
	t.Parallel()
	a := newAlbum(t, sandbox.Options{})
	web := httptest.NewServer(http.FileServer(http.Dir(a.dir)))
	t.Cleanup(web.Close)
	a.file("2.png", string(face(t, 20)))
	path := a.saved("plan.jsonl", sync.Users(), "ID,PERSONAL_PHOTO\n2,"+web.URL+"/2.png?token=hidden\n", a.options())
	a.file("2.png", string(face(t, 33)))
	plan, err := sync.OpenPlan(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close() //nolint:errcheck // it was only read
	run, err := sync.Open(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close() //nolint:errcheck // what it wrote is on disk
	if err := run.Apply(t.Context(), a.client, sync.ApplyOptions{Pictures: a.record}); err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(a.dir, "report.csv")
	if err := run.Report(t.Context(), report); err != nil {
		t.Fatal(err)
	}
	text := read(t, report)
	has(t, text, "has changed since the plan was made; plan again")
	if strings.Contains(text, "hidden") {
		t.Error(text)
	}
}

// TestUnansweredPictures resumes rows that were left as sent, whether they were
// carried out or not, and whether the portal rescales or not.
func TestUnansweredPictures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		kind     sandbox.FaultKind
		rescaled bool
		updates  int
	}{
		{"carried out", sandbox.FaultResetAfter, false, 1},
		{"not carried out", sandbox.FaultErrorBefore, false, 1},
		{"carried out and rescaled", sandbox.FaultResetAfter, true, 2}, // in doubt it is sent again, which does no harm
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAlbum(t, sandbox.Options{})
			a.rescaled.Store(tt.rescaled)
			a.hang(2, face(t, 1))
			a.file("2.png", string(face(t, 20)))
			const table = "ID,PERSONAL_PHOTO,NAME\n2,2.png,Planned\n"
			path := a.saved("plan.jsonl", sync.Users(), table, a.options())
			before := a.updates()
			plan, err := sync.OpenPlan(path, false)
			if err != nil {
				t.Fatal(err)
			}
			run, err := sync.Open(t.Context(), plan)
			if err != nil {
				t.Fatal(err)
			}
			// The look is answered, the sending is not, and then the portal is blocked.
			if err := a.portal.SetFaults(
				sandbox.Fault{Kind: tt.kind, Method: "batch", After: 1, Count: 1}, sandbox.Fault{Kind: sandbox.FaultOverload, Method: "batch", After: 1},
			); err != nil {
				t.Fatal(err)
			}
			if err := run.Apply(t.Context(), a.client, sync.ApplyOptions{Pictures: a.record}); !errors.Is(err, bitrix24.ErrOverload) || run.Tally().Left() != 1 {
				t.Fatalf("%v, %+v", err, run.Tally())
			}
			if err := errors.Join(run.Close(), a.portal.SetFaults()); err != nil {
				t.Fatal(err)
			}
			if got := a.apply(path, sync.ApplyOptions{Pictures: a.record}); got != (sync.Tally{Total: 1, Done: 1}) {
				t.Errorf("%+v", got)
			}
			if n := a.updates() - before; n != tt.updates {
				t.Errorf("%d updates", n)
			}
			if got := a.hanging(2); !bytes.HasPrefix(got, face(t, 20)) || a.user(2).Name != "Planned" {
				t.Error("the row was not carried out")
			}
		})
	}
}

// TestPhotosRoundTrip exports pictures as files and as addresses.
func TestPhotosRoundTrip(t *testing.T) {
	t.Parallel()
	a := newAlbum(t, sandbox.Options{})
	for id := int64(2); id <= 12; id++ {
		a.hang(id, face(t, uint8(id)))
	}
	a.set(5, bitrix24.Fields{"WORK_LOGO": bitrix24.File{Name: "logo.png", Content: bitrix24.Bytes(face(t, 99))}})
	a.set(6, bitrix24.Fields{"PERSONAL_PHOTO": bitrix24.File{Name: "page.html", Content: bitrix24.Bytes([]byte("<p>no picture</p>"))}})
	var notes []string
	for _, o := range []sync.ExportOptions{
		{Out: filepath.Join(a.dir, "files.csv"), Photos: filepath.Join(a.dir, "faces")},
		{Out: filepath.Join(a.dir, "faces.jsonl"), Photos: filepath.Join(a.dir, "more", "faces"), Select: []string{"ID", "PERSONAL_PHOTO"}},
		{Out: filepath.Join(a.dir, "addresses.xlsx"), Select: []string{"ID", "PERSONAL_PHOTO", "WORK_LOGO"}},
	} {
		o.Note = func(text string) { notes = append(notes, text) }
		if _, err := sync.Export(t.Context(), a.client, sync.Users(), o); err != nil {
			t.Fatal(err)
		}
		plan := a.options()
		plan.From, plan.ClearEmpty = o.Out, true
		if text := a.shown(sync.Users(), "", plan); text != "users: "+unchanged+"42 unchanged, 0 conflict\n" {
			t.Errorf("%s:\n%s", o.Out, text)
		}
	}
	has(t, read(t, filepath.Join(a.dir, "files.csv")), ",faces/5.png,faces/5-WORK_LOGO.png", ",faces/12.png,")
	if !bytes.Equal([]byte(read(t, filepath.Join(a.dir, "faces", "7.png"))), face(t, 7)) {
		t.Error("another picture was downloaded")
	}
	if len(notes) != 2 || !strings.Contains(notes[0], "PERSONAL_PHOTO of 6 stays an address") {
		t.Errorf("%q", notes)
	}
	for _, tt := range []struct {
		entity sync.Entity
		o      sync.ExportOptions
		want   string
	}{
		{sync.Departments(), sync.ExportOptions{Photos: "x"}, "departments have no pictures"},
		{sync.Users(), sync.ExportOptions{Photos: "x", Select: []string{"ID"}}, "--select names no picture"},
	} {
		tt.o.Out = filepath.Join(a.dir, "none.csv")
		if _, err := sync.Export(t.Context(), a.client, tt.entity, tt.o); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v", err)
		}
	}
}
