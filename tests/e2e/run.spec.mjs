// A run goes home as one zip, and comes back as the same run.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fortyFaces } from './files.mjs'
import { start, visit } from './site.mjs'

const SETTINGS = { epochs: 2, 'warmup-epochs': 0, 'batch-size': 8, 'input-size': 48, seed: 1 }

/** What the Models page says of the only model: its name, its note, and what is known of it. */
async function said(visitor) {
  await visitor.go('#/models')
  await visitor.until('nav-models', /1 model\b/)
  // Behind it the page lists the weights that the site has.
  const entry = visitor.page.locator('.models-list').first().locator('li')
  return {
    name: await entry.locator('h3').innerText(),
    note: await visitor.at('model-note').inputValue(),
    facts: await entry.locator('dl').innerText(),
  }
}

test('a run is taken home as one zip, deleted, and imported again', async (t) => {
  const site = await start(t)
  const visitor = await visit(site)
  assert.match(await visitor.importFiles(fortyFaces()), /^done/)
  await visitor.startTraining(SETTINGS)
  await visitor.until('train-status', /^finished/, 120)
  await visitor.evaluate()
  await visitor.go('#/models')
  // Typed, not set: only what a person changed is a change to Firefox.
  await visitor.at('model-note').pressSequentially('the first of many')
  await visitor.at('model-note').press('Enter')
  const before = await said(visitor)
  assert.match(before.facts, /trained[\s\S]*2 epochs in .*evaluated\s+accuracy \d/s)

  const file = await visitor.download('download-run')
  assert.equal(file.name, 'customcnn-1.zip')
  assert.equal(file.bytes.subarray(0, 4).toString('latin1'), 'PK\x03\x04')
  const zip = { name: file.name, mimeType: 'application/zip', buffer: file.bytes }
  for (let clicks = 0; clicks < 2; clicks++) await visitor.at('delete-model').click()
  await visitor.page.getByText('None yet.').waitFor()
  await visitor.at('model-import').setInputFiles({ ...zip, buffer: file.bytes.subarray(0, 1000) })
  await visitor.page.getByText('customcnn-1.zip: this zip is cut short').waitFor()
  await visitor.at('model-import').setInputFiles(zip)
  assert.deepEqual(await said(visitor), before)

  // It is kept, and what it said is not asked again.
  await visitor.page.reload()
  assert.deepEqual(await said(visitor), before)
  await visitor.evaluate()
  const again = await visitor.download('download-run')
  assert.ok(again.bytes.equals(file.bytes), 'the same zip, to the byte')
})
