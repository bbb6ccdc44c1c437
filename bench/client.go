package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// client runs the benchmarks of the package bitrix24, in turns, and compares
// the medians.
func (b bench) client(ctx context.Context) ([]figure, error) {
	out, err := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^Benchmark(UpdateUser|BareHTTP)$",
		"-benchtime", "1s", "-count", "7", "./bitrix24").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("go test: %w\n%s", err, out)
	}
	times, allocs := map[string][]float64{}, map[string]string{}
	line := regexp.MustCompile(`(?m)^Benchmark(\w+?)(?:-\d+)?\s.*?([\d.]+) ns/op.*?(\d+) allocs/op`)
	for _, m := range line.FindAllStringSubmatch(string(out), -1) {
		ns, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			return nil, err
		}
		times[m[1]], allocs[m[1]] = append(times[m[1]], ns), m[3]
	}
	if len(times["UpdateUser"]) == 0 || len(times["BareHTTP"]) == 0 {
		return nil, fmt.Errorf("go test printed no figures:\n%s", strings.TrimSpace(string(out)))
	}
	sdk, bare := median(times["UpdateUser"]), median(times["BareHTTP"])
	return []figure{
		{"UpdateUser through the SDK", fmt.Sprintf("%.0f calls/s, %s allocations", 1e9/sdk, allocs["UpdateUser"]), ""},
		{"the same with bare net/http", fmt.Sprintf("%.0f calls/s, %s allocations", 1e9/bare, allocs["BareHTTP"]), ""},
		{"SDK : bare", fmt.Sprintf("%.2f", bare/sdk), "≥ 0.9"},
	}, nil
}
