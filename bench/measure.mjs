// How the contenders are measured: first what they compute, then, in rounds, how fast.

import { median } from "./report.mjs";

/** Steps whose losses every contender must agree on. */
const CHECKED = 3;
/** Without the GPU's work, so many turns of at most so many steps are taken; and it is given up after so many seconds. */
const IDLE = { turns: 3, steps: 20, seconds: 60 };
/** A turn of a fast contender lasts about this long, so that reading the loss at its end weighs little. */
const TURN_SECONDS = 2;

/**
 * Starts each contender in a page of its own, which `open` gives (one that crashes takes nobody with it), lets it take
 * its checked steps, then runs the rounds: in each, every contender takes one turn.
 * Nobody gets more than `cap` seconds in all (a step once begun is waited for): the slow take fewer steps.
 * Returns for each { contender, losses, first, steps, turns: [seconds a step], asked (by the last turn, a step), host (seconds a step without the
 * GPU's work, which come on top of the cap), error }.
 */
export async function measure(open, contenders, { network, size, batch, rounds, cap }, say) {
  const results = [];
  for (const contender of contenders) {
    say(`${contender.label}: starting`);
    results.push(await check(await open(), contender, { network, size, batch, cap }));
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const result of results) {
      const left = cap - result.spent;
      const pace = result.turns.at(-1) ?? result.first;
      if (result.error || left < pace) continue;
      say(`round ${round + 1} of ${rounds}: ${result.contender.label}`);
      const steps = Math.max(1, Math.round(Math.min(TURN_SECONDS, left) / pace));
      // The checked steps were timed only in case there would be no better.
      if (!result.timed) Object.assign(result, { turns: [], steps: 0, timed: true });
      await turn(result, steps);
    }
  }
  for (const result of results) {
    if (result.error || result.contender.kind !== "webgpu") continue;
    say(`${result.contender.label}: without the GPU's work`);
    result.host = await host(result.page);
  }
  return results;
}

/** Seconds that a step takes library and browser, without the GPU's work: null where a contender does not bear that nothing is computed. */
async function host(page) {
  const run = async (steps) => (await page.evaluate((steps) => window.bench.runIdle(steps), steps)).seconds / steps;
  const turns = async () => {
    const steps = Math.min(IDLE.steps, Math.max(1, Math.round(TURN_SECONDS / (await run(1)))));
    const taken = [];
    while (taken.length < IDLE.turns) taken.push(await run(steps));
    return median(taken);
  };
  const limit = new Promise((resolve) => setTimeout(resolve, IDLE.seconds * 1e3, null).unref());
  return Promise.race([turns().catch(() => null), limit]);
}

async function check(page, contender, { network, size, batch, cap }) {
  const result = { contender, page, losses: [], first: null, turns: [], steps: 0, spent: 0, timed: false, error: null };
  try {
    await page.evaluate((...given) => window.bench.start(...given), contender, size, batch, network);
  } catch (error) {
    return { ...result, error: reason(error) };
  }
  for (let step = 0; step < CHECKED && !result.error && result.spent < cap; step += 1) {
    await turn(result, 1);
    // The first step compiles and allocates: it is told apart.
    if (step === 0) [result.first, result.turns, result.steps] = [result.turns[0], [], 0];
  }
  return result;
}

async function turn(result, steps) {
  try {
    const { loss, seconds, asked } = await result.page.evaluate((steps) => window.bench.run(steps), steps);
    result.asked = Object.fromEntries(Object.entries(asked).map(([what, count]) => [what, count / steps]));
    result.spent += seconds;
    result.steps += steps;
    result.turns.push(seconds / steps);
    if (result.losses.length < CHECKED) result.losses.push(loss);
  } catch (error) {
    result.error = reason(error);
  }
}

const reason = (error) => error.message.split("\n").slice(0, 3).join(" ");
