package bitrix24otel

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/oint-go/oint/bitrix24"
)

// scope names the instrumentation.
const scope = "github.com/oint-go/oint/otel"

// The attributes; those without "bitrix24" are of OpenTelemetry's semantic
// conventions.
const (
	keySystem   = attribute.Key("rpc.system.name")
	keyMethod   = attribute.Key("rpc.method")
	keyServer   = attribute.Key("server.address")
	keyStatus   = attribute.Key("http.response.status_code")
	keyResend   = attribute.Key("http.request.resend_count")
	keyError    = attribute.Key("error.type")
	keyCommands = attribute.Key("bitrix24.batch.commands")
	keyCode     = attribute.Key("bitrix24.error.code")
	keyReason   = attribute.Key("bitrix24.wait.reason")
	keyWait     = attribute.Key("bitrix24.wait.duration") // seconds
)

// Option is a setting of Hooks.
type Option func(*settings)

type settings struct {
	tracers trace.TracerProvider
	meters  metric.MeterProvider
}

// WithTracerProvider sets where the spans go; the default is the global provider.
func WithTracerProvider(p trace.TracerProvider) Option { return func(s *settings) { s.tracers = p } }

// WithMeterProvider sets where the metrics go; the default is the global provider.
func WithMeterProvider(p metric.MeterProvider) Option { return func(s *settings) { s.meters = p } }

// Hooks returns hooks for bitrix24.WithHooks. The error is the meter provider's,
// which could not make a metric.
func Hooks(opts ...Option) (bitrix24.Hooks, error) {
	s := settings{tracers: otel.GetTracerProvider(), meters: otel.GetMeterProvider()}
	for _, o := range opts {
		o(&s)
	}
	i := &instruments{tracer: s.tracers.Tracer(scope, trace.WithInstrumentationVersion(bitrix24.Version))}
	if err := i.make(s.meters.Meter(scope, metric.WithInstrumentationVersion(bitrix24.Version))); err != nil {
		return bitrix24.Hooks{}, err
	}
	return bitrix24.Hooks{Call: i.call, Request: i.request, Response: i.response, Refusal: i.refusal, Repeat: i.repeat, Wait: i.wait}, nil
}

type instruments struct {
	tracer                      trace.Tracer
	duration, waited            metric.Float64Histogram
	requests, refusals, repeats metric.Int64Counter
}

func (i *instruments) make(m metric.Meter) error {
	var errs [5]error
	buckets := metric.WithExplicitBucketBoundaries(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)
	i.duration, errs[0] = m.Float64Histogram("bitrix24.client.call.duration", metric.WithUnit("s"), buckets,
		metric.WithDescription("Time of a call, its waits and repeats included."))
	i.waited, errs[1] = m.Float64Histogram("bitrix24.client.wait.duration", metric.WithUnit("s"), buckets,
		metric.WithDescription("Time that a call waited so as not to be refused."))
	i.requests, errs[2] = m.Int64Counter("bitrix24.client.requests", metric.WithUnit("{request}"),
		metric.WithDescription("HTTP requests sent, the repeated ones included."))
	i.refusals, errs[3] = m.Int64Counter("bitrix24.client.refusals", metric.WithUnit("{refusal}"),
		metric.WithDescription("Calls and commands that the portal refused for one of its limits."))
	i.repeats, errs[4] = m.Int64Counter("bitrix24.client.repeats", metric.WithUnit("{repeat}"),
		metric.WithDescription("Requests that were sent again."))
	return errors.Join(errs[:]...)
}

func (i *instruments) call(ctx context.Context, e bitrix24.CallEvent) (context.Context, func(error)) {
	began := time.Now()
	attributes := []attribute.KeyValue{keySystem.String("bitrix24"), keyMethod.String(e.Method), keyServer.String(e.Host)}
	if e.Commands > 0 {
		attributes = append(attributes, keyCommands.Int(e.Commands))
	}
	ctx, span := i.tracer.Start(ctx, e.Method, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attributes...))
	return ctx, func(err error) {
		by := []attribute.KeyValue{keyMethod.String(e.Method)}
		if err != nil {
			kind := keyError.String(errorType(err))
			by = append(by, kind)
			span.SetAttributes(kind)
			span.SetStatus(codes.Error, err.Error())
		}
		i.duration.Record(ctx, time.Since(began).Seconds(), metric.WithAttributes(by...))
		span.End()
	}
}

// errorType is the portal's code, or what went wrong on the way to it.
func errorType(err error) string {
	var (
		portal    *bitrix24.Error
		answer    *bitrix24.AnswerError
		transport *bitrix24.TransportError
		refresh   *bitrix24.RefreshError
	)
	switch {
	case errors.As(err, &refresh):
		return "refresh"
	case errors.As(err, &portal) && portal.Code != "":
		return portal.Code
	case errors.As(err, &portal):
		return fmt.Sprint(portal.Status)
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.As(err, &answer):
		return "answer"
	case errors.As(err, &transport):
		return "transport"
	}
	return "_OTHER"
}

func (i *instruments) request(ctx context.Context, e bitrix24.RequestEvent) {
	i.requests.Add(ctx, 1, metric.WithAttributes(keyMethod.String(e.Method)))
	trace.SpanFromContext(ctx).AddEvent("request", trace.WithAttributes(keyResend.Int(e.Attempt-1)))
}

func (i *instruments) response(ctx context.Context, e bitrix24.ResponseEvent) {
	span := trace.SpanFromContext(ctx)
	span.AddEvent("response", trace.WithAttributes(keyStatus.Int(e.Status)))
	span.SetAttributes(keyStatus.Int(e.Status))
}

func (i *instruments) refusal(ctx context.Context, e bitrix24.RefusalEvent) {
	i.refusals.Add(ctx, 1, metric.WithAttributes(keyMethod.String(e.Method), keyCode.String(e.Code)))
	trace.SpanFromContext(ctx).AddEvent("refusal", trace.WithAttributes(keyMethod.String(e.Method), keyCode.String(e.Code), keyStatus.Int(e.Status)))
}

func (i *instruments) repeat(ctx context.Context, e bitrix24.RepeatEvent) {
	i.repeats.Add(ctx, 1, metric.WithAttributes(keyMethod.String(e.Method)))
	attributes := []attribute.KeyValue{keyMethod.String(e.Method), keyWait.Float64(e.Wait.Seconds())}
	if e.Commands > 0 {
		attributes = append(attributes, keyCommands.Int(e.Commands))
	}
	trace.SpanFromContext(ctx).AddEvent("repeat", trace.WithAttributes(attributes...))
}

func (i *instruments) wait(ctx context.Context, e bitrix24.WaitEvent) {
	i.waited.Record(ctx, e.Wait.Seconds(), metric.WithAttributes(keyReason.String(string(e.Reason))))
	trace.SpanFromContext(ctx).AddEvent("wait", trace.WithAttributes(keyMethod.String(e.Method), keyReason.String(string(e.Reason)), keyWait.Float64(e.Wait.Seconds())))
}
