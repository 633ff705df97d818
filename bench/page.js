// The page's side: one contender in a worker, given the problem. Driven from outside through `window.bench`.

import { peak } from "./peak.js";
import { OPERATIONS, operations, problem, rate } from "./problem.js";

let worker;

/** One message there, one back. */
function ask(worker, message) {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data));
    worker.onerror = (event) => reject(new Error(event.message || "the worker could not be loaded"));
    worker.postMessage(message);
  });
}

/** A network of the catalogue, { onnx, multiplications }, as Mien writes it. */
async function catalogued(name, size) {
  const mien = new Worker("contenders/mien-inference.js", { type: "module" });
  const found = await ask(mien, { start: { device: "cpu", name, size } });
  mien.terminate();
  return found;
}

window.bench = {
  /** Starts the contender on its problem: the reference network, or one of the catalogue where that is named. */
  async start({ name, file, device }, size, batch, network) {
    const given = { ...problem(size, batch), network, rate: rate(network) };
    if (network) given.onnx = (await catalogued(network, size)).onnx;
    worker = new Worker(`contenders/${file}`, { type: "module", name });
    return ask(worker, { device, problem: given });
  },

  /** Runs so many steps: { loss, seconds, asked }, the last what was asked of WebGPU. */
  run: (steps) => ask(worker, { steps }),

  /** The same without the GPU's work. What is trained is nothing from then on. */
  runIdle: (steps) => ask(worker, { steps, idle: true }),

  /** Floating-point operations of a step. */
  async operations(size, batch, network) {
    if (!network) return operations(size, batch);
    return OPERATIONS * batch * (await catalogued(network, size)).multiplications;
  },

  /** What the adapter can do at most: { gflops, gigabytes } a second. */
  peak,

  /** Who computes WebGPU here. */
  async adapter() {
    const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
    if (!adapter) return "none";
    const { vendor, architecture, device, description } = adapter.info ?? {};
    return [vendor, architecture, device, description].filter(Boolean).join(" ") || "an adapter without a name";
  },
};
