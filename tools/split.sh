#!/usr/bin/env bash
# Splits the page's wasm into what every page needs and chunks that are fetched when their pages are opened
# (src/ui/chunks.rs). What Trunk has put in place, which is not split, is replaced. tools/optimise.sh calls it.
set -euo pipefail

split=$CARGO_TARGET_DIR/split
rm -rf "$split"
wasm-split-cli --target web --out-name app "$CARGO_TARGET_DIR/wasm32-unknown-unknown/page/app.wasm" "$split"
# Chunks find what they share by the names that the linker gave.
wasm-bindgen --target web --keep-lld-exports --no-typescript --out-name app --out-dir "$TRUNK_STAGING_DIR" "$split/app.wasm"
rm "$split/app.wasm"
mv "$split"/* "$TRUNK_STAGING_DIR"
