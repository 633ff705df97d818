//! A browser's GPU, through WebGPU.

use std::cell::RefCell;

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::{Adapter, Device, DeviceReport};

/// Names by which software adapters describe themselves.
const SOFTWARE: [&str; 4] = ["swiftshader", "llvmpipe", "basic render", "warp"];

thread_local! {
    /// The device, once it was started: a second start breaks it.
    static STARTED: RefCell<Option<Device>> = const { RefCell::new(None) };
}

/// The adapter Burn will get: it asks with the same power preference.
pub async fn adapter() -> Result<Adapter, String> {
    let found = request_adapter().await.map_err(|error| format!("{error:?}"))?;
    let adapter = found.ok_or("this browser has no WebGPU adapter")?;
    let has_feature = |name: &str| {
        let features = property(&adapter, "features");
        let has: Option<Function> = property(&features, "has").dyn_into().ok();
        has.and_then(|has| has.call1(&features, &name.into()).ok()).is_some_and(|found| found.is_truthy())
    };
    if !has_feature("timestamp-query") {
        // Burn's runtime panics at its first command without it.
        return Err("the adapter lacks the feature timestamp-query".into());
    }
    let info = property(&adapter, "info");
    let text = |name: &str| property(&info, name).as_string().unwrap_or_default();
    let words = ["vendor", "architecture", "device", "description"].map(text);
    let mut description: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    description.dedup();
    let description = if description.is_empty() { "unnamed adapter".into() } else { description.join(" ") };
    let named_so = SOFTWARE.iter().any(|name| description.to_lowercase().contains(name));
    let says_so = |object: &JsValue| property(object, "isFallbackAdapter").is_truthy();
    let largest = property(&property(&adapter, "limits"), "maxStorageBufferBindingSize").as_f64();
    Ok(Adapter {
        software: named_so || says_so(&adapter) || says_so(&info),
        description,
        largest_tensor: largest.map(|bytes| bytes as u64),
    })
}

pub async fn start(adapter: Adapter) -> Result<(Device, DeviceReport), String> {
    let device = match STARTED.with_borrow(Clone::clone) {
        Some(device) => device,
        None => Device::wgpu_options().init_async().await.map_err(|error| error.to_string())?,
    };
    STARTED.set(Some(device.clone()));
    let note = adapter.software.then(|| "a software adapter: the CPU is faster".to_string());
    let Adapter { description, largest_tensor, .. } = adapter;
    Ok((device, DeviceReport { backend: "WebGPU".into(), description, note, largest_tensor }))
}

async fn request_adapter() -> Result<Option<JsValue>, JsValue> {
    let gpu = property(&property(&js_sys::global(), "navigator"), "gpu");
    if !gpu.is_object() {
        return Ok(None);
    }
    let request: Function = Reflect::get(&gpu, &"requestAdapter".into())?.dyn_into()?;
    let options = Object::new();
    Reflect::set(&options, &"powerPreference".into(), &"high-performance".into())?;
    let promise: Promise = request.call1(&gpu, &options)?.dyn_into()?;
    let adapter = JsFuture::from(promise).await?;
    Ok(adapter.is_object().then_some(adapter))
}

fn property(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}
