// A contender's worker, in training or in use. Times are taken here, so that messages are not part of them.

import { counted, withIdleGpu } from "./counting.js";

/** In training: `start(device, problem)` resolves to `run(steps)`, which resolves to the loss of the last step, read from the device. */
export function serve(start) {
  let run;
  answer(async ({ device, problem, steps, idle }) => {
    const take = () => timed("loss", () => run(steps));
    if (!problem) return idle ? withIdleGpu(take) : take();
    return timed("loss", async () => {
      run = await start(device, problem);
      return null;
    });
  });
}

/**
 * In use: `start({ device, ... })` resolves to `{ predict, prepare, told }`. `predict(images, batch, size)` resolves to the probabilities, read
 * from the device; what it is to be given is `prepare(images, size)`, if there is that, before the clock runs. `told` is what the page is told.
 */
export function serveInference(start) {
  let network;
  answer(async ({ start: given, images, batch, size }) => {
    if (given) {
      network = await start(given);
      return network.told ?? {};
    }
    const prepared = network.prepare ? network.prepare(images, size) : images;
    return timed("said", () => network.predict(prepared, batch, size));
  });
}

/** Answers every message. */
function answer(to) {
  self.onmessage = async ({ data }) => {
    try {
      self.postMessage(await to(data));
    } catch (error) {
      self.postMessage({ error: String(error?.stack ?? error) });
    }
  };
}

/** What it gives, by this name, with the seconds that it took and what it asked of WebGPU. */
async function timed(name, run) {
  counted();
  const began = performance.now();
  const given = await run();
  return { [name]: given, seconds: (performance.now() - began) / 1e3, asked: counted() };
}
