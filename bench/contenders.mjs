// Who takes part. Mien comes first of each kind: the others are compared with it.

/** In training: by one file the reference network, by another those of the catalogue. */
export const CONTENDERS = [
  { name: "mien-cpu", label: "Mien, CPU", kind: "cpu", file: "mien.js", catalogued: "mien.js", device: "cpu" },
  { name: "jax-wasm", label: "jax-js, wasm", kind: "cpu", file: "jax.js", catalogued: "jax-network.js", device: "wasm" },
  { name: "tfjs-cpu", label: "TensorFlow.js, CPU", kind: "cpu", file: "tensorflow.js", catalogued: "tensorflow-network.js", device: "cpu" },
  { name: "mien-webgpu", label: "Mien, WebGPU", kind: "webgpu", file: "mien.js", catalogued: "mien.js", device: "webgpu" },
  { name: "jax-webgpu", label: "jax-js, WebGPU", kind: "webgpu", file: "jax.js", catalogued: "jax-network.js", device: "webgpu" },
  { name: "tfjs-webgpu", label: "TensorFlow.js, WebGPU", kind: "webgpu", file: "tensorflow.js", catalogued: "tensorflow-network.js", device: "webgpu" },
];

/** In inference. */
export const INFERENCE = [
  { name: "mien", label: "Mien", file: "mien-inference.js" },
  { name: "ort", label: "ONNX Runtime Web", file: "onnxruntime.js" },
  { name: "tfjs", label: "TensorFlow.js", file: "tensorflow-onnx.js" },
  { name: "jax", label: "jax-js", file: "jax-inference.js" },
];
