// ONNX Runtime Web: one thread on the CPU, as a page without cross-origin isolation has; or its WebGPU.

import { serveInference } from "./serve.js";

serveInference(async ({ device, onnx }) => {
  const ort = await import(`../node_modules/onnxruntime-web/dist/ort.${device === "webgpu" ? "webgpu" : "wasm"}.min.mjs`);
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  const session = await ort.InferenceSession.create(onnx, { executionProviders: [device === "webgpu" ? "webgpu" : "wasm"] });
  const predict = async (numbers, batch, size) => {
    const images = new ort.Tensor("float32", numbers, [batch, 3, size, size]);
    const { probabilities } = await session.run({ images });
    return probabilities.getData();
  };
  return { predict };
});
