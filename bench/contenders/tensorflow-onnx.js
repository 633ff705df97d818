// TensorFlow.js on Mien's ONNX file, in its own layout (channels last), as its converter would leave it: normalisations
// folded into the convolutions before them, bias and ReLU fused. Its wasm backend on the CPU, one thread; or its WebGPU.

import "../node_modules/@tensorflow/tfjs/dist/tf.es2017.min.js";
import { read } from "./onnx-file.js";
import { serveInference } from "./serve.js";
import { OPERATORS, around } from "./tensorflow-operators.js";

const { tf } = self;
const packages = "../node_modules/@tensorflow";

serveInference(async ({ device, onnx }) => {
  await begin(device === "webgpu" ? "webgpu" : "wasm");
  const network = prepared(read(onnx));
  // A page's pixels have their channels last: turning Mien's is not part of the work.
  return { prepare: channelsLast, predict: (turned, batch, size) => predict(network, tf.tensor(turned, [batch, size, size, 3])) };
});

async function begin(backend) {
  await import(`${packages}/tfjs-backend-${backend}/dist/tf-backend-${backend}.es2017.min.js`);
  if (backend === "wasm") tf.wasm.setWasmPaths(new URL(`${packages}/tfjs-backend-wasm/dist/`, import.meta.url).href);
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend "${backend}" here`);
  await tf.ready();
}

function channelsLast(images, size) {
  const places = size * size;
  const turned = new Float32Array(images.length);
  for (let index = 0; index < images.length; index += 1) {
    const [image, within] = [Math.floor(index / (3 * places)), index % (3 * places)];
    turned[3 * (image * places + (within % places)) + Math.floor(within / places)] = images[index];
  }
  return turned;
}

/** Runs the steps in the file's order; what no later step reads is given back at once. All outputs are read. */
async function predict(network, images) {
  const values = new Map([["images", images]]);
  const readers = new Map(network.readers);
  for (const { inputs, output, run } of network.steps) {
    values.set(output, tf.tidy(() => run(...inputs.map((input) => values.get(input)))));
    for (const input of inputs) {
      readers.set(input, readers.get(input) - 1);
      if (readers.get(input) === 0) values.get(input).dispose();
    }
  }
  const outputs = network.outputs.map((name) => values.get(name));
  const [probabilities] = await Promise.all(outputs.map((output) => output.data()));
  outputs.forEach((output) => output.dispose());
  return probabilities;
}

/** The file as steps { inputs, output, run }, and how many read each value. */
function prepared({ operators, weights, outputs }) {
  const reading = (name) => operators.filter(({ inputs }) => inputs.includes(name));
  const done = new Set();
  /** The operator that follows, if it is of this kind and nothing else reads what is before it. */
  const absorbed = (kind, output) => {
    const [next, ...others] = reading(output);
    if (next?.kind !== kind || others.length || outputs.includes(output)) return null;
    done.add(next);
    return next;
  };
  const steps = [];
  for (const operator of operators) {
    if (done.has(operator)) continue;
    const inputs = operator.inputs.filter((name) => !weights.has(name));
    const given = operator.inputs.filter((name) => weights.has(name)).map((name) => weights.get(name));
    let { output } = operator;
    let run;
    if (operator.kind === "Conv" || operator.kind === "Gemm") {
      const norm = operator.kind === "Conv" ? absorbed("BatchNormalization", output) : null;
      output = norm?.output ?? output;
      const relu = absorbed("Relu", output);
      output = relu?.output ?? output;
      const [weight, bias] = norm ? folded(given, norm, norm.inputs.slice(1).map((name) => weights.get(name))) : given;
      const make = operator.kind === "Conv" ? convolution : dense;
      run = make(operator, weight, bias && tf.tensor(bias.values), relu ? "relu" : "linear");
    } else {
      const known = OPERATORS[operator.kind];
      if (!known) throw new Error(`TensorFlow.js is not told what ${operator.kind} is`);
      run = (...values) => known(operator, ...values);
    }
    steps.push({ inputs, output, run });
  }
  const readers = new Map(outputs.map((name) => [name, 1]));
  for (const input of steps.flatMap(({ inputs }) => inputs)) readers.set(input, (readers.get(input) ?? 0) + 1);
  return { steps, outputs, readers };
}

/** Weight and bias of a convolution with the normalisation behind it folded in. */
function folded([weight, bias], { epsilon }, [scale, shift, mean, variance]) {
  const factors = scale.values.map((factor, channel) => factor / Math.sqrt(variance.values[channel] + epsilon));
  const each = weight.values.length / factors.length;
  return [
    { shape: weight.shape, values: weight.values.map((value, index) => value * factors[Math.floor(index / each)]) },
    { values: shift.values.map((value, at) => value + ((bias?.values[at] ?? 0) - mean.values[at]) * factors[at]) },
  ];
}

function convolution({ strides, pads, dilations, group }, { shape, values }, bias, activation) {
  const depthwise = group > 1;
  if (depthwise && (shape[0] !== group || shape[1] !== 1)) throw new Error("groups of several channels are not read");
  const filter = tf.tidy(() => tf.tensor(values, shape).transpose(depthwise ? [2, 3, 0, 1] : [2, 3, 1, 0]));
  const convolve = depthwise ? tf.fused.depthwiseConv2d : tf.fused.conv2d;
  return (x) => convolve({ x, filter, strides, pad: around(pads), dilations, bias, activation });
}

function dense({ transB }, { shape, values }, bias, activation) {
  const b = tf.tidy(() => (transB ? tf.tensor(values, shape).transpose() : tf.tensor(values, shape)));
  return (a) => tf.fused.matMul({ a, b, bias, activation });
}
