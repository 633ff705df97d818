// A training runs on several cores, and comes to what it comes to on one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patternPng, upload, zip } from './files.mjs'
import { start, visit } from './site.mjs'

// 70 faces in batches of 32: of two shards, of two, and the rest in one.
const PLAN = { 'input-size': 32, 'batch-size': 32, epochs: 3, seed: 5, dropout: 0.2 }

function faces() {
  const files = {}
  for (const [split, count] of [['train', 35], ['valid', 20], ['test', 1]]) {
    for (const [label, expression] of ['happy', 'sad'].entries()) {
      for (let i = 0; i < count; i++) files[`${split}/${expression}/${split}${i}.png`] = patternPng(32, 100 * label + i)
    }
  }
  return upload('faces.zip', zip(files))
}

/** Trains on so many cores: the weights it comes to, and how often the engine's program was asked for. */
async function trained(site, cores) {
  const asked = []
  const prepare = (page) => page.context().on('request', (request) => asked.push(new URL(request.url()).pathname))
  const visitor = await visit(site, { cores, prepare })
  await visitor.until('engine-status', /^ready/)
  assert.match(await visitor.importFiles(faces()), /^done/)
  await visitor.startTraining(PLAN)
  await visitor.until('train-status', /^finished/, 120)
  await visitor.go('#/models')
  const { bytes } = await visitor.download('download-model')
  // Behind its header, which says how long the training took.
  const weights = bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)))
  return { weights, engines: asked.filter((path) => /engine_bg\.wasm$/.test(path)).length }
}

test('a training is the same on one core and on two', async (t) => {
  const site = await start(t)
  const [one, two] = [await trained(site, 1), await trained(site, 2)]
  assert.ok(one.weights.length > 100_000)
  assert.ok(one.weights.equals(two.weights), 'the same weights, to the bit')
  assert.deepEqual([one.engines, two.engines], [1, 2], 'the second core runs an engine of its own')
})
