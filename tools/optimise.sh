#!/usr/bin/env bash
# Shrinks the wasm files of a release build. Trunk calls it before dist/ is put in place; bench/build.sh for the benchmark's.
set -euo pipefail

[ "$TRUNK_PROFILE" = release ] || exit 0

[ ! -e "$TRUNK_STAGING_DIR/app_bg.wasm" ] || tools/split.sh

# By name, what every browser with WebGPU has: `--all-features` makes a file that Chromium refuses.
features=(
    --enable-bulk-memory --enable-bulk-memory-opt --enable-multivalue --enable-mutable-globals
    --enable-nontrapping-float-to-int --enable-reference-types --enable-sign-ext --enable-simd
)
# It takes minutes, so what was made of the same file by the same means is kept.
kept=$CARGO_TARGET_DIR/wasm-opt
mkdir -p "$kept"

optimise() {
    local wasm=$1 name sum options
    name=$(basename "$wasm")
    # The engine is smallest as -Oz leaves it; the page is, once it is compressed, as -Os does.
    case $name in
    engine_* | bench_*) options=(-Oz "${features[@]}" --enable-relaxed-simd) ;;
    *) options=(-Os "${features[@]}") ;;
    esac
    sum=$({ wasm-opt --version; echo "${options[*]}"; cat "$wasm"; } | sha256sum)
    if [ "$(cat "$kept/$name.from" 2>/dev/null)" != "$sum" ]; then
        # It tells of names that it does not know, which are dropped anyway.
        wasm-opt "${options[@]}" "$wasm" -o "$kept/$name" 2> >(grep -v 'unknown name subsection' >&2)
        echo "$sum" >"$kept/$name.from"
    fi
    cp "$kept/$name" "$wasm"
}

# Puts a copy beside it, for browsers without relaxed SIMD.
plain() {
    [ ! -e "$1" ] || cargo run --quiet --locked --package mien-plain -- "$1" "${1%_bg.wasm}_plain_bg.wasm"
}

# The engine takes as long as all the others: two cores.
engine=$TRUNK_STAGING_DIR/engine_bg.wasm
[ ! -e "$engine" ] || optimise "$engine" &
for wasm in "$TRUNK_STAGING_DIR"/*.wasm; do
    [ "$wasm" = "$engine" ] || optimise "$wasm"
done
wait $!
plain "$engine"
plain "$TRUNK_STAGING_DIR/bench_bg.wasm"
