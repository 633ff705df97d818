// A network of the catalogue in jax-js, in use: Mien's ONNX file, operator by operator, compiled as one function.

import { defaultDevice, init, jit, nn, numpy as np, tree } from "../node_modules/@jax-js/jax/dist/index.js";
import { network } from "./graph.js";
import { OPERATORS } from "./jax-operators.js";

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
      const device = data.start.device === "webgpu" ? "webgpu" : "wasm";
      if (!(await init(device)).includes(device)) throw new Error(`jax-js has no device "${device}" here`);
      defaultDevice(device);
      const { parameters: described, forward } = network(data.start.onnx, true);
      const array = ({ shape, values }) => np.array(values).reshape(shape);
      parameters = Object.fromEntries(Object.entries(described).map(([name, parameter]) => [name, array(parameter)]));
      const run = (operator, inputs) => IN_USE[operator.kind](operator, inputs);
      said = jit((images, given) => {
        const { logits, affect, probabilities } = forward(images, given, run, (value) => value.ref);
        return { logits, affect, probabilities };
      });
      return self.postMessage({});
    }
    const began = performance.now();
    const images = np.array(data.images).reshape([data.batch, 3, data.size, data.size]);
    const { logits, affect, probabilities } = said(images, tree.ref(parameters));
    [logits, affect].forEach((other) => other.dispose());
    const numbers = await probabilities.data();
    self.postMessage({ said: Float32Array.from(numbers), seconds: (performance.now() - began) / 1e3 });
  } catch (error) {
    self.postMessage({ error: String(error?.stack ?? error) });
  }
};
