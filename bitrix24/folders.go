package bitrix24

import (
	"context"
	"encoding/json"
	"fmt"
)

// GetFolderFilterStructure asks the portal for the fields that a filter for
// GetFolderItems may have, with the type of each, or with empty texts.
//
// Made of REST method disk.folder.getfields:
// https://apidocs.bitrix24.com/api-reference/disk/folder/disk-folder-get-fields.html
func (c *Client) GetFolderFilterStructure(ctx context.Context, empty bool, opts ...CallOption) (*Object, error) {
	answer, err := c.Call(ctx, Request{Method: "disk.folder.getfields", Replay: Safe}, opts...)
	if err != nil {
		return nil, err
	}
	return FolderFilter(answer.Result, empty)
}

// FolderFilter makes the filter's structure of the result of
// disk.folder.getfields: its keys are the fields with USE_IN_FILTER, its values
// their TYPE, or empty texts.
func FolderFilter(result json.RawMessage, empty bool) (*Object, error) {
	filter := &Object{}
	for name, raw := range objectMembers(result) {
		var field struct {
			Type        Text `json:"TYPE"`
			UseInFilter Bool `json:"USE_IN_FILTER"`
		}
		if err := json.Unmarshal(raw, &field); err != nil {
			return nil, fmt.Errorf("disk.folder.getfields: field %s: %w", name, err)
		}
		switch {
		case !bool(field.UseInFilter):
		case empty:
			filter.Set(name, "")
		default:
			filter.Set(name, string(field.Type))
		}
	}
	return filter, nil
}
