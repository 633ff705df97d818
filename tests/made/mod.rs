//! What `make weights` makes.

#![allow(dead_code, reason = "not every test wants both")]

use std::path::PathBuf;

/// Where that file lies, or would.
pub fn place(place: &str) -> Option<PathBuf> {
    let from = |variable: &str, rest: &str| Some(PathBuf::from(std::env::var_os(variable)?).join(rest));
    let cache =
        from("MIEN_CACHE", "").or_else(|| from("XDG_CACHE_HOME", "mien")).or_else(|| from("HOME", ".cache/mien"));
    Some(cache?.join("weights").join(place))
}

/// A file that `make weights` makes; `None`, with a word about it, where it has not been made.
pub fn made(file: &str) -> Option<Vec<u8>> {
    let path = place(file)?;
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        eprintln!("SKIPPED: there is no {}; `make weights` makes it", path.display());
    }
    bytes
}
