#!/bin/sh
# Builds Mien's side of the benchmark into bench/pkg, by the means the site is built by. Wants cargo with the wasm32
# target, and wasm-bindgen (at the lock file's version) and wasm-opt on the path; without wasm-opt the file stays larger.
set -eu
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}"
PATH="$PATH:$PWD/bench/node_modules/.bin"

cargo build --release --locked --target wasm32-unknown-unknown --no-default-features --features bench,gpu \
    --bin bench
# What an earlier build left would be optimised once more.
rm -rf bench/pkg
wasm-bindgen --target web --no-typescript --out-dir bench/pkg --out-name bench \
    "$CARGO_TARGET_DIR/wasm32-unknown-unknown/release/bench.wasm"
if command -v wasm-opt >/dev/null; then
    TRUNK_PROFILE=release TRUNK_STAGING_DIR=bench/pkg tools/optimise.sh
fi
ls -l bench/pkg/bench_bg.wasm
