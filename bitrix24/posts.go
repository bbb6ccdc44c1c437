package bitrix24

import "encoding/json"

// Post is a post of the feed as log.blogpost.get answers
// (https://apidocs.bitrix24.com/api-reference/log/log-blogpost-get.html). Fields
// holds every key as it came, the UF_ ones with their descriptions included.
type Post struct {
	ID             ID                         `json:"ID"`
	BlogID         ID                         `json:"BLOG_ID"`
	PublishStatus  Text                       `json:"PUBLISH_STATUS"` // P when it is published
	Title          Text                       `json:"TITLE"`
	AuthorID       ID                         `json:"AUTHOR_ID"`
	EnableComments Bool                       `json:"ENABLE_COMMENTS"`
	NumComments    ID                         `json:"NUM_COMMENTS"`
	Code           Text                       `json:"CODE"`
	Micro          Bool                       `json:"MICRO"` // the title is the beginning of the text
	DetailText     Text                       `json:"DETAIL_TEXT"`
	DatePublish    Text                       `json:"DATE_PUBLISH"`
	CategoryID     Text                       `json:"CATEGORY_ID"`    // ids of the tags with commas
	SocnetAll      Bool                       `json:"HAS_SOCNET_ALL"` // all users see it
	HasTags        Bool                       `json:"HAS_TAGS"`
	HasImages      Bool                       `json:"HAS_IMAGES"`
	Files          IDs                        `json:"FILES"`
	Important      Bool                       `json:"-"` // UF_BLOG_POST_IMPRTNT
	Fields         map[string]json.RawMessage `json:"-"`
}

// UnmarshalJSON reads the known fields and keeps all of them in Fields.
func (p *Post) UnmarshalJSON(data []byte) error {
	type plain Post
	if err := json.Unmarshal(data, (*plain)(p)); err != nil {
		return err
	}
	if err := json.Unmarshal(data, &p.Fields); err != nil {
		return err
	}
	var property struct {
		Value Bool `json:"VALUE"`
	}
	// A portal without the property says nothing, or something else.
	p.Important = Bool(json.Unmarshal(p.Fields["UF_BLOG_POST_IMPRTNT"], &property) == nil) && property.Value
	return nil
}
