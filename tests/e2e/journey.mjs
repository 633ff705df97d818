// The main job, on any dataset: train, evaluate, keep the model, and get the same predictions from it again.

import assert from 'node:assert/strict'
import { visit } from './site.mjs'

/** Trains by `settings` on the dataset that is open, evaluates, and returns the three files. */
export async function trainAndEvaluate(visitor, settings, minutes) {
  await visitor.startTraining(settings)
  await visitor.until('train-status', /^finished/, minutes * 60)
  assert.match(await visitor.text('train-epoch'), new RegExp(`${settings.epochs}\\s*/\\s*${settings.epochs}`))
  const valAccuracy = await visitor.number('val-accuracy')
  await visitor.evaluate()
  return {
    valAccuracy,
    model: await visitor.download('download-model'),
    report: await visitor.download('download-report'),
    predictions: await visitor.download('download-predictions'),
  }
}

/** Imports `model` in a browser that never saw it, with the dataset that `open` opens, and returns its predictions. */
export async function predictAgain(site, model, open) {
  const visitor = await visit(site)
  await open(visitor)
  await visitor.go('#/models')
  await visitor.at('model-import').setInputFiles({ name: model.name, mimeType: 'application/octet-stream', buffer: model.bytes })
  await visitor.evaluate()
  return visitor.download('download-predictions')
}

/** The three files say what they should of a test split of `testImages`. */
export function checkFiles({ model, report, predictions }, testImages) {
  assert.match(model.name, /\.safetensors$/)
  const headerLength = Number(model.bytes.readBigUInt64LE(0))
  const header = JSON.parse(model.bytes.subarray(8, 8 + headerLength).toString())
  assert.equal(header.__metadata__.format, 'mien/1')
  assert.match(report.name, /\.json$/)
  assert.equal(JSON.parse(report.bytes.toString()).samples, testImages)
  assert.match(predictions.name, /\.csv$/)
  const rows = predictions.bytes.toString().trim().split(/\r?\n/)
  assert.equal(rows.length - 1, testImages, 'one row of predictions for every test image')
}
