// A network of the catalogue in jax-js, in use: Mien's ONNX file, operator by operator, compiled as one function.

import { jit, nn, numpy as np, tree } from "../node_modules/@jax-js/jax/dist/index.js";
import { network } from "./graph.js";
import { OPERATORS } from "./jax-operators.js";
import { array, begin } from "./jax-training.js";
import { serveInference } from "./serve.js";

const IN_USE = {
  ...OPERATORS,
  BatchNormalization({ epsilon }, [x, scale, shift, mean, variance]) {
    const factor = scale.div(np.sqrt(variance.add(epsilon)));
    const along = (values) => values.reshape([1, -1, 1, 1]);
    return x.mul(along(factor.ref)).add(along(shift.sub(mean.mul(factor))));
  },
  Softmax: (_, [x]) => nn.softmax(x, 1),
};

serveInference(async ({ device, onnx }) => {
  await begin(device === "webgpu" ? "webgpu" : "wasm");
  const { parameters: described, forward } = network(onnx, true);
  const parameters = Object.fromEntries(Object.entries(described).map(([name, parameter]) => [name, array(parameter)]));
  const run = (operator, inputs) => IN_USE[operator.kind](operator, inputs);
  const compiled = jit((images, given) => {
    const { logits, affect, probabilities } = forward(images, given, run, (value) => value.ref);
    return { logits, affect, probabilities };
  });
  const predict = async (numbers, batch, size) => {
    const images = array({ shape: [batch, 3, size, size], values: numbers });
    const { logits, affect, probabilities } = compiled(images, tree.ref(parameters));
    [logits, affect].forEach((other) => other.dispose());
    return Float32Array.from(await probabilities.data());
  };
  return { predict };
});
