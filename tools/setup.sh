#!/usr/bin/env bash
# Installs what is missing and says so; says nothing where nothing is.
#
#   tools/setup.sh build   what building and serving the site needs
#   tools/setup.sh test    that, and what the checks and tests need
#
# The Makefile calls it, and sets MIEN_CACHE, CHROMIUM and CHROMEDRIVER. Cargo's and npm's tools go to $MIEN_CACHE/tools;
# only the browser and its driver are installed system-wide.
set -euo pipefail
cd "$(dirname "$0")/.."

trunk=0.21.14
cargo_deny=0.20.2
binaryen=132.0.0
# Goes with wasm_split_helpers in Cargo.toml.
wasm_split=0.2.4
# The tool and the library speak a private format: their versions must be the same.
wasm_bindgen=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/"/, "", $3); print $3 }' Cargo.lock)

tools=$MIEN_CACHE/tools

missing() {
    printf '%s\n' "$@" >&2
    exit 1
}

# Asks for the three things that are not ours to install.
require_basics() {
    command -v rustup >/dev/null && command -v cargo >/dev/null ||
        missing "Mien is built with Rust: install rustup (https://rustup.rs), open a new shell, and try again."
    command -v cc >/dev/null ||
        missing "A C compiler is needed to build the tools (Debian: apt-get install gcc libc6-dev; macOS: xcode-select --install)."
    command -v npm >/dev/null && node -e 'process.exit(require("node:zlib").crc32 ? 0 : 1)' ||
        missing "Node.js 20.15 or newer, with npm, serves and tests the site: install it (https://nodejs.org), and try again."
}

install_rust() {
    # Which toolchain, components and target: rust-toolchain.toml.
    if ! cargo --version >/dev/null 2>&1; then
        echo "Installing the Rust toolchain ..."
        rustup toolchain install >/dev/null
    fi
    if ! rustup target list --installed | grep -qx wasm32-unknown-unknown; then
        echo "Installing Rust's wasm32 target ..."
        rustup target add wasm32-unknown-unknown
    fi
}

# install_crate PACKAGE VERSION PROGRAM [OPTION...]
# With --debug where compiling the tool optimised would take longer than it ever saves.
install_crate() {
    local package=$1 version=$2 program=$3
    shift 3
    if [ -x "$tools/bin/$program" ] && grep -qF "\"$package $version " "$tools/.crates.toml"; then return; fi
    echo "Installing $package $version (some minutes) ..."
    CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR="$MIEN_CACHE/tools-target" cargo install --quiet --force --root "$tools" "$@" "$package@$version"
}

install_wasm_opt() {
    case "$("$tools/bin/wasm-opt" --version 2>/dev/null || true)" in
        *"version ${binaryen%%.*} "*) return ;;
    esac
    echo "Installing wasm-opt $binaryen ..."
    npm install --prefix "$tools/npm" --no-save --no-audit --no-fund --loglevel=error "binaryen@$binaryen" >/dev/null
    mkdir -p "$tools/bin"
    ln -sf ../npm/node_modules/binaryen/bin/wasm-opt "$tools/bin/wasm-opt"
}

install_browser() {
    if command -v "$CHROMIUM" >/dev/null && command -v "$CHROMEDRIVER" >/dev/null; then return; fi
    local how="Install Chromium and ChromeDriver (Debian: chromium, chromium-driver), or name them in CHROMIUM and CHROMEDRIVER."
    command -v apt-get >/dev/null || missing "The tests need a browser and its driver. $how"
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || missing "The tests need a browser and its driver, and installing them needs root. $how"
        as_root=(sudo)
    fi
    echo "Installing Chromium and its driver ..."
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium chromium-driver >/dev/null
}

install_playwright() {
    if cmp -s tests/e2e/package-lock.json tests/e2e/node_modules/.installed; then return; fi
    echo "Installing Playwright and axe ..."
    npm ci --prefix tests/e2e --no-audit --no-fund --loglevel=error >/dev/null
    cp tests/e2e/package-lock.json tests/e2e/node_modules/.installed
}

require_basics
install_rust
install_crate trunk "$trunk" trunk --locked --debug
install_crate wasm-bindgen-cli "$wasm_bindgen" wasm-bindgen
install_crate wasm_split_cli_support "$wasm_split" wasm-split-cli --locked --debug --features build-binary
install_wasm_opt
if [ "${1:-build}" = test ]; then
    install_crate cargo-deny "$cargo_deny" cargo-deny --locked --debug
    install_browser
    install_playwright
fi

# What the tools were compiled from is needed no more.
rm -rf "$MIEN_CACHE/tools-target"
