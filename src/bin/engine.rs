//! Runs the engine in a dedicated worker.

fn main() {}
