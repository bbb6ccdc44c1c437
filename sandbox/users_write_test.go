package sandbox

import (
	"database/sql"
	"encoding/base64"
	"errors"
	"io"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/oint-go/oint/internal/phpquery"
)

func TestUserAddErrors(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	taken := p.user(2)["EMAIL"].(string)
	p.ok("user.update", "ID", 3, "ACTIVE", "N")
	gone := p.user(3)["EMAIL"].(string)
	tests := []struct {
		params []any
		want   string
	}{
		{[]any{}, "400 ERROR_ARGUMENT: wrong_email"},
		{[]any{"EMAIL", "", "UF_DEPARTMENT", 1}, "400 ERROR_ARGUMENT: wrong_email"},
		{[]any{"EMAIL", "no at sign", "UF_DEPARTMENT", 1}, "400 ERROR_ARGUMENT: wrong_email"},
		{[]any{"EMAIL", "a@b", "UF_DEPARTMENT", 1}, "400 ERROR_ARGUMENT: wrong_email"},
		{[]any{"EMAIL", "A <a@b.example>", "UF_DEPARTMENT", 1}, "400 ERROR_ARGUMENT: wrong_email"},
		{[]any{"EMAIL", list("a@b.example"), "UF_DEPARTMENT", 1}, "400 ERROR_ARGUMENT: wrong_email"},
		{[]any{"EMAIL", "a@b.example", "email", "wrong", "UF_DEPARTMENT", 1}, "400 ERROR_ARGUMENT: wrong_email"},
		{[]any{"EMAIL", taken, "UF_DEPARTMENT", 1}, "400 ERROR_ARGUMENT: A user with this email already exists"},
		{[]any{"EMAIL", strings.ToUpper(taken), "UF_DEPARTMENT", 1}, "400 ERROR_ARGUMENT: A user with this email already exists"},
		{[]any{"EMAIL", gone, "UF_DEPARTMENT", 1}, "400 ERROR_ARGUMENT: A user with this email already exists"},
		{[]any{"EMAIL", "new@example.org"}, "400 ERROR_ARGUMENT: no_extranet_field"},
		{[]any{"EMAIL", "new@example.org", "UF_DEPARTMENT", ""}, "400 ERROR_ARGUMENT: no_extranet_field"},
		{[]any{"EMAIL", "new@example.org", "UF_DEPARTMENT", list("")}, "400 ERROR_ARGUMENT: no_extranet_field"},
		{[]any{"EMAIL", "new@example.org", "UF_DEPARTMENT", 99}, "400 ERROR_CORE: Department not found"},
		{[]any{"EMAIL", "new@example.org", "UF_DEPARTMENT", list(1, 99)}, "400 ERROR_CORE: Department not found"},
		{[]any{"EMAIL", "new@example.org", "UF_DEPARTMENT", "sales"}, "400 ERROR_CORE: Department not found"},
		{[]any{"EMAIL", "new@example.org", "EXTRANET", "Y"}, "400 ERROR_GROUPID: Group code not specified"},
		{[]any{"EMAIL", "new@example.org", "EXTRANET", "Y", "SONET_GROUP_ID", list()}, "400 ERROR_GROUPID: Group code not specified"},
		{[]any{"EMAIL", "new@example.org", "EXTRANET", "Y", "SONET_GROUP_ID", list(77)}, "400 ERROR_NO_GROUP: Group is specified incorrectly"},
		{[]any{"EMAIL", "new@example.org", "UF_DEPARTMENT", 1, "PERSONAL_BIRTHDAY", "soon"}, "400 ERROR_CORE: PERSONAL_BIRTHDAY: the value is not a date"},
	}
	for _, tt := range tests {
		diff(t, describe(list(tt.params...)), tt.want, p.refused("user.add", tt.params...))
	}
	employee := p.as(principal{userID: 4, scopes: fullScopes})
	diff(t, "no rights", "400 ERROR_CORE: access_denied", employee.refused("user.add", "EMAIL", "new@example.org", "UF_DEPARTMENT", 1))
	if got := p.ids("user.get"); len(got) != companyUsers {
		t.Errorf("%d users after refusals", len(got))
	}
}

