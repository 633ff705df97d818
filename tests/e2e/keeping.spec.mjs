import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CHROMIUM_ALONE } from './browsers.mjs'
import { fortyFaces } from './files.mjs'
import { Visit, start, visit } from './site.mjs'

const SETTINGS = { epochs: 1, 'warmup-epochs': 0, 'batch-size': 8, 'input-size': 32 }

async function trained(site, options) {
  const visitor = await visit(site, options)
  assert.match(await visitor.importFiles(fortyFaces()), /^done/)
  await visitor.startTraining(SETTINGS)
  await visitor.until('train-status', /^finished/, 120)
  return visitor
}

/** Loads the page anew, as tomorrow; the browser keeps its storage. */
async function reload(visitor, site, device = 'cpu') {
  await visitor.page.goto('about:blank')
  await visitor.page.goto(`${site.url}?device=${device}#/models`)
  await visitor.until('engine-status', /^ready/, 60)
}

/** Clicks a button that asks first. */
async function deleteBy(button) {
  await button.click()
  assert.match(await button.innerText(), /for good/, 'it asks first')
  await button.click()
}

test('models are there after a reload and on another device, until they are deleted', async (t) => {
  const site = await start(t)
  const visitor = await trained(site)
  await visitor.evaluate()
  const before = await visitor.download('download-model')
  const predictions = await visitor.download('download-predictions')

  await reload(visitor, site, 'auto')
  await visitor.until('nav-models', /1 model/)
  const after = await visitor.download('download-model')
  assert.equal(after.name, before.name)
  assert.equal(after.bytes.length, before.bytes.length)
  await visitor.until('nav-data', /40 faces/)
  await visitor.evaluate()
  assert.ok((await visitor.download('download-predictions')).bytes.equals(predictions.bytes), 'it says what it said')

  await visitor.go('#/models')
  await deleteBy(visitor.at('delete-model'))
  await visitor.until('nav-models', /none yet/)
  await reload(visitor, site)
  await visitor.until('nav-models', /none yet/)
})

test('the dataset is there after a reload, is shown as such, trains, and can be deleted', async (t) => {
  const site = await start(t)
  const visitor = await visit(site)
  await visitor.importSample()
  await visitor.until('dataset-kept', /^Kept in this browser: .* MB of pixels\. Mien uses .* of the .* it may use\.$/)
  const summary = await visitor.page.locator('.summary .counts').innerText()

  await reload(visitor, site)
  await visitor.go('#/data')
  await visitor.until('dataset-kept', /^Imported on an earlier visit\. Kept in this browser/)
  assert.equal(await visitor.number('dataset-samples'), 2000)
  assert.equal(await visitor.page.locator('.summary .counts').innerText(), summary)
  await visitor.page.locator('.faces canvas').first().waitFor()
  await visitor.startTraining({ epochs: 1, 'warmup-epochs': 0 })
  await visitor.until('train-status', /^finished/, 300)

  await visitor.go('#/data')
  await deleteBy(visitor.at('dataset-delete'))
  await visitor.until('nav-data', /no faces yet/)
  await reload(visitor, site)
  await visitor.go('#/data')
  await visitor.until('nav-models', /1 model/)
  assert.match(await visitor.text('nav-data'), /no faces yet/)
  await visitor.importSample()
})

/** Cuts a kept file short, while no engine has it open. */
async function cutShort(visitor, site, shelf, name) {
  // A file of the same origin that starts no engine.
  await visitor.page.goto(`${site.url}manifest.webmanifest`)
  await visitor.page.evaluate(async ([shelf, name]) => {
    const places = await (await navigator.storage.getDirectory()).getDirectoryHandle(shelf)
    for await (const [, folder] of places) {
      const file = await folder.getFileHandle(name)
      // The engine of the page before may still be letting go of it.
      for (let tries = 0; tries < 50; tries++) {
        const writable = await file.createWritable({ keepExistingData: true }).catch(() => undefined)
        await writable?.truncate(1000)
        await writable?.close()
        if ((await file.getFile()).size === 1000) break
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }, [shelf, name])
}

// The browser asks for the first where a file is opened by itself; the second is left half loaded by a quick reload.
const ICONS = [/favicon\.ico/, /failed: .*icon\.svg/]

test('a model that was cut short is told, and the page goes on', async (t) => {
  const site = await start(t)
  const visitor = await trained(site, { expected: ICONS })
  await cutShort(visitor, site, 'models', 'model.safetensors')
  await reload(visitor, site)
  await visitor.until('news', /kept model was not whole.*model\.safetensors has 1000 bytes/)
  assert.match(await visitor.text('nav-models'), /none yet/)
  await visitor.startTraining(SETTINGS)
  await visitor.until('train-status', /^finished/, 120)
})

test('a dataset that was cut short is told, and the page goes on', async (t) => {
  const site = await start(t)
  const visitor = await visit(site, { expected: ICONS })
  await visitor.importFiles(fortyFaces())
  await cutShort(visitor, site, 'datasets', 'pixels')
  await reload(visitor, site)
  await visitor.until('news', /kept dataset was not whole.*its pixels have 1000 bytes/)
  assert.match(await visitor.text('nav-data'), /no faces yet/)
  assert.match(await visitor.importFiles(fortyFaces()), /^done/)
})

test('a second tab says that the first has the dataset open, and works all the same', async (t) => {
  const site = await start(t)
  const first = await visit(site)
  await first.importFiles(fortyFaces())
  const second = new Visit(await first.page.context().newPage())
  await second.page.goto(`${site.url}?device=cpu#/data`)
  await second.until('news', /kept dataset is open in another tab/)
  assert.match(await second.importFiles(fortyFaces()), /^done/)
  await second.startTraining(SETTINGS)
  await second.until('train-status', /^finished/, 120)
  await first.startTraining(SETTINGS)
  await first.until('train-status', /^finished/, 120)
})

test('a dataset that the storage has no room for works from memory, and the page says so', { skip: CHROMIUM_ALONE }, async (t) => {
  const site = await start(t)
  const visitor = await visit(site)
  await visitor.until('engine-status', /^ready/, 60)
  const devtools = await visitor.page.context().newCDPSession(visitor.page)
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: new URL(site.url).origin, quotaSize: 8_000_000 })
  await visitor.importSample()
  await visitor.until('news', /in memory only, and gone when the page is closed: the browser.s storage is full/)
  assert.match(await visitor.text('dataset-kept'), /^In memory only/)
  await visitor.startTraining({ epochs: 1, 'warmup-epochs': 0 })
  await visitor.until('train-status', /^finished/, 300)
})

// Storage as in browsers and windows that have none: the call that opens it fails in the worker.
async function withoutStorage(page) {
  await page.addInitScript(() => {
    const { Blob } = window
    window.Blob = function (parts, options) {
      const deny = 'navigator.storage.getDirectory = () => Promise.reject(new DOMException("denied", "SecurityError"));\n'
      return new Blob(/javascript/.test(options?.type) ? [deny, ...parts] : parts, options)
    }
  })
}

test('without storage everything works, and the page says what that means', async (t) => {
  const site = await start(t)
  const visitor = await trained(site, { prepare: withoutStorage, expected: ICONS })
  await visitor.evaluate()
  await visitor.go('#/models')
  assert.match(await visitor.page.locator('.lead').innerText(), /keeps nothing/)
  await visitor.download('download-model')
  await visitor.go('#/data')
  assert.match(await visitor.text('dataset-kept'), /keeps nothing/)
  await reload(visitor, site)
  await visitor.until('nav-models', /none yet/)
  await visitor.until('nav-data', /no faces yet/)
})
