import { InferenceBench } from "../pkg/bench.js";
import { load } from "./mien-binary.js";
import { serveInference } from "./serve.js";

serveInference(async ({ device, name, size }) => {
  await load();
  const bench = await InferenceBench.start(device, name, size);
  const told = { onnx: bench.onnx(), multiplications: bench.multiplications() };
  return { told, predict: (images) => bench.predict(images) };
});
