// The network in TensorFlow.js, in its own layout (channels last), with the operations its layers use.

import "../node_modules/@tensorflow/tfjs/dist/tf.es2017.min.js";
import "../node_modules/@tensorflow/tfjs-backend-webgpu/dist/tf-backend-webgpu.es2017.min.js";
import { NORM_EPSILON, EXPRESSIONS, split } from "../problem.js";
import { serve } from "./serve.js";
import { descent } from "./tensorflow-training.js";

const { tf } = self;

serve(async (device, { size, batch, rate, weights, images, expression, affect }) => {
  if (!(await tf.setBackend(device))) throw new Error(`TensorFlow.js has no backend "${device}" here`);
  await tf.ready();

  const parameters = split(weights).map(({ shape, values }) => {
    const kernel = tf.tensor(values, shape);
    return tf.variable(shape.length === 4 ? kernel.transpose([2, 3, 1, 0]) : kernel);
  });
  const [expressionWeight, affectWeight] = parameters.splice(-2);
  const blocks = parameters.map((kernel) => ({
    kernel,
    scale: tf.variable(tf.ones([kernel.shape[3]])),
    shift: tf.variable(tf.zeros([kernel.shape[3]])),
  }));
  const expressionBias = tf.variable(tf.zeros([EXPRESSIONS]));
  const affectBias = tf.variable(tf.zeros([2]));

  const x = tf.tensor(images, [batch, 3, size, size]).transpose([0, 2, 3, 1]);
  const expressions = tf.tensor(expression, [batch, EXPRESSIONS]);
  const affects = tf.tensor(affect, [batch, 2]);

  const block = (input, { kernel, scale, shift }) => {
    const features = tf.conv2d(input, kernel, 1, 1);
    const { mean, variance } = tf.moments(features, [0, 1, 2]);
    return tf.relu(tf.batchNorm(features, mean, variance, shift, scale, NORM_EPSILON));
  };
  const loss = () => {
    let features = x;
    for (let stage = 0; stage < blocks.length; stage += 2) {
      features = block(block(features, blocks[stage]), blocks[stage + 1]);
      features = tf.maxPool(features, 2, 2, "valid");
    }
    const pooled = tf.mean(features, [1, 2]);
    const logits = tf.add(tf.matMul(pooled, expressionWeight), expressionBias);
    const valenceArousal = tf.tanh(tf.add(tf.matMul(pooled, affectWeight), affectBias));
    const crossEntropy = tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), expressions), 1)));
    return tf.add(crossEntropy, tf.mean(tf.squaredDifference(valenceArousal, affects)));
  };

  return descent(loss, rate);
});
