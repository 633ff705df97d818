//! The engine in a browser's worker: on the CPU, and on whatever WebGPU adapter there is.

#![cfg(target_family = "wasm")]

mod journey;

use journey::first_losses;
use mien::engine::protocol::DeviceChoice;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
async fn a_whole_journey_on_the_cpu() {
    journey::journey(DeviceChoice::Cpu).await;
}

#[wasm_bindgen_test]
async fn the_first_steps_on_webgpu_are_those_on_the_cpu() {
    let cpu = first_losses(DeviceChoice::Cpu).await;
    let webgpu = first_losses(DeviceChoice::WebGpu).await;
    for (step, (cpu, webgpu)) in cpu.iter().zip(&webgpu).enumerate() {
        assert!((cpu - webgpu).abs() <= 1e-3 * cpu.abs(), "step {}: {cpu} on the CPU, {webgpu} on WebGPU", step + 1);
    }
}
