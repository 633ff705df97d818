import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fortyFaces } from './files.mjs'
import { start, visit } from './site.mjs'

// Ways for the engine to die in earnest; each runs in its worker.
const DEATHS = {
  'an exception that nobody catches': () => void setTimeout(() => { throw new Error('out of breath') }),
  'a promise that nobody hears fail': () => void Promise.reject(new Error('out of breath')),
  'its memory overwritten': async (url) => {
    // The module is the one the worker runs: to start it again gives what it started the first time.
    const engine = await (await import(`${url}engine.js`)).default()
    new Uint8Array(engine.memory.buffer).fill(0xaa)
  },
}

const SETTINGS = { epochs: 1, 'warmup-epochs': 0, 'batch-size': 8, 'input-size': 32 }

/** A visitor with a dataset of 40 faces and a model. */
async function settled(t) {
  const site = await start(t)
  const visitor = await visit(site, { expected: [/^(console|thrown): /] })
  visitor.site = site
  assert.match(await visitor.importFiles(fortyFaces()), /^done/)
  await visitor.startTraining(SETTINGS)
  await visitor.until('train-status', /^finished/, 120)
  return visitor
}

async function kill(visitor, death) {
  const worker = visitor.page.workers().at(-1)
  // What is said back may come too late, or not at all.
  await Promise.race([worker.evaluate(death, visitor.site.url).catch(() => {}), sleep(2000)])
}

async function stillThere(visitor) {
  await visitor.until('news', /^The engine stopped: .+\. A fresh engine has taken its place/, 60)
  await visitor.until('engine-status', /^ready/, 60)
  await visitor.go('#/data')
  await visitor.until('nav-data', /40 faces/, 60)
  assert.equal(await visitor.number('dataset-samples'), 40)
  await visitor.page.locator('.faces img, .faces canvas').first().waitFor()
  await visitor.until('nav-models', /1 model/, 60)
  await visitor.go('#/models')
  assert.equal(await visitor.at('delete-model').count(), 1)
  const { bytes } = await visitor.download('download-model')
  assert.ok(bytes.length > 100_000, `${bytes.length} bytes of weights`)
  await visitor.startTraining({ ...SETTINGS, seed: 2 })
  await visitor.until('train-status', /^finished/, 120)
  await visitor.evaluate()
  await visitor.until('nav-models', /2 models/)
}

for (const [what, death] of Object.entries(DEATHS)) {
  test(`the engine dies while idle of ${what}: nothing is lost`, async (t) => {
    const visitor = await settled(t)
    await kill(visitor, death)
    if (/memory/.test(what)) await visitor.go('#/data') // the gallery is asked for, and that it does not survive
    await stillThere(visitor)
  })
}

for (const what of ['an exception that nobody catches', 'its memory overwritten']) {
  test(`the engine dies while training of ${what}: the run is told, the rest is there`, async (t) => {
    const visitor = await settled(t)
    await visitor.startTraining({ ...SETTINGS, epochs: 500 })
    await visitor.until('train-status', /^running/, 60)
    await visitor.until('train-epoch', /^([2-9]|\d\d)/, 120)
    await kill(visitor, DEATHS[what])
    for (let tries = 0; tries < 100 && !/^failed/.test(await visitor.text('train-status')); tries++) await sleep(100)
    assert.match(await visitor.text('train-status'), /^failed: The engine stopped: /)
    await stillThere(visitor)
  })
}

test('it dies again and again, and is there again and again', async (t) => {
  const visitor = await settled(t)
  for (let round = 0; round < 3; round++) {
    await visitor.until('engine-status', /^ready/, 60)
    await visitor.until('nav-models', /1 model/, 60)
    await kill(visitor, DEATHS['an exception that nobody catches'])
    await visitor.until('news', /The engine stopped/, 30)
    await visitor.page.getByRole('button', { name: 'Dismiss' }).click()
  }
  await visitor.until('engine-status', /^ready/, 60)
  await visitor.until('nav-data', /40 faces/, 60)
})
