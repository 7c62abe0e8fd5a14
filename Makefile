TOOL    := go tool -modfile=$(CURDIR)/tools/go.mod
# Every module that holds Go code; tools/ only pins versions.
MODULES := . $(filter-out ./tools ./tools/%,$(patsubst %/go.mod,./%,$(wildcard */go.mod */*/go.mod)))

.PHONY: help build test race fuzz lint fmt dashboards rules chart e2e campaign load release bench vuln demo

help: ## show this list
	@grep -E '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## /  \1\t/' | expand -t 10

build: ## build the static binary ./dexcom_exporter
	CGO_ENABLED=0 go build -trimpath -o dexcom_exporter .

test: ## run the tests
	go test ./...

# The packages where goroutines meet; the simulator takes part in their tests.
race: ## run the tests that do not simulate for long under the race detector
	go test -race -short . ./collector ./config ./dexcom ./otlp ./web

fuzz: ## fuzz every target for a moment
	tools/fuzz

lint: ## check every module against .golangci.yml
	@set -e; for module in $(MODULES); do echo "lint $$module"; (cd $$module && $(TOOL) golangci-lint run ./...); done

fmt: ## format every module
	@set -e; for module in $(MODULES); do (cd $$module && $(TOOL) golangci-lint fmt ./...); done

dashboards: ## write the dashboards, and test them
	cd dashboards/gen && go run . && go test ./...

rules: ## check and test the alert rules, and the mixin of them
	promtool check rules alerts/dexcom.rules.yaml
	ls -S alerts/tests/*.yaml | xargs -P 2 -n 1 promtool test rules # the largest first
	amtool check-config alerts/alertmanager.example.yaml
	@set -e; rules=$$(mktemp); trap 'rm -f "$$rules"' EXIT; \
	$(TOOL) jsonnet --output-file "$$rules" alerts/tests/mixin.jsonnet; \
	promtool check rules "$$rules"

chart: ## check the Helm chart
	go tool -modfile=tools/helm/go.mod helm lint --strict deploy/helm/dexcom-exporter --values deploy/helm/dexcom-exporter/ci/family-values.yaml

e2e: ## run the program against real servers and a browser
	tools/prometheus/build
	cd e2e && go test -count=1 -timeout=20m -parallel=4 ./...

campaign: ## kill and starve the program for a simulated month, see docs/reliability.md
	cd e2e && E2E_CAMPAIGN=long go test -count=1 -timeout=90m -run='^TestFaultCampaign$$' -v .

load: ## run the program for 100, 1,000 and 5,000 people for 20 minutes each, see docs/performance.md
	cd e2e && E2E_LOAD="100 1000 5000" E2E_LOAD_FOR=20m go test -count=1 -timeout=120m -run='^TestLoad$$' -v .

population: ## follow people of all kinds for a month, and 15,000 under one limit, see docs/performance.md
	COLLECTOR_POPULATION=long go test -count=1 -timeout=120m -run='^(TestAPopulation|TestAFleet)$$' -v ./collector

release: ## build the packages of a release into dist/, without the image
	go tool -modfile=tools/goreleaser/go.mod goreleaser release --snapshot --clean --skip=docker

# What is measured, and how long it takes: docs/performance.md.
bench: ## run the benchmarks and sum them up, about 20 minutes on two cores
	go test -run='^$$' -bench=. -benchmem -count=6 -p=1 -timeout=30m -skip=/accounts=5000 ./collector ./dexcom ./glucose > bench.out
	go test -run='^$$' -bench='^Benchmark(Metrics|Readings)$$/accounts=5000' -benchtime=3x -timeout=30m ./collector >> bench.out
	go test -run='^$$' -bench=. -p=1 -timeout=30m . ./web >> bench.out
	$(TOOL) benchstat bench.out

vuln: ## look for known vulnerabilities that the program can reach
	$(TOOL) govulncheck ./...

demo: ## run the program against the simulated Dexcom cloud
	go run . demo
