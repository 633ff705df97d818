// Evaluate's pictures: what their cells and points tell, and that each leaves as a file.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { download } from './browsers.mjs'
import { start, visit } from './site.mjs'

const SETTINGS = { epochs: 1, 'warmup-epochs': 0, 'batch-size': 16, 'input-size': 48, seed: 1 }

test('the pictures of an evaluation are read, and saved', async (t) => {
  const visitor = await visit(await start(t), { look: { colorScheme: 'dark' } })
  await visitor.importSample()
  await visitor.startTraining(SETTINGS)
  await visitor.until('train-status', /^finished/, 180)
  await visitor.evaluate()
  const { page } = visitor

  await page.getByText('Confusion matrix as a table').click()
  const cell = page.locator('.confusion tbody tr').first().locator('button').first()
  assert.match(await cell.innerText(), /^\d+$/)
  await page.getByRole('button', { name: 'shares of rows' }).click()
  assert.match(await cell.innerText(), /^\d+\.\d %$|^n\/a$/)
  assert.match(await page.locator('.confusion figcaption').innerText(), /share of the row/)
  await page.getByRole('button', { name: 'shares of columns' }).click()
  assert.match(await page.locator('.confusion figcaption').innerText(), /share of the column/)

  await page.getByRole('button', { name: 'what was said', exact: true }).click()
  assert.match(await page.locator('.evaluate .circumplex figcaption').innerText(), /were said to be/)

  await page.getByText('Valence residuals, in figures').click()
  const faces = await page.locator('figure', { hasText: 'Valence residuals' }).locator('tbody td:nth-child(2)').allInnerTexts()
  const inBins = faces.map((text) => Number(text.replace(',', ''))).reduce((sum, count) => sum + count, 0)
  assert.equal(inBins, await page.locator('.predictions .pager span').innerText().then((text) => Number(text.match(/of ([\d,]+)/)[1].replace(',', ''))))

  const roc = await saved(page, 'Save as SVG: ROC; area')
  assert.equal(roc.name, 'roc.svg')
  const svg = roc.bytes.toString()
  assert.match(svg, /^<svg xmlns=/)
  assert.match(svg, />ROC; area<.*>true positive rate</s)
  assert.match(svg, /fill="#ffffff"/)
  assert.match(svg, /#1c2430/, 'dark on white, although the page is dark')
  const parsed = await page.evaluate((svg) => {
    const read = new DOMParser().parseFromString(svg, 'image/svg+xml')
    return { error: read.querySelector('parsererror')?.textContent, paths: read.querySelectorAll('path').length }
  }, svg)
  assert.equal(parsed.error, undefined)
  assert.ok(parsed.paths > 10)
  for (const title of ['Confusion matrix', 'Valence and arousal', 'Valence residuals', 'Reliability']) {
    const png = await saved(page, new RegExp(`^Save as PNG: ${title}`))
    assert.deepEqual([...png.bytes.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47], title)
    assert.ok(png.bytes.readUInt32BE(16) > 900, 'sharp in print')
  }
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme ?? 'auto'), 'auto')

  await visitor.at('embed-pca').click()
  await visitor.until('embed-status', /^done/, 60)
  assert.match(await page.locator('.scatter figcaption').innerText(), /faces\. Hollow: taken for another class\. Across is \d+\.\d % of all variance/)
  const face = page.locator('.cards.one li')
  await face.waitFor()
  await page.getByRole('button', { name: 'The face to the right' }).click()
  const first = await face.getAttribute('title')
  const canvas = page.locator('.scatter canvas')
  await canvas.scrollIntoViewIfNeeded()
  const box = await canvas.boundingBox()
  // Over the middle, until a face is near enough.
  for (let share = 0.1; share < 0.9 && (await face.getAttribute('title')) === first; share += 0.04) {
    await page.mouse.move(box.x + box.width * share, box.y + box.height / 2)
    await page.waitForTimeout(60)
  }
  assert.notEqual(await face.getAttribute('title'), first, 'the face at the pointer is shown')
  await face.getByTestId('look-closer').click()
  await visitor.at('closer').waitFor()
  await visitor.at('closer-close').click()

  await visitor.at('embed-tsne').click()
  await visitor.until('embed-status', /^placing the faces \d+ %|^done/, 30)
  await visitor.until('embed-status', /^done/, 120)
  assert.match(await page.locator('.scatter figcaption').innerText(), /Only what lies near/)
  assert.match(await visitor.at('kinship').innerText(), /\d+\.\d %/)
})

/** What a button saves. */
function saved(page, name) {
  return download(page, () => page.getByRole('button', { name }).click())
}
