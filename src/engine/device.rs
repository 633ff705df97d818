//! Chooses and starts the device the tensors live on.

#[cfg(feature = "gpu")]
mod fusion;
#[cfg(all(feature = "gpu", target_family = "wasm"))]
#[path = "device/browser.rs"]
mod gpu;
#[cfg(all(feature = "gpu", not(target_family = "wasm")))]
#[path = "device/native.rs"]
mod gpu;
#[cfg(not(feature = "gpu"))]
#[path = "device/none.rs"]
mod gpu;

use burn::tensor::Device;
use thiserror::Error;

use super::protocol::{DeviceChoice, DeviceReport};

/// Why the wanted device cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DeviceError {
    /// There is no adapter, or not one Burn can run on.
    #[error("WebGPU cannot be used here: {0}. Choose the CPU instead (?device=cpu).")]
    NoWebGpu(String),
}

/// Starts a device once per engine; of the CPU's, the report says so many cores. The handle it returns must be used ever
/// after: any other way to name the same device starts it anew, synchronously, which panics in a browser.
///
/// # Errors
/// [`DeviceError::NoWebGpu`] where WebGPU was asked for by name and cannot be had; `Auto` falls back to the CPU.
pub async fn start(choice: DeviceChoice, cores: usize) -> Result<(Device, DeviceReport), DeviceError> {
    #[cfg(feature = "gpu")]
    fusion::in_order();
    match choice {
        DeviceChoice::Cpu => Ok(cpu(cores, None)),
        DeviceChoice::WebGpu => {
            let adapter = gpu::adapter().await.map_err(DeviceError::NoWebGpu)?;
            gpu::start(adapter).await.map_err(DeviceError::NoWebGpu)
        }
        DeviceChoice::Auto => Ok(match gpu::adapter().await {
            Ok(adapter) if adapter.software => {
                cpu(cores, Some(format!("the only WebGPU adapter, {}, is software", adapter.description)))
            }
            Ok(adapter) => gpu::start(adapter).await.unwrap_or_else(|why| cpu(cores, Some(why))),
            Err(why) => cpu(cores, Some(why)),
        }),
    }
}

fn cpu(cores: usize, note: Option<String>) -> (Device, DeviceReport) {
    let cores = if cores == 1 { "one core".into() } else { format!("{cores} cores") };
    let simd = if cfg!(target_feature = "simd128") { ", simd128" } else { "" };
    let report = DeviceReport { backend: "CPU".into(), description: cores + simd, note, largest_tensor: None };
    (Device::flex(), report)
}

/// What is asked of an adapter before Burn is let near it.
struct Adapter {
    description: String,
    /// Runs on the CPU: 20 to 50 times slower than the CPU backend.
    software: bool,
    /// Bytes of the largest buffer that a kernel may see.
    #[cfg_attr(not(feature = "gpu"), expect(dead_code, reason = "there is no adapter"))]
    largest_tensor: Option<u64>,
}
