// What every network in jax-js has in common: its device, its arrays, and plain gradient descent, one compiled function a step.

import { defaultDevice, init, jit, numpy as np, tree, valueAndGrad } from "../node_modules/@jax-js/jax/dist/index.js";
import { EXPRESSIONS } from "../problem.js";

export async function begin(device) {
  const available = await init(device);
  if (!available.includes(device)) throw new Error(`jax-js has no device "${device}" here`);
  defaultDevice(device);
}

export const array = ({ shape, values }) => np.array(values).reshape(shape);

/** The problem's batch, as `loss` is given it. */
export function examples({ size, batch, images, expression, affect }) {
  return {
    images: array({ shape: [batch, 3, size, size], values: images }),
    expression: array({ shape: [batch, EXPRESSIONS], values: expression }),
    affect: array({ shape: [batch, 2], values: affect }),
  };
}

/** What runs so many steps of `loss(parameters, batch)` and reads the last one's. */
export function descent(loss, rate, parameters, data) {
  const step = jit((parameters, batch) => {
    const [value, gradients] = valueAndGrad(loss)(tree.ref(parameters), batch);
    return [value, tree.map((parameter, gradient) => parameter.sub(gradient.mul(rate)), parameters, gradients)];
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
}
