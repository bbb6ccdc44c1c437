package sandbox

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/oint-go/oint/internal/phpquery"
)

func (p *portal) post(id any) map[string]any {
	p.tb.Helper()
	rows := p.ok("log.blogpost.get", "POST_ID", id).([]any)
	if len(rows) != 1 {
		p.tb.Fatalf("post %v: %d rows", id, len(rows))
	}
	return rows[0].(map[string]any)
}

// postIDs are the ids of a page of posts.
func (p *portal) postIDs(kv ...any) []string {
	p.tb.Helper()
	ids := []string{}
	for _, row := range p.ok("log.blogpost.get", kv...).([]any) {
		ids = append(ids, row.(map[string]any)["ID"].(string))
	}
	return ids
}

func pair(name, content string) *phpquery.Array {
	return list(name, base64.StdEncoding.EncodeToString([]byte(content)))
}

func TestPostGet(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.at("2026-03-02T10:00:00Z")
	id := p.ok("log.blogpost.add", "POST_MESSAGE", "Approvals change.", "POST_TITLE", "New rules", "DEST", list("U2", "SG1"),
		"TAGS", "rules, approvals,rules", "FILES", list(pair("a.txt", "one"), pair("", "two"), "text", list("b.txt", "%%%")))
	diff(t, "id", any(number(4)), id)
	r, err := p.run("log.blogpost.get", arr("POST_ID", 4, "LOG_RIGHTS", "UA"))
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "total", int64(1), *r.total)
	first, _ := r.value.(*phpquery.Array).Get("0")
	diff(t, "keys", []string{
		"ID", "BLOG_ID", "PUBLISH_STATUS", "TITLE", "AUTHOR_ID", "ENABLE_COMMENTS", "NUM_COMMENTS", "CODE", "MICRO", "DETAIL_TEXT",
		"DATE_PUBLISH", "CATEGORY_ID", "HAS_SOCNET_ALL", "HAS_TAGS", "HAS_IMAGES", "HAS_PROPS", "HAS_COMMENT_IMAGES",
		"UF_BLOG_POST_DOC", "UF_BLOG_POST_URL_PRV", "UF_GRATITUDE", "UF_BLOG_POST_FILE", "UF_BLOG_POST_IMPRTNT",
		"UF_IMPRTANT_DATE_END", "UF_BLOG_POST_VOTE", "UF_MAIL_MESSAGE", "FILES",
	}, keysIn(first.(*phpquery.Array)))
	post := plainValue(first).(map[string]any)
	files, _ := post["FILES"].([]any)
	if len(files) != 1 {
		t.Fatalf("files %v", files)
	}
	property := post["UF_BLOG_POST_FILE"].(map[string]any)
	diff(t, "value of the files", any(files), property["VALUE"])
	diff(t, "stored value", any(fmt.Sprintf("a:1:{i:0;i:%v;}", files[0])), property["VALUE_RAW"])
	diff(t, "kind", any(map[string]any{
		"USER_TYPE_ID": "disk_file", "CLASS_NAME": `Bitrix\Disk\Uf\FileUserType`, "DESCRIPTION": "File (Drive)", "BASE_TYPE": "int",
		"TAG": []any{"DISK FILE ID", "DOCUMENT ID"},
	}), property["USER_TYPE"])
	ends, _ := first.(*phpquery.Array).Get("UF_IMPRTANT_DATE_END")
	diff(t, "keys of a property", []string{
		"ID", "ENTITY_ID", "FIELD_NAME", "USER_TYPE_ID", "XML_ID", "SORT", "MULTIPLE", "MANDATORY", "SHOW_FILTER", "SHOW_IN_LIST",
		"EDIT_IN_LIST", "IS_SEARCHABLE", "SETTINGS", "EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL", "ERROR_MESSAGE",
		"HELP_MESSAGE", "USER_TYPE", "VALUE", "ENTITY_VALUE_ID", "VALUE_EXISTS", "VALUE_RAW", "CUSTOM_DATA",
	}, keysIn(ends.(*phpquery.Array)))
	for name := range post {
		if strings.HasPrefix(name, "UF_") || name == "FILES" {
			delete(post, name)
		}
	}
	diff(t, "post", map[string]any{
		"ID": "4", "BLOG_ID": "1", "PUBLISH_STATUS": "P", "TITLE": "New rules", "AUTHOR_ID": "1", "ENABLE_COMMENTS": "Y", "NUM_COMMENTS": "0",
		"CODE": nil, "MICRO": "N", "DETAIL_TEXT": "Approvals change.", "DATE_PUBLISH": "2026-03-02T10:00:00+00:00", "CATEGORY_ID": "1,2",
		"HAS_SOCNET_ALL": "N", "HAS_TAGS": "Y", "HAS_IMAGES": "N", "HAS_PROPS": "Y", "HAS_COMMENT_IMAGES": nil,
	}, post)
}

