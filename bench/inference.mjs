// Inference beside ONNX Runtime Web, TensorFlow.js and jax-js: the same network, the same weights (they get Mien's own ONNX file),
// the same images, in one run of one browser: `node inference.mjs [--only cpu|webgpu] [--size 224] [--batches 1,16]
// [--rounds 5] [--browser chromium|firefox|PATH] [--models custom-cnn,efficientnet-b0,resnet50,vgg16] [--contenders mien,ort,tfjs,jax] [--json results.json]`.
// See README.md.

import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { launch } from "./browser.mjs";
import { INFERENCE } from "./contenders.mjs";
import { median } from "./report.mjs";
import { serve } from "./server.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "cpu" },
    models: { type: "string", default: "custom-cnn,efficientnet-b0,resnet50,vgg16" },
    contenders: { type: "string", default: INFERENCE.map(({ name }) => name).join() },
    size: { type: "string", default: "224" },
    batches: { type: "string", default: "1,16" },
    rounds: { type: "string", default: "5" },
    browser: { type: "string", default: "chromium" },
    json: { type: "string" },
  },
});
const [size, rounds] = [options.size, options.rounds].map(Number);
const batches = options.batches.split(",").map(Number);
const chosen = INFERENCE.filter(({ name }) => options.contenders.split(",").includes(name));
if (!chosen.length) fail(`Nobody takes part. --contenders are ${INFERENCE.map(({ name }) => name).join(", ")}.`);
if (!existsSync(join(here, "pkg", "bench.js"))) fail("Mien's side is not built: run ./build.sh first.");
const [{ label: reference }, ...others] = chosen;
const row = (cells) => console.log(`| ${cells.join(" | ")} |`);

const server = await serve(here);
const browser = await launch(options.browser).catch((error) => fail(error.message));
const results = [];
try {
  console.log(`Inference, ${size} x ${size}, ${options.only}; ${cpus()[0].model}, ${cpus().length} cores; ${await browser.version()}`);
  const peak = options.only === "webgpu" ? await measured(browser, server) : null;
  const heads = others.flatMap(({ label }) => [label, `over ${reference}`]);
  const head = ["network", "batch", `${reference}, ms an image`, "GFLOP/s", ...heads, ...(peak ? ["dispatches of each"] : []), "outputs differ by"];
  if (peak) console.log(`The adapter's own peak: ${peak.gflops.toPrecision(3)} GFLOP/s in registers, ${peak.gigabytes.toPrecision(3)} GB/s copied`);
  row(head);
  row(head.map(() => "---"));
  for (const model of options.models.split(",")) {
    const page = await opened(browser, server);
    const given = [options.only, model, size, chosen];
    const multiplications = await page.evaluate((...given) => window.inference.start(...given), ...given);
    for (const batch of batches) {
      // In turn, so that whatever else the machine does meets all.
      const times = Object.fromEntries(chosen.map(({ name }) => [name, []]));
      const [errors, asked] = [{}, {}];
      let [apart, agree] = [0, true];
      for (let round = 0; round <= rounds + 1; round += 1) {
        const given = await page.evaluate((batch) => window.inference.run(batch), batch);
        for (const [name, one] of Object.entries(given)) {
          if (one.error) {
            errors[name] = one.error;
            continue;
          }
          // JSON makes null of what is not a number.
          apart = Math.max(apart, one.apart ?? NaN);
          // Of drawn weights' probabilities some are all alike, and so would be those of one who computes nothing.
          agree &&= apart <= 1e-3 * one.spread;
          asked[name] = one.asked;
          // The first compiles and allocates, the second Mien records on a GPU.
          if (round > 1) times[name].push((one.seconds * 1e3) / batch);
          if (process.env.VERBOSE) console.error(`  ${model}, batch ${batch}, round ${round}, ${name}: ${one.seconds.toFixed(2)} s`);
        }
      }
      const medians = Object.fromEntries(chosen.map(({ name }) => [name, errors[name] ? null : median(times[name])]));
      const [own, ...theirs] = Object.values(medians);
      // A multiplication and an addition each.
      const gflops = own && (2 * multiplications) / own / 1e6;
      results.push({ model, batch, medians, times, gflops, ofPeak: peak && gflops && gflops / peak.gflops, apart, asked, errors });
      const rate = shown(gflops, 1) + (peak && gflops ? ` (${((100 * gflops) / peak.gflops).toFixed(0)} % of the peak)` : "");
      const cells = theirs.flatMap((each) => [shown(each, 1), shown(each && own && each / own, 2)]);
      const dispatches = chosen.map(({ name }) => (errors[name] ? "failed" : asked[name].dispatches)).join(", ");
      row([model, batch, shown(own, 1), rate, ...cells, ...(peak ? [dispatches] : []), apart.toExponential(0)]);
      for (const [name, error] of Object.entries(errors)) console.error(`${model}, ${name}: ${error}`);
      if (Object.keys(errors).length || !agree) process.exitCode = 1;
    }
    await page.close();
  }
  if (options.json) await writeFile(options.json, `${JSON.stringify({ size, device: options.only, peak, results }, null, 2)}\n`);
} finally {
  await browser.close();
  server.close();
}

async function opened(browser, server) {
  const page = await browser.newPage();
  if (process.env.VERBOSE) page.on("console", (message) => console.error(`  ${message.text()}`));
  await page.goto(`${server.url}inference.html`);
  await page.waitForFunction(() => window.inference);
  return page;
}

/** What the adapter can do at most. */
async function measured(browser, server) {
  const page = await opened(browser, server);
  const peak = await page.evaluate(() => window.inference.peak());
  await page.close();
  return peak;
}

function shown(number, digits) {
  return number ? number.toFixed(digits) : "failed";
}

function fail(sentence) {
  console.error(sentence);
  process.exit(2);
}
