import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { checkFiles, predictAgain, trainAndEvaluate } from './journey.mjs'
import { start, visit } from './site.mjs'

// Real faces with ten annotators' votes each; not ours to give away, so they stand beside the clone or nowhere.
const folder = process.env.MIEN_FERPLUS ?? fileURLToPath(new URL('../../../shared/data/ferplus', import.meta.url))
const zip = join(folder, 'ferplus-mini.zip')
const skip = existsSync(zip) ? false : `there is no ${zip}: name the folder of ferplus-mini.zip in MIEN_FERPLUS`

test('800 real faces: dropped as a zip, learnt in 20 epochs, predicted again', { skip }, async (t) => {
  const site = await start(t)
  const open = async (visitor) => assert.match(await visitor.importFiles(zip), /^done/)
  const visitor = await visit(site)
  await open(visitor)
  assert.equal(await visitor.number('dataset-samples'), 800)
  assert.equal(await visitor.number('dataset-problems'), 0)

  const files = await trainAndEvaluate(visitor, { epochs: 20, seed: 1 }, 15)
  t.diagnostic(`validation accuracy ${files.valAccuracy}; test accuracy ${await visitor.text('metric-accuracy')}`)
  assert.ok(files.valAccuracy >= 0.3, `validation accuracy ${files.valAccuracy} of 8 balanced classes`)
  checkFiles(files, 120)
  const again = await predictAgain(site, files.model, open)
  assert.ok(again.bytes.equals(files.predictions.bytes), 'the imported model repeats its predictions byte for byte')
})
