// The table and the JSON.

/** What a loss may differ by, relative to Mien's. */
const TOLERANCE = 1e-3;

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
export const median = (numbers) => {
  const middle = numbers.length / 2;
  const ordered = sorted(numbers);
  return (ordered[Math.ceil(middle) - 1] + ordered[Math.floor(middle)]) / 2;
};

/** One row a contender: speeds, the ratio to Mien of the same kind, and whether it computed the same. */
export function rows(results, operations, batch, peak) {
  // All sides must agree with the first that has losses: Mien where it takes part.
  const reference = results.find((result) => !result.error && result.losses.length)?.losses;
  const own = {};
  return results.map(({ contender, losses, first, turns, steps, asked, host, error }) => {
    const { label, kind } = contender;
    if (error) return { label, kind, error };
    // One step was all the time allowed.
    const times = turns.length ? turns : [first];
    const seconds = median(times);
    own[kind] ??= seconds;
    const off = Math.max(...losses.map((loss, step) => Math.abs(loss / reference[step] - 1)));
    return {
      label,
      kind,
      seconds,
      fastest: Math.min(...times),
      slowest: Math.max(...times),
      first,
      steps: steps || 1,
      imagesPerSecond: batch / seconds,
      gflops: operations / seconds / 1e9,
      ofPeak: kind === "webgpu" && peak ? operations / seconds / 1e9 / peak.gflops : null,
      asked: kind === "webgpu" ? asked : null,
      host: host ?? null,
      timesMien: seconds / own[kind],
      losses,
      lossOff: off,
      agrees: off <= TOLERANCE,
    };
  });
}

/** What a step asks of WebGPU, for people. */
function work(asked) {
  if (!asked) return Array(5).fill("");
  const { dispatches, submits, up, down, pipelines } = asked;
  return [dispatches.toFixed(0), submits.toFixed(1), (up / 1e3).toFixed(1), (down / 1e3).toFixed(1), pipelines.toFixed(1)];
}

/** The rows as a table for people. */
export function table(rows) {
  const head = ["", "s/step", "fastest", "slowest", "first", "steps", "images/s", "GFLOP/s", "of peak", "x Mien", "host ms", "dispatches", "submits", "KB up", "KB down", "pipelines", "losses"];
  const lines = rows.map((row) => {
    if (row.error) return [row.label, `failed: ${row.error}`];
    const agreement = `${row.agrees ? "agree" : "DIFFER"} (${row.losses.length} ${row.losses.length === 1 ? "step" : "steps"}, ${row.lossOff.toExponential(0)})`;
    const times = [row.seconds, row.fastest, row.slowest, row.first].map((seconds) => seconds.toFixed(3));
    const [images, gflops, timesMien] = [row.imagesPerSecond, row.gflops, row.timesMien].map((rate) => rate.toPrecision(3));
    const ofPeak = row.ofPeak === null ? "" : `${(100 * row.ofPeak).toFixed(1)} %`;
    const host = row.host === null ? "" : (1e3 * row.host).toPrecision(3);
    return [row.label, ...times, String(row.steps), images, gflops, ofPeak, timesMien, host, ...work(row.asked), agreement];
  });
  const whole = [head, ...lines.filter((line) => line.length === head.length)];
  const widths = head.map((_, column) => Math.max(...whole.map((line) => line[column].length)));
  return [head, ...lines].map((line) => line.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd()).join("\n");
}
