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
# Seconds that all of them may take: WebGPU on a software adapter is slow.
export WASM_BINDGEN_TEST_TIMEOUT=1200
# The pre-trained weights, where they have been made; from where is compiled in.
if [ -e "$MIEN_CACHE/weights/check/panda.jpg" ]; then
    export MIEN_TEST_WEIGHTS=http://127.0.0.1:${MIEN_TEST_PORT:-8732}
    node tests/panda/serve.mjs "$MIEN_CACHE/weights" "${MIEN_TEST_WEIGHTS##*:}" &
    trap 'kill $!' EXIT
else
    echo "SKIPPED: the panda is not looked at, for there are no weights; \`make weights\` makes them"
fi
CHROMEDRIVER=$CHROMEDRIVER cargo test --release --locked --target wasm32-unknown-unknown \
    --no-default-features --features gpu "${tests[@]}"
