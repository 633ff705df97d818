//! No GPU: the build is without the feature `gpu`.

use super::{Adapter, Device, DeviceReport};

pub async fn adapter() -> Result<Adapter, String> {
    Err("this build has the CPU backend only".into())
}

pub async fn start(_: Adapter) -> Result<(Device, DeviceReport), String> {
    Err("this build has the CPU backend only".into())
}
