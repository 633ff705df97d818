// The network in jax-js: one compiled function from (parameters, batch) to (loss, parameters after the step).
// jax-js owns by reference counting: `.ref` where a value is used again.

import { lax, nn, numpy as np } from "../node_modules/@jax-js/jax/dist/index.js";
import { EXPRESSIONS, NORM_EPSILON, split } from "../problem.js";
import { normalise } from "./jax-operators.js";
import { begin, descent, examples } from "./jax-training.js";
import { serve } from "./serve.js";

function block(input, { kernel, scale, shift }) {
  const features = lax.convGeneralDilated(input, kernel, [1, 1], [[1, 1], [1, 1]]);
  return nn.relu(normalise(features, scale, shift, NORM_EPSILON));
}

/** 2x2 max pooling as a maximum over the two axes a reshape makes. */
function pool(input) {
  const [batch, channels, height, width] = input.shape;
  return np.max(input.reshape([batch, channels, height / 2, 2, width / 2, 2]), [3, 5]);
}

function loss({ blocks, heads }, { images, expression, affect }) {
  let features = images;
  for (let stage = 0; stage < blocks.length; stage += 2) {
    features = pool(block(block(features, blocks[stage]), blocks[stage + 1]));
  }
  const pooled = np.mean(features, [2, 3]);
  const logits = np.matmul(pooled.ref, heads.expressionWeight).add(heads.expressionBias);
  const valenceArousal = np.tanh(np.matmul(pooled, heads.affectWeight).add(heads.affectBias));
  const crossEntropy = np.mean(np.sum(nn.logSoftmax(logits, 1).mul(expression), 1)).neg();
  return crossEntropy.add(np.mean(np.square(valenceArousal.sub(affect))));
}

serve(async (device, problem) => {
  await begin(device);
  const tensors = split(problem.weights).map(({ shape, values }) => np.array(values).reshape(shape));
  const [expressionWeight, affectWeight] = tensors.splice(-2);
  const parameters = {
    blocks: tensors.map((kernel) => ({
      kernel,
      scale: np.ones([kernel.shape[0]]),
      shift: np.zeros([kernel.shape[0]]),
    })),
    heads: { expressionWeight, expressionBias: np.zeros([EXPRESSIONS]), affectWeight, affectBias: np.zeros([2]) },
  };
  return descent(loss, problem.rate, parameters, examples(problem));
});
