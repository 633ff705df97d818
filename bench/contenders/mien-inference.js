import { InferenceBench } from "../pkg/bench.js";
import { load } from "./mien-binary.js";

let bench;

self.onmessage = async ({ data }) => {
  try {
    if (data.start) {
      await load();
      bench = await InferenceBench.start(data.start.device, data.start.name, data.start.size);
      return self.postMessage({ onnx: bench.onnx(), multiplications: bench.multiplications() });
    }
    const began = performance.now();
    const said = await bench.predict(data.images);
    self.postMessage({ said, seconds: (performance.now() - began) / 1e3 });
  } catch (error) {
    self.postMessage({ error: String(error?.stack ?? error) });
  }
};