// TestPostAudience follows who may see a post from its recipients.
func TestPostAudience(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	author := p.as(principal{userID: 9, scopes: fullScopes})
	sees := func(userID int64, id string) bool {
		t.Helper()
		user := p.as(principal{userID: userID, scopes: fullScopes})
		return len(user.postIDs("POST_ID", id)) == 1
	}
	tests := []struct {
		dest            any
		sees, seesNot   []int64
		found, foundNot string // values of LOG_RIGHTS
	}{
		{"UA", []int64{2, 20, extranetID}, nil, "UA", "U2"},
		{list("U2", "U4"), []int64{2, 4, 9}, []int64{3, 5}, "u4", "UA"},
		{list("SG1"), []int64{9, extranetID}, []int64{2, 5}, "SG1", "UA"},
		{list("DR2"), []int64{2, 3, 4}, []int64{5, 6, extranetID}, "DR2", "D2"},
		{list("D2"), []int64{2}, []int64{3, 4, 5}, "D2", "DR2"},
		{list("DR1"), []int64{2, 3, 20}, []int64{extranetID}, "DR1", "UA"},
		{list("U2", "U4711", "everyone"), []int64{2}, []int64{3}, "U2", "U4711"},
	}
	for _, tt := range tests {
		id := phpquery.Text(author.ok("log.blogpost.add", "POST_MESSAGE", "For some", "DEST", tt.dest))
		what := "DEST " + describe(tt.dest)
		for _, user := range tt.sees {
			if !sees(user, id) {
				t.Errorf("%s: %d does not see it", what, user)
			}
		}
		for _, user := range tt.seesNot {
			if sees(user, id) {
				t.Errorf("%s: %d sees it", what, user)
			}
		}
		if ids := author.postIDs("LOG_RIGHTS", tt.found); len(ids) == 0 || ids[0] != id {
			t.Errorf("%s: not found by %s: %v", what, tt.found, ids)
		}
		for _, other := range author.postIDs("LOG_RIGHTS", list(tt.foundNot)) {
			if other == id {
				t.Errorf("%s: found by %s", what, tt.foundNot)
			}
		}
		author.ok("log.blogpost.delete", "POST_ID", id)
	}
	diff(t, "of the seeds", []string{"2", "1"}, p.as(principal{userID: 4, scopes: fullScopes}).postIDs())
	diff(t, "all, to an administrator", []string{"3", "2", "1"}, p.postIDs())
}

