#!/usr/bin/env bash
# The tests named tests/browser_*.rs, in a dedicated worker of headless Chromium (webdriver.json says how it is started).
#
# In the release profile, which shares what it builds with the site.
# This is what `wasm-pack test --headless --chrome` runs; wasm-pack itself would build every other test for wasm first.
set -euo pipefail
cd "$(dirname "$0")/.."

tests=()
for file in tests/browser_*.rs; do
    tests+=(--test "$(basename "$file" .rs)")
done
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner
# Seconds a test may take: WebGPU on a software adapter is slow.
export WASM_BINDGEN_TEST_TIMEOUT=600
CHROMEDRIVER=$CHROMEDRIVER cargo test --release --locked --target wasm32-unknown-unknown \
    --no-default-features --features engine "${tests[@]}"
