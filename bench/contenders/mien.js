import { Bench } from "../pkg/bench.js";
import { load } from "./mien-binary.js";
import { serve } from "./serve.js";

serve(async (device, { network, size, weights, images, expression, affect }) => {
  await load();
  const bench = await Bench.start(device, network, size, weights, images, expression, affect);
  return (steps) => bench.run(steps);
});
