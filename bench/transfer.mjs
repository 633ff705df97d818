// What pre-trained weights are worth: trains CustomCNN from scratch and EfficientNetB0 from ImageNet's weights on the same
// faces, and says how good each was after how many epochs and seconds: `node bench/transfer.mjs FILE... [--epochs 10]`.
// Wants the built site in dist/ and the browser tests' packages (`make setup-test build`). See README.md.

import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Visit } from '../tests/e2e/site.mjs'
import { serve } from '../tools/serve.mjs'

const { chromium } = createRequire(new URL('../tests/e2e/', import.meta.url))('playwright-core')

const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: { epochs: { type: 'string', default: '10' }, only: { type: 'string', default: '' }, device: { type: 'string', default: 'cpu' } },
})
const epochs = Number(options.epochs)
if (!files.length || !(epochs >= 1)) {
  console.error('Name the files to import: node bench/transfer.mjs FILE... [--epochs 10] [--only custom-cnn] [--device cpu]')
  process.exit(2)
}

const COMMON = { seed: 1, 'batch-size': 32, patience: 0, 'warmup-epochs': 1 }
const WAYS = [
  { name: 'CustomCNN from scratch, 48 px', plan: { model: 'custom-cnn', weights: 'none', trainable: 'all', 'input-size': 48, epochs } },
  { name: 'EfficientNetB0, head, 96 px', plan: { model: 'efficientnet-b0', weights: 'imagenet', trainable: 'head', 'input-size': 96, epochs } },
  { name: 'EfficientNetB0, last stage, 96 px', plan: { model: 'efficientnet-b0', weights: 'imagenet', trainable: 'last-stage', 'input-size': 96, epochs } },
]

const server = await serve({ folder: fileURLToPath(new URL('../dist', import.meta.url)) })
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking'],
})
try {
  const page = await (await browser.newContext()).newPage()
  await page.goto(`${server.url}?device=${options.device}#/data`)
  const visitor = new Visit(page)
  await visitor.until('engine-status', /^ready/, 60)
  console.log(await visitor.text('engine-status'), '-', await visitor.importFiles(files), await visitor.text('dataset-samples'), 'faces')
  for (const { name, plan } of WAYS.filter(({ plan }) => plan.model.includes(options.only))) await measure(visitor, name, plan)
} finally {
  await browser.close()
  await server.close()
}

async function measure(visitor, name, plan) {
  console.log(`${name}: ${new URLSearchParams({ ...COMMON, ...plan })}`)
  await visitor.go(`#/train?${new URLSearchParams({ ...COMMON, ...plan })}`)
  await visitor.until('train-costs', /./, 120).then((costs) => console.log(`  ${costs}`))
  const began = Date.now()
  await visitor.at('train-start').click()
  for (let seen = '0', status = ''; !/^finished/.test(status); await sleep(200)) {
    status = await visitor.text('train-status')
    if (/^failed/.test(status)) throw new Error(status)
    const epoch = (await visitor.text('train-epoch')).split('/')[0]
    const accuracy = await visitor.at('val-accuracy').getAttribute('data-value')
    if (accuracy === null || epoch === seen) continue
    // The epoch shown is the one that is under way.
    const finished = /^finished/.test(status) ? epoch : Number(epoch) - 1
    if (finished > 0) console.log(`  epoch ${finished}: ${seconds(began)} s, validation accuracy ${percent(accuracy)}`)
    seen = epoch
  }
  console.log(`  in all ${seconds(began)} s; ${await visitor.page.locator('.result .reading').innerText()}`)
  await visitor.evaluate()
  console.log(`  test: accuracy ${await visitor.text('metric-accuracy')}, F1 macro ${await visitor.text('metric-f1-macro')}`)
}

function seconds(began) {
  return ((Date.now() - began) / 1000).toFixed(0)
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`
}
