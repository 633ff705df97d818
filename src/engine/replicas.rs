//! Puts replicas of the model on other cores: workers of this worker in a browser, threads elsewhere.

#[cfg(not(target_family = "wasm"))]
mod threads;
#[cfg(target_family = "wasm")]
mod workers;

#[cfg(not(target_family = "wasm"))]
pub use threads::{cores, start};
#[cfg(target_family = "wasm")]
pub use workers::{cores, serve, start};

/// What a worker that holds a replica is called: it is the engine's own program, which looks at its name.
#[cfg(target_family = "wasm")]
pub const NAME: &str = "replica";

/// Of so many cores more are not used: a batch has no more shards.
const MOST: usize = 8;
