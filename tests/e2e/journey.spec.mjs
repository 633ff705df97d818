import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkFiles, predictAgain, trainAndEvaluate } from './journey.mjs'
import { isPrompt, pace, resetPace, watchPace } from './pace.mjs'
import { start, visit } from './site.mjs'

const SETTINGS = { epochs: 20, seed: 1 }
const MINUTES = 20
const PAGES = ['data', 'train', 'evaluate', 'compare', 'live', 'models']

test('the page is usable while the engine still loads', async (t) => {
  const site = await start(t)
  let release
  const held = new Promise((resolve) => (release = resolve))
  const visitor = await visit(site, {
    prepare: (page) => page.context().route('**/engine*_bg.wasm', async (route) => (await held, route.continue())),
  })
  for (const page of PAGES) {
    await visitor.at(`nav-${page}`).click()
    assert.equal(new URL(visitor.page.url()).hash.split('?')[0], `#/${page}`)
  }
  assert.equal(await visitor.text('engine-status'), 'starting')
  release()
  assert.match(await visitor.until('engine-status', /^ready/), /CPU/i)
})

test('a person trains on the sample faces, evaluates, and takes the model home', async (t) => {
  const site = await start(t)
  const visitor = await visit(site, { prepare: watchPace })
  await visitor.importSample()
  assert.equal(await visitor.number('dataset-samples'), 2000)
  assert.equal(await visitor.number('dataset-problems'), 0)

  await resetPace(visitor.page)
  const files = await trainAndEvaluate(visitor, SETTINGS, MINUTES)
  const { tasks } = await pace(visitor.page)
  t.diagnostic(`longest task of the page while training: ${tasks[0] ?? 0} ms; validation accuracy ${files.valAccuracy}`)
  assert.ok(isPrompt(tasks, 1), `tasks of the page took ${tasks.slice(0, 5)} ms while training`)
  assert.ok(files.valAccuracy >= 0.9, `validation accuracy ${files.valAccuracy}`)
  const ccc = await visitor.number('metric-valence-ccc')
  t.diagnostic(`test split: accuracy ${await visitor.text('metric-accuracy')}, CCC of valence ${ccc}`)
  assert.ok(ccc >= 0.8, `CCC of valence ${ccc}`)

  checkFiles(files, 296)
  const again = await predictAgain(site, files.model, (visitor) => visitor.importSample())
  assert.ok(again.bytes.equals(files.predictions.bytes), 'the imported model repeats its predictions byte for byte')
})

test('training pauses, goes on, answers clicks, and stops with the best so far', async (t) => {
  const site = await start(t)
  const visitor = await visit(site, { prepare: watchPace })
  await visitor.importSample()
  await visitor.startTraining({ epochs: 500 })
  await visitor.until('train-status', /^running/, 120)
  await visitor.until('train-loss', /\d/, 120)
  assert.ok(await isOutOfReach(visitor.at('train-start')), 'a second start while running is impossible')

  await resetPace(visitor.page)
  for (let round = 0; round < 4; round++) {
    for (const page of PAGES) {
      await visitor.at(`nav-${page}`).click()
      await sleep(150)
    }
  }
  const { tasks, clicks } = await pace(visitor.page)
  t.diagnostic(`24 clicks while training: slowest answer ${clicks[0] ?? 0} ms, longest task ${tasks[0] ?? 0} ms`)
  assert.ok(isPrompt(clicks, 2), `clicks were answered after ${clicks.slice(0, 5)} ms`)

  await visitor.at('nav-train').click()
  await visitor.at('train-pause').click()
  await visitor.until('train-status', /^paused/, 10)
  const loss = await visitor.text('train-loss')
  await sleep(1500)
  assert.equal(await visitor.text('train-loss'), loss, 'nothing moves while paused')
  await visitor.at('train-pause').click()
  await visitor.until('train-status', /^running/, 10)
  await visitor.until('train-epoch', /^([2-9]|\d\d)/, 180)
  await visitor.at('train-stop').click()
  await visitor.until('train-status', /^finished/, 30)
  await visitor.evaluate()
  assert.ok((await visitor.number('metric-accuracy')) > 1 / 8, 'what was kept is better than chance')
})

async function isOutOfReach(locator) {
  return (await locator.count()) === 0 || (await locator.isHidden()) || (await locator.isDisabled())
}
