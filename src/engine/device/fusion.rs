//! How Burn's fusion looks at the operations that come.

use burn::BurnConfig;
use cubecl::config::RuntimeConfig;

/// One run of operations at a time, in their order. Burn's own choice follows up to five beside one another, so that an operation of
/// ours, which cannot be fused and shares no tensor with a run, does not end it: it goes on waiting, and where nothing that comes belongs
/// to it, everything behind it waits too and is then done operation by operation (ARCHITECTURE, "Fusion"). What is recorded
/// (`kernels/gpu/recording.rs`) has to be asked in order, too.
const SETTINGS: &str = r#"{"fusion": {"beam_search": {"max_blocks": 1}}}"#;

/// Sets it, if Burn's settings were not read yet. Natively neither `burn.toml` nor Burn's environment variables count then.
pub fn in_order() {
    match serde_json::from_str::<BurnConfig>(SETTINGS) {
        Ok(settings) => _ = BurnConfig::try_set(settings),
        Err(why) => debug_assert!(false, "{why}"),
    }
}
