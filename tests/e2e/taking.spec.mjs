import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mosaicPng, upload, zip } from './files.mjs'
import { start, visit } from './site.mjs'

/** Ten faces of each of two classes, with valence and arousal; one is there twice. */
function faces() {
  const files = {}
  const rows = ['image,expression,valence,arousal,split']
  for (let i = 0; i < 20; i++) {
    files[`faces/${i}.png`] = mosaicPng(48, i)
    rows.push(`faces/${i}.png,${i % 2 ? 'happy' : 'sad'},${i / 20},-0.5,${['train', 'train', 'validation', 'test', 'test'][i % 5]}`)
  }
  files['faces/copy.png'] = files['faces/0.png']
  rows.push('faces/copy.png,sad,0,-0.5,train')
  files['labels.csv'] = rows.join('\n')
  return upload('faces.zip', zip(files))
}

/** What the page says of the dataset. */
async function said(visitor) {
  const counts = await visitor.page.locator('.summary .counts').innerText()
  return { counts, bars: await visitor.page.locator('.summary .pair').innerText() }
}

test('a dataset is taken home as it was chosen, and opens elsewhere as the same', async (t) => {
  const site = await start(t)
  const visitor = await visit(site)
  assert.match(await visitor.importFiles(faces()), /^done/)
  assert.equal(await visitor.number('dataset-samples'), 21)
  await visitor.at('mend-copies').click()
  await visitor.until('remark-left-out', /^1 face is left out/)
  const before = await said(visitor)

  const file = await visitor.download('dataset-download')
  await visitor.until('dataset-download-status', /^done/)
  assert.equal(file.name, 'faces.zip')
  assert.equal(file.bytes.subarray(0, 4).toString('latin1'), 'PK\x03\x04')

  const elsewhere = await visit(site)
  assert.match(await elsewhere.importFiles({ name: 'home.zip', mimeType: 'application/zip', buffer: file.bytes }), /^done/)
  assert.equal(await elsewhere.number('dataset-samples'), 20)
  assert.equal(await elsewhere.number('dataset-problems'), 0)
  assert.deepEqual(await said(elsewhere), before)
})
