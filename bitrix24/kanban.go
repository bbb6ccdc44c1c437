package bitrix24

import (
	"cmp"
	"encoding/json"
	"slices"
)

// KanbanStage is a column of a kanban board
// (https://apidocs.bitrix24.com/api-reference/tasks/stages/task-stages-get.html).
type KanbanStage struct {
	ID         ID   `json:"ID"`
	Title      Text `json:"TITLE"`
	Sort       ID   `json:"SORT"`
	Color      Text `json:"COLOR"`       // RGB, as 47D1E2
	SystemType Text `json:"SYSTEM_TYPE"` // NEW, WORK, FINISH … for the stages that a board begins with
	EntityID   ID   `json:"ENTITY_ID"`   // of the group or the user
	EntityType Text `json:"ENTITY_TYPE"` // G or U
}

// KanbanStages are the stages of a board, from the first to the last.
type KanbanStages []KanbanStage

// UnmarshalJSON reads {"1": {"ID": "1", …}}, or an empty list.
func (s *KanbanStages) UnmarshalJSON(data []byte) error {
	var stages map[string]json.RawMessage
	if err := unlessEmpty(data, &stages); err != nil {
		return err
	}
	*s = make(KanbanStages, 0, len(stages))
	for _, raw := range stages {
		var stage KanbanStage
		if err := json.Unmarshal(raw, &stage); err != nil {
			return err
		}
		*s = append(*s, stage)
	}
	slices.SortFunc(*s, func(a, b KanbanStage) int { return cmp.Or(cmp.Compare(a.Sort, b.Sort), cmp.Compare(a.ID, b.ID)) })
	return nil
}
