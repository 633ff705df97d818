// The page's side of the inference benchmark: a worker for each contender, asked in turn.

import { peak } from "./peak.js";
import { randoms } from "./problem.js";

/** One message there, one back. */
function ask(worker, message) {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data));
    worker.onerror = (event) => reject(new Error(event.message || "the worker could not be loaded"));
    worker.postMessage(message);
  });
}

const open = (file) => new Worker(`contenders/${file}`, { type: "module" });
const failure = ({ message }) => ({ error: message });

let side;
const workers = {};
/** Why who takes no further part. */
const failed = {};

window.inference = {
  /** What the adapter can do at most: { gflops, gigabytes } a second. */
  peak,

  /**
   * Starts the contenders, { name, file } each, on a network. Mien's is started in any case: it writes the file. Gives the
   * multiplications that an image takes.
   */
  async start(device, name, size, contenders) {
    side = size;
    const mien = open("mien-inference.js");
    const { onnx, multiplications } = await ask(mien, { start: { device, name, size } });
    for (const { name, file } of contenders) {
      workers[name] = name === "mien" ? mien : open(file);
      if (name !== "mien") failed[name] = (await ask(workers[name], { start: { device, onnx } }).catch(failure)).error;
    }
    if (!workers.mien) mien.terminate();
    return multiplications;
  },

  /** By name: the seconds it took, what it asked of WebGPU, how far its outputs are from the first's and those from each other, or why it failed. */
  async run(batch) {
    const images = randoms(7, batch * 3 * side * side);
    const given = {};
    let first;
    for (const [name, worker] of Object.entries(workers)) {
      const { said, seconds, asked, error } = failed[name] ? {} : await ask(worker, { images, batch, size: side }).catch(failure);
      failed[name] ??= error;
      first ??= said;
      const apart = said && Math.max(...said.map((share, place) => Math.abs(share - first[place])));
      const spread = first && Math.max(...first) - Math.min(...first);
      given[name] = { seconds, asked, apart, spread, error: failed[name] };
    }
    return given;
  },
};
