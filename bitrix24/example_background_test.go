package bitrix24_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"os"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/bitrix24/queue"
	"github.com/oint-go/oint/sandbox"
)

// A call that "oint worker" makes later, even when this program has ended.
func ExampleClient_Background() {
	portal, err := sandbox.New(sandbox.Options{})
	if err != nil {
		log.Print(err)
		return
	}
	defer portal.Close() //nolint:errcheck // in memory
	server := httptest.NewServer(portal)
	defer server.Close()
	address := server.URL + portal.Access().WebhookPath
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Print(err)
		return
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a folder for the example

	ctx := context.Background()
	err = func() error {
		jobs, err := queue.Open(ctx, queue.Options{Dir: dir})
		if err != nil {
			return err
		}
		defer jobs.Close() //nolint:errcheck // nothing of the job is lost
		client, err := bitrix24.New(address, bitrix24.WithJobs(jobs))
		if err != nil {
			return err
		}
		job, err := client.Background(ctx, bitrix24.Request{
			Method: "user.update",
			Params: bitrix24.NewObject("ID", 2, "NAME", "Oleg"),
			Replay: bitrix24.Idempotent,
		})
		if err != nil {
			return err
		}
		fmt.Println(job.ID, job.Kind, job.State)
		return nil
	}()
	if err != nil {
		log.Print(err)
	}
	// Output:
	// 1 user.update queued
}
