#!/usr/bin/env bash
# What rustfmt and clippy cannot see: the floors of the house, and proof beside every unwrap.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0

# forbid REASON PATTERN PATH...: no line of code (comments aside) may match.
forbid() {
    local reason=$1 pattern=$2
    shift 2
    [ $# -gt 0 ] || return 0
    local hits
    hits=$(grep -rnE --include='*.rs' "$pattern" "$@" 2>/dev/null | grep -vE '^[^:]+:[0-9]+:[[:space:]]*//' || true)
    if [ -n "$hits" ]; then
        printf '%s:\n%s\n\n' "$reason" "$hits" >&2
        failed=1
    fi
}

# rooms NAME...: the files of these rooms.
rooms() {
    for name in "$@"; do ls -d "src/$name" "src/$name.rs" 2>/dev/null || true; done
}

# A room uses what is below it, never what is above.
above() { forbid "$1 uses a room above it" "\bcrate::($2)\b" $(rooms "$1"); }
above affect 'dataset|imaging|detection|live|models|kernels|training|evaluation|engine|ui'
above imaging 'dataset|detection|live|models|kernels|training|evaluation|engine|ui'
above dataset 'detection|live|models|kernels|training|evaluation|engine|ui'
above kernels 'detection|live|models|training|evaluation|engine|ui'
above models 'detection|live|training|evaluation|engine|ui'
above detection 'live|training|evaluation|engine|ui'
above evaluation 'live|training|engine|ui'
above live 'training|engine|ui'
above training 'live|engine|ui'
above engine 'ui'

forbid 'the domain knows no browser' '\b(web_sys|js_sys|wasm_bindgen|gloo|leptos)\b' \
    $(rooms affect imaging dataset detection live kernels models evaluation training)
forbid 'the page knows no tensors, and the engine only through its client and its protocol' \
    '\bburn\b|\bcrate::(models|kernels)\b|\bengine::(service|worker|device|storage)\b' $(rooms ui) src/bin/app.rs
forbid 'the engine knows no document' '\bleptos\b|web_sys::(window|Document|HtmlElement)\b' \
    $(rooms engine/service engine/worker engine/device engine/storage)

# An unwrap outside tests carries the comment that proves it, on its line or on the one before.
unproved=$(find src -name '*.rs' ! -name tests.rs -print0 | xargs -0 awk '
    FNR == 1 { tests = ""; before = "" }
    tests == "next" && !/^[[:space:]]*#/ { tests = /;$/ ? "" : "inside" }
    /^[[:space:]]*#\[cfg\(test\)\]/ { tests = "next" }
    tests == "inside" && /^}/ { tests = "" }
    !tests && !/^[[:space:]]*\/\// && /\.(unwrap|expect|unwrap_err|expect_err)\(/ {
        if ($0 !~ /\/\// && before !~ /\/\//) print FILENAME ":" FNR ": " $0
    }
    { before = $0 }
')
if [ -n "$unproved" ]; then
    printf 'an unwrap without the comment that proves it:\n%s\n\n' "$unproved" >&2
    failed=1
fi

# Trunk would optimise a second time, without the features that tools/optimise.sh names.
if [ -f index.html ] && grep -E '<link[^>]*rel="rust"' index.html | grep -v 'data-wasm-opt="0"' >/dev/null; then
    echo 'index.html: every rust link needs data-wasm-opt="0"; tools/optimise.sh does that work' >&2
    failed=1
fi

exit "$failed"
