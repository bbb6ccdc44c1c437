# The everyday commands. Everything CI checks is in .ci/run.

GO ?= go
FUZZTIME ?= 50000x

.PHONY: build test race faults kills lint generate bench fuzz clean

build: ## bin/oint
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o bin/oint ./cmd/oint

test: ## all tests; needs nothing but Go
	$(GO) test ./...

race:
	$(GO) test -race ./...

faults: ## every fault of the sandbox against every kind of work; three minutes
	$(GO) test -race -tags faultmatrix -parallel 12 -timeout 30m ./internal/faultmatrix

kills: ## kill program, portal and disk under an apply; root on Linux; five minutes
	$(GO) test -count=1 -tags killsuite -parallel 2 -timeout 30m ./internal/killsuite

lint:
	$(GO) tool -modfile=tools/go.mod golangci-lint run ./...

generate: ## Go methods, index and reference pages from catalog/*.yaml
	$(GO) generate ./...

bench: build ## the table of figures the documentation promises
	$(GO) run ./bench -oint bin/oint

fuzz: ## every parser with FUZZTIME inputs, or for so long (20s)
	./.ci/fuzz $(FUZZTIME)

clean:
	rm -rf bin dist
	$(GO) clean -testcache
