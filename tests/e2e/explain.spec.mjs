// Evaluate, closer: the curves behind the figures, a face in detail and where the model looks in it, errors first.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fortyFaces } from './files.mjs'
import { start, visit } from './site.mjs'

const SETTINGS = { epochs: 2, 'warmup-epochs': 0, 'batch-size': 8, 'input-size': 48, seed: 1 }

test('a face is shown large, with what the model looks at in it', async (t) => {
  const visitor = await visit(await start(t))
  assert.match(await visitor.importFiles(fortyFaces()), /^done/)
  await visitor.startTraining(SETTINGS)
  await visitor.until('train-status', /^finished/, 120)
  await visitor.evaluate()
  const { page } = visitor
  assert.deepEqual(await page.locator('.evaluate figure.chart h3').allInnerTexts(), [
    'ROC; area',
    'Precision and recall; average precision',
    'Reliability',
  ])
  assert.match(await page.locator('.evaluate figure.chart .legend').first().innerText(), /Hap\s+\d\.\d{3}/)

  const report = await visitor.download('download-document')
  assert.equal(report.name, 'customcnn-1-test-report.html')
  assert.match(report.bytes.toString(), /<h1>CustomCNN 1 on .*, test split<\/h1>/)

  await visitor.at('predictions-order').selectOption('the largest loss')
  await visitor.at('look-closer').first().click()
  const closer = visitor.at('closer')
  await closer.waitFor()
  await page.waitForFunction(() => document.querySelector('.layers canvas + canvas')?.width === 288)
  const heat = await painted(page, 1)
  assert.ok((await painted(page, 0)).opaque === 288 * 288, 'the face fills its canvas')
  assert.ok(heat.strongest > 100 && heat.opaque < 288 * 288, 'heat lies on a part of it')
  assert.equal(await closer.getByRole('button', { name: /attention, block/ }).count(), 3)
  await closer.getByRole('button', { name: 'what raises valence' }).click()
  await closer.getByRole('button', { name: 'attention, block 3' }).click()
  await page.waitForFunction((before) => {
    const canvas = document.querySelector('.layers canvas + canvas')
    return canvas.getContext('2d').getImageData(0, 0, 288, 288).data.reduce((sum, value) => sum + value, 0) !== before
  }, heat.sum)
  await closer.getByRole('button', { name: 'the face alone' }).click()
  await page.waitForFunction(() => document.querySelector('.layers canvas + canvas').width === 1)
  await visitor.at('closer-close').click()
  assert.equal(await closer.count(), 0)
})

/** How much of a layer is painted, and how strongly. */
function painted(page, layer) {
  return page.evaluate((layer) => {
    const canvas = document.querySelectorAll('.layers canvas')[layer]
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    const alpha = data.filter((_, place) => place % 4 === 3)
    return { opaque: alpha.filter((value) => value === 255).length, strongest: Math.max(...alpha), sum: data.reduce((sum, value) => sum + value, 0) }
  }, layer)
}
