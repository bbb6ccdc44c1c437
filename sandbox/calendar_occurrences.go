package sandbox

import (
	"slices"
	"time"
)

// occurrences are the times at which an event happens in a window, each as a
// document of its own.
func occurrences(doc document, w window) []document {
	s, r := spanOf(doc), recurrenceOf(doc)
	if r == nil {
		if w.meets(s) {
			return []document{doc}
		}
		return nil
	}
	var list []document
	skipped := exceptions(doc)
	for at := range r.starts(s.from) {
		one := s.moved(at)
		if at.After(w.to.AddDate(0, 0, 1)) || len(list) == maxOccurrences {
			break
		}
		if !w.meets(one) || slices.Contains(skipped, at.Format(time.DateOnly)) {
			continue
		}
		occurrence := doc.clone()
		one.store(occurrence)
		occurrence["series"] = doc["FROM_TS"]
		list = append(list, occurrence)
	}
	return list
}

// lastMoment is when the event is over for good, in seconds since 1970.
func lastMoment(doc document) int64 {
	s, r := spanOf(doc), recurrenceOf(doc)
	switch {
	case r == nil:
		return s.end().Unix()
	case r.count == 0:
		return r.end(s.from).Unix() + daySeconds + s.length()
	}
	last := s
	for at := range r.starts(s.from) {
		last = s.moved(at)
	}
	return last.end().Unix()
}
