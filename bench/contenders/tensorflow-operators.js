// ONNX's operators in TensorFlow.js, where nothing is fused and channels come last.

const { tf } = self;

/** ONNX's padding as TensorFlow.js takes it. */
export const around = ([above, left, below, right]) => [[0, 0], [above, below], [left, right], [0, 0]];

// Where ONNX names an axis, it is that of the channels: here the last, of maps and of features.
export const OPERATORS = {
  Relu: (_, x) => tf.relu(x),
  Sigmoid: (_, x) => tf.sigmoid(x),
  Tanh: (_, x) => tf.tanh(x),
  Softmax: (_, x) => tf.softmax(x),
  Add: (_, a, b) => tf.add(a, b),
  Mul: (_, a, b) => tf.mul(a, b),
  Concat: (_, ...maps) => tf.concat(maps, -1),
  MaxPool: ({ kernel_shape, strides, pads }, x) => tf.maxPool(x, kernel_shape, strides, around(pads)),
  GlobalAveragePool: (_, x) => tf.mean(x, [1, 2], true),
  GlobalMaxPool: (_, x) => tf.max(x, [1, 2], true),
  ReduceMean: (_, x) => tf.mean(x, -1, true),
  ReduceMax: (_, x) => tf.max(x, -1, true),
  // Only what is pooled to one place is flattened.
  Flatten: (_, x) => tf.reshape(x, [x.shape[0], x.shape[3]]),
  Unsqueeze: (_, x) => tf.reshape(x, [x.shape[0], 1, 1, x.shape[1]]),
};
