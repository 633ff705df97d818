//! A GPU without a browser, by what wgpu finds: Vulkan, Metal or DirectX.

use std::sync::Mutex;

use cubecl::wgpu::wgpu::{DeviceType, Instance, PowerPreference, RequestAdapterOptions};

use super::{Adapter, Device, DeviceReport};

/// The device, once it was started: a second start of the same is refused.
static STARTED: Mutex<Option<Device>> = Mutex::new(None);

/// The adapter Burn will get: it asks with the same power preference.
pub async fn adapter() -> Result<Adapter, String> {
    let wanted = RequestAdapterOptions {
        power_preference: PowerPreference::HighPerformance,
        ..RequestAdapterOptions::default()
    };
    let adapter = Instance::default().request_adapter(&wanted).await.map_err(|why| why.to_string())?;
    let info = adapter.get_info();
    Ok(Adapter {
        description: format!("{} ({})", info.name, info.backend),
        software: info.device_type == DeviceType::Cpu,
        largest_tensor: Some(adapter.limits().max_storage_buffer_binding_size),
    })
}

pub async fn start(adapter: Adapter) -> Result<(Device, DeviceReport), String> {
    // A thread that panicked while it started one has left none.
    let known = STARTED.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
    let device = match known {
        Some(device) => device,
        None => Device::wgpu_options().init_async().await.map_err(|why| why.to_string())?,
    };
    *STARTED.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(device.clone());
    let note = adapter.software.then(|| "a software adapter: the CPU is faster".to_string());
    let Adapter { description, largest_tensor, .. } = adapter;
    Ok((device, DeviceReport { backend: "GPU".into(), description, note, largest_tensor }))
}
