import init, { Bench } from "../pkg/bench.js";
import { serve } from "./serve.js";

serve(async (device, { size, weights, images, expression, affect }) => {
  await init();
  const bench = await Bench.start(device, size, weights, images, expression, affect);
  return (steps) => bench.run(steps);
});
