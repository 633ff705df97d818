//! The engine's protocol, and its two ends: the client in the page, the service in the worker.

pub mod protocol;
