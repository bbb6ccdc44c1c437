package bitrix24otel_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/oint-go/oint/bitrix24"
	bitrix24otel "github.com/oint-go/oint/otel"
	"github.com/oint-go/oint/sandbox"
)

// observed is a portal over HTTP, a client of it, and what OpenTelemetry hears.
type observed struct {
	*sandbox.Sandbox
	client *bitrix24.Client
	spans  *tracetest.SpanRecorder
	tracer trace.Tracer
	reader *sdkmetric.ManualReader
}

func observe(t *testing.T, opts ...bitrix24.Option) *observed {
	t.Helper()
	portal, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(portal)
	o := &observed{Sandbox: portal, spans: tracetest.NewSpanRecorder(), reader: sdkmetric.NewManualReader()}
	tracers := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(o.spans))
	o.tracer = tracers.Tracer("test")
	hooks, err := bitrix24otel.Hooks(bitrix24otel.WithTracerProvider(tracers), bitrix24otel.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(o.reader))))
	if err != nil {
		t.Fatal(err)
	}
	opts = append([]bitrix24.Option{bitrix24.WithHooks(hooks), bitrix24.WithLimits(bitrix24.NoLimits)}, opts...)
	if o.client, err = bitrix24.New(server.URL+portal.Access().WebhookPath, opts...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		o.client.CloseIdleConnections()
		server.Close()
		if err := portal.Close(); err != nil {
			t.Error(err)
		}
		o.noSecrets(t)
	})
	return o
}

// metrics reads counters and the counts of histograms, by name and attributes.
func (o *observed) metrics(t *testing.T) map[string]int64 {
	t.Helper()
	var data metricdata.ResourceMetrics
	if err := o.reader.Collect(context.Background(), &data); err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, scope := range data.ScopeMetrics {
		if scope.Scope.Name != "github.com/oint-go/oint/otel" || scope.Scope.Version != bitrix24.Version {
			t.Errorf("scope %+v", scope.Scope)
		}
		for _, m := range scope.Metrics {
			switch d := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range d.DataPoints {
					got[m.Name+" "+text(p.Attributes.ToSlice())] = p.Value
				}
			case metricdata.Histogram[float64]:
				for _, p := range d.DataPoints {
					got[m.Name+" "+text(p.Attributes.ToSlice())] = int64(p.Count)
				}
			}
		}
	}
	return got
}

