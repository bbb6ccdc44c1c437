package bitrix24

import (
	"bytes"
	"encoding/json"
)

// ElapsedTime is a record of time spent on a task
// (https://apidocs.bitrix24.com/api-reference/tasks/elapsed-item/task-elapsed-item-get.html).
type ElapsedTime struct {
	ID          ID   `json:"ID"`
	TaskID      ID   `json:"TASK_ID"`
	UserID      ID   `json:"USER_ID"`
	Comment     Text `json:"COMMENT_TEXT"`
	Seconds     ID   `json:"SECONDS"`
	Minutes     ID   `json:"MINUTES"`
	Source      Text `json:"SOURCE"`       // 2 by hand, 3 by the timer
	CreatedDate Text `json:"CREATED_DATE"` // when it was spent, ISO 8601
	DateStart   Text `json:"DATE_START"`   // when it was recorded, ISO 8601
	DateStop    Text `json:"DATE_STOP"`    // ISO 8601
}

// UnmarshalJSON reads a record, or a list with nothing else in it: the portal's
// documentation describes the one and shows the other.
func (e *ElapsedTime) UnmarshalJSON(data []byte) error {
	type plain ElapsedTime
	*e = ElapsedTime{}
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		return json.Unmarshal(data, (*plain)(e))
	}
	var list []plain
	if err := json.Unmarshal(data, &list); err != nil || len(list) == 0 {
		return err
	}
	*e = ElapsedTime(list[0])
	return nil
}

// WorkdayStatus is the state of a working day.
type WorkdayStatus string

// The states of a working day.
const (
	WorkdayOpened  WorkdayStatus = "OPENED"
	WorkdayPaused  WorkdayStatus = "PAUSED"
	WorkdayClosed  WorkdayStatus = "CLOSED"
	WorkdayExpired WorkdayStatus = "EXPIRED" // opened on an earlier day and never closed
)

// Workday is the latest working day of a user
// (https://apidocs.bitrix24.com/api-reference/timeman/base/timeman-status.html).
// Who never opened one has a Status and nothing else. Times are ISO 8601 in the
// zone in which the day began, durations HH:MM:SS.
type Workday struct {
	Status        WorkdayStatus `json:"STATUS"`
	TimeStart     Text          `json:"TIME_START"`
	TimeFinish    Text          `json:"TIME_FINISH"` // empty before the end
	Duration      Text          `json:"DURATION"`    // 00:00:00 before the end
	TimeLeaks     Text          `json:"TIME_LEAKS"`  // breaks
	Active        Bool          `json:"ACTIVE"`      // false while the supervisor has to confirm it
	IPOpen        Text          `json:"IP_OPEN"`
	IPClose       Text          `json:"IP_CLOSE"`
	LatOpen       float64       `json:"LAT_OPEN"`
	LonOpen       float64       `json:"LON_OPEN"`
	LatClose      float64       `json:"LAT_CLOSE"`
	LonClose      float64       `json:"LON_CLOSE"`
	TZOffset      ID            `json:"TZ_OFFSET"`           // seconds east of UTC
	FinishDefault Text          `json:"TIME_FINISH_DEFAULT"` // proposed end of an expired day
}

// WorkdaySettings are the working hours of a user
// (https://apidocs.bitrix24.com/api-reference/timeman/base/timeman-settings.html).
// Times and durations are HH:MM:SS.
type WorkdaySettings struct {
	Enabled      Bool `json:"UF_TIMEMAN"`
	Flexible     Bool `json:"UF_TM_FREE"`      // times need neither a reason nor a confirmation
	MaxStart     Text `json:"UF_TM_MAX_START"` // who begins later is late
	MinFinish    Text `json:"UF_TM_MIN_FINISH"`
	MinDuration  Text `json:"UF_TM_MIN_DURATION"`
	AllowedDelta Text `json:"UF_TM_ALLOWED_DELTA"` // a change up to this needs no confirmation
	Admin        Bool `json:"ADMIN"`               // may manage the days of others; only in the caller's own settings
}
