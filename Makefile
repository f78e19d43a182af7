# `make test` is the whole gate and needs Rust, and Node for the local chain. `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
CARGO ?= cargo
# How often `make crash-matrix` dies at each point around the effect.
RUNS ?= 50
# How many movements `make bench-reconcile` compares.
MOVES ?= 10000
# How many events `make fuzz-console` makes up.
EVENTS ?= 1000000
# Which rows `make bench-console` measures; all when empty.
ROWS ?=
# Where `make deploy-local` keeps its database and logs; never in the tree that git tracks.
LOCAL_HOME ?= $(CURDIR)/out/home

.DEFAULT_GOAL := help
.PHONY: help setup toolchain fetch hooks chain contracts run demo test crash-matrix crash-matrix-payments bench bench-money bench-reconcile bench-books bench-house bench-console fuzz-console sim soak races fmt fmt-check lint layers spec-check core \
	deny deploy-local infra-up infra-down clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: toolchain fetch chain hooks ## a fresh checkout made ready: toolchain, crates, local chain, git hooks

toolchain:
	@command -v $(CARGO) >/dev/null 2>&1 || { \
		echo 'Rust is missing. Install it from https://rustup.rs and run make again; rust-toolchain.toml picks the version.' >&2; \
		exit 1; }
	@$(CARGO) --version

fetch: toolchain
	@$(CARGO) fetch --locked

hooks: toolchain
	@$(CARGO) run -q -p xtask -- install-hooks

# What the tests of money run against. Its own scripts stay unrun; the node is a program and is started as one.
chain: tests/chain/node_modules/.package-lock.json ## the local chain, the compiler and the second opinion of the tests, from npm

tests/chain/node_modules/.package-lock.json: tests/chain/package.json tests/chain/package-lock.json
	@command -v npm >/dev/null 2>&1 || { \
		echo 'npm is missing. Install Node 20 or newer from https://nodejs.org and run make again; only the tests need it.' >&2; \
		exit 1; }
	@cd tests/chain && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

contracts: chain ## compile the contracts of the tests again, and ask the second opinion
	@cd tests/chain && node contracts.mjs

run: fetch ## the console, on its own sandbox
	@$(CARGO) run -q

demo: fetch ## a trend's whole walk, simulated, without keys or network
	@$(CARGO) run -q -- demo

# Cheapest first; the tests come last, and the sum over all their binaries ends the output.
test: fetch chain fmt-check lint layers spec-check ## the whole gate
	$(CARGO) test --workspace 2>&1 | awk '{ print; fflush() } /^test result:/ { passed += $$4; failed += $$6; skipped += $$8 } \
		END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped }'

crash-matrix: ## kill -9 at every named point, 50 times at the six around the effect, and power cuts: RUNS=50
	CRASH_MATRIX_RUNS=$(RUNS) $(CARGO) test -q --workspace --test main -- --nocapture --test-threads 1 processes::matrix

crash-matrix-payments: ## kill -9 around payments on a real chain, RUNS times at each point of each rail, 12 times RUNS at any moment: RUNS=12
	CRASH_MATRIX_RUNS=$(RUNS) $(CARGO) test -q --workspace --test main -- --nocapture --test-threads 1 processes::payments

bench: ## the engine and single verbs beside the raw floor of this disk, one JSON value a line
	$(CARGO) bench -q -p chimera-store --features conformance --bench engine --bench store

bench-money: ## what the CFO takes to decide, and the console to list, with 500,000 payments made before
	$(CARGO) bench -q -p chimera-store --features conformance --bench money

bench-reconcile: ## compares a wallet with MOVES movements with its chain, and makes 200 honest payments that are no break: MOVES=10000
	MOVES=$(MOVES) PAYMENTS=200 $(CARGO) test -q --workspace --test main -- --nocapture --test-threads 1 r100_a_long_past r100_honest

bench-house: ## the daemon with 10,000 open tickets: cold start, memory, wake-ups
	$(CARGO) build -q --release
	$(CARGO) bench -q -p chimera-store --features conformance --bench house -- $(CURDIR)/target/release/chimera

bench-books: ## what is left and both budgets summed, with 10,000 payments and 100,000 intents; the ledger pane below 100 ms
	$(CARGO) bench -q -p chimera-store --features conformance --bench books

bench-console: ## the console in a pseudo terminal on 1,000 agents, 100,000 tasks and 10,000 tickets, against its bars
	$(CARGO) build -q --release
	rm -rf out/bench-console
	target/release/chimera store generate --home out/bench-console
	$(CARGO) bench -q --profile dev --bench console -- $(CURDIR)/target/release/chimera out/bench-console $(ROWS)

# Fast, and yet every overflow and every assertion ends it.
fuzz-console: ## random keys, pastes, sizes and answers through update and painter: EVENTS=1000000
	EVENTS=$(EVENTS) CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS=true CARGO_PROFILE_RELEASE_LTO=off \
		$(CARGO) test --release -q -p chimera-ui --lib -- --nocapture fuzz

sim: ## 500 seeded simulations with every fault; planted bugs: chimera sim --faults --seeds 200 --mutation NAME
	$(CARGO) run --release -q -- sim --faults --seeds 500 --minutes 60 --items-per-hour 24 --keep-going

soak: ## 1,000 agents, 1,000 signals an hour, one simulated day with every fault on a real database, weighed all along
	rm -rf out/soak && mkdir -p out/soak
	$(CARGO) run --release -q -- sim --faults --agents 1000 --items-per-hour 1 --days 1 --minutes 0 --database out/soak/chimera.db

races: ## twenty tickets, each decided at the console and on the command line at the same instant; prints who was told what
	RACES=20 $(CARGO) test --quiet --workspace --test main -- r69_each_race --nocapture

fmt: ## format everything
	$(CARGO) fmt --all

fmt-check: toolchain
	$(CARGO) fmt --all --check

lint: toolchain ## clippy over every target, warnings refused
	$(CARGO) clippy --workspace --all-targets --quiet -- -D warnings

# With --workspace, so that features unify as in the full run and nothing is compiled twice.
layers: toolchain
	$(CARGO) test --quiet --workspace --test main -- layers::

spec-check: toolchain ## which test proves which line of specs/
	@$(CARGO) run -q -p xtask -- spec-check

core: toolchain ## the tests of hub and swarm alone: seconds
	$(CARGO) test -p chimera-domain -p chimera-swarm

deny: toolchain ## licences, bans and sources of every dependency
	@if $(CARGO) deny --version >/dev/null 2>&1; then \
		$(CARGO) deny check licenses bans sources; \
	else \
		echo 'cargo-deny is missing. Install it with: cargo install cargo-deny --locked' >&2; exit 1; \
	fi

deploy-local: fetch ## a release build, run as a daemon on a home of its own
	$(CARGO) build --release
	@mkdir -p '$(LOCAL_HOME)'
	CHIMERA_HOME='$(LOCAL_HOME)' $(CARGO) run --release -q -- --daemon

infra-up: ## nothing to bring up
	@echo 'Nothing to start: Chimera is one binary and one SQLite file, and needs no outside service.'

infra-down: ## nothing to take down
	@echo 'Nothing to stop: Chimera is one binary and one SQLite file, and needs no outside service.'

clean: ## remove what was built; data in out/ stays
	$(CARGO) clean
