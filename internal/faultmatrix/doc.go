// Package faultmatrix holds the SDK to its promise under every fault that the
// sandbox can inject: nothing lost, nothing doubled, nothing unreported. Each test
// runs one kind of work against one fault over real HTTP, and is judged by the
// portal's own log and data, not by what the client says.
//
//	go test -tags faultmatrix -race ./internal/faultmatrix
package faultmatrix
