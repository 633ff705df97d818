// What a dataset costs in the browser as it grows: `node bench/scale.mjs [--images 10000,300000] [--side 64]
// [--input 64] [--seconds 60] [--evaluate]`. Wants the built site in dist/ and the browser tests' packages (`make setup-test build`). See README.md.

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { crc32 } from 'node:zlib'
import { grayPng } from '../tests/e2e/files.mjs'
import { Visit } from '../tests/e2e/site.mjs'
import { serve } from '../tools/serve.mjs'

const { chromium } = createRequire(new URL('../tests/e2e/', import.meta.url))('playwright-core')
const CLASSES = ['neutral', 'happy', 'sad', 'surprise', 'fear', 'disgust', 'anger', 'contempt']

const { values: options } = parseArgs({
  options: {
    images: { type: 'string', default: '10000' },
    side: { type: 'string', default: '64' },
    input: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    evaluate: { type: 'boolean' },
  },
})
const counts = options.images.split(',').map(Number)
const [side, seconds] = [options.side, options.seconds].map(Number)
const input = Number(options.input ?? Math.max(32, side - (side % 32)))
if (![...counts, side, input].every((number) => Number.isInteger(number) && number > 0) || !(seconds >= 0)) {
  console.error(
    '--images are whole numbers with commas, --side and --input (of the network) are in pixels, ' +
      '--seconds say for how long to train at most (0: not).',
  )
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'mien-scale-'))
const server = await serve({ folder: fileURLToPath(new URL('../dist', import.meta.url)) })
try {
  for (const count of counts) {
    const archive = join(folder, `${count}.zip`)
    await makeZip(archive, count, side)
    console.log(`${count} images of ${side} x ${side}, ${megabytes(statSync(archive).size)} as a zip of PNG; ${cpus().length} cores`)
    await measure(archive, join(folder, `profile-${count}`))
  }
} finally {
  await server.close()
  rmSync(folder, { recursive: true, maxRetries: 5 })
}

/** Imports, looks, trains for a while, and says what that took. A profile on the disk: else the storage is in memory too. */
async function measure(archive, profile) {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking'],
  })
  try {
    const page = context.pages()[0] ?? (await context.newPage())
    await page.addInitScript(keepMemoryInSight)
    await page.goto(`${server.url}?device=cpu#/data`)
    const visitor = new Visit(page)
    await visitor.until('engine-status', /^ready/, 60)
    console.log(`  engine ready: ${await memory(page)}`)

    let began = Date.now()
    await visitor.at('import-files').setInputFiles(archive)
    const images = await importEnds(visitor, began)
    const took = (Date.now() - began) / 1000
    console.log(`  imported in ${took.toFixed(1)} s, ${Math.round(images / took)} images a second: ${await memory(page)}`)

    began = Date.now()
    await page.reload()
    await visitor.until('dataset-samples', /\d/, 600)
    console.log(`  there again after a reload in ${((Date.now() - began) / 1000).toFixed(1)} s: ${await memory(page)}`)
    if (seconds || options.evaluate) await train(visitor, page)
    if (options.evaluate) await evaluate(visitor, page)
  } finally {
    await context.close()
  }
}

/** Waits for the end of an import; says now and then how far it is. */
async function importEnds(visitor, began) {
  for (let told = 0; ; await sleep(200)) {
    const status = await visitor.text('import-status')
    if (/^failed/.test(status)) throw new Error(status)
    if (/^done/.test(status)) return visitor.number('dataset-samples')
    if (Date.now() - began > told + 30_000) {
      told = Date.now() - began
      console.log(`  ... ${status} after ${Math.round(told / 1000)} s: ${await memory(visitor.page)}`)
    }
  }
}

/** Trains for one epoch, or as much of it as there is time for. */
async function train(visitor, page) {
  await visitor.go(`#/train?epochs=1&warmup-epochs=0&batch-size=64&input-size=${input}`)
  let began = Date.now()
  await visitor.at('train-start').click()
  await visitor.until('train-status', /^running/, 3600)
  console.log(`  made ready to train on in ${((Date.now() - began) / 1000).toFixed(1)} s: ${await memory(page)}`)
  began = Date.now()
  const rate = () =>
    page.locator('.controls .counts > div', { hasText: 'images a second' }).locator('dd').innerText().catch(() => '-')
  const rates = []
  let status = 'running'
  while (status === 'running' && Date.now() - began < seconds * 1000) {
    await sleep(1000)
    status = await visitor.text('train-status')
    const now = Number((await rate()).replace(/\D/g, ''))
    if (now) rates.push(now)
  }
  const mean = (of) => Math.round(of.reduce((sum, rate) => sum + rate, 0) / of.length)
  const tenth = Math.max(1, Math.floor(rates.length / 10))
  if (rates.length) {
    const tenths = Array.from({ length: 10 }, (_, index) => rates.slice(index * tenth, (index + 1) * tenth)).filter((part) => part.length)
    console.log(`  trains on ${mean(rates)} images a second, in tenths of the time ${tenths.map(mean).join(' ')}: ${await memory(page)}`)
  }
  console.log(`  ${status} after ${((Date.now() - began) / 1000).toFixed(0)} s`)
}

