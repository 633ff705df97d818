//! How Burn's fusion looks at the operations that come.

use burn::BurnConfig;
use cubecl::config::RuntimeConfig;

/// One run of operations at a time, in their order. Burn's own choice follows up to five beside one another, so that an operation of
/// ours, which cannot be fused, does not end the run that it stands in: another goes on waiting, and where nothing that comes belongs
/// to it, everything behind it waits too and is then done operation by operation (ARCHITECTURE, "Fusion").
const SETTINGS: &str = r#"{"fusion": {"beam_search": {"max_blocks": 1}}}"#;

/// Sets it, if nothing was computed yet.
pub fn in_order() {
    match serde_json::from_str::<BurnConfig>(SETTINGS) {
        Ok(settings) => _ = BurnConfig::try_set(settings),
        Err(why) => debug_assert!(false, "{why}"),
    }
}