func TestPostLife(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	author, reader := p.as(principal{userID: 4, scopes: fullScopes}), p.as(principal{userID: 5, scopes: fullScopes})
	id := author.ok("log.blogpost.add", "POST_MESSAGE", "[B]First[/B]\nwords", "DEST", "U9", "IMPORTANT", "Y", "IMPORTANT_DATE_END", "2026-12-31T18:00:00+00:00",
		"FILES", list(pair("a.txt", "one"), pair("b.txt", "two")))
	value := func(post map[string]any, name string) any { return post[name].(map[string]any)["VALUE"] }
	post := author.post(id)
	diff(t, "added", []any{"First words", "Y", "1", "2026-12-31T18:00:00+00:00"},
		[]any{post["TITLE"], post["MICRO"], value(post, "UF_BLOG_POST_IMPRTNT"), value(post, "UF_IMPRTANT_DATE_END")})
	files := post["FILES"].([]any)

	diff(t, "shared", any(true), author.ok("log.blogpost.share", "POST_ID", id, "DEST", list("U5", "U9")))
	diff(t, "seen", "First words", reader.post(id)["TITLE"].(string))

	diff(t, "updated", id, author.ok("log.blogpost.update", "POST_ID", id, "POST_TITLE", "Titled"))
	post = reader.post(id)
	diff(t, "the text, the audience and the mark stay", []any{"Titled", "N", "[B]First[/B]\nwords", "1"},
		[]any{post["TITLE"], post["MICRO"], post["DETAIL_TEXT"], value(post, "UF_BLOG_POST_IMPRTNT")})
	p.ok("log.blogpost.update", "POST_ID", id, "POST_MESSAGE", "Second words", "IMPORTANT", "N", "DEST", list("U4", "UA"),
		"FILES", arr(phpquery.Text(files[0]), "del", "n0", pair("c.txt", "three")))
	post = p.as(principal{userID: 20, scopes: fullScopes}).post(id)
	diff(t, "changed", []any{"Second words", "Y", "Second words", nil, "Y"},
		[]any{post["TITLE"], post["MICRO"], post["DETAIL_TEXT"], value(post, "UF_BLOG_POST_IMPRTNT"), post["HAS_SOCNET_ALL"]})
	diff(t, "files", any([]any{files[1], files[1].(int64) + 1}), post["FILES"])

	diff(t, "deleted", any(true), author.ok("log.blogpost.delete", "POST_ID", id))
	diff(t, "gone", []string{}, p.postIDs("POST_ID", id))
	diff(t, "its id is not given twice", any(number(5)), p.ok("log.blogpost.add", "POST_MESSAGE", "Next", "USER_ID", 7))
	diff(t, "in the name of another", any("7"), p.post(5)["AUTHOR_ID"])
}

func TestPostReaders(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	diff(t, "seeded", any([]any{"1", "2", "5"}), p.ok("log.blogpost.getusers.important", "POST_ID", 1))
	p.as(principal{userID: 8, scopes: fullScopes}).ok("log.blogcomment.add", "POST_ID", 1, "TEXT", "Read it.")
	diff(t, "who comments has read", any([]any{"1", "2", "5", "8"}), p.ok("log.blogpost.getusers.important", "POST_ID", "1"))
	id := p.ok("log.blogpost.add", "POST_MESSAGE", "For some", "DEST", "U2", "IMPORTANT", "Y")
	diff(t, "its author", any([]any{"1"}), p.ok("log.blogpost.getusers.important", "POST_ID", id))
	diff(t, "to those who may not see it", any([]any{}), p.as(principal{userID: 8, scopes: fullScopes}).ok("log.blogpost.getusers.important", "POST_ID", id))
	diff(t, "not important", any([]any{}), p.ok("log.blogpost.getusers.important", "POST_ID", 2))
}

