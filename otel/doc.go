// Package bitrix24otel makes OpenTelemetry spans and metrics of the calls of
// package bitrix24:
//
//	hooks, err := bitrix24otel.Hooks()
//	client, err := bitrix24.New(address, bitrix24.WithHooks(hooks))
//
// A call is a client span named after its REST method, a request of a batch one
// named "batch". What the engine does on the way is an event of the span: each
// attempt and its answer, a refusal by a limit of the portal, a repeat, a wait.
//
//	metric                           unit       by
//	bitrix24.client.call.duration    s          rpc.method, error.type
//	bitrix24.client.requests         {request}  rpc.method
//	bitrix24.client.refusals         {refusal}  rpc.method, bitrix24.error.code
//	bitrix24.client.repeats          {repeat}   rpc.method
//	bitrix24.client.wait.duration    s          bitrix24.wait.reason
//
// Addresses, headers and bodies are never recorded: they may hold data of people.
package bitrix24otel
