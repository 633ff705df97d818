//! The engine in a browser's worker: on the CPU, and on whatever WebGPU adapter there is. `tools/test_browser.sh` says, when
//! this is compiled, where the pre-trained weights are to be had.

#![cfg(target_family = "wasm")]

mod convolutions;
mod in_memory;
mod in_use;
mod joining;
mod journey;
mod normalisation;
mod panda;
mod pooling;
mod replays;
mod waves;

use burn::tensor::{Device, Tensor, TensorData};
use journey::first_losses;
use mien::engine::device;
use mien::engine::protocol::DeviceChoice;
use mien::imaging::{Preprocessing, decode};
use mien::models::{Activation, Convolution};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
async fn a_whole_journey_on_the_cpu() {
    journey::journey(DeviceChoice::Cpu).await;
}

#[wasm_bindgen_test]
async fn parameters_on_webgpu_are_moved_as_on_the_cpu() {
    joining::parts_are_what_was_joined().await;
    joining::parameters_are_moved_as_on_the_cpu().await;
}

#[wasm_bindgen_test]
async fn steps_that_webgpu_does_over_are_ordinary_ones() {
    replays::what_is_not_recorded_leaves_what_there_was().await;
    replays::replayed_steps_are_ordinary_ones().await;
}

#[wasm_bindgen_test]
async fn max_pooling_on_webgpu_is_burns_on_the_cpu() {
    pooling::max_pooling_is_burns_on_the_cpu().await;
    pooling::what_is_not_a_number_stays_so_in_max_pooling().await;
}

/// A minimum or maximum of relaxed SIMD may take another number instead.
#[wasm_bindgen_test]
async fn what_is_not_a_number_stays_so_behind_a_convolution_on_the_cpu() {
    let device = Device::flex();
    let mut numbers = vec![1.0f32; 4 * 12 * 12];
    numbers[66] = f32::NAN;
    let x = Tensor::<4>::from_data(TensorData::new(numbers, [1, 4, 12, 12]), &device);
    for (kernel, channels) in [(1, 8), (1, 3), (3, 8), (5, 8), (5, 3)] {
        let layer = Convolution::new(4, channels, kernel, &device).with_bias();
        for then in [Activation::Relu, Activation::Silu] {
            let bias = layer.bias.as_ref().map(|bias| bias.val());
            let y = layer.forward_with(x.clone(), layer.weight.val(), bias, then).into_data_async().await.unwrap();
            let lost = y.iter::<f32>().filter(|value| value.is_nan()).count();
            assert!(lost >= kernel * kernel * channels, "kernel {kernel}, {channels} channels, {then:?}: {lost}");
        }
    }
}

#[wasm_bindgen_test]
async fn convolutions_on_webgpu_are_burns_on_the_cpu() {
    convolutions::convolutions_are_burns_on_the_cpu().await;
}

#[wasm_bindgen_test]
async fn convolutions_in_use_on_webgpu_are_burns_on_the_cpu() {
    convolutions::convolutions_in_use_are_burns_on_the_cpu().await;
}

#[wasm_bindgen_test]
async fn a_model_in_use_on_webgpu_is_that_on_the_cpu() {
    in_use::a_model_in_use_is_that_on_the_cpu().await;
}

#[wasm_bindgen_test]
async fn batch_norm_on_webgpu_is_burns_on_the_cpu() {
    normalisation::batch_norm_is_burns_on_the_cpu().await;
}

#[wasm_bindgen_test]
async fn what_is_not_a_number_stays_so_behind_a_convolution_on_webgpu() {
    convolutions::what_is_not_a_number_stays_so_behind_a_convolution().await;
}

#[wasm_bindgen_test]
async fn the_first_steps_on_webgpu_are_those_on_the_cpu() {
    let cpu = first_losses(DeviceChoice::Cpu).await;
    let webgpu = first_losses(DeviceChoice::WebGpu).await;
    for (step, (cpu, webgpu)) in cpu.iter().zip(&webgpu).enumerate() {
        assert!((cpu - webgpu).abs() <= 1e-3 * cpu.abs(), "step {}: {cpu} on the CPU, {webgpu} on WebGPU", step + 1);
    }
}

/// A file that `make weights` has made.
async fn made(path: &str) -> Option<Vec<u8>> {
    let url = format!("{}/{path}", option_env!("MIEN_TEST_WEIGHTS")?);
    let worker: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
    let response = JsFuture::from(worker.fetch_with_str(&url)).await.expect("the weights are served");
    let response: web_sys::Response = response.unchecked_into();
    assert!(response.ok(), "{url}: {}", response.status());
    let bytes = JsFuture::from(response.array_buffer().unwrap()).await.unwrap();
    Some(js_sys::Uint8Array::new(&bytes).to_vec())
}

/// Where there are no weights there is nothing to see.
async fn the_panda_is_seen(choice: DeviceChoice) {
    let Some(photo) = made("check/panda.jpg").await else { return };
    let image = Preprocessing::plain(224).apply(&decode(&photo).unwrap());
    let (device, _) = device::start(choice, 1).await.unwrap();
    for (name, of, layer, wanted) in panda::NETWORKS {
        let weights = made(&format!("site/{name}.safetensors")).await.unwrap();
        let classifier = made(&format!("check/{name}-classifier.safetensors")).await.unwrap();
        let (class, probability) = panda::seen((name, of, layer), &weights, &classifier, &image, &device).await;
        assert_eq!(class, panda::PANDA, "{name}");
        assert!((probability - wanted).abs() < 0.003, "{name}: {probability}, not {wanted}");
    }
}

#[wasm_bindgen_test]
async fn the_panda_is_seen_on_the_cpu() {
    the_panda_is_seen(DeviceChoice::Cpu).await;
}

#[wasm_bindgen_test]
async fn the_panda_is_seen_on_webgpu() {
    the_panda_is_seen(DeviceChoice::WebGpu).await;
}
