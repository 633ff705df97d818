// The problem every contender is given: weights, one batch and its labels, seeded, made once and copied to each.

/** Channels after each stage; an image has three. */
export const CHANNELS = [3, 32, 64, 128, 256];
export const EXPRESSIONS = 8;
/**
 * Of plain gradient descent, the same on every side: the reference network's; that of those of the catalogue, whose drawn weights would not
 * bear it; and ResNet50's, whose gradient is so steep (its length is 485 at 48 pixels, in batches of 4) that with a larger one rounding
 * alone decides what comes of a step.
 */
export const rate = (network) => ({ undefined: 0.05, resnet50: 1e-6 })[network] ?? 0.001;
export const NORM_EPSILON = 1e-5;

/** The shapes of the weights in the order they lie in: convolutions [out, in, 3, 3], then the two heads [in, out]. */
export function shapes() {
  const stages = CHANNELS.slice(1).flatMap((output, stage) => [
    [output, CHANNELS[stage], 3, 3],
    [output, output, 3, 3],
  ]);
  const features = CHANNELS.at(-1);
  return [...stages, [features, EXPRESSIONS], [features, 2]];
}

/** The weights one by one: [{ shape, values }]. */
export function split(weights) {
  let start = 0;
  return shapes().map((shape) => {
    const values = weights.subarray(start, (start += product(shape)));
    return { shape, values };
  });
}

/** So many numbers from -2 to 2: images as a network gets them. */
export function randoms(seed, count) {
  const random = generator(seed);
  return Float32Array.from({ length: count }, () => 4 * random() - 2);
}

/** `size` pixels square, `batch` images: [batch, 3, size, size]; soft labels [batch, 8]; valence and arousal [batch, 2]. */
export function problem(size, batch, seed = 1) {
  const random = generator(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  // He et al. 2015: the deviation that keeps activations' variance through ReLU. The heads start small.
  const weights = shapes().flatMap((shape) => {
    const deviation = shape.length === 4 ? Math.sqrt(2 / (shape[1] * 9)) : 0.05;
    return Array.from({ length: product(shape) }, () => deviation * normal());
  });
  const expression = Array.from({ length: batch }, () => {
    const votes = Array.from({ length: EXPRESSIONS }, () => random() ** 4);
    const total = votes.reduce((sum, vote) => sum + vote);
    return votes.map((vote) => vote / total);
  });
  return {
    size,
    batch,
    weights: Float32Array.from(weights),
    images: Float32Array.from({ length: batch * 3 * size * size }, normal),
    expression: Float32Array.from(expression.flat()),
    affect: Float32Array.from({ length: batch * 2 }, () => 2 * random() - 1),
  };
}

/**
 * Floating-point operations of a training step for each multiplication of an image's way forward: there is an addition to it, and forward,
 * gradient of the data and gradient of the weights cost the same.
 */
export const OPERATIONS = 3 * 2;

/** Those of the reference network: each weight at each place that it is applied, in convolutions and heads alone. */
export function operations(size, batch) {
  const convolutions = CHANNELS.slice(1).reduce((sum, output, stage) => {
    const places = (size >> stage) ** 2;
    return sum + places * 9 * output * (CHANNELS[stage] + output);
  }, 0);
  const heads = CHANNELS.at(-1) * (EXPRESSIONS + 2);
  return OPERATIONS * batch * (convolutions + heads);
}

const product = (numbers) => numbers.reduce((product, number) => product * number, 1);

/** mulberry32: uniform in [0, 1), enough for weights and noise. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
