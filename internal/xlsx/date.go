package xlsx

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"time"
)

const (
	dateTime   = "2006-01-02T15:04:05"
	daySeconds = 24 * 60 * 60
	days1904   = 1462    // from the first day of 1900 to that of 1904, as serial numbers
	lastDay    = 2958465 // 9999-12-31
	lastHours  = 1e7     // of elapsed time, in days
)

// appendDate appends the number of a cell as a date, a time or both, in ISO 8601,
// to the second. It returns false where the number is none, as those below zero
// and the 29th of February 1900, which spreadsheets count.
func appendDate(b, stored []byte, f format, from1904 bool) ([]byte, bool) {
	serial, err := strconv.ParseFloat(string(stored), 64)
	if err != nil || !(serial >= 0 && serial < lastHours) {
		return b, false
	}
	seconds := int64(math.Round(serial * daySeconds))
	if f&elapsed != 0 {
		return fmt.Appendf(b, "%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60), true
	}
	if serial < 1 && (f&day == 0 || !from1904) {
		return time.Unix(seconds%daySeconds, 0).UTC().AppendFormat(b, time.TimeOnly), f&clock != 0
	}
	days, rest := seconds/daySeconds, seconds%daySeconds
	if from1904 {
		days += days1904
	}
	first := 30 // of December 1899, because of a day that was none
	if days < 60 {
		first = 31
	}
	if days == 60 || days > lastDay {
		return b, false
	}
	at := time.Date(1899, time.December, first+int(days), 0, 0, int(rest), 0, time.UTC)
	return appendTime(b, at), true
}

// isNoDate tells whether a number that appendDate refuses is a date that went
// wrong: one below zero, or the 29th of February 1900. Zero is what formulas make
// of an empty cell, and a number after the last day is an id or a phone.
func isNoDate(stored []byte) bool {
	serial, err := strconv.ParseFloat(string(stored), 64)
	return err == nil && (serial < 0 || serial >= 1 && serial < lastDay)
}

// appendTime leaves midnight out.
func appendTime(b []byte, at time.Time) []byte {
	if at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0 {
		return at.AppendFormat(b, time.DateOnly)
	}
	return at.AppendFormat(b, dateTime)
}

// appendISO appends a date that is stored in ISO 8601 as appendDate would.
func appendISO(b, stored []byte) []byte {
	text := string(bytes.TrimSuffix(stored, []byte("Z")))
	for _, layout := range []string{dateTime, "2006-01-02T15:04", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return appendTime(b, at.Round(time.Second))
		}
	}
	return append(b, stored...)
}
