import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fortyFaces } from './files.mjs'
import { start, visit } from './site.mjs'

// The browser asks for the first where a page is left; the second is left half loaded by a quick reload.
const ICONS = [/favicon\.ico/, /failed: .*icon\.svg/]
const SETTINGS = { epochs: 1000, 'warmup-epochs': 0, 'batch-size': 8, 'input-size': 32 }

/** Waits until a training is kept as a whole in the browser. */
async function untilKept(page) {
  const isKept = () => page.evaluate(async () => {
    try {
      const shelf = await (await navigator.storage.getDirectory()).getDirectoryHandle('trainings')
      for await (const [, place] of shelf) {
        for await (const [name] of place) if (name === 'manifest.json') return true
      }
    } catch { /* Not yet, or another one is taking its place. */ }
    return false
  })
  for (const end = Date.now() + 120_000; Date.now() < end; await sleep(200)) if (await isKept()) return
  assert.fail('the training is not kept')
}

async function epochOf(visitor) {
  return Number((await visitor.text('train-epoch')).split('/')[0])
}

async function untilBeyond(visitor, epoch) {
  for (const end = Date.now() + 120_000; Date.now() < end; await sleep(100)) if ((await epochOf(visitor)) > epoch) return
  assert.fail(`it does not go beyond epoch ${epoch}: ${await visitor.text('train-epoch')}`)
}

async function reload(visitor, site) {
  await visitor.page.goto('about:blank')
  await visitor.page.goto(`${site.url}?device=cpu#/train`)
  await visitor.until('engine-status', /^ready/, 60)
}

test('a training that was cut short by a reload goes on, and can be stopped, resumed and discarded', async (t) => {
  const site = await start(t)
  const visitor = await visit(site, { expected: ICONS })
  assert.match(await visitor.importFiles(fortyFaces()), /^done/)
  await visitor.startTraining(SETTINGS)
  await visitor.until('train-epoch', /^([3-9]|\d\d+)\//, 120)
  assert.equal(await visitor.at('train-resume').count(), 0, 'nothing is offered while a training is on')
  await untilKept(visitor.page)

  await reload(visitor, site)
  await visitor.at('train-resume').waitFor()
  const offer = await visitor.page.locator('.result').innerText()
  const kept = Number(offer.match(/CustomCNN stands in epoch (\d+) of 1000 \(forty/)?.[1])
  assert.ok(kept >= 1, offer)
  await visitor.at('train-resume').click()
  await visitor.until('train-status', /^running/, 60)
  assert.ok((await epochOf(visitor)) >= kept, 'it goes on where it was')
  await untilBeyond(visitor, kept + 1)
  await visitor.at('train-stop').click()
  await visitor.until('train-status', /^finished/, 60)

  // What was stopped can go on as well, with the epochs it had.
  await visitor.at('train-resume').waitFor()
  const stopped = await epochOf(visitor)
  await visitor.at('train-resume').click()
  await visitor.until('train-status', /^running/, 60)
  assert.ok((await epochOf(visitor)) >= stopped)
  await visitor.at('train-stop').click()
  await visitor.until('train-status', /^finished/, 60)

  const discard = visitor.at('train-discard')
  await discard.click()
  assert.match(await discard.innerText(), /for good/, 'it asks first')
  await discard.click()
  await visitor.at('train-resume').waitFor({ state: 'detached' })
  await reload(visitor, site)
  await sleep(500)
  assert.equal(await visitor.at('train-resume').count(), 0)
})
