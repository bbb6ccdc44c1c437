package sandbox

import (
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestPlans lets in as many requests at once as the plan says, and refuses the
// next before it runs.
func TestPlans(t *testing.T) {
	t.Parallel()
	for plan, burst := range map[Plan]int{Standard: 50, Enterprise: 250, Off: 400} {
		sb := newSandbox(t, Options{Plan: plan})
		at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		sb.now = func() time.Time { return at }
		for i := range burst {
			if status, body := exchange(t, sb, http.MethodGet, sb.Access().WebhookPath+"user.admin", "", ""); status != http.StatusOK {
				t.Fatalf("%s: request %d: %d %s", plan, i+1, status, body)
			}
		}
		status, body := exchange(t, sb, http.MethodPost, sb.Access().WebhookPath+"user.update", asJSON, `{"ID":2,"NAME":"x"}`)
		if plan == Off {
			if status != http.StatusOK {
				t.Errorf("%s: %d %s", plan, status, body)
			}
			continue
		}
		if status != http.StatusServiceUnavailable || body != `{"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}` {
			t.Errorf("%s: %d %s", plan, status, body)
		}
		if stats := sb.Stats(); stats.Refused != 1 || stats.Commands != int64(burst) || stats.Requests != int64(burst)+1 {
			t.Errorf("%s: %+v", plan, stats)
		}
		at = at.Add(500 * time.Millisecond)
		if status, body := exchange(t, sb, http.MethodGet, sb.Access().WebhookPath+"user.admin", "", ""); status != http.StatusOK {
			t.Errorf("%s: after a while: %d %s", plan, status, body)
		}
	}
}

// TestLimitFormOfAddress is refused in the form that the address asks for.
func TestLimitFormOfAddress(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t, Options{Limits: &Limits{Burst: 1, PerSecond: 0.001}})
	exchange(t, sb, http.MethodGet, sb.Access().WebhookPath+"user.admin", "", "")
	for path, begins := range map[string]string{
		sb.Access().WebhookPath + "user.admin.xml": "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<response><error>QUERY_LIMIT_EXCEEDED</error>",
		"/rest/api/tasks.task.get":                 `{"error":{"code":"QUERY_LIMIT_EXCEEDED","message":"`,
		"/rest/1/wrong/user.admin":                 `{"error":"QUERY_LIMIT_EXCEEDED",`, // counted before it is known who calls
	} {
		if status, body := exchange(t, sb, http.MethodGet, path, "", ""); status != http.StatusServiceUnavailable || !strings.HasPrefix(body, begins) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

// TestLimitPerAddress counts every address that calls by itself.
func TestLimitPerAddress(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t, Options{Limits: &Limits{Burst: 1, PerSecond: 0.001}})
	from := func(address string) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, sb.Access().WebhookPath+"user.admin", nil)
		r.RemoteAddr = address
		w := httptest.NewRecorder()
		sb.ServeHTTP(w, r)
		return w.Code
	}
	got := []int{from("192.0.2.1:1000"), from("192.0.2.1:1001"), from("192.0.2.2:1000"), from("[2001:db8::1]:1000")}
	diff(t, "statuses", []int{200, 503, 200, 200}, got)
}

// TestBucketRate lets in, over any stretch of time, no more than the bucket
// holds and what drains meanwhile, and never refuses what fits.
func TestBucketRate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limits := Limits{
			Burst:     float64(rapid.IntRange(1, 250).Draw(t, "burst")),
			PerSecond: float64(rapid.IntRange(1, 100).Draw(t, "tenths")) / 10,
		}
		b := bucket{limits: limits}
		now := time.Unix(1_700_000_000, 0)
		var let []time.Time
		for _, gap := range rapid.SliceOfN(rapid.IntRange(0, 5000), 1, 300).Draw(t, "gaps") {
			now = now.Add(time.Duration(gap) * time.Millisecond)
			// The level that the documentation describes, from the requests let in.
			level, last := 0.0, now
			if len(let) > 0 {
				last = let[0]
			}
			for _, at := range let {
				level = math.Max(0, level-at.Sub(last).Seconds()*limits.PerSecond) + 1
				last = at
			}
			level = math.Max(0, level-now.Sub(last).Seconds()*limits.PerSecond)
			fits := level+1 <= limits.Burst
			if math.Abs(level+1-limits.Burst) < 1e-6 {
				continue // rounding decides
			}
			if got := b.take("a", now); got != fits {
				t.Fatalf("at level %g of %g: let in %t", level, limits.Burst, got)
			}
			if fits {
				let = append(let, now)
			}
		}
	})
}

