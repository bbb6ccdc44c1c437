//go:build faultmatrix

package faultmatrix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/bitrix24/shared"
	"github.com/oint-go/oint/sandbox"
)

// childEnv makes the test binary a client of its own.
const childEnv = "OINT_FAULTMATRIX_CHILD"

// childTask is what a client in its own process does.
type childTask struct {
	Address, Tokens, ClientID, ClientSecret string
	Calls                                   int
}

// childReport is what became of it.
type childReport struct {
	Done     int
	Failed   []string
	Renewals int64
}

// child makes calls that all find the token expired.
func child() error {
	var task childTask
	var report childReport
	err := json.Unmarshal([]byte(os.Getenv(childEnv)), &task)
	var client *bitrix24.Client
	if err == nil {
		client, err = bitrix24.New(task.Address,
			bitrix24.WithApplication(bitrix24.Application{ClientID: task.ClientID, ClientSecret: bitrix24.NewSecret(task.ClientSecret)}, shared.NewTokenFile(task.Tokens)),
			bitrix24.WithOAuthServer(task.Address), bitrix24.WithLimits(bitrix24.NoLimits), bitrix24.WithTimeout(timeout))
	}
	if err != nil {
		return err
	}
	var mu sync.Mutex
	each(task.Calls, func(int) {
		_, err := client.GetCurrentUser(context.Background())
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			report.Failed = append(report.Failed, err.Error())
			return
		}
		report.Done++
	})
	report.Renewals = client.Stats().Renewals
	text, err := json.Marshal(report)
	if err != nil {
		return err
	}
	fmt.Println(string(text))
	return nil
}

// tokenFaults are the faults of the authorization server, and whether the refresh
// token survives them.
var tokenFaults = []struct {
	kind     sandbox.FaultKind
	survives bool
}{
	{"", true},
	{sandbox.FaultQueryLimit, true},
	{sandbox.FaultErrorBefore, true},
	{sandbox.FaultResetBefore, true},
	{sandbox.FaultHTML, true},
	{sandbox.FaultSlow, true},
	{sandbox.FaultErrorAfter, false},
	{sandbox.FaultResetAfter, false},
	{sandbox.FaultHTMLAfter, false},
	{sandbox.FaultSlowAfter, false},
	{sandbox.FaultTruncated, false},
	{sandbox.FaultWrongLength, false},
}

func setTokenFault(t *testing.T, p *portal, kind sandbox.FaultKind) {
	t.Helper()
	if err := p.ExpireTokens(t.Context()); err != nil {
		t.Fatal(err)
	}
	if kind == "" {
		return
	}
	f := fault{kind: kind}.of(p)
	f.Method, f.Count = "oauth/token", 1
	if err := p.SetFaults(f); err != nil {
		t.Fatal(err)
	}
}

// TestRefreshByGoroutines lets twenty goroutines find the token expired at once.
func TestRefreshByGoroutines(t *testing.T) {
	for _, f := range tokenFaults {
		t.Run(fault{kind: f.kind}.name(), func(t *testing.T) {
			t.Parallel()
			p := newPortal(t, sandbox.Off)
			client := p.client(t, bitrix24.WithTimeout(timeout))
			setTokenFault(t, p, f.kind)
			errs := make([]error, 20)
			var all sync.WaitGroup
			for i := range errs {
				all.Go(func() { _, errs[i] = client.GetCurrentUser(t.Context()) })
			}
			all.Wait()
			p.hear(errs)
			failed := 0
			for _, err := range errs {
				var refresh *bitrix24.RefreshError
				switch {
				case err == nil:
				case errors.As(err, &refresh):
					failed++
				default:
					t.Errorf("%v", err)
				}
			}
			judge(t, p, f.kind, f.survives, len(errs)-failed, failed)
			if renewals := client.Stats().Renewals; f.survives && renewals < 1 {
				t.Errorf("%d renewals", renewals)
			}
		})
	}
}

// TestRefreshByProcesses lets three processes do the same.
func TestRefreshByProcesses(t *testing.T) {
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range tokenFaults {
		t.Run(fault{kind: f.kind}.name(), func(t *testing.T) {
			t.Parallel()
			p := newPortal(t, sandbox.Off)
			p.hear("processes of their own")
			setTokenFault(t, p, f.kind)
			access := p.Access()
			task, err := json.Marshal(childTask{p.address, p.tokens, access.ClientID, access.ClientSecret, 8})
			if err != nil {
				t.Fatal(err)
			}
			var all sync.WaitGroup
			var mu sync.Mutex
			done, failed := 0, 0
			for range 3 {
				all.Go(func() {
					command := exec.CommandContext(t.Context(), binary)
					command.Env = append(os.Environ(), childEnv+"="+string(task))
					out, err := command.Output()
					var report childReport
					if err == nil {
						err = json.Unmarshal(out, &report)
					}
					mu.Lock()
					defer mu.Unlock()
					p.hear(string(out))
					if err != nil {
						t.Errorf("%v: %s", err, out)
					}
					done += report.Done
					failed += len(report.Failed)
				})
			}
			all.Wait()
			judge(t, p, f.kind, f.survives, done, failed)
		})
	}
}

// judge checks that the calls ended as the fault lets them, and that the store
// has what works.
func judge(t *testing.T, p *portal, kind sandbox.FaultKind, survives bool, done, failed int) {
	t.Helper()
	fault{kind: kind}.happened(t, p)
	if !survives {
		// The pair was made and never arrived: nobody can call any more, and
		// everybody says so.
		if done > 0 {
			t.Errorf("%d calls got through with a token that was lost", done)
		}
		return
	}
	// Whoever was first may have met the fault; a later one renews.
	if kind == "" && failed > 0 || done == 0 {
		t.Errorf("%d calls done, %d failed", done, failed)
	}
	stored, err := shared.NewTokenFile(p.tokens).Load(t.Context())
	if err != nil || stored.AccessToken.Reveal() == p.Access().Token {
		t.Fatalf("the old token is still stored (%v)", err)
	}
	c, err := bitrix24.New(p.address, bitrix24.WithToken(stored.AccessToken.Reveal()), bitrix24.WithLimits(bitrix24.NoLimits))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	if _, err := c.GetCurrentUser(t.Context()); err != nil {
		t.Errorf("the stored token does not work: %v", err)
	}
}
