// Inference beside ONNX Runtime Web: the same network, the same weights (it gets Mien's own ONNX file), the same images,
// in one run of one browser: `node inference.mjs [--only cpu|webgpu] [--size 224] [--batches 1,16] [--rounds 5]
// [--models custom-cnn,efficientnet-b0,resnet50,vgg16] [--json results.json]`. See README.md.

import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { launch } from "./browser.mjs";
import { median } from "./report.mjs";
import { serve } from "./server.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "cpu" },
    models: { type: "string", default: "custom-cnn,efficientnet-b0,resnet50,vgg16" },
    size: { type: "string", default: "224" },
    batches: { type: "string", default: "1,16" },
    rounds: { type: "string", default: "5" },
    browser: { type: "string", default: "chromium" },
    json: { type: "string" },
  },
});
const [size, rounds] = [options.size, options.rounds].map(Number);
const batches = options.batches.split(",").map(Number);
if (!existsSync(join(here, "pkg", "bench.js"))) {
  console.error("Mien's side is not built: run ./build.sh first.");
  process.exit(2);
}

const server = await serve(here);
const browser = await launch(options.browser);
const results = [];
try {
  console.log(`Inference, ${size} x ${size}, ${options.only}; ${cpus()[0].model}, ${cpus().length} cores; ${await browser.version()}`);
  console.log("| network | batch | Mien, ms an image | ONNX Runtime Web | ORT over Mien | outputs differ by |\n|---|---|---|---|---|---|");
  for (const model of options.models.split(",")) {
    const page = await browser.newPage();
    if (process.env.VERBOSE) page.on("console", (message) => console.error(`  ${message.text()}`));
    await page.goto(`${server.url}inference.html`);
    await page.waitForFunction(() => window.inference);
    await page.evaluate((...given) => window.inference.start(...given), options.only, model, size);
    for (const batch of batches) {
      // In turn, so that whatever else the machine does meets both.
      const times = { mien: [], ort: [] };
      let apart = 0;
      for (let round = 0; round <= rounds; round += 1) {
        const given = await page.evaluate((batch) => window.inference.run(batch), batch);
        apart = Math.max(apart, given.apart);
        // The first compiles and allocates.
        if (round) for (const side of ["mien", "ort"]) times[side].push((given[side] * 1e3) / batch);
      }
      const [mien, ort] = [median(times.mien), median(times.ort)];
      results.push({ model, batch, mien, ort, times, apart });
      console.log(`| ${model} | ${batch} | ${mien.toFixed(1)} | ${ort.toFixed(1)} | ${(ort / mien).toFixed(2)} | ${apart.toExponential(0)} |`);
      if (apart > 1e-3) process.exitCode = 1;
    }
    await page.close();
  }
  if (options.json) await writeFile(options.json, `${JSON.stringify({ size, device: options.only, results }, null, 2)}\n`);
} finally {
  await browser.close();
  server.close();
}
