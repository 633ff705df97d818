import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CHROMIUM_ALONE } from './browsers.mjs'
import { blankPng, folderOf, patternPng, upload, zip } from './files.mjs'
import { start, visit } from './site.mjs'

const face = (seed) => patternPng(48, seed)
const GOOD = { 'happy/a.png': face(1), 'happy/b.png': face(2), 'sad/c.png': face(3), 'sad/d.png': face(4) }

// Nothing usable: the import fails with a sentence that names the file.
const HOPELESS = [
  { what: 'a zip without entries', name: 'hollow.zip', content: zip({}) },
  { what: 'a zip of no images', name: 'texts.zip', content: zip({ 'happy/a.txt': 'hello', 'notes.md': 'hello' }) },
  { what: 'a truncated zip', name: 'cut.zip', content: zip(GOOD).subarray(0, zip(GOOD).length / 2) },
  { what: 'a zip that is none', name: 'prose.zip', content: 'This is not an archive.' },
]

// One bad thing among good ones: it is named, the rest stays.
const FLAWED = [
  {
    what: 'a table that names a missing file',
    files: {
      'images/a.png': face(1), 'images/b.png': face(2),
      'labels.csv': 'image,expression,valence,arousal\na.png,happy,0.8,0.4\nb.png,sad,-0.6,-0.3\ngone.png,sad,-0.5,0\n',
    },
    names: 'gone.png', left: 2,
  },
  {
    what: 'a row out of range',
    files: {
      'images/a.png': face(1), 'images/b.png': face(2), 'images/c.png': face(3),
      'labels.csv': 'image,expression,valence,arousal\na.png,happy,0.8,0.4\nb.png,sad,-0.6,-0.3\nc.png,sad,3.5,0\n',
    },
    names: 'labels.csv', atLeast: 2,
  },
  { what: 'a text file called .png', files: { ...GOOD, 'sad/letter.png': 'Dear reader' }, names: 'letter.png', left: 4 },
  { what: 'a PNG of 20,000 x 20,000', files: { ...GOOD, 'sad/vast.png': blankPng(20000, 20000) }, names: 'vast.png', left: 4 },
]

async function stillUsable(visitor) {
  assert.match(await visitor.importFiles(upload('good.zip', zip(GOOD))), /^done/)
  assert.equal(await visitor.number('dataset-samples'), 4)
  assert.equal(await visitor.number('dataset-problems'), 0)
}

for (const { what, name, content } of HOPELESS) {
  test(`${what} is refused by name`, async (t) => {
    const visitor = await visit(await start(t))
    const status = await visitor.importFiles(upload(name, content))
    assert.match(status, /^failed: /)
    assert.ok(status.includes(name), `"${status}" names ${name}`)
    await stillUsable(visitor)
  })
}

for (const { what, files, names, left, atLeast } of FLAWED) {
  test(`${what} is a problem by name; the rest stays`, async (t) => {
    const visitor = await visit(await start(t))
    assert.match(await visitor.importFiles(upload('mixed.zip', zip(files))), /^done/)
    const samples = await visitor.number('dataset-samples')
    assert.ok(left === undefined ? samples >= atLeast : samples === left, `${samples} samples are left`)
    assert.equal(await visitor.number('dataset-problems'), 1)
    // The list may be folded; what it says must be in the page all the same.
    assert.ok((await visitor.page.locator('body').textContent()).includes(names), `the list names ${names}`)
    await stillUsable(visitor)
  })
}

test('a picked folder is imported; one without images is refused by name', async (t) => {
  const visitor = await visit(await start(t))
  assert.match(await visitor.importFiles(folderOf(t, 'faces', GOOD), 'import-folder'), /^done/)
  assert.equal(await visitor.number('dataset-samples'), 4)
  const papers = folderOf(t, 'papers', { 'notes.txt': 'no image here' })
  assert.match(await visitor.importFiles(papers, 'import-folder'), /^failed: .*papers/)
})

test('a dropped zip is imported', { skip: CHROMIUM_ALONE }, async (t) => {
  const visitor = await visit(await start(t))
  const folder = folderOf(t, 'drop', { 'good.zip': zip(GOOD) })
  assert.match(await visitor.importBy(() => drop(visitor, `${folder}/good.zip`)), /^done/)
  assert.equal(await visitor.number('dataset-samples'), 4)
})

// Headless browsers do not let a page list a folder that a script drops. The drop is real; what it holds is put in its
// place: a folder of the browser's own sandboxed file system, listed by the same interface a hundred entries at a time.
test('a dropped folder of many files is imported whole', { skip: CHROMIUM_ALONE }, async (t) => {
  const visitor = await visit(await start(t))
  const picture = face(1).toString('base64')
  await visitor.page.evaluate(async (picture) => {
    const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0))
    const system = await new Promise((found, failed) => webkitRequestFileSystem(TEMPORARY, 1 << 24, found, failed))
    const folder = (parent, name) =>
      new Promise((found, failed) => parent.getDirectory(name, { create: true }, found, failed))
    const file = async (parent, name) => {
      const entry = await new Promise((found, failed) => parent.getFile(name, { create: true }, found, failed))
      const writer = await new Promise((found, failed) => entry.createWriter(found, failed))
      await new Promise((written, failed) => {
        writer.onwriteend = written
        writer.onerror = failed
        writer.write(new Blob([bytes]))
      })
    }
    const faces = await folder(system.root, 'faces')
    for (const name of ['happy', 'sad']) {
      const expression = await folder(faces, name)
      for (let index = 0; index < 130; index++) await file(expression, `${index}.png`)
    }
    DataTransferItem.prototype.webkitGetAsEntry = () => faces
  }, picture)
  const decoy = folderOf(t, 'drop', { 'faces.txt': 'in its place' })
  assert.match(await visitor.importBy(() => drop(visitor, `${decoy}/faces.txt`)), /^done/)
  assert.equal(await visitor.number('dataset-samples'), 260)
  assert.equal(await visitor.number('dataset-problems'), 0)
})

/** Drops a file of this machine onto the page, as a person would from their desktop. */
async function drop(visitor, path) {
  const devtools = await visitor.page.context().newCDPSession(visitor.page)
  const data = { items: [], files: [path], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop']) {
    await devtools.send('Input.dispatchDragEvent', { type, x: 720, y: 450, data })
  }
}
