import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grayPng, mosaicPng, upload, zip } from './files.mjs'
import { start, visit } from './site.mjs'

/** Twelve faces of each of two classes; one is there twice, one in both classes, one shows nothing. */
function doubtful() {
  const files = {}
  for (let i = 0; i < 12; i++) {
    files[`happy/${i}.png`] = mosaicPng(48, i)
    files[`sad/${i}.png`] = mosaicPng(48, 100 + i)
  }
  files['happy/copy.png'] = files['happy/0.png']
  files['sad/again.png'] = files['happy/1.png']
  files['sad/blank.png'] = grayPng(48, 48, () => 90)
  return upload('doubtful.zip', zip(files))
}

test('what is doubtful is said, can be looked at, left out and taken back', async (t) => {
  const visitor = await visit(await start(t))
  assert.match(await visitor.importFiles(doubtful()), /^done/)
  assert.match(await visitor.text('remark-copies'), /^2 faces are in the dataset already/)
  assert.match(await visitor.text('remark-contradicting'), /^2 faces are labelled with another class than a twin/)
  assert.match(await visitor.text('remark-blank'), /^1 face is nearly one shade/)

  const shown = visitor.page.locator('.gallery .faces figure')
  await visitor.at('look-copies').click()
  await visitor.page.waitForFunction(() => document.querySelectorAll('.gallery .faces figure').length === 4)
  assert.equal(await visitor.at('gallery-finding').inputValue(), 'copies')
  const names = await shown.evaluateAll((faces) => faces.map((face) => face.title))
  assert.equal(names.length, 4)
  assert.ok(names.some((name) => name.endsWith('happy/copy.png')) && names.some((name) => name.endsWith('sad/again.png')))

  await visitor.at('mend-copies').click()
  await visitor.until('remark-left-out', /^2 faces are left out/)
  assert.equal(await visitor.number('dataset-samples'), 25)
  assert.equal(await visitor.at('remark-copies').count(), 0)
  await visitor.page.reload()
  await visitor.until('remark-left-out', /^2 faces are left out/)
  await visitor.at('mend-left-out').click()
  await visitor.until('remark-copies', /^2 faces/)
  assert.equal(await visitor.number('dataset-samples'), 27)
})

test('who is trained on is not tested on, where the data is divided person by person', async (t) => {
  const files = {}
  for (let i = 0; i < 48; i++) files[`faces/P${10 + (i % 12)}_${i}.png`] = mosaicPng(32, i)
  const rows = Object.keys(files).map((path, i) => `${path},${i % 5 < 2 ? 'happy' : 'sad'}`)
  files['labels.csv'] = ['image,expression', ...rows].join('\n')
  const visitor = await visit(await start(t))
  assert.match(await visitor.importFiles(upload('persons.zip', zip(files))), /^done/)
  assert.match(await visitor.text('remark-prefix'), /there are 12 of them/)

  await visitor.at('mend-prefix').click()
  await visitor.until('remark-divided', /drawn anew/)
  assert.equal(await visitor.at('remark-prefix').count(), 0)
  const persons = {}
  for (const split of ['train', 'validation', 'test']) {
    await visitor.page.locator('.gallery select').first().selectOption(split)
    await visitor.page.waitForFunction((split) => {
      const shown = [...document.querySelectorAll('.gallery .faces .split')].map((place) => place.innerText)
      return shown.length > 0 && shown.every((name) => split.startsWith(name))
    }, split)
    const titles = await visitor.page.locator('.gallery .faces figure').evaluateAll((faces) => faces.map((face) => face.title))
    persons[split] = new Set(titles.map((title) => title.match(/P\d+/)[0]))
  }
  const all = Object.values(persons)
  assert.equal(all.reduce((sum, some) => sum + some.size, 0), 12, JSON.stringify(all.map((some) => [...some])))
})
