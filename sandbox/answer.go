package sandbox

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// writeAnswer writes the envelope of a result: result, next, total, time.
func writeAnswer(w http.ResponseWriter, to target, a timed, began, ended time.Time) {
	envelope := phpquery.NewArray()
	envelope.Set("result", a.value)
	if a.next != nil {
		envelope.Set("next", *a.next)
	}
	if a.total != nil {
		envelope.Set("total", *a.total)
	}
	envelope.Set("time", a.account(began, ended))
	write(w, to, http.StatusOK, envelope)
}

// account is the "time" of an answer.
func (a timed) account(began, ended time.Time) *phpquery.Array {
	t := phpquery.NewArray()
	t.Set("start", seconds(began))
	t.Set("finish", seconds(ended))
	t.Set("duration", duration(ended.Sub(began)))
	t.Set("processing", duration(a.ended.Sub(a.began)))
	t.Set("date_start", began.UTC().Format(isoLayout))
	t.Set("date_finish", ended.UTC().Format(isoLayout))
	if !a.reset.IsZero() {
		t.Set("operating_reset_at", a.reset.Unix())
		t.Set("operating", duration(a.operating))
	}
	return t
}

// seconds is a point in time as PHP writes a float: microseconds, no trailing
// zeros.
func seconds(t time.Time) json.Number {
	return json.Number(strconv.FormatFloat(float64(t.UnixMicro())/1e6, 'f', -1, 64))
}

func duration(d time.Duration) json.Number {
	return json.Number(strconv.FormatFloat(max(0, d).Seconds(), 'f', -1, 64))
}

// writeError writes an error in the form of the address: two texts, or the
// object of REST 3.0.
func writeError(w http.ResponseWriter, to target, err error) {
	e := restErrorOf(err)
	body := phpquery.NewArray()
	if to.v3 {
		inner := phpquery.NewArray()
		inner.Set("code", e.code)
		inner.Set("message", e.description)
		body.Set("error", inner)
	} else {
		body.Set("error", e.code)
		body.Set("error_description", e.description)
	}
	write(w, to, e.status, body)
}

// write writes an answer as JSON or XML.
func write(w http.ResponseWriter, to target, status int, body *phpquery.Array) {
	var kind string
	var content []byte
	if to.xml {
		kind, content = "text/xml; charset=utf-8", appendXML(nil, body)
	} else {
		var err error
		kind = "application/json; charset=utf-8"
		if content, err = phpquery.AppendJSON(make([]byte, 0, 512), body); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(content)
}
