package bitrix24_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/bitrix24/shared"
	"github.com/oint-go/oint/sandbox"
)

// demo runs an example against a portal in memory, with the limits of a plan.
func demo(plan sandbox.Plan, run func(ctx context.Context, portal *sandbox.Sandbox) error) {
	portal, err := sandbox.New(sandbox.Options{Plan: plan})
	if err != nil {
		log.Print(err)
		return
	}
	defer portal.Close() //nolint:errcheck // in memory
	if err := run(context.Background(), portal); err != nil {
		log.Print(err)
	}
}

// tempDir is the folder of an example.
func tempDir() (string, func()) {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Print(err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }
}

// Processes that use the same folder share the portal's limit.
func ExampleWithLimitStore() {
	demo(sandbox.Enterprise, func(ctx context.Context, portal *sandbox.Sandbox) error {
		dir, done := tempDir()
		defer done()
		address, transport := portal.Access().Webhook, portal.Transport()

		limits, err := shared.NewLimits(filepath.Join(dir, "limits"))
		if err != nil {
			return err
		}
		client, err := bitrix24.New(address,
			bitrix24.WithTransport(transport), // only for the sandbox in the same process
			bitrix24.WithLimits(bitrix24.EnterpriseLimits),
			bitrix24.WithLimitStore(limits),
		)
		if err != nil {
			return err
		}

		answer, err := client.GetCurrentUser(ctx)
		if err != nil {
			return err
		}
		fmt.Println(answer.Result.ID)
		return nil
	})
	// Output: 1
}

// A hook hears of every wait, and the client counts.
func ExampleHooks() {
	demo(sandbox.Standard, func(ctx context.Context, portal *sandbox.Sandbox) error {
		address, transport := portal.Access().Webhook, portal.Transport()

		hooks := bitrix24.Hooks{
			Wait: func(_ context.Context, e bitrix24.WaitEvent) {
				fmt.Printf("%s waits for %s: %t\n", e.Method, e.Reason, e.Wait < time.Minute)
			},
		}
		client, err := bitrix24.New(address, bitrix24.WithTransport(transport), bitrix24.WithHooks(hooks),
			bitrix24.WithLimits(bitrix24.Limits{Burst: 2, PerSecond: 0.05}))
		if err != nil {
			return err
		}
		for range 2 {
			if _, err := client.GetCurrentUser(ctx); err != nil {
				return err
			}
		}
		stats := client.Stats()
		fmt.Println(stats.Requests, "requests,", stats.Refusals, "refused")
		return nil
	})
	// Output:
	// user.current waits for requests: true
	// 2 requests, 0 refused
}

// The client of an application renews its access token.
func ExampleWithApplication() {
	demo(sandbox.Off, func(ctx context.Context, portal *sandbox.Sandbox) error {
		dir, done := tempDir()
		defer done()
		domain, clientID, transport := portal.Access().Domain, portal.Access().ClientID, portal.Transport()
		clientSecret := bitrix24.NewSecret(portal.Access().ClientSecret)
		firstToken := bitrix24.Token{
			AccessToken:  bitrix24.NewSecret(portal.Access().Token),
			RefreshToken: bitrix24.NewSecret(portal.Access().RefreshToken),
		}

		// Once, after the user has authorized the application.
		tokens := shared.NewTokenFile(filepath.Join(dir, "tokens.json"))
		if err := tokens.Save(ctx, firstToken); err != nil {
			return err
		}

		// From then on.
		client, err := bitrix24.New(domain,
			bitrix24.WithApplication(bitrix24.Application{ClientID: clientID, ClientSecret: clientSecret}, tokens),
			bitrix24.WithTransport(transport), // only for the sandbox in the same process
			bitrix24.WithOAuthServer("https://"+domain),
		)
		if err != nil {
			return err
		}

		if err := portal.ExpireTokens(ctx); err != nil { // an hour later
			return err
		}
		_, err = client.GetCurrentUser(ctx)
		var renewal *bitrix24.RefreshError
		if errors.As(err, &renewal) {
			return errors.New("the user must authorize the application again")
		}
		fmt.Println(err, client.Stats().Renewals)
		return nil
	})
	// Output: <nil> 1
}

// A call that may have run is told from one that did not.
func ExampleAmbiguous() {
	demo(sandbox.Off, func(ctx context.Context, portal *sandbox.Sandbox) error {
		if err := portal.SetFaults(sandbox.Fault{Kind: sandbox.FaultHTMLAfter, Method: "department.add"}); err != nil {
			return err
		}
		client, err := bitrix24.New(portal.Access().Webhook, bitrix24.WithTransport(portal.Transport()))
		if err != nil {
			return err
		}

		_, err = client.CreateDepartment(ctx, "North", &bitrix24.CreateDepartmentOptions{ParentID: 1})
		switch {
		case err == nil:
			fmt.Println("created")
		case bitrix24.Ambiguous(err):
			fmt.Println("it may have been created: look before you try again")
		default:
			fmt.Println("not created")
		}

		var odd *bitrix24.AnswerError
		fmt.Println(errors.As(err, &odd) && odd.Status == http.StatusBadGateway)
		return nil
	})
	// Output:
	// it may have been created: look before you try again
	// true
}
