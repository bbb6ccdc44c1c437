package sandbox

import (
	"context"
	"database/sql"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// module is a part of the portal: what it keeps, what it answers and what it
// begins with.
type module struct {
	entities []*entity
	tables   string // SQL of further tables, whose names begin with data_
	methods  func() []method

	// seed gives the module what a new portal has. It runs once, after the
	// company is there.
	seed func(context.Context, *sql.Tx, time.Time) error
}

// modules are all parts of the portal, in the order of their seeds.
func modules() []module {
	return []module{
		{methods: systemMethods},
		{entities: []*entity{departmentEntity}, methods: departmentMethods},
		{entities: []*entity{userEntity, groupEntity}, methods: userMethods},
		{entities: []*entity{userfieldEntity}, methods: userfieldMethods},
		{entities: []*entity{storageEntity, objectEntity}, methods: diskMethods, seed: seedDisk},
		{entities: taskEntities(), methods: taskMethods, seed: seedTasks},
		{entities: append(taskPartEntities(), stageEntity), methods: taskPartMethods, seed: seedTaskParts},
		{entities: []*entity{workdayEntity}, methods: timemanMethods, seed: seedWorkdays},
		imModule(),
		{entities: []*entity{leadEntity, dealEntity, crmStatusEntity}, tables: crmTables, methods: crmMethods, seed: seedCRM},
		{entities: []*entity{postEntity, postCommentEntity}, tables: feedTables, methods: feedMethods, seed: seedFeed},
		{entities: []*entity{calendarSectionEntity, calendarEventEntity, calendarSettingsEntity}, methods: calendarMethods, seed: seedCalendars},
	}
}

// seedModules gives every module its beginning.
func seedModules(ctx context.Context, tx *sql.Tx, now time.Time) error {
	for _, m := range modules() {
		if m.seed == nil {
			continue
		}
		if err := m.seed(ctx, tx, now); err != nil {
			return err
		}
	}
	return nil
}

// byPosition names parameters after their places. PHP reads the arguments of
// the old task methods in the order they come, whatever they are called, so a
// client that sorts its keys loses them here as on a portal.
func byPosition(params *phpquery.Array, names []string) *phpquery.Array {
	named := phpquery.NewArraySize(params.Len())
	place := 0
	for key, value := range params.All() {
		if place < len(names) {
			key = names[place]
		}
		named.Set(key, value)
		place++
	}
	return named
}
