// A training and an evaluation run on several cores, and come to what they come to on one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patternPng, upload, zip } from './files.mjs'
import { start, visit } from './site.mjs'

// 70 faces in batches of 32: of two shards, of two, and the rest in one.
const PLAN = { 'input-size': 32, 'batch-size': 32, epochs: 3, seed: 5, dropout: 0.2 }

function faces(counts) {
  const files = {}
  for (const [split, count] of Object.entries(counts)) {
    for (const [label, expression] of ['happy', 'sad'].entries()) {
      for (let i = 0; i < count; i++) files[`${split}/${expression}/${split}${i}.png`] = patternPng(32, 100 * label + i)
    }
  }
  return upload('faces.zip', zip(files))
}

/** Trains by a plan on so many cores; and how often the engine's program has been asked for since. */
async function trained(site, cores, files, plan) {
  const visitor = await visit(site, { cores })
  await visitor.until('engine-status', /^ready/)
  assert.match(await visitor.importFiles(files), /^done/)
  await visitor.startTraining(plan)
  await visitor.until('train-status', /^finished/, 120)
  return { visitor, engines: () => visitor.fetched.filter((name) => /^engine\w*_bg\.wasm$/.test(name)).length }
}

/** The weights that a training on so many cores comes to. */
async function weights(site, cores) {
  const { visitor, engines } = await trained(site, cores, faces({ train: 35, valid: 20, test: 1 }), PLAN)
  await visitor.go('#/models')
  const { bytes } = await visitor.download('download-model')
  // Behind its header, which says how long the training took.
  return { weights: bytes.subarray(8 + Number(bytes.readBigUInt64LE(0))), engines: engines() }
}

/** What a model, trained on one core, says on so many about faces that are many for it: they are large. */
async function predictions(site, cores) {
  const few = faces({ train: 3, valid: 1, test: 12 })
  const plan = { 'input-size': 224, 'batch-size': 16, epochs: 1, seed: 5 }
  const { visitor, engines } = await trained(site, cores, few, plan)
  assert.equal(engines(), 1, 'so small a batch is not shared')
  await visitor.evaluate()
  return { said: (await visitor.download('download-predictions')).bytes, engines: engines() }
}

test('a training is the same on one core and on two', async (t) => {
  const site = await start(t)
  const [one, two] = [await weights(site, 1), await weights(site, 2)]
  assert.ok(one.weights.length > 100_000)
  assert.ok(one.weights.equals(two.weights), 'the same weights, to the bit')
  assert.deepEqual([one.engines, two.engines], [1, 2], 'the second core runs an engine of its own')
})

test('an evaluation is the same on one core and on two', async (t) => {
  const site = await start(t)
  const [one, two] = [await predictions(site, 1), await predictions(site, 2)]
  assert.ok(one.said.toString().trim().split('\n').length === 25)
  assert.ok(one.said.equals(two.said), 'the same predictions, to the last digit')
  assert.deepEqual([one.engines, two.engines], [1, 2], 'the second core runs an engine of its own')
})
