// ONNX Runtime Web: one thread on the CPU, as a page without cross-origin isolation has; or its WebGPU.

let ort, session;

self.onmessage = async ({ data }) => {
  try {
    if (data.start) {
      const webgpu = data.start.device === "webgpu";
      ort = await import(`../node_modules/onnxruntime-web/dist/ort.${webgpu ? "webgpu" : "wasm"}.min.mjs`);
      ort.env.wasm.numThreads = 1;
      ort.env.logLevel = "error";
      session = await ort.InferenceSession.create(data.start.onnx, { executionProviders: [webgpu ? "webgpu" : "wasm"] });
      return self.postMessage({});
    }
    const began = performance.now();
    const images = new ort.Tensor("float32", data.images, [data.batch, 3, data.size, data.size]);
    const { probabilities } = await session.run({ images });
    self.postMessage({ said: await probabilities.getData(), seconds: (performance.now() - began) / 1e3 });
  } catch (error) {
    self.postMessage({ error: String(error?.stack ?? error) });
  }
};