// text writes attributes without those that vary.
func text(attributes []attribute.KeyValue) string {
	var parts []string
	for _, a := range attributes {
		if a.Key == "server.address" || a.Key == "bitrix24.wait.duration" {
			continue
		}
		parts = append(parts, fmt.Sprintf("%s=%s", a.Key, a.Value.String()))
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

// told is a span with its events, a line each.
func told(s sdktrace.ReadOnlySpan) []string {
	lines := []string{fmt.Sprintf("%s %s %s", s.Name(), s.SpanKind(), text(s.Attributes()))}
	for _, e := range s.Events() {
		lines = append(lines, strings.TrimSpace(e.Name+" "+text(e.Attributes)))
	}
	return lines
}

func (o *observed) noSecrets(t *testing.T) {
	t.Helper()
	code := strings.Split(o.Access().WebhookPath, "/")[3]
	all := fmt.Sprint(o.metrics(t))
	for _, s := range o.spans.Ended() {
		all += fmt.Sprint(told(s), s.Attributes(), s.Status())
	}
	if strings.Contains(all, code) {
		t.Error("the code of the webhook was recorded")
	}
}

func TestRefusedCall(t *testing.T) {
	t.Parallel()
	o := observe(t)
	if err := o.SetFaults(sandbox.Fault{Kind: sandbox.FaultQueryLimit, Count: 1}); err != nil {
		t.Fatal(err)
	}
	ctx, parent := o.tracer.Start(t.Context(), "of the caller")
	if _, err := o.client.UpdateUser(ctx, 2, bitrix24.Fields{"NAME": "Oleg"}); err != nil {
		t.Fatal(err)
	}
	parent.End()
	span := o.spans.Ended()[0]
	want := []string{
		"user.update client http.response.status_code=200 rpc.method=user.update rpc.system.name=bitrix24",
		"request http.request.resend_count=0",
		"response http.response.status_code=503",
		"refusal bitrix24.error.code=QUERY_LIMIT_EXCEEDED http.response.status_code=503 rpc.method=user.update",
		"repeat rpc.method=user.update",
		"request http.request.resend_count=1",
		"response http.response.status_code=200",
	}
	if diff := cmp.Diff(want, told(span)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if span.Parent().SpanID() != parent.SpanContext().SpanID() || span.Status().Code != codes.Unset {
		t.Errorf("parent %v, status %v", span.Parent().SpanID(), span.Status())
	}
	if diff := cmp.Diff(map[string]int64{
		"bitrix24.client.call.duration rpc.method=user.update":                                     1,
		"bitrix24.client.requests rpc.method=user.update":                                          2,
		"bitrix24.client.refusals bitrix24.error.code=QUERY_LIMIT_EXCEEDED rpc.method=user.update": 1,
		"bitrix24.client.repeats rpc.method=user.update":                                           1,
	}, o.metrics(t)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	o := observe(t, bitrix24.WithTimeout(time.Minute))
	if _, err := o.client.UpdateUser(t.Context(), 4711, bitrix24.Fields{"NAME": "x"}); err == nil {
		t.Error("no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := o.client.GetCurrentUser(ctx); err == nil {
		t.Error("no error")
	}
	if err := o.SetFaults(sandbox.Fault{Kind: sandbox.FaultHTMLAfter}, sandbox.Fault{Kind: sandbox.FaultResetAfter}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.client.CreateDepartment(t.Context(), "x", nil); err == nil {
		t.Error("no error")
	}
	if err := o.SetFaults(sandbox.Fault{Kind: sandbox.FaultResetAfter}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.client.CreateDepartment(t.Context(), "x", nil); err == nil {
		t.Error("no error")
	}
	var got []string
	for _, s := range o.spans.Ended() {
		kind := ""
		for _, a := range s.Attributes() {
			if a.Key == "error.type" {
				kind = a.Value.AsString()
			}
		}
		got = append(got, kind)
		if s.Status().Code != codes.Error || s.Status().Description == "" {
			t.Errorf("%s: status %+v", s.Name(), s.Status())
		}
	}
	if diff := cmp.Diff([]string{"ERROR_CORE", "canceled", "answer", "transport"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestBatchAndWaits(t *testing.T) {
	t.Parallel()
	o := observe(t, bitrix24.WithLimits(bitrix24.Limits{Burst: 3, PerSecond: 50}))
	calls := func(yield func(bitrix24.UpdateUserArgs) bool) {
		for i := range 30 {
			if !yield(bitrix24.UpdateUserArgs{UserID: bitrix24.ID(2 + i), Fields: bitrix24.Fields{"NAME": "x"}}) {
				return
			}
		}
	}
	ctx, parent := o.tracer.Start(t.Context(), "of the caller")
	for outcome := range o.client.UpdateUsers(ctx, calls, bitrix24.WithBatchWidth(5)) {
		if outcome.State != bitrix24.Done {
			t.Error(outcome.Err)
		}
	}
	parent.End()
	commands := int64(0)
	for _, s := range o.spans.Ended() {
		if s.Name() == "of the caller" {
			if !slices.ContainsFunc(s.Events(), func(e sdktrace.Event) bool { return e.Name == "wait" }) {
				t.Error("the caller's span knows of no wait")
			}
			continue
		}
		for _, a := range s.Attributes() {
			if a.Key == "bitrix24.batch.commands" {
				commands += a.Value.AsInt64()
			}
		}
	}
	got := o.metrics(t)
	if commands != 30 || got["bitrix24.client.requests rpc.method=batch"] < 6 || got["bitrix24.client.wait.duration bitrix24.wait.reason=requests"] == 0 {
		t.Errorf("%d commands, %v", commands, got)
	}
}
