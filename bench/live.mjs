// How many pictures of a camera are read in a second, and how long each takes: `node bench/live.mjs [--device cpu|webgpu]
// [--models custom-cnn:48,custom-cnn:112,efficientnet-b0:224] [--rate 30] [--seconds 20]`. Wants the built site in dist/,
// the browser tests' packages and the weights (`make setup-test weights build`). See README.md.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { fortyFaces } from '../tests/e2e/files.mjs'
import { PORTRAIT, y4m } from '../tests/e2e/films.mjs'
import { Visit } from '../tests/e2e/site.mjs'
import { serve } from '../tools/serve.mjs'

const { chromium } = createRequire(new URL('../tests/e2e/', import.meta.url))('playwright-core')

const { values: options } = parseArgs({
  options: {
    device: { type: 'string', default: 'cpu' },
    models: { type: 'string', default: 'custom-cnn:48,custom-cnn:112,efficientnet-b0:224' },
    rate: { type: 'string', default: '30' },
    seconds: { type: 'string', default: '20' },
  },
})
const models = options.models.split(',').map((model) => model.split(':'))
const [rate, seconds] = [options.rate, options.seconds].map(Number)
if (!(rate > 0 && seconds > 0) || !['cpu', 'webgpu'].includes(options.device) || models.some((model) => !(Number(model[1]) > 0))) {
  console.error('--device is cpu or webgpu, --models are name:pixels with commas, --rate (of the camera) and --seconds are numbers.')
  process.exit(2)
}
if (!existsSync(PORTRAIT)) {
  console.error(`There is no ${PORTRAIT}: make weights makes it.`)
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'mien-live-'))
const server = await serve({ folder: fileURLToPath(new URL('../dist', import.meta.url)) })
try {
  // It moves all the time, so that faces are looked for in every picture.
  const lefts = Array.from({ length: 60 }, (_, place) => 4 * Math.min(place, 60 - place))
  const camera = join(folder, 'camera.y4m')
  writeFileSync(camera, await y4m(lefts, rate))
  console.log(`A camera of 640 x 512 pixels, ${rate} pictures a second, one face; ${options.device}.`)
  console.log('| network | pixels | pictures read a second | from picture to reading, ms: median, 95 % | detection and reading alone, ms: median | page held at most, ms |')
  console.log('|---|---|---|---|---|---|')
  for (const [name, size] of models) await measure(name, size, camera)
} finally {
  await server.close()
  rmSync(folder, { recursive: true, maxRetries: 5 })
}

/** Trains the network for one epoch on forty faces, which only gives it its shape, and has it read the camera. */
async function measure(name, size, camera) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-background-networking', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${camera}`, ...(options.device === 'webgpu' ? ['--enable-unsafe-webgpu', '--enable-unsafe-swiftshader'] : []),
    ],
  })
  try {
    const page = await browser.newPage()
    await page.goto(`${server.url}?device=${options.device}#/data`)
    const visitor = new Visit(page)
    await visitor.until('engine-status', /^ready/, 120)
    await visitor.importFiles(fortyFaces())
    await visitor.startTraining({ model: name, epochs: 1, 'warmup-epochs': 0, 'batch-size': 8, 'input-size': Number(size), seed: 1 })
    await visitor.until('train-status', /^finished/, 3600)
    await visitor.go('#/live')
    await visitor.at('live-start').click()
    await visitor.until('live-faces', /^1$/, 120)
    // What compiles at first is not counted.
    await sleep(5000)
    await page.evaluate(() => {
      window.held = []
      new PerformanceObserver((list) => window.held.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' })
    })
    const [delays, readings] = [[], []]
    await visitor.at('record-start').click()
    const began = Date.now()
    while (Date.now() - began < 1000 * seconds) {
      delays.push(await visitor.number('live-delay'))
      readings.push(await visitor.number('live-reading'))
      await sleep(150)
    }
    const took = (Date.now() - began) / 1000
    await visitor.at('record-end').click()
    await sleep(2000)
    const read = await visitor.number('record-readings')
    const held = await page.evaluate(() => Math.max(0, ...window.held))
    const figures = [(read / took).toFixed(1), `${quantile(delays, 0.5)}, ${quantile(delays, 0.95)}`, quantile(readings, 0.5), held < 50 ? 'below 50' : held.toFixed(0)]
    console.log(`| ${name} | ${size} | ${figures.join(' | ')} |`)
  } finally {
    await browser.close()
  }
}

function quantile(values, share) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}
