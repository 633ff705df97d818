// The page's side of the inference benchmark: Mien and ONNX Runtime Web in a worker each, asked in turn.

import { randoms } from "./problem.js";

const workers = {};

/** One message there, one back. */
function ask(side, message) {
  return new Promise((resolve, reject) => {
    const worker = workers[side];
    worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data));
    worker.onerror = (event) => reject(new Error(event.message || "the worker could not be loaded"));
    worker.postMessage(message);
  });
}

let side;

window.inference = {
  /** Starts both on a network. */
  async start(device, name, size) {
    side = size;
    workers.mien = new Worker("contenders/mien-inference.js", { type: "module" });
    workers.ort = new Worker("contenders/onnxruntime.js", { type: "module" });
    const { onnx } = await ask("mien", { start: { device, name, size } });
    await ask("ort", { start: { device, onnx } });
  },

  /** Seconds that each took, and how far apart what they say is. */
  async run(batch) {
    const images = randoms(7, batch * 3 * side * side);
    const given = {};
    for (const who of ["mien", "ort"]) given[who] = await ask(who, { images, batch, size: side });
    const apart = given.mien.said.map((share, place) => Math.abs(share - given.ort.said[place]));
    return { mien: given.mien.seconds, ort: given.ort.seconds, apart: Math.max(...apart) };
  },
};
