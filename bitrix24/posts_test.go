package bitrix24_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

func TestPosts(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{})
	yes := true
	id, err := client.CreatePost(t.Context(), "Read this.", &bitrix24.CreatePostOptions{
		Visibility: []string{"U2", "DR5"}, Important: &yes,
		Files: bitrix24.Files{{Name: "a.txt", Content: bitrix24.Bytes([]byte("hello"))}},
	})
	if err != nil {
		t.Fatal(err)
	}
	post := func() bitrix24.Post {
		t.Helper()
		posts, err := client.GetPosts(t.Context(), &bitrix24.GetPostsOptions{PostID: id.Result})
		if err != nil || len(posts.Result) != 1 {
			t.Fatalf("%v, %v", posts, err)
		}
		return posts.Result[0]
	}
	if got := post(); !bool(got.Important) || bool(got.SocnetAll) || len(got.Files) != 1 || got.Title != "Read this." || !bool(got.Micro) || len(got.Fields) < 20 {
		t.Errorf("post %+v", got)
	}
	// Without an audience the post keeps its own.
	if _, err := client.UpdatePost(t.Context(), id.Result, "Read this again.", nil); err != nil {
		t.Fatal(err)
	}
	if got := post(); got.DetailText != "Read this again." || bool(got.SocnetAll) || !bool(got.Important) {
		t.Errorf("post %+v", got)
	}
	if _, err := client.AddPostRecipients(t.Context(), id.Result, []string{"U3", "UA"}); err != nil {
		t.Fatal(err)
	}
	if !bool(post().SocnetAll) {
		t.Error("the recipients were not added")
	}
	readers, err := client.GetImportantPostViewers(t.Context(), id.Result)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]bitrix24.ID{1}, readers.Result); diff != "" {
		t.Errorf("readers (-want +got)\n%s", diff)
	}
}

func TestAllPosts(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{})
	texts := func(yield func(bitrix24.CreatePostArgs) bool) {
		for i := range 120 {
			if !yield(bitrix24.CreatePostArgs{Text: fmt.Sprintf("Post %d", i), Options: &bitrix24.CreatePostOptions{Visibility: []string{"U7"}}}) {
				return
			}
		}
	}
	for outcome := range client.CreatePosts(t.Context(), texts) {
		if outcome.State != bitrix24.Done {
			t.Fatal(outcome.Err)
		}
	}
	seen := map[bitrix24.ID]bool{}
	for post, err := range client.AllPosts(t.Context(), &bitrix24.GetPostsOptions{Filter: "U7"}) {
		if err != nil {
			t.Fatal(err)
		}
		seen[post.ID] = true
	}
	if len(seen) != 120 {
		t.Errorf("%d posts", len(seen))
	}
}
