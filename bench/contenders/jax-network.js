// A network of the catalogue in jax-js, in training: Mien's ONNX file, operator by operator, and all of the step compiled as one function.

import { nn, numpy as np } from "../node_modules/@jax-js/jax/dist/index.js";
import { network } from "./graph.js";
import { OPERATORS } from "./jax-operators.js";
import { array, begin, descent, examples } from "./jax-training.js";
import { serve } from "./serve.js";

serve(async (device, problem) => {
  await begin(device);
  const { parameters: described, forward } = network(problem.onnx);
  const parameters = Object.fromEntries(Object.entries(described).map(([name, parameter]) => [name, array(parameter)]));
  const run = (operator, inputs) => OPERATORS[operator.kind](operator, inputs);
  const loss = (parameters, { images, expression, affect: wanted }) => {
    const { logits, affect } = forward(images, parameters, run, (value) => value.ref);
    const crossEntropy = np.mean(np.sum(nn.logSoftmax(logits, 1).mul(expression), 1)).neg();
    return crossEntropy.add(np.mean(np.square(affect.sub(wanted))));
  };
  return descent(loss, problem.rate, parameters, examples(problem));
});
