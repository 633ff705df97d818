#!/usr/bin/env bash
# Installs what is missing and says so; says nothing where nothing is.
#
#   tools/setup.sh build   what building and serving the site needs
#   tools/setup.sh test    that, and what the checks and tests need
#   tools/setup.sh firefox that, and Firefox
#   tools/setup.sh gpu     what the tests on a GPU need, natively
#
# The Makefile calls it, and sets MIEN_CACHE, CHROMIUM, CHROMEDRIVER and FIREFOX. Cargo's and npm's tools go to
# $MIEN_CACHE/tools; only browsers and drivers are installed system-wide.
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

# install_debian WHAT HOW PACKAGE...: WHAT, with apt; HOW a person gets it where there is none.
install_debian() {
    local what=$1 how=$2 as_root=()
    shift 2
    command -v apt-get >/dev/null || missing "The tests need $what. $how"
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || missing "The tests need $what, and installing needs root. $how"
        as_root=(sudo)
    fi
    echo "Installing $what ..."
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "$@" >/dev/null
}

install_chromium() {
    if command -v "$CHROMIUM" >/dev/null && command -v "$CHROMEDRIVER" >/dev/null; then return; fi
    local how="Install Chromium and ChromeDriver (Debian: chromium, chromium-driver), or name them in CHROMIUM and CHROMEDRIVER."
    install_debian "Chromium and its driver" "$how" chromium chromium-driver
}

install_firefox() {
    if command -v "$FIREFOX" >/dev/null; then return; fi
    # Mesa's driver is an adapter for WebGPU where there is no graphics card.
    install_debian "Firefox" "Install Firefox, or name it in FIREFOX." firefox-esr mesa-vulkan-drivers
}

install_gpu_driver() {
    if compgen -G '/usr/share/vulkan/icd.d/*.json' >/dev/null || compgen -G '/etc/vulkan/icd.d/*.json' >/dev/null; then return; fi
    if [ "$(uname)" != Linux ]; then return; fi
    # Mesa's driver is an adapter where there is no graphics card.
    install_debian "a Vulkan driver" "Install your graphics card's, or Mesa's." libvulkan1 mesa-vulkan-drivers
}

install_playwright() {
    if cmp -s tests/e2e/package-lock.json tests/e2e/node_modules/.installed; then return; fi
    echo "Installing Playwright and axe ..."
    npm ci --prefix tests/e2e --no-audit --no-fund --loglevel=error >/dev/null
    cp tests/e2e/package-lock.json tests/e2e/node_modules/.installed
}

require_basics
install_rust
if [ "${1:-build}" = gpu ]; then
    install_gpu_driver
    exit
fi
install_crate trunk "$trunk" trunk --locked --debug
install_crate wasm-bindgen-cli "$wasm_bindgen" wasm-bindgen
install_crate wasm_split_cli_support "$wasm_split" wasm-split-cli --locked --debug --features build-binary
install_wasm_opt
if [ "${1:-build}" != build ]; then
    install_crate cargo-deny "$cargo_deny" cargo-deny --locked --debug
    install_chromium
    install_playwright
fi
if [ "${1:-build}" = firefox ]; then install_firefox; fi

# What the tools were compiled from is needed no more.
rm -rf "$MIEN_CACHE/tools-target"
