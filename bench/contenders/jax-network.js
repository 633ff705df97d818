// A network of the catalogue in jax-js, in training: Mien's ONNX file, operator by operator, and all of the step compiled as one function.

import { defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from "../node_modules/@jax-js/jax/dist/index.js";
import { CATALOGUED_RATE, EXPRESSIONS } from "../problem.js";
import { network } from "./graph.js";
import { OPERATORS } from "./jax-operators.js";
import { serve } from "./serve.js";

serve(async (device, problem) => {
  const available = await init(device);
  if (!available.includes(device)) throw new Error(`jax-js has no device "${device}" here`);
  defaultDevice(device);

  const { parameters: described, forward } = network(problem.onnx);
  const array = ({ shape, values }) => np.array(values).reshape(shape);
  let parameters = Object.fromEntries(Object.entries(described).map(([name, parameter]) => [name, array(parameter)]));
  const { size, batch } = problem;
  const data = {
    images: array({ shape: [batch, 3, size, size], values: problem.images }),
    expression: array({ shape: [batch, EXPRESSIONS], values: problem.expression }),
    affect: array({ shape: [batch, 2], values: problem.affect }),
  };
  const run = (operator, inputs) => OPERATORS[operator.kind](operator, inputs);
  const loss = (parameters, { images, expression, affect: wanted }) => {
    const { logits, affect } = forward(images, parameters, run, (value) => value.ref);
    const crossEntropy = np.mean(np.sum(nn.logSoftmax(logits, 1).mul(expression), 1)).neg();
    return crossEntropy.add(np.mean(np.square(affect.sub(wanted))));
  };
  const step = jit((parameters, batch) => {
    const [value, gradients] = valueAndGrad(loss)(tree.ref(parameters), batch);
    return [value, tree.map((parameter, gradient) => parameter.sub(gradient.mul(CATALOGUED_RATE)), parameters, gradients)];
  });
  return async (steps) => {
    let value;
    for (let count = 0; count < steps; count += 1) {
      value?.dispose();
      [value, parameters] = step(parameters, tree.ref(data));
    }
    const [number] = await value.data();
    return number;
  };
});