func TestUserAdd(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	id := p.ok("user.add", "EMAIL", "New.One@example.org", "NAME", "Новый", "UF_DEPARTMENT", list(2, "3"), "NO_SUCH_FIELD", "x", "ID", 5, "USER_TYPE", "email")
	diff(t, "id", any(number(companyUsers+1)), id)
	u := p.user(companyUsers + 1)
	for name, want := range map[string]any{
		"EMAIL": "New.One@example.org", "NAME": "Новый", "LAST_NAME": "", "ACTIVE": true, "USER_TYPE": "employee",
		"UF_DEPARTMENT": []any{number(2), number(3)}, "LAST_LOGIN": "", "WORK_POSITION": "", "PERSONAL_BIRTHDAY": "",
	} {
		diff(t, name, want, u[name])
	}
	for _, name := range []string{"SECOND_NAME", "NO_SUCH_FIELD", "PERSONAL_CITY"} {
		if v, ok := u[name]; ok {
			t.Errorf("%s is %v though it was never set", name, v)
		}
	}
	if d := time.Since(parsed(t, u["DATE_REGISTER"])); d < -time.Minute || d > time.Hour {
		t.Errorf("registered %v ago", d)
	}
	p.ok("user.add", "EMAIL", "partner@example.net", "EXTRANET", "Y", "SONET_GROUP_ID", list(1), "UF_DEPARTMENT", 1)
	partner := p.user(companyUsers + 2)
	diff(t, "type", any("extranet"), partner["USER_TYPE"])
	diff(t, "departments", any([]any{}), partner["UF_DEPARTMENT"])
}

