//! Runs the engine in a dedicated worker.

#[cfg(target_family = "wasm")]
fn main() {
    unsafe extern "C" {
        fn __wasm_call_ctors();
    }
    // SAFETY: the linker makes this function; it only registers Burn's kernels, and nothing has run before.
    unsafe { __wasm_call_ctors() };
    mien::engine::worker::serve();
}

#[cfg(not(target_family = "wasm"))]
fn main() {
    eprintln!("The engine runs in a browser's worker. `make serve` builds the site and serves it.");
}