// TestOperating refuses a method, and it alone, that has used its time; the time
// comes back with the basket it fell into.
func TestOperating(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t, Options{Limits: &Limits{Operating: 1900 * time.Millisecond}})
	at := time.Date(2026, 3, 1, 12, 0, 10, 0, time.UTC)
	sb.now = func() time.Time { at = at.Add(250 * time.Millisecond); return at } // every look at the clock takes time
	hook := sb.Access().WebhookPath
	call := func(path string) int {
		status, _ := exchange(t, sb, http.MethodGet, path, "", "")
		return status
	}
	n := 0
	for call(hook+"user.get?ID=1") == http.StatusOK {
		if n++; n > 100 {
			t.Fatal("never refused")
		}
	}
	// The call that crosses the limit still finishes: 250 ms each, and 1.9 s are
	// used after the eighth.
	if n != 8 {
		t.Errorf("%d calls before the refusal", n)
	}
	status, body := exchange(t, sb, http.MethodGet, hook+"user.get?ID=1", "", "")
	if status != http.StatusTooManyRequests || !strings.HasPrefix(body, `{"error":"OPERATION_TIME_LIMIT",`) {
		t.Errorf("%d %s", status, body)
	}
	other, err := sb.NewWebhook(t.Context(), adminID, "user")
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "another method, another webhook", []int{200, 200}, []int{call(hook + "user.admin"), call(other + "user.get?ID=1")})
	at = at.Add(10 * time.Minute)
	if status := call(hook + "user.get?ID=1"); status != http.StatusOK {
		t.Errorf("ten minutes later: %d", status)
	}
}

// TestOperatingBaskets drops minutes one by one.
func TestOperatingBaskets(t *testing.T) {
	t.Parallel()
	o := operating{limit: time.Hour}
	start := time.Date(2026, 3, 1, 12, 0, 30, 0, time.UTC)
	for i := range 12 {
		began := start.Add(time.Duration(i) * time.Minute)
		sum, reset := o.add("m", began, time.Second)
		if want := time.Duration(min(i+1, 10)) * time.Second; sum != want {
			t.Errorf("minute %d: %s, want %s", i, sum, want)
		}
		if want := start.Add(time.Duration(max(0, i-9))*time.Minute + 10*time.Minute); !reset.Equal(want) {
			t.Errorf("minute %d: reset at %s, want %s", i, reset, want)
		}
	}
}

// TestOperatingOfBatch bills the commands of a batch to their methods, or to the
// batch.
func TestOperatingOfBatch(t *testing.T) {
	t.Parallel()
	for _, billing := range []Billing{BillCommands, BillBatch} {
		sb := newSandbox(t, Options{Limits: &Limits{Operating: time.Second}, Billing: billing})
		at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		sb.now = func() time.Time { at = at.Add(300 * time.Millisecond); return at }
		cmds := strings.TrimSuffix(strings.Repeat(`"user.get?ID=1",`, 5), ",")
		_, got, text := runBatch(t, sb, `{"cmd":[`+cmds+`]}`)
		if !strings.Contains(string(got.Result.Error), "OPERATION_TIME_LIMIT") {
			t.Errorf("%q: %s", billing, text)
		}
		// A batch of another method: blocked only where the batch was billed.
		_, got, text = runBatch(t, sb, `{"cmd":["user.admin"]}`)
		blocked := strings.Contains(string(got.Result.Error), "OPERATION_TIME_LIMIT")
		if blocked != (billing == BillBatch) {
			t.Errorf("%q: %s", billing, text)
		}
	}
}

// TestWrongPlan is refused before anything is made.
func TestWrongPlan(t *testing.T) {
	t.Parallel()
	_, err := New(Options{Plan: "gold"})
	if err == nil || !strings.Contains(err.Error(), `"gold"`) || !strings.Contains(err.Error(), "standard, enterprise or off") {
		t.Error(err)
	}
	if _, err := New(Options{LogSize: -1}); err == nil {
		t.Error("a log of -1 commands")
	}
}
