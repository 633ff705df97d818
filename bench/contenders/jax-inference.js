// A network of the catalogue in jax-js, in use: Mien's ONNX file, operator by operator, compiled as one function.

import { jit, nn, numpy as np, tree } from "../node_modules/@jax-js/jax/dist/index.js";
import { network } from "./graph.js";
import { OPERATORS } from "./jax-operators.js";
import { array, begin } from "./jax-training.js";

const IN_USE = {
  ...OPERATORS,
  BatchNormalization({ epsilon }, [x, scale, shift, mean, variance]) {
    const factor = scale.div(np.sqrt(variance.add(epsilon)));
    const along = (values) => values.reshape([1, -1, 1, 1]);
    return x.mul(along(factor.ref)).add(along(shift.sub(mean.mul(factor))));
  },
  Softmax: (_, [x]) => nn.softmax(x, 1),
};

let parameters, said;

self.onmessage = async ({ data }) => {
  try {
    if (data.start) {
      await begin(data.start.device === "webgpu" ? "webgpu" : "wasm");
      const { parameters: described, forward } = network(data.start.onnx, true);
      parameters = Object.fromEntries(Object.entries(described).map(([name, parameter]) => [name, array(parameter)]));
      const run = (operator, inputs) => IN_USE[operator.kind](operator, inputs);
      said = jit((images, given) => {
        const { logits, affect, probabilities } = forward(images, given, run, (value) => value.ref);
        return { logits, affect, probabilities };
      });
      return self.postMessage({});
    }
    const began = performance.now();
    const images = array({ shape: [data.batch, 3, data.size, data.size], values: data.images });
    const { logits, affect, probabilities } = said(images, tree.ref(parameters));
    [logits, affect].forEach((other) => other.dispose());
    const numbers = await probabilities.data();
    self.postMessage({ said: Float32Array.from(numbers), seconds: (performance.now() - began) / 1e3 });
  } catch (error) {
    self.postMessage({ error: String(error?.stack ?? error) });
  }
};
