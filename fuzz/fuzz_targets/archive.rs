//! Zip archives, with all that is in them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mien_fuzz::{file, import};

fuzz_target!(|bytes: &[u8]| import(vec![file("d.zip", bytes)]));
