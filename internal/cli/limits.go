package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/bitrix24/shared"
)

// limitsOf are the limits with a name; those of a sandbox's plan are the same.
var limitsOf = map[string]bitrix24.Limits{
	"standard":   bitrix24.StandardLimits,
	"enterprise": bitrix24.EnterpriseLimits,
	"off":        bitrix24.NoLimits,
}

// limits reads --limit, and shares the count of requests with the other
// processes of the user unless that is not wanted.
func (o *portalOptions) limits() ([]bitrix24.Option, error) {
	source, text := "--"+optLimit, o.limit
	if strings.TrimSpace(text) == "" {
		source, text = "OINT_LIMIT", o.sys.Getenv("OINT_LIMIT")
	}
	limits, err := limitsFrom(source, text, bitrix24.StandardLimits)
	if err != nil {
		return nil, err
	}
	options := []bitrix24.Option{bitrix24.WithLimits(limits)}
	if limits == bitrix24.NoLimits {
		// A portal without limits counts no operating time against anybody.
		options = append(options, bitrix24.WithOperatingLimit(0))
	}
	if limits == bitrix24.NoLimits || o.noShared || o.test {
		return options, nil
	}
	// A home that cannot be written to must not keep anybody from calling.
	if dir, err := o.sys.stateDir(); err == nil {
		if store, err := shared.NewLimits(filepath.Join(dir, "limits")); err == nil {
			options = append(options, bitrix24.WithLimitStore(store))
		}
	}
	return options, nil
}

// limitsFrom reads limits that somebody wrote; blank means the usual ones.
func limitsFrom(source, text string, usual bitrix24.Limits) (bitrix24.Limits, error) {
	if text = strings.TrimSpace(text); text == "" {
		return usual, nil
	}
	limits, ok := parseLimits(text)
	if !ok {
		return limits, &usageError{text: source + " cannot be read", hint: "It is standard, enterprise, off, or BURST/PER-SECOND such as 50/2."}
	}
	return limits, nil
}

func parseLimits(text string) (bitrix24.Limits, bool) {
	if named, ok := limitsOf[strings.ToLower(text)]; ok {
		return named, true
	}
	burst, perSecond, ok := strings.Cut(text, "/")
	if !ok {
		return bitrix24.Limits{}, false
	}
	b, err := strconv.ParseFloat(strings.TrimSpace(burst), 64)
	p, err2 := strconv.ParseFloat(strings.TrimSpace(perSecond), 64)
	return bitrix24.Limits{Burst: b, PerSecond: p}, err == nil && err2 == nil && b > 0
}

// waits tells on stderr why nothing happens for a while.
func (o *portalOptions) waits(_ context.Context, e bitrix24.WaitEvent) {
	if e.Wait < time.Second && !o.debug {
		return
	}
	reason := "the portal takes no more requests at the moment"
	if e.Reason == bitrix24.WaitForOperating {
		reason = e.Method + " has used up its time on the portal"
	}
	fmt.Fprintf(o.sys.Err, "oint: waiting %s: %s\n", e.Wait.Round(100*time.Millisecond), reason)
}
