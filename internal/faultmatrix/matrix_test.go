//go:build faultmatrix

package faultmatrix

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

func TestMain(m *testing.M) {
	var code int
	var err error
	if os.Getenv(childEnv) != "" {
		err = child()
	} else {
		code, err = runAll(m)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code) //nolint:forbidigo // this is the main of the tests
}

func runAll(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "faultmatrix")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := seed(dir); err != nil {
		return 0, err
	}
	return m.Run(), goleak.Find()
}

// fault is a row of the matrix.
type fault struct {
	kind sandbox.FaultKind // empty for none
	// tells is set when the client can know that a call did not run: then even
	// what must not run twice is carried out in the end.
	tells bool
	// final is set when nothing may be sent any more.
	final bool
	// often is the probability, 0.1 when 0; with once it happens but once.
	often float64
	once  bool
}

var faults = []fault{
	{kind: "", tells: true},
	{kind: sandbox.FaultQueryLimit, tells: true},
	// A token that expires right after it was renewed is given up, as it should.
	{kind: sandbox.FaultExpiredToken, tells: true, once: true},
	{kind: sandbox.FaultRedirect, tells: true},
	{kind: sandbox.FaultOverload, final: true},
	{kind: sandbox.FaultErrorBefore},
	{kind: sandbox.FaultResetBefore},
	{kind: sandbox.FaultHTML},
	{kind: sandbox.FaultErrorAfter},
	{kind: sandbox.FaultResetAfter},
	{kind: sandbox.FaultHTMLAfter},
	{kind: sandbox.FaultSlow},
	{kind: sandbox.FaultSlowAfter},
	{kind: sandbox.FaultTruncated},
	{kind: sandbox.FaultWrongLength},
	{kind: sandbox.FaultCommandError, often: 0.02},
	// A method that has used up its time blocks for half a minute at least.
	{kind: sandbox.FaultOperationLimit, tells: true, once: true},
}

func (f fault) name() string {
	if f.kind == "" {
		return "none"
	}
	return string(f.kind)
}

// of makes the fault for a portal.
func (f fault) of(p *portal) sandbox.Fault {
	made := sandbox.Fault{Kind: f.kind}
	switch f.kind {
	case sandbox.FaultRedirect:
		made.Location = p.renamed
	case sandbox.FaultSlow, sandbox.FaultSlowAfter:
		made.Delay = tooLong
	}
	return made
}

// set makes the second and the third request fail, and others by chance.
func (f fault) set(t *testing.T, p *portal) {
	t.Helper()
	if f.kind == "" {
		return
	}
	sure, chance := f.of(p), f.of(p)
	sure.After, sure.Count = 1, 2
	chance.Probability = 0.1
	if f.often != 0 {
		chance.Probability = f.often
	}
	list := []sandbox.Fault{sure, chance}
	if f.once {
		sure.Count = 1
		list = []sandbox.Fault{sure}
	}
	if err := p.SetFaults(list...); err != nil {
		t.Fatal(err)
	}
}

// happened fails a test whose faults never were.
func (f fault) happened(t *testing.T, p *portal) {
	t.Helper()
	n := 0
	for _, c := range p.Faults() {
		n += c.Happened
	}
	if f.kind != "" && n == 0 {
		t.Error("the fault never happened")
	}
}

// TestMatrix runs every kind of work against every fault.
func TestMatrix(t *testing.T) {
	works := []struct {
		name string
		do   func(*testing.T, *portal, *bitrix24.Client, fault)
	}{
		{"single write", singleWrite},
		{"single create", singleCreate},
		{"single read", singleRead},
		{"2000 updates", bulkUpdate},
		{"500 creates", bulkCreate},
		{"list of 10000", listAll},
		{"batch of 120 with chains", chains},
	}
	for _, f := range faults {
		for _, w := range works {
			t.Run(f.name()+"/"+w.name, func(t *testing.T) {
				t.Parallel()
				plan, opts := sandbox.Off, []bitrix24.Option{}
				switch f.kind {
				case "":
					plan, opts = sandbox.Standard, append(opts, bitrix24.WithLimits(bitrix24.StandardLimits))
				case sandbox.FaultQueryLimit:
					opts = append(opts, bitrix24.WithLimits(bitrix24.Limits{Burst: 1000, PerSecond: 500}))
				case sandbox.FaultSlow, sandbox.FaultSlowAfter:
					opts = append(opts, bitrix24.WithTimeout(timeout))
				case sandbox.FaultOperationLimit:
					// Else the portal's counters, which the fault contradicts, say that
					// it takes ten minutes.
					opts = append(opts, bitrix24.WithOperatingLimit(0))
				}
				p := newPortal(t, plan)
				client := p.client(t, opts...)
				f.set(t, p)
				w.do(t, p, client, f)
				if stats := p.Stats(); stats.Refused > 0 {
					t.Errorf("the portal refused %d of %d requests", stats.Refused, stats.Requests)
				}
			})
		}
	}
}