func TestPostPages(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	for i := range 60 {
		p.at(fmt.Sprintf("2026-03-02T10:%02d:00Z", i%60))
		p.ok("log.blogpost.add", "POST_MESSAGE", fmt.Sprintf("Post %d", i))
	}
	r, err := p.run("log.blogpost.get", arr("LOG_RIGHTS", "UA"))
	if err != nil || *r.total != 61 || *r.next != 50 {
		t.Fatalf("first page: %v, %v", r, err)
	}
	second := p.postIDs("LOG_RIGHTS", "UA", "start", 50)
	diff(t, "second page", []string{"13", "12", "11", "10", "9", "8", "7", "6", "5", "4", "1"}, second)
	diff(t, "older ones", []string{"9", "8"}, p.postIDs("LAST_ID", 10, "LIMIT", 2))
	diff(t, "newer ones", []string{"11", "12"}, p.postIDs("FIRST_ID", 10, "LIMIT", "2"))
	diff(t, "many", 63, len(p.postIDs("LIMIT", 1000)))
	diff(t, "a page of 50", 50, len(p.postIDs("LAST_ID", 63, "LIMIT", "x")))
	diff(t, "a period", []string{"6", "5"}, p.postIDs("LOG_DATE_FROM", "2026-03-02T10:01:00+00:00", "LOG_DATE_TO", "2026-03-02T10:02:30Z"))
	diff(t, "no date", []string{}, p.postIDs("LOG_DATE_FROM", "soon"))
	if r, err = p.run("log.blogpost.get", arr("LAST_ID", 10)); err != nil || r.total != nil || r.next != nil {
		t.Errorf("by id: %v, %v", r, err)
	}
}

func TestPostComments(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.at("2026-03-02T10:00:00Z")
	reader := p.as(principal{userID: 5, scopes: fullScopes})
	id := reader.ok("log.blogcomment.add", "POST_ID", 1, "TEXT", "Here is a plan.", "FILES", list(pair("plan.png", "\x89PNG\r\n\x1a\n")))
	diff(t, "id", any(number(2)), id)
	diff(t, "counted", any("2"), p.post(1)["NUM_COMMENTS"])
	own := reader.ok("log.blogcomment.user.get").(map[string]any)
	file := own["comments"].([]any)[0].(map[string]any)["attach"].([]any)[0]
	diff(t, "comments", any([]any{map[string]any{
		"id": int64(2), "comment_id": int64(2), "log_id": int64(1), "date": "2026-03-02T10:00:00+00:00", "text": "Here is a plan.", "attach": []any{file},
	}}), own["comments"])
	described := own["files"].(map[string]any)[phpquery.Text(file)].(map[string]any)
	diff(t, "file", []any{"image", "plan.png", int64(8), int64(5)}, []any{described["type"], described["name"], described["size"], described["authorId"]})
	answer := httptest.NewRecorder()
	p.sb.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, described["urlDownload"].(string), nil))
	diff(t, "download", "\x89PNG\r\n\x1a\n", answer.Body.String())
	diff(t, "of another", 1, len(reader.ok("log.blogcomment.user.get", "USER_ID", 2).(map[string]any)["comments"].([]any)))
	diff(t, "after it", 0, len(reader.ok("log.blogcomment.user.get", "USER_ID", 2, "FIRST_ID", 1).(map[string]any)["comments"].([]any)))
	diff(t, "before it", 0, len(reader.ok("log.blogcomment.user.get", "LAST_ID", 2, "LIMIT", 5).(map[string]any)["comments"].([]any)))

	p.ok("log.blogcomment.add", "POST_ID", 3, "TEXT", "Fine.")
	diff(t, "on a post that is not for all", 0, len(reader.ok("log.blogcomment.user.get", "USER_ID", 1).(map[string]any)["comments"].([]any)))
	diff(t, "in the name of another", any(number(4)), p.ok("log.blogcomment.add", "POST_ID", 2, "TEXT", "Fine.", "USER_ID", 3))
	diff(t, "deleted", any(true), reader.ok("log.blogcomment.delete", "COMMENT_ID", id))
	diff(t, "counted", any("1"), p.post(1)["NUM_COMMENTS"])
	answer = httptest.NewRecorder()
	p.sb.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, described["urlDownload"].(string), nil))
	diff(t, "the file is gone", http.StatusNotFound, answer.Code)
	p.ok("log.blogpost.delete", "POST_ID", 3)
	diff(t, "gone with the post", 0, len(p.ok("log.blogcomment.user.get").(map[string]any)["comments"].([]any)))
}