func parsed(t *testing.T, v any) time.Time {
	t.Helper()
	moment, err := time.Parse(time.RFC3339, v.(string))
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func TestUserUpdateErrors(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	taken := p.user(2)["EMAIL"]
	before := p.user(7)
	tests := []struct {
		params []any
		want   string
	}{
		{[]any{"NAME", "x"}, "400 ERROR_CORE: access_denied"},
		{[]any{"ID", "", "NAME", "x"}, "400 ERROR_CORE: access_denied"},
		{[]any{"ID", 0, "NAME", "x"}, "400 ERROR_CORE: access_denied"},
		{[]any{"ID", "abc", "NAME", "x"}, "400 ERROR_CORE: access_denied"},
		{[]any{"ID", 4711, "NAME", "x"}, "400 ERROR_CORE: "},
		{[]any{"ID", 7, "NAME", "x", "EMAIL", "wrong"}, "400 ERROR_CORE: wrong_email"},
		{[]any{"ID", 7, "NAME", "x", "EMAIL", ""}, "400 ERROR_CORE: wrong_email"},
		{[]any{"ID", 7, "NAME", "x", "EMAIL", taken}, "400 ERROR_CORE: A user with this email already exists"},
		{[]any{"ID", 7, "NAME", "x", "UF_DEPARTMENT", 99}, "400 ERROR_CORE: Department not found"},
		{[]any{"ID", 7, "NAME", "x", "PERSONAL_BIRTHDAY", "31.02.2020"}, "400 ERROR_CORE: PERSONAL_BIRTHDAY: the value is not a date"},
		{[]any{"ID", 7, "PERSONAL_PHOTO", list("a.png", "AAAA"), "UF_DEPARTMENT", list(1, 0)}, "400 ERROR_CORE: Department not found"},
	}
	for _, tt := range tests {
		diff(t, describe(list(tt.params...)), tt.want, p.refused("user.update", tt.params...))
	}
	employee := p.as(principal{userID: 7, scopes: fullScopes})
	diff(t, "no rights", "400 ERROR_CORE: access_denied", employee.refused("user.update", "ID", 7, "NAME", "x"))
	diff(t, "nothing of a refused call is kept", before, p.user(7))
}

func TestUserUpdate(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	before := p.user(7)
	diff(t, "result", any(true), p.ok("user.update", "ID", "7", "name", "Oleg", "LAST_NAME", "Lama", "EMAIL", "o.lama@example.org",
		"PERSONAL_BIRTHDAY", "1990-02-01T00:00:00+03:00", "UF_SKILLS", "Go, SQL", "NO_SUCH_FIELD", 1, "DATE_REGISTER", "2001-01-01"))
	after := p.user(7)
	changed := map[string]any{}
	for name, v := range after {
		if was, ok := before[name]; !ok || phpquery.Text(was) != phpquery.Text(v) {
			changed[name] = v
		}
	}
	bumped := parsed(t, changed["TIMESTAMP_X"])
	if !bumped.After(parsed(t, before["TIMESTAMP_X"])) {
		t.Errorf("TIMESTAMP_X %v", bumped)
	}
	delete(changed, "TIMESTAMP_X")
	diff(t, "changed", map[string]any{
		"NAME": "Oleg", "LAST_NAME": "Lama", "EMAIL": "o.lama@example.org", "PERSONAL_BIRTHDAY": "1990-02-01T00:00:00+00:00", "UF_SKILLS": "Go, SQL",
	}, changed)
	diff(t, "found by the new address", []int{7}, p.ids("user.get", "EMAIL", "O.Lama@example.org"))
	diff(t, "and not by the old one", []int(nil), p.ids("user.get", "EMAIL", before["EMAIL"]))
	p.ok("user.update", "ID", 7, "EMAIL", "o.lama@example.org")
	p.ok("user.update", "ID", 7, "UF_SKILLS", "", "NAME", list("x"))
	diff(t, "emptied", any(""), p.user(7)["UF_SKILLS"])
	diff(t, "a list is no name", any("Oleg"), p.user(7)["NAME"])
}

func TestUserUpdateForms(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	forms := []struct {
		field       string
		value, want any
	}{
		{"ACTIVE", "N", false},
		{"ACTIVE", "Y", true},
		{"ACTIVE", false, false},
		{"ACTIVE", true, true},
		{"ACTIVE", "0", false},
		{"ACTIVE", 1, true},
		{"ACTIVE", "false", false},
		{"ACTIVE", "maybe", false},
		{"ACTIVE", "true", true},
		{"UF_DEPARTMENT", 3, []any{number(3)}},
		{"UF_DEPARTMENT", "4", []any{number(4)}},
		{"UF_DEPARTMENT", list(5, "6"), []any{number(5), number(6)}},
		{"UF_DEPARTMENT", arr("3", 7), []any{number(7)}},
		{"PERSONAL_BIRTHDAY", "07.03.1985", "1985-03-07T00:00:00+00:00"},
		{"PERSONAL_BIRTHDAY", "", ""},
		{"UF_EMPLOYMENT_DATE", "2020-05-06", "2020-05-06T00:00:00+00:00"},
		{"PERSONAL_GENDER", "Female", "F"},
		{"NAME", strings.Repeat("ж", 60), strings.Repeat("ж", 50)},
		{"NAME", 12, "12"},
		{"NAME", true, "1"},
		{"PERSONAL_NOTES", "a\nb\t\"c\" <d> \u2028 \x00e", "a\nb\t\"c\" <d> \u2028 e"},
	}
	for _, tt := range forms {
		p.ok("user.update", "ID", 8, tt.field, tt.value)
		diff(t, tt.field+" "+describe(tt.value), tt.want, p.user(8)[tt.field])
	}
	p.ok("user.update", "ID", 8, "UF_DEPARTMENT", list())
	diff(t, "without a department", any("extranet"), p.user(8)["USER_TYPE"])
}

// TestUserRoundTrip writes any texts and reads them back.
func TestUserRoundTrip(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	names := []string{"WORK_COMPANY", "WORK_NOTES", "PERSONAL_CITY", "UF_DISTRICT", "UF_PHONE_INNER"}
	rapid.Check(t, func(rt *rapid.T) {
		id := rapid.IntRange(1, companyUsers).Draw(rt, "id")
		params := []any{"ID", id}
		want := map[string]string{}
		for _, name := range rapid.SliceOfDistinct(rapid.SampledFrom(names), rapid.ID[string]).Draw(rt, "fields") {
			text := clean(rapid.StringN(0, 200, -1).Draw(rt, name))
			params = append(params, name, text)
			want[name] = text
		}
		p.ok("user.update", params...)
		u := p.user(id)
		for name, text := range want {
			if u[name] != text {
				rt.Fatalf("%s: wrote %q, read %q", name, text, u[name])
			}
			if got := p.ids("user.get", "ID", id, "="+name, text); !slices.Equal(got, []int{id}) {
				rt.Fatalf("%s %q does not find its user", name, text)
			}
		}
	})
}

func TestUserPhoto(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	if _, ok := p.user(3)["PERSONAL_PHOTO"]; ok {
		t.Fatal("a photo without a photo")
	}
	first, second := []byte("\x89PNG\r\n\x1a\nfirst"), []byte("\xff\xd8\xffsecond")
	p.ok("user.update", "ID", 3, "PERSONAL_PHOTO", list("face.png", base64.StdEncoding.EncodeToString(first)))
	one := p.photo(3)
	diff(t, "content", first, p.bytes(one))
	diff(t, "type", "image/png", one.contentType)

	wrapped := base64.StdEncoding.EncodeToString(second)
	p.ok("user.update", "ID", 3, "PERSONAL_PHOTO", list(`C:\photos\new face.jpg`, wrapped[:4]+"\r\n"+wrapped[4:]))
	diff(t, "replaced", second, p.bytes(p.photo(3)))
	diff(t, "name", "new face.jpg", p.photo(3).name)

	link := p.user(3)["PERSONAL_PHOTO"]
	for _, bad := range []*phpquery.Array{list("x.png", "%%%not base64%%%"), list("x.png", ""), list("x.png"), list("", wrapped)} {
		diff(t, "result of a bad file", any(true), p.ok("user.update", "ID", 3, "PERSONAL_PHOTO", bad))
		diff(t, "photo after a bad file", link, p.user(3)["PERSONAL_PHOTO"])
	}
	p.ok("user.update", "ID", 3, "PERSONAL_PHOTO", "n123")
	diff(t, "a file of the drive removes the photo", any(""), p.user(3)["PERSONAL_PHOTO"])
	if _, err := p.file(one.id + 1); !errors.Is(err, errNoFile) {
		t.Errorf("the removed file: %v", err)
	}
	diff(t, "with photo", []int(nil), p.ids("user.get", "!PERSONAL_PHOTO", false))
}

// photo follows the link of a user's photo.
func (p *portal) photo(id int) *file {
	p.tb.Helper()
	link, _ := p.user(id)["PERSONAL_PHOTO"].(string)
	u, err := url.Parse(link)
	if err != nil || !strings.HasPrefix(u.Path, "/sandbox-files/") {
		p.tb.Fatalf("link %q: %v", link, err)
	}
	n, err := strconv.ParseInt(strings.Split(u.Path, "/")[2], 10, 64)
	if err != nil {
		p.tb.Fatal(err)
	}
	f, err := p.file(n)
	if err != nil {
		p.tb.Fatal(err)
	}
	if path.Base(u.Path) != f.name {
		p.tb.Errorf("link %q of file %q", link, f.name)
	}
	return f
}

// file is what is known of a stored file.
func (p *portal) file(id int64) (f *file, err error) {
	p.tb.Helper()
	err = p.sb.store.read(p.tb.Context(), func(tx *sql.Tx) error {
		f, err = findFile(p.tb.Context(), tx, id)
		return err
	})
	return f, err
}

// bytes reads a stored file.
func (p *portal) bytes(f *file) []byte {
	p.tb.Helper()
	b, err := io.ReadAll(f.open(p.tb.Context(), p.sb.store))
	if err != nil {
		p.tb.Fatal(err)
	}
	return b
}
