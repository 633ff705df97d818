// Plain gradient descent in TensorFlow.js.

const { tf } = self;

/** What runs so many steps of `loss()`, which moves all variables, and reads the last one's. */
export function descent(loss, rate) {
  const optimiser = tf.train.sgd(rate);
  return async (steps) => {
    let last;
    for (let step = 0; step < steps; step += 1) {
      last?.dispose();
      last = optimiser.minimize(loss, true);
    }
    const [value] = await last.data();
    last.dispose();
    return value;
  };
}
