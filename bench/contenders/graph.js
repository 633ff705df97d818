// Mien's ONNX file as a network that others compute operator by operator.

import { read } from "./onnx-file.js";

/** Running statistics: in training normalisations are by the batch, and no gradient moves these. */
const isStatistic = ({ kind }, place) => kind === "BatchNormalization" && place > 2;

/**
 * `bytes` as { parameters, forward }, to be trained or, with `inUse`, to be used. Parameters are { shape, values } by name;
 * `forward(images, given, run, again)` gives { logits, affect, probabilities } (those in use alone) by a library's operators
 * `run(operator, inputs)` and those parameters as `given`. Whatever is read once more has gone through `again`.
 */
export function network(bytes, inUse = false) {
  const { operators: all, weights } = read(bytes);
  const isNumbers = (name) => !weights.has(name) || weights.get(name).values;
  const operators = all
    // Cross-entropy wants what probabilities are made of.
    .filter(({ kind }) => inUse || kind !== "Softmax")
    .map((operator) => {
      const isRead = (name, place) => isNumbers(name) && (inUse || !isStatistic(operator, place));
      return { ...operator, inputs: operator.inputs.filter(isRead) };
    });
  const reads = operators.flatMap(({ inputs }) => inputs);
  const parameters = Object.fromEntries(reads.filter((name) => weights.has(name)).map((name) => [name, weights.get(name)]));
  const forward = (images, given, run, again) => {
    const values = new Map([["images", images], ...Object.entries(given)]);
    const left = new Map();
    for (const name of reads) left.set(name, (left.get(name) ?? 0) + 1);
    const taken = (name) => {
      left.set(name, left.get(name) - 1);
      return left.get(name) ? again(values.get(name)) : values.get(name);
    };
    for (const operator of operators) values.set(operator.output, run(operator, operator.inputs.map(taken)));
    const [logits, affect, probabilities] = ["logits", "valence_arousal", "probabilities"].map((name) => values.get(name));
    return { logits, affect, probabilities };
  };
  return { parameters, forward };
}
