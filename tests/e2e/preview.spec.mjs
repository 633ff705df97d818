import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mosaicPng, upload, zip } from './files.mjs'
import { start, visit } from './site.mjs'

/** Waits until these rows of pictures are, or are not, the pixels of the row that the network sees. */
async function rowsAre(visitor, same, rows) {
  await visitor.page.waitForFunction(([same, rows]) => {
    const drawn = (row) => document.querySelector(`[data-testid="strip-${row}"]`)?.toDataURL()
    return rows.every((row) => (drawn(row) === drawn(1)) === same)
  }, [same, rows])
}

test('what training gets is seen, follows the settings, and the settings are the plan\'s', async (t) => {
  const visitor = await visit(await start(t))
  await visitor.importSample()
  await visitor.until('preview-values', /^48 x 48 pixels each, as numbers from -[01]\.\d\d to/)
  assert.equal(await visitor.at('strength-medium').getAttribute('aria-pressed'), 'true')
  await rowsAre(visitor, false, [3, 11])

  await visitor.at('strength-none').click()
  await rowsAre(visitor, true, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  const rotation = visitor.at('slider-rotation')
  await rotation.press('End')
  assert.equal(await rotation.inputValue(), '45')
  await rowsAre(visitor, false, [3, 11])
  await rowsAre(visitor, true, [2, 4, 5])
  assert.ok(await rotation.evaluate((slider) => slider === document.activeElement), 'the slider keeps the keyboard')

  await visitor.at('colour').selectOption('gray')
  await visitor.page.waitForFunction(() => {
    const canvas = document.querySelector('[data-testid="strip-1"]')
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return data.every((value, place) => place % 4 === 3 || value === data[place - (place % 4)])
  })
  await visitor.go('#/train')
  assert.equal(await visitor.at('rotation').inputValue(), '45')
  assert.equal(await visitor.at('colour').inputValue(), 'gray')
  await visitor.page.getByText('Augmentation', { exact: true }).click()
  await visitor.at('strength-strong').click()
  assert.equal(await visitor.at('rotation').inputValue(), '20')
})

test('many problems can be searched and kept', async (t) => {
  const visitor = await visit(await start(t))
  const files = {}
  for (let i = 0; i < 12; i++) {
    files[`happy/${i}.png`] = mosaicPng(32, i)
    files[`sad/${i}.png`] = mosaicPng(32, 100 + i)
    files[`sad/broken-${i}.png`] = 'no picture'
  }
  assert.match(await visitor.importFiles(upload('faces.zip', zip(files))), /^done/)
  assert.equal(await visitor.number('dataset-problems'), 12)
  await visitor.page.locator('.problems summary').click()
  await visitor.at('problems-search').fill('BROKEN-1')
  await visitor.until('problems-count', /^3 of 12/)
  assert.equal(await visitor.page.locator('.problems li').count(), 3)
  const { name, bytes } = await visitor.download('download-problems')
  assert.match(name, /problems\.csv$/)
  const rows = bytes.toString().trim().split('\r\n')
  assert.equal(rows[0], 'file,row,column,problem')
  assert.equal(rows.length, 13)
})