/** Evaluates the training split, looks through what was said of it, and says how long the page was held at most. */
async function evaluate(visitor, page) {
  await visitor.at('train-stop').click().catch(() => {})
  await visitor.until('train-status', /^finished/, 3600)
  await page.evaluate(() => {
    window.held = []
    new PerformanceObserver((list) => window.held.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' })
  })
  const timed = async (what, work) => {
    await page.evaluate(() => (window.held = []))
    const began = Date.now()
    await work()
    const took = Date.now() - began
    // What was done last is drawn, too.
    await sleep(600)
    const held = await page.evaluate(() => Math.max(0, ...window.held))
    console.log(`  ${what}: ${(took / 1000).toFixed(2)} s; the page held for ${held ? `${Math.round(held)} ms` : 'less than 50 ms'}: ${await memory(page)}`)
  }
  await visitor.go('#/evaluate')
  await page.locator('.choice select').nth(1).selectOption('train')
  await timed('evaluated', async () => {
    await visitor.at('evaluate-run').click()
    await visitor.until('evaluate-status', /^done/, 7200)
  })
  const range = page.locator('.predictions .pager span')
  console.log(`  predictions: ${await range.innerText()}`)
  const changed = async (what, change) => {
    await timed(what, async () => {
      const card = () => page.locator('.predictions .cards li').first().getAttribute('title')
      const before = await card()
      await change()
      for (let tries = 0; tries < 200 && (await card()) === before; tries++) await sleep(10)
    })
  }
  await changed('sorted by loss', () => visitor.at('predictions-order').selectOption('the largest loss'))
  await changed('the next page', () => page.getByRole('button', { name: 'Later predictions' }).click())
  await changed('wrong ones only', () => page.getByRole('button', { name: 'wrong', exact: true }).click())
  for (const way of ['pca', 'tsne']) {
    await timed(`placed by ${way}`, async () => {
      await visitor.at(`embed-${way}`).click()
      await visitor.until('embed-status', /^done/, 600)
    })
  }
}

/** Runs in the page before it: the worker's own memory becomes a global of the worker. */
function keepMemoryInSight() {
  const { Blob } = window
  const watch = `for (const name of ['instantiate', 'instantiateStreaming']) {
    const original = WebAssembly[name]
    WebAssembly[name] = async (...given) => {
      const made = await original.apply(WebAssembly, given)
      self.mienMemory = (made.instance ?? made).exports.memory
      return made
    }
  }\n`
  window.Blob = function (parts, options) {
    return new Blob(/javascript/.test(options?.type) ? [watch, ...parts] : parts, options)
  }
}

/** What the engine's memory has grown to: it never shrinks. */
async function memory(page) {
  const bytes = await page.workers()[0]?.evaluate(() => self.mienMemory?.buffer.byteLength ?? 0)
  return `${megabytes(bytes ?? 0)} of wasm memory`
}

function megabytes(bytes) {
  return `${Math.round(bytes / 1e6)} MB`
}

/** A zip (zip64 where there are many) of folders per class, of pictures that all differ. */
async function makeZip(path, count, side) {
  const file = await open(path, 'w')
  const directory = []
  let [pieces, position, gathered] = [[], 0, 0]
  const write = async (...buffers) => {
    pieces.push(...buffers)
    for (const buffer of buffers) [position, gathered] = [position + buffer.length, gathered + buffer.length]
    if (gathered < 1 << 22) return
    await file.write(Buffer.concat(pieces))
    ;[pieces, gathered] = [[], 0]
  }
  for (let index = 0; index < count; index++) {
    const name = Buffer.from(`made/${CLASSES[index % 8]}/${String(index).padStart(6, '0')}.png`)
    const turn = Math.imul(index + 1, 0x9e3779b1) >>> 0
    const [across, down, phase] = [turn & 255, (turn >>> 8) & 255, turn >>> 16]
    const png = grayPng(side, side, (x, y) => {
      const slope = (x * across + y * down + phase) >> 6
      return 64 + (slope & 127)
    })
    const common = numbers([20, 2], [0, 2], [0, 2], [0, 2], [0x21, 2], [crc32(png), 4], [png.length, 4], [png.length, 4], [name.length, 2], [0, 2])
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), common, Buffer.alloc(10), numbers([position, 4]), name)
    await write(Buffer.from('PK\x03\x04'), common, name, png)
  }
  const start = position
  await write(Buffer.concat(directory))
  const length = position - start
  await write(
    Buffer.from('PK\x06\x06'), numbers([44, 8], [45, 2], [45, 2], [0, 8], [count, 8], [count, 8], [length, 8], [start, 8]),
    Buffer.from('PK\x06\x07'), numbers([0, 4], [start + length, 8], [1, 4]),
    Buffer.from('PK\x05\x06'), numbers([0, 4], [Math.min(count, 65535), 2], [Math.min(count, 65535), 2], [length, 4], [start, 4], [0, 2]),
  )
  await file.write(Buffer.concat(pieces))
  await file.close()
}

/** Numbers of so many bytes, the least first. */
function numbers(...given) {
  const buffer = Buffer.alloc(given.reduce((sum, [, bytes]) => sum + bytes, 0))
  let at = 0
  for (const [number, bytes] of given) {
    if (bytes === 8) buffer.writeBigUInt64LE(BigInt(number), at)
    else buffer.writeUIntLE(number, at, bytes)
    at += bytes
  }
  return buffer
}
