package main

import (
	"maps"
	"slices"
	"strings"
)

// resultTypes are the Go types that a function may answer with, and what they
// hold, for readers.
var resultTypes = map[string]string{
	"bool":                 "`true`",
	"string":               "a text",
	"ID":                   "an id",
	"User":                 "a user",
	"[]User":               "a list of users",
	"[]Department":         "a list of departments",
	"Task":                 "a task",
	"[]Task":               "a list of tasks",
	"[]TaskChange":         "a list of changes",
	"TaskAccess":           "actions by user",
	"map[string]TaskField": "descriptions by field",
	"TaskUserfield":        "a custom field",
	"[]TaskUserfield":      "a list of custom fields",
	"ChecklistItem":        "a checklist item",
	"[]ChecklistItem":      "a list of checklist items",
	"TaskComment":          "a comment",
	"[]TaskComment":        "a list of comments",
	"TaskResult":           "a result of a task",
	"[]TaskResult":         "a list of results",
	"KanbanStages":         "stages by id",
	"ElapsedTime":          "a record of time",
	"[]ElapsedTime":        "a list of records of time",
	"Workday":              "a working day",
	"WorkdaySettings":      "working hours",
	"IDs":                  "a list of ids",
	"Token":                "a pair of tokens",
	"map[string]string":    "texts by name",
	"*Object":              "a structure",
	"json.RawMessage":      "JSON of varying shape",
	"Storage":              "a storage",
	"[]Storage":            "a list of storages",
	"DiskFolder":           "a folder",
	"DiskFile":             "a file",
	"[]DiskObject":         "a list of folders and files",
	"[]ID":                 "a list of ids",
	"[]Post":               "a list of posts",
	"Lead":                 "a lead",
	"[]Lead":               "a list of leads",
	"Deal":                 "a deal",
	"[]Deal":               "a list of deals",
	"map[string]CRMField":  "descriptions of fields by name",
	"[]CalendarSection":    "a list of calendars",
	"BusyTimes":            "events by user",
	"CalendarEvent":        "an event",
	"[]CalendarEvent":      "a list of events",
	"UpdatedEvent":         "an id, or what became of a series of events",
	"Dialog":               "a chat",
	"ChatUsers":            "users by id",
	"[]ChatUser":           "a list of users",
	"ChatHistory":          "messages with their users and files",
	"SentFiles":            "the files and the id of the message",
	"DialogRead":           "how far the dialog is read",
}

// resultNames lists the known types for messages.
func resultNames() string {
	return strings.Join(slices.Sorted(maps.Keys(resultTypes)), ", ")
}
