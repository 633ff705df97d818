// All of it, one after another: every network in training and in use, on the CPU and on WebGPU, beside the other libraries:
// `node all.mjs [--only cpu|webgpu] [--quick] [--browser chromium|firefox|PATH] [--json results.json]`. See README.md.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    browser: { type: "string", default: "chromium" },
    json: { type: "string", default: join(dirname(fileURLToPath(import.meta.url)), "results.json") },
  },
});
const NETWORKS = ["custom-cnn", "efficientnet-b0", "resnet50", "vgg16"];
// Quick is what a machine without a GPU gets through in an hour or two.
const { training, catalogued, inUse, turns } = options.quick
  ? { training: [[32, 4]], catalogued: [48, 4], inUse: [96, "1,4"], turns: ["--rounds", "2"] }
  : { training: [[32, 4], [64, 32]], catalogued: [96, 16], inUse: [224, "1,16"], turns: ["--rounds", "5"] };

const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "mien-bench-"));
const results = [];

/** Runs one of the benchmarks, shows what it says, and keeps its figures. */
function run(file, ...given) {
  const json = join(folder, "one.json");
  rmSync(json, { force: true });
  const all = [join(here, file), ...given.map(String), ...turns, "--browser", options.browser, "--json", json];
  const { status } = spawnSync(process.execPath, all, { cwd: here, stdio: "inherit" });
  if (status) process.exitCode = 1;
  if (status === 2) throw new Error(`${file} could not begin.`);
  try {
    results.push(JSON.parse(readFileSync(json, "utf8")));
  } catch {
    console.error(`${file} ${given.join(" ")} left no figures.`);
    process.exitCode = 1;
  }
  console.log();
  // What was measured so far is not lost to what comes.
  writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
}

try {
  for (const kind of options.only ? [options.only] : ["webgpu", "cpu"]) {
    const size = ([size, batch]) => ["--only", kind, "--size", size, "--batch", batch];
    for (const given of training) run("run.mjs", ...size(given));
    // On the CPU the others take minutes for a larger step.
    const given = kind === "cpu" ? [48, 4] : catalogued;
    for (const network of NETWORKS) run("run.mjs", "--network", network, ...size(given));
    run("inference.mjs", "--only", kind, "--size", inUse[0], "--batches", inUse[1]);
  }
} finally {
  rmSync(folder, { recursive: true });
}
