// The page's side: one contender in a worker, given the problem. Driven from outside through `window.bench`.

import { peak } from "./peak.js";
import { problem } from "./problem.js";

let worker;

/** One message there, one back. */
function ask(message) {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data));
    worker.onerror = (event) => reject(new Error(event.message || "the worker could not be loaded"));
    worker.postMessage(message);
  });
}

window.bench = {
  /** Starts the contender on its problem. */
  start({ name, file, device }, size, batch) {
    worker = new Worker(`contenders/${file}`, { type: "module", name });
    return ask({ device, problem: problem(size, batch) });
  },

  /** Runs so many steps: { loss, seconds, asked }, the last what was asked of WebGPU. */
  run: (steps) => ask({ steps }),

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
