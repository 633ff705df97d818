// A network of the catalogue in TensorFlow.js, in training: Mien's ONNX file, operator by operator, in its own layout (channels last).

import "../node_modules/@tensorflow/tfjs/dist/tf.es2017.min.js";
import "../node_modules/@tensorflow/tfjs-backend-webgpu/dist/tf-backend-webgpu.es2017.min.js";
import { EXPRESSIONS } from "../problem.js";
import { network } from "./graph.js";
import { serve } from "./serve.js";
import { OPERATORS, around } from "./tensorflow-operators.js";
import { descent } from "./tensorflow-training.js";

const { tf } = self;

/** Kernels as TensorFlow.js has them; what a `Conv` of groups has is depthwise. */
function variable({ shape, values }) {
  const tensor = tf.tensor(values, shape);
  if (shape.length !== 4) return tf.variable(tensor);
  return tf.variable(tensor.transpose(shape[1] === 1 ? [2, 3, 0, 1] : [2, 3, 1, 0]));
}

function convolution({ strides, pads, dilations, group }, x, kernel) {
  if (group > 1) return tf.depthwiseConv2d(x, kernel, strides, around(pads));
  if (dilations.every((apart) => apart === 1)) return tf.conv2d(x, kernel, strides, around(pads));
  return dilated(x, kernel, pads, dilations);
}

/** Its gradient knows no dilation: places that are so far apart are put beside one another, as TensorFlow does itself. */
function dilated(x, kernel, [above, left, below, right], block) {
  const [, height, width] = x.shape;
  const fill = (length, at) => (block[at] - (length % block[at])) % block[at];
  const more = [fill(height + above + below, 0), fill(width + left + right, 1)];
  const apart = tf.spaceToBatchND(x, block, [[above, below + more[0]], [left, right + more[1]]]);
  return tf.batchToSpaceND(tf.conv2d(apart, kernel, 1, "valid"), block, [[0, more[0]], [0, more[1]]]);
}

const TRAINED = {
  ...OPERATORS,
  Conv: (operator, x, kernel, bias) => {
    const y = convolution(operator, x, kernel);
    return bias ? tf.add(y, bias) : y;
  },
  BatchNormalization: ({ epsilon }, x, scale, shift) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.batchNorm(x, mean, variance, shift, scale, epsilon);
  },
  Gemm: (_, x, weight, bias) => tf.add(tf.matMul(x, weight, false, true), bias),
};

serve(async (device, problem) => {
  if (!(await tf.setBackend(device))) throw new Error(`TensorFlow.js has no backend "${device}" here`);
  await tf.ready();
  const { parameters: described, forward } = network(problem.onnx);
  const parameters = Object.fromEntries(Object.entries(described).map(([name, parameter]) => [name, variable(parameter)]));
  const { size, batch } = problem;
  const x = tf.tensor(problem.images, [batch, 3, size, size]).transpose([0, 2, 3, 1]);
  const expressions = tf.tensor(problem.expression, [batch, EXPRESSIONS]);
  const affects = tf.tensor(problem.affect, [batch, 2]);

  const run = (operator, inputs) => TRAINED[operator.kind](operator, ...inputs);
  const loss = () => {
    const { logits, affect } = forward(x, parameters, run, (value) => value);
    const crossEntropy = tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), expressions), 1)));
    return tf.add(crossEntropy, tf.mean(tf.squaredDifference(affect, affects)));
  };
  return descent(loss, problem.rate);
});
