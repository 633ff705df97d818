// A contender's worker: told once to start on a problem, then to run so many steps at a time.

import { counted } from "./counting.js";

/**
 * `start(device, problem)` resolves to `run(steps)`, which resolves to the loss of the last step, read from the device.
 * The time is taken here, in the worker, so that messages are not part of it.
 */
export function serve(start) {
  let run;
  self.onmessage = async ({ data }) => {
    try {
      counted();
      const began = performance.now();
      let loss = null;
      if (data.problem) run = await start(data.device, data.problem);
      else loss = await run(data.steps);
      self.postMessage({ loss, seconds: (performance.now() - began) / 1e3, asked: counted() });
    } catch (error) {
      self.postMessage({ error: String(error?.stack ?? error) });
    }
  };
}
