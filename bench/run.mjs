// A training step: `node run.mjs [--network custom-cnn|efficientnet-b0|resnet50|vgg16] [--only cpu|webgpu] [--size 64] [--batch 32]
// [--rounds 5] [--cap 120] [--browser chromium|firefox|PATH] [--contenders mien-cpu,jax-wasm] [--json results.json]`. See README.md.

import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { launch } from "./browser.mjs";
import { CONTENDERS } from "./contenders.mjs";
import { measure } from "./measure.mjs";
import { rows, table } from "./report.mjs";
import { serve } from "./server.mjs";

const here = dirname(fileURLToPath(import.meta.url));

const { values: options } = parseArgs({
  options: {
    network: { type: "string" },
    only: { type: "string" },
    contenders: { type: "string" },
    size: { type: "string", default: "64" },
    batch: { type: "string", default: "32" },
    rounds: { type: "string", default: "5" },
    cap: { type: "string", default: "120" },
    browser: { type: "string", default: "chromium" },
    json: { type: "string" },
  },
});
const [size, batch, rounds, cap] = [options.size, options.batch, options.rounds, options.cap].map(Number);
if (![size, batch, rounds, cap].every((number) => number > 0) || size % 16 || ![batch, rounds].every(Number.isInteger)) {
  fail("--size is a multiple of 16, --batch and --rounds are whole numbers, --cap is in seconds, all above zero.");
}
const names = options.contenders?.split(",");
const { network } = options;
const chosen = CONTENDERS.filter(
  ({ name, kind }) => (!options.only || kind === options.only) && (!names || names.includes(name)),
).map((contender) => ({ ...contender, file: network ? contender.catalogued : contender.file }));
if (!chosen.length) fail(`Nobody takes part. --only is cpu or webgpu; --contenders are ${CONTENDERS.map(({ name }) => name).join(", ")}.`);
if ((network || chosen.some(({ file }) => file === "mien.js")) && !existsSync(join(here, "pkg", "bench.js"))) fail("Mien's side is not built: run ./build.sh first.");

const server = await serve(here);
const browser = await launch(options.browser).catch((error) => fail(error.message));
try {
  const open = async () => {
    const page = await browser.newPage();
    if (process.env.VERBOSE) page.on("console", (message) => console.error(`  ${message.text()}`));
    await page.goto(server.url);
    await page.waitForFunction(() => window.bench);
    return page;
  };
  const adapter = await (await open()).evaluate(() => window.bench.adapter());
  const machine = `${cpus()[0].model}, ${cpus().length} cores; ${await browser.version()}; WebGPU: ${adapter}`;
  const flop = await (await open()).evaluate((...given) => window.bench.operations(...given), size, batch, network);
  console.log(`Training step of ${network ?? "the reference network"}, ${size} x ${size}, batch ${batch}: ${(flop / 1e9).toFixed(2)} GFLOP`);
  console.log(machine);
  const gpu = chosen.some(({ kind }) => kind === "webgpu");
  const peak = gpu ? await (await open()).evaluate(() => window.bench.peak()) : null;
  if (peak) console.log(`The adapter's own peak: ${peak.gflops.toPrecision(3)} GFLOP/s in registers, ${peak.gigabytes.toPrecision(3)} GB/s copied`);

  const say = (line) => process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
  const results = await measure(open, chosen, { network, size, batch, rounds, cap }, say);
  const found = rows(results, flop, batch, peak);
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  console.log(`\n${table(found)}`);
  console.log(`\nMedian over turns; at most ${cap} s each, so the slow take fewer steps. x Mien: seconds a step over Mien's.`);
  if (gpu) console.log("Host ms: what a step takes library and browser without the GPU's work: no GPU makes that shorter.");
  if (gpu) console.log("Dispatches, submits, bytes (written, or of buffers mapped) and new pipelines are those of a step of the last turn, which reads one loss.");
  if (options.json) await writeFile(options.json, `${JSON.stringify({ network: network ?? "reference", size, batch, flop, machine, peak, rows: found }, null, 2)}\n`);
  if (found.some((row) => row.error || !row.agrees)) process.exitCode = 1;
} finally {
  await browser.close();
  server.close();
}

function fail(sentence) {
  console.error(sentence);
  process.exit(2);
}
