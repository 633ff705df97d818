import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mosaicPng, upload, zip } from './files.mjs'
import { start, visit } from './site.mjs'

/** Twelve faces of six persons, and a table whose names say nothing. */
function odd(more = {}) {
  const rows = ['Datei;Laune;Lust;Vp']
  const files = { ...more }
  for (let i = 0; i < 12; i++) {
    files[`bilder/${i}.png`] = mosaicPng(32, i)
    rows.push(`${i}.png;${['happy', 'sad'][i % 2]};${1 + (i % 9)};vp${i % 6}`)
  }
  files['tabelle.csv'] = rows.join('\n')
  return files
}

test('a person says what the columns are; it is remembered for tables with the same header', async (t) => {
  const visitor = await visit(await start(t))
  assert.match(await visitor.importFiles(upload('odd.zip', zip(odd()))), /^failed: .*tabelle\.csv: has no header/)
  const form = visitor.at('unexplained')
  assert.match(await form.innerText(), /0\.png/, 'the first rows are shown')
  assert.equal(await visitor.at('column-0').inputValue(), "the image's file", 'guessed by what stands in it')
  await visitor.at('column-0').selectOption('(not used)')
  assert.ok(await visitor.at('columns-apply').isDisabled(), 'nothing names the image')
  assert.match(await form.innerText(), /which column names the image/)

  await visitor.at('column-0').selectOption("the image's file")
  await visitor.at('column-1').selectOption('the expression')
  await visitor.at('column-2').selectOption('valence')
  assert.equal(await visitor.at('scale-2').inputValue(), '1 to 5', 'guessed by what stands in it')
  await visitor.at('scale-2').selectOption('0 to 1')
  assert.match(await form.innerText(), /2 lies outside this scale/)
  await visitor.at('scale-2').selectOption('1 to 9')
  assert.match(await form.innerText(), /1 is read as -1|1 is read as \u22121/)
  await visitor.at('column-3').selectOption('who is shown')
  assert.match(await visitor.importBy(() => visitor.at('columns-apply').click()), /^done/)
  assert.equal(await visitor.number('dataset-samples'), 12)
  assert.equal(await visitor.number('dataset-problems'), 0)
  assert.equal(await form.count(), 0)
  assert.match(await visitor.text('remark-person'), /The data says who is shown: there are 6 of them/)

  await visitor.page.reload()
  await visitor.until('dataset-kept', /earlier visit/)
  assert.equal(await visitor.at('columns').count(), 0, 'the files are not there any more')
  const again = odd({ 'bilder/extra.png': mosaicPng(32, 99) })
  again['tabelle.csv'] += '\nextra.png;sad;9;vp1'
  assert.match(await visitor.importFiles(upload('again.zip', zip(again))), /^done/)
  assert.equal(await visitor.number('dataset-samples'), 13)

  await visitor.at('columns').locator('summary').click()
  assert.match(await visitor.importBy(() => visitor.at('columns-forget').click()), /^failed: /)
  await visitor.at('columns-leave').click()
  assert.equal(await form.count(), 0)
  assert.equal(await visitor.number('dataset-samples'), 13, 'what was open stays open')
})

test('a table of pixels opens, whatever its columns are called', async (t) => {
  const visitor = await visit(await start(t))
  const pixels = (shade) => Array.from({ length: 64 }, (_, place) => (shade + place) % 256).join(' ')
  const rows = Array.from({ length: 12 }, (_, i) => `${['happy', 'sad'][i % 2]};${pixels(20 * i)}`)
  const table = upload('tabelle.csv', ['Laune;Bild', ...rows].join('\n'))
  assert.match(await visitor.importFiles(table), /^failed: .*holds images as rows of pixels, but no column that says what they show/)
  assert.equal(await visitor.at('column-1').inputValue(), "the image's pixels", 'guessed by what stands in it')
  assert.equal(await visitor.at('column-0').inputValue(), 'the expression', 'as is this')
  assert.match(await visitor.importBy(() => visitor.at('columns-apply').click()), /^done/)
  assert.equal(await visitor.number('dataset-samples'), 12)
  assert.equal(await visitor.number('dataset-problems'), 0)
  await visitor.page.locator('.faces canvas').first().waitFor()
})

test('the same files are opened as something else', async (t) => {
  const visitor = await visit(await start(t))
  const files = {}
  for (let i = 0; i < 4; i++) files[`${['happy', 'sad'][i % 2]}/${i}.png`] = mosaicPng(32, i)
  files['labels.csv'] = ['image,label', ...Object.keys(files).map((path, i) => `${path},${i === 0 ? 8 : 3}`)].join('\n')
  assert.match(await visitor.importFiles(upload('both.zip', zip(files))), /^done/)
  const summary = visitor.page.locator('section.summary')
  assert.match(await summary.innerText(), /Recognised as a table of labels .* no order that is known/)

  // The numbers of the table, by an order that is known.
  await visitor.at('class-order').selectOption({ label: 'AffectNet-8' })
  assert.deepEqual([await visitor.at('class-0').inputValue(), await visitor.at('class-1').inputValue()], ['surprise', ''])
  await visitor.at('class-order').selectOption({ label: 'an order that is not known' })
  assert.equal(await visitor.at('class-1').inputValue(), '8')

  await summary.locator('details.opening summary').first().click()
  await visitor.at('open-as').selectOption('folders called after expressions')
  assert.match(await visitor.importBy(() => visitor.at('open-again').click()), /^done/)
  assert.match(await summary.innerText(), /Recognised as a folder per class/)
  assert.equal(await visitor.number('dataset-samples'), 4)
})
