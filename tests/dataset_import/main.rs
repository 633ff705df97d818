//! Imports, as a person drops them: layouts, bad input, real data, and properties that hold for any input.
#![cfg(feature = "engine")]

mod bad_input;
mod ferplus;
mod layouts;
mod more_layouts;
mod opening;
mod properties;
mod splits;
mod support;
