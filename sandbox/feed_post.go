package sandbox

import (
	"slices"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// feedTables holds the tags of posts by their ids.
const feedTables = `CREATE TABLE IF NOT EXISTS data_feed_tag (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);
`

// postEntity is a post of the feed, in the order of [log.blogpost.get]. Its entry
// in the feed has the id of the post.
//
// [log.blogpost.get]: https://apidocs.bitrix24.com/api-reference/log/log-blogpost-get.html
var postEntity = &entity{
	name:   "feed_post",
	derive: derivePost,
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "BLOG_ID", compute: showBlog, readOnly: true},
		{name: "PUBLISH_STATUS", kind: textKind, readOnly: true, always: true},
		{name: "TITLE", kind: textKind, max: 255, readOnly: true, always: true},
		{name: "AUTHOR_ID", kind: idKind, readOnly: true, always: true, indexed: true},
		{name: "ENABLE_COMMENTS", kind: letterKind, readOnly: true, always: true},
		{name: "NUM_COMMENTS", kind: idKind, readOnly: true, always: true},
		{name: "CODE", kind: textKind, readOnly: true, always: true, null: true},
		{name: "MICRO", kind: letterKind, readOnly: true, always: true},
		{name: "DETAIL_TEXT", kind: textKind, readOnly: true, always: true},
		{name: "DATE_PUBLISH", kind: momentKind, readOnly: true, always: true},
		{name: "CATEGORY_ID", kind: textKind, readOnly: true, always: true},
		{name: "HAS_SOCNET_ALL", kind: letterKind, readOnly: true, always: true},
		{name: "HAS_TAGS", kind: letterKind, readOnly: true, always: true},
		{name: "HAS_IMAGES", kind: letterKind, readOnly: true, always: true},
		{name: "HAS_PROPS", kind: letterKind, readOnly: true, always: true},
		{name: "HAS_COMMENT_IMAGES", kind: letterKind, readOnly: true, always: true, null: true},
		{name: "UF_BLOG_POST_DOC", compute: showPostProperty, readOnly: true},
		{name: "UF_BLOG_POST_URL_PRV", compute: showPostProperty, readOnly: true},
		{name: "UF_GRATITUDE", compute: showPostProperty, readOnly: true},
		{name: "UF_BLOG_POST_FILE", compute: showPostProperty, readOnly: true},
		{name: "UF_BLOG_POST_IMPRTNT", compute: showPostProperty, readOnly: true},
		{name: "UF_IMPRTANT_DATE_END", compute: showPostProperty, readOnly: true},
		{name: "UF_BLOG_POST_VOTE", compute: showPostProperty, readOnly: true},
		{name: "UF_MAIL_MESSAGE", compute: showPostProperty, readOnly: true},
		{name: "FILES", kind: feedFileKind, multiple: true, readOnly: true},
		{name: "DEST", kind: textKind, multiple: true, readOnly: true, hidden: true, indexed: true},
		{name: "IMPORTANT", kind: letterKind, readOnly: true, hidden: true},
		{name: "IMPORTANT_DATE_END", kind: momentKind, readOnly: true, hidden: true},
		{name: "READERS", kind: integerKind, multiple: true, readOnly: true, hidden: true},
	},
}

// feedFileKind is a file of a post or comment, shown as its id.
var feedFileKind = kind{take: takeFile, show: showFileID, key: keyFile, parse: parseInteger}

func showFileID(_ showing, stored any) any {
	id, _ := fileOf(stored)
	return id
}

// showBlog answers the blog of a post: everybody has one, with an id of its own.
func showBlog(_ showing, doc document) any { return phpquery.Text(doc["AUTHOR_ID"]) }

// derivePost sets what a post tells about itself.
func derivePost(doc document) {
	recipients, _ := doc["DEST"].([]any)
	doc["HAS_SOCNET_ALL"] = slices.Contains(recipients, any(everyone))
	doc["HAS_TAGS"] = phpquery.Text(doc["CATEGORY_ID"]) != ""
	doc["HAS_IMAGES"] = strings.Contains(fold(phpquery.Text(doc["DETAIL_TEXT"])), "[img")
	doc["HAS_PROPS"] = doc["FILES"] != nil || doc["IMPORTANT"] == true
}
