# What there is to do with Mien. `make` alone lists it.

# Tools and build products live outside the clone, so that a second clone finds them.
export MIEN_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/mien
export CARGO_TARGET_DIR ?= $(MIEN_CACHE)/target
export PATH := $(MIEN_CACHE)/tools/bin:$(HOME)/.cargo/bin:$(PATH)
# The browsers of the tests, and a driver.
export CHROMIUM ?= /usr/bin/chromium
export CHROMEDRIVER ?= /usr/bin/chromedriver
export FIREFOX ?= /usr/bin/firefox-esr
# Where `make serve` listens, on loopback.
export PORT ?= 8080
# Trunk reads NO_COLOR=1 as a malformed option.
unexport NO_COLOR

WASM = --target wasm32-unknown-unknown
PAGE = --no-default-features --features page
# Without a GPU's code, which takes longer to compile than all the rest: `make test-gpu` has it.
NATIVE = --no-default-features --features mien/bench,mien/page,mien/threads
say = @printf '\n== %s (%s)\n' "$(1)" "$$(date +%T)"

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help serve build weights test check test-native test-browser test-e2e test-firefox test-gpu eval-weights bench fuzz clean setup-build setup-test setup-firefox setup-gpu

help: ## list what there is to do
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: build ## install what is missing, build the site, serve it at http://127.0.0.1:8080 (PORT=... for another)
	@node tools/serve.mjs dist

build: setup-build weights ## leave the release site in dist/
	$(call say,The site)
	trunk build --log error
	@if [ -d "$(MIEN_CACHE)/weights/site" ]; then cp -R "$(MIEN_CACHE)/weights/site" dist/weights; fi
	@node tools/sizes.mjs dist

weights: setup-build ## fetch and convert the pre-trained weights that the site serves, where they can be had
	@tools/weights.sh

test: check test-native test-browser test-e2e ## install what is missing and run every layer of tests, the quick ones first
	$(call say,All checks and tests passed)

check: setup-test ## formatting, lints, documentation, licences
	$(call say,Checks)
	cargo fmt --all --check
	tools/lint.sh
	cargo deny --log-level error --all-features --locked check licenses bans sources
	cargo clippy --locked --workspace $(NATIVE) --all-targets -- -D warnings -A clippy::disallowed-methods
	cargo clippy --locked $(WASM) $(PAGE) --lib --bin app -- -D warnings
	cargo clippy --locked $(WASM) --features bench --lib --bin engine --bin bench --test 'browser_*' -- -D warnings
	cargo check --locked --manifest-path fuzz/Cargo.toml --lib
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps --workspace $(NATIVE) --lib

test-native: setup-test weights ## the library's tests on this machine
	$(call say,Native tests)
	cargo test --locked --workspace --no-default-features --features mien/bench,mien/page --no-fail-fast
	cargo test --locked --package mien-cpu --features threads
	node --test --test-reporter=spec tests/onnx/*.spec.mjs

test-browser: setup-test weights ## the engine's tests in a browser's worker
	$(call say,Browser tests)
	tools/test_browser.sh

test-e2e: setup-test build ## the built site, driven as a person would
	$(call say,End-to-end tests)
	node --test --test-concurrency=1 --test-reporter=spec tests/e2e/*.spec.mjs

test-gpu: setup-gpu ## the kernels on this machine's GPU, natively (Vulkan, Metal or DirectX; an adapter of software too)
	$(call say,Tests on a GPU)
	cargo clippy --locked --release --all-targets -- -D warnings -A clippy::disallowed-methods
	cargo test --locked --release --lib --test gpu

test-firefox: setup-firefox build ## the same in Firefox (FIREFOX names it), but for what only Chromium can be made to do
	$(call say,End-to-end tests in Firefox)
	MIEN_BROWSER=firefox node --test --test-concurrency=1 --test-reporter=spec tests/e2e/*.spec.mjs

eval-weights: setup-test build ## repeat every figure of the model cards, natively and in a browser (FACES="FER+ zips or folders")
	cargo run --locked --release --no-default-features --features threads --example ship -- check target/eval-weights $(FACES)
	node tests/e2e/eval-weights.mjs target/eval-weights $(FACES)

bench: setup-test ## every network beside the other libraries, in training and in use (BENCH="--quick --browser firefox")
	npm ci --prefix bench --no-audit --no-fund --loglevel=error
	npm run --prefix bench bench -- $(BENCH)

fuzz: ## feed made-up files to the readers, ten minutes each (FUZZ_SECONDS=...; wants cargo-fuzz)
	fuzz/run.sh $(or $(FUZZ_SECONDS),600)

clean: ## remove what was built (not the tools)
	rm -rf dist tests/e2e/results "$(CARGO_TARGET_DIR)"

setup-build:
	@tools/setup.sh build

setup-test:
	@tools/setup.sh test

setup-firefox:
	@tools/setup.sh firefox

setup-gpu:
	@tools/setup.sh gpu
