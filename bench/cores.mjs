// What more cores bring to a training: `node bench/cores.mjs FILE... [--cores 1,2] [--rounds 3]`, each number of cores in turn, on
// the built site in dist/ with the browser tests' packages (`make setup-test build`). See README.md.

import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Visit } from '../tests/e2e/site.mjs'
import { serve } from '../tools/serve.mjs'

const { chromium } = createRequire(new URL('../tests/e2e/', import.meta.url))('playwright-core')

const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    cores: { type: 'string', default: '1,2' },
    rounds: { type: 'string', default: '3' },
    plan: { type: 'string', default: 'model=custom-cnn&input-size=48&batch-size=32&epochs=5&patience=0' },
  },
})
if (!files.length) {
  console.error('Name the files to import: node bench/cores.mjs FILE... [--cores 1,2] [--rounds 3] [--plan SETTINGS]')
  process.exit(2)
}
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
const cores = options.cores.split(',').map(Number)

const server = await serve({ folder: fileURLToPath(new URL('../dist', import.meta.url)) })
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking'],
})
const runs = new Map(cores.map((count) => [count, []]))
try {
  const visitors = new Map()
  for (const count of cores) visitors.set(count, await opened(count))
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const count of cores) runs.get(count).push(await trained(visitors.get(count)))
  }
} finally {
  await browser.close()
  await server.close()
}
for (const [what, words] of [['whole', 'from Start to its model'], ['epoch', 'an epoch behind the first']]) {
  const seconds = (count) => runs.get(count).map((run) => run[what])
  console.log(words)
  for (const count of cores) {
    const times = median(seconds(cores[0])) / median(seconds(count))
    const taken = seconds(count).map((one) => one.toFixed(2)).join(', ')
    console.log(`  ${count} core${count > 1 ? 's' : ''}: ${taken} s; ${times.toFixed(2)} times as fast`)
  }
}

/** A visitor's page with the faces imported. */
async function opened(count) {
  const page = await (await browser.newContext()).newPage()
  await page.goto(`${server.url}?device=cpu&cores=${count}#/data`)
  const visitor = new Visit(page)
  await visitor.until('engine-status', /^ready/, 60)
  console.log(await visitor.text('engine-status'), '-', await visitor.importFiles(files), await visitor.text('dataset-samples'), 'faces')
  return visitor
}

/** Seconds that a training takes: from Start to its model, and in the median an epoch once all cores have begun. */
async function trained(visitor) {
  await visitor.go(`#/train?seed=1&${options.plan}`)
  await visitor.until('train-costs', /./, 120)
  const began = Date.now()
  await visitor.at('train-start').click()
  await visitor.until('train-status', /^(preparing|training|running)/i, 60)
  const moments = []
  for (let epoch = ''; ; ) {
    const now = await visitor.text('train-epoch')
    if (now !== epoch) moments.push(Date.now() / 1000)
    epoch = now
    const status = await visitor.text('train-status')
    if (/^failed/.test(status)) throw new Error(status)
    if (/^finished/.test(status)) break
    // Asking costs a core some of its time.
    await sleep(250)
  }
  const whole = (Date.now() - began) / 1000
  const epochs = moments.slice(1).map((moment, before) => moment - moments[before])
  return { whole, epoch: median(epochs.slice(1)) }
}
