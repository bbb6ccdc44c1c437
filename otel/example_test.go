package bitrix24otel_test

import (
	"context"
	"fmt"
	"log"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/oint-go/oint/bitrix24"
	bitrix24otel "github.com/oint-go/oint/otel"
	"github.com/oint-go/oint/sandbox"
)

func ExampleHooks() {
	portal, err := sandbox.New(sandbox.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer portal.Close()                 //nolint:errcheck // an example
	spans := tracetest.NewSpanRecorder() // a program has an exporter instead
	hooks, err := bitrix24otel.Hooks(bitrix24otel.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Fatal(err)
	}
	client, err := bitrix24.New(portal.Access().Webhook, bitrix24.WithTransport(portal.Transport()), bitrix24.WithHooks(hooks))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.UpdateUser(context.Background(), 2, bitrix24.Fields{"NAME": "Oleg"}); err != nil {
		log.Fatal(err)
	}
	for _, s := range spans.Ended() {
		fmt.Println(s.SpanKind(), s.Name())
	}
	// Output: client user.update
}
