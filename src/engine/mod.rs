//! The engine's protocol, and its two ends: the client in the page, the service in the worker.

#[cfg(feature = "page")]
pub mod client;
#[cfg(feature = "engine")]
pub mod device;
#[cfg(any(feature = "engine", feature = "page"))]
pub mod message;
pub mod protocol;
#[cfg(feature = "engine")]
mod replicas;
#[cfg(feature = "engine")]
pub mod service;
#[cfg(feature = "engine")]
pub mod shipped;
#[cfg(feature = "engine")]
pub mod site;
#[cfg(feature = "engine")]
pub mod storage;
#[cfg(all(feature = "engine", target_family = "wasm"))]
pub mod worker;
