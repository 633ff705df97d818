#!/usr/bin/env bash
# Runs every fuzz target for so many seconds, one after the other; `fuzz/run.sh 60 npy` one of them for a minute.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-600}
shift || true
# The stable compiler, with the instrumentation that only nightly would offer; there is no unsafe code here to sanitize.
export RUSTC_BOOTSTRAP=1

if ! cargo fuzz --version >/dev/null 2>&1; then
    echo "cargo-fuzz is missing: cargo install --locked cargo-fuzz" >&2
    exit 1
fi

# Every file of a kind that the tests know is where the fuzzer starts from.
seeds() {
    mkdir -p "corpus/$1"
    find ../tests/attacks ../tests/golden -name "*.$2" -size -200k -print0 |
        while IFS= read -r -d '' file; do cp "$file" "corpus/$1/$(basename "$(dirname "$file")")-$(basename "$file")"; done
}
seeds archive zip
seeds npy npy
seeds table csv
unpacked=$(mktemp -d)
trap 'rm -r "$unpacked"' EXIT
python3 -m zipfile -e ../tests/golden/npy/arrays.zip "$unpacked"
for archive in ../tests/golden/layouts/*.zip ../tests/golden/dataset/table_*.zip; do
    python3 -m zipfile -e "$archive" "$unpacked/$(basename "$archive" .zip)"
done
for kind in npy:npy table:csv table:tsv; do
    find "$unpacked" -name "*.${kind#*:}" -size -64k -print0 |
        while IFS= read -r -d '' file; do cp "$file" "corpus/${kind%:*}/$(sha1sum <"$file" | cut -c1-40)"; done
done

[ $# -gt 0 ] || set -- archive npy table
for target in "$@"; do
    cargo fuzz run --sanitizer none "$target" -- -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=1024 \
        -timeout=10 -dict="$target.dict" -print_final_stats=1
done
