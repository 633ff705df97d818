// ONNX's operators in jax-js, which owns by reference counting: `.ref` where a value is used again.

import { lax, nn, numpy as np } from "../node_modules/@jax-js/jax/dist/index.js";

/** Batch normalisation in training, from the reductions: jax-js has no such operation. */
export function normalise(input, scale, shift, epsilon) {
  const axes = [0, 2, 3];
  const mean = np.mean(input.ref, axes, { keepdims: true });
  const centred = input.sub(mean);
  const variance = np.mean(np.square(centred.ref), axes, { keepdims: true });
  const deviation = np.sqrt(variance.add(epsilon));
  return centred.div(deviation).mul(scale.reshape([1, -1, 1, 1])).add(shift.reshape([1, -1, 1, 1]));
}

const perChannel = (bias) => bias.reshape([1, -1, 1, 1]);

/** The largest of every window; what lies beside a map is below all that a ReLU leaves. */
function maxPool({ kernel_shape, strides, pads: [above, left, below, right] }, x) {
  const padded = above + left + below + right ? np.pad(x, [[0, 0], [0, 0], [above, below], [left, right]]) : x;
  return lax.reduceWindow(padded, (window) => np.max(window), kernel_shape, strides);
}

export const OPERATORS = {
  Conv({ strides, pads: [above, left, below, right], dilations, group }, [x, weight, bias]) {
    const around = [[above, below], [left, right]];
    const y = lax.convGeneralDilated(x, weight, strides, around, { rhsDilation: dilations, featureGroupCount: group });
    return bias ? y.add(perChannel(bias)) : y;
  },
  BatchNormalization: ({ epsilon }, [x, scale, shift]) => normalise(x, scale, shift, epsilon),
  Gemm: (_, [x, weight, bias]) => np.matmul(x, weight.transpose()).add(bias),
  Relu: (_, [x]) => nn.relu(x),
  Sigmoid: (_, [x]) => nn.sigmoid(x),
  Tanh: (_, [x]) => np.tanh(x),
  Add: (_, [a, b]) => a.add(b),
  Mul: (_, [a, b]) => a.mul(b),
  Concat: ({ axis }, maps) => np.concatenate(maps, axis),
  MaxPool: (operator, [x]) => maxPool(operator, x),
  GlobalAveragePool: (_, [x]) => np.mean(x, [2, 3], { keepdims: true }),
  GlobalMaxPool: (_, [x]) => np.max(x, [2, 3], { keepdims: true }),
  ReduceMean: ({ axes }, [x]) => np.mean(x, axes, { keepdims: true }),
  ReduceMax: ({ axes }, [x]) => np.max(x, axes, { keepdims: true }),
  Flatten: (_, [x]) => x.reshape([x.shape[0], -1]),
  Unsqueeze: (_, [x]) => x.reshape([...x.shape, 1, 1]),
};