func TestFeedErrors(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	employee, outsider := p.as(principal{userID: 4, scopes: fullScopes}), p.as(principal{userID: 6, scopes: fullScopes})
	const (
		notAdded = "400 " + addError + ": Blog post hasn't been added"
		noDest   = "400 " + addError + ": No destination specified"
		noRights = "400 " + updateError + ": No write perms"
		wrong    = "400 : Wrong post ID"
	)
	tests := []struct {
		by     *portal
		method string
		params []any
		want   string
	}{
		{p, "log.blogpost.add", nil, notAdded},
		{p, "log.blogpost.add", []any{"POST_MESSAGE", " "}, notAdded},
		{p, "log.blogpost.add", []any{"POST_MESSAGE", "x", "USER_ID", 4711}, notAdded},
		{p, "log.blogpost.add", []any{"POST_MESSAGE", "x", "DEST", list("U4711", "DR", "X1", "SG9")}, noDest},
		{p, "log.blogpost.add", []any{"POST_MESSAGE", "x", "DEST", "U2,U3"}, noDest},
		{p, "log.blogpost.update", []any{"POST_MESSAGE", "x"}, "400 " + updateError + ": Wrong post ID"},
		{p, "log.blogpost.update", []any{"POST_ID", 1}, "400 EMPTY_TITLE: Message title is not specified."},
		{p, "log.blogpost.update", []any{"POST_ID", 99, "POST_MESSAGE", "x"}, "400 " + updateError + ": No post found"},
		{employee, "log.blogpost.update", []any{"POST_ID", 1, "POST_MESSAGE", "x"}, noRights},
		{p, "log.blogpost.delete", nil, "400 100: Wrong post ID"},
		{p, "log.blogpost.delete", []any{"POST_ID", 99}, "400 100: Wrong post ID"},
		{employee, "log.blogpost.delete", []any{"POST_ID", 1}, "400 403: You do not have permission to delete this message"},
		{p, "log.blogpost.share", []any{"DEST", "U2"}, wrong},
		{p, "log.blogpost.share", []any{"POST_ID", 1}, "400 : Wrong destinations"},
		{p, "log.blogpost.share", []any{"POST_ID", 1, "DEST", "U4711"}, "400 : Wrong destinations"},
		{employee, "log.blogpost.share", []any{"POST_ID", 1, "DEST", "U2"}, "400 : No read perms"},
		{p, "log.blogpost.getusers.important", nil, wrong},
		{p, "log.blogpost.getusers.important", []any{"POST_ID", "x"}, wrong},
		{p, "log.blogcomment.add", []any{"TEXT", "x"}, "400 : No post found"},
		{outsider, "log.blogcomment.add", []any{"POST_ID", 2, "TEXT", "x"}, "400 : No post found"},
		{p, "log.blogcomment.add", []any{"POST_ID", 1, "TEXT", " "}, "400 : Blog comment hasn't been added"},
		{p, "log.blogcomment.add", []any{"POST_ID", 1, "TEXT", "Visitors too?", "USER_ID", 2}, "400 : Duplicate comment"},
		{p, "log.blogcomment.delete", nil, "400 : Wrong comment ID"},
		{p, "log.blogcomment.delete", []any{"COMMENT_ID", 99}, "400 : No comment found"},
		{employee, "log.blogcomment.delete", []any{"COMMENT_ID", 1}, "400 : No delete perms"},
	}
	before := p.ok("log.blogpost.get")
	for _, tt := range tests {
		diff(t, tt.method+" "+describe(list(tt.params...)), tt.want, tt.by.refused(tt.method, tt.params...))
	}
	diff(t, "posts after refusals", before, p.ok("log.blogpost.get"))
	diff(t, "scope", "403 insufficient_scope: The request requires higher privileges than provided by the access token",
		p.as(principal{userID: 1, admin: true, scopes: []string{"crm"}}).refused("log.blogpost.get"))
}
